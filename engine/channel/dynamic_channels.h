// The dynamic virtual channels of one session: which are open, and their messages put together.
//
// Spec: MS-RDPEDYC 3.1.5 (versions 1 to 3). Follows both directions: what the server sends is
// joined and inflated, what the client says only opens and closes.
// Shapes: in, one message of the static channel "drdynvc"; out, at most one event.
// Ownership: views in an event point into the message or into buffers here, until the next Take.
// Bounds: kMaxChannels open channels, max_message_bytes per message, and twice that for what is
// not whole yet in all channels together.
// Threads: the lane's. Errors: kMalformed, kTruncated, kLimit: the message is lost; kState: the
// history of a compressed channel is, so the channel cannot go on.
#ifndef MULLION_ENGINE_CHANNEL_DYNAMIC_CHANNELS_H_
#define MULLION_ENGINE_CHANNEL_DYNAMIC_CHANNELS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"
#include "codecs/bulk/zgfx.h"
#include "codecs/wire/dvc.h"

namespace mullion {

struct DvcEvent {
  enum class Kind : uint8_t { kNone, kCapabilities, kCreated, kClosed, kMessage, kSoftSync };
  Kind kind = Kind::kNone;
  uint32_t channel_id = 0;
  std::string_view name;  // kCreated, kClosed, kMessage
  ByteView message;       // kMessage
  uint16_t version = 0;   // kCapabilities
  bool compressed = false;
};

class DynamicChannels {
 public:
  static constexpr size_t kMaxChannels = 256;
  static constexpr size_t kMaxNameBytes = 1024;

  explicit DynamicChannels(size_t max_message_bytes, BytesSource* source = nullptr)
      : max_message_bytes_(max_message_bytes), source_(source) {}

  Status Take(bool to_server, ByteView message, DvcEvent* event);
  // The client does not want the channel.
  void Refuse(uint32_t channel_id) { (void)Close(channel_id); }
  // The event's message is not needed any more: its memory is free for other sessions.
  void Release(const DvcEvent& event);
  size_t size() const { return channels_.size(); }

 private:
  struct Channel {
    Channel(size_t limit, BytesSource* source) : assembler(limit, source) {}
    std::string name;
    DvcAssembler assembler;
    std::unique_ptr<ZgfxInflater> inflater;  // once something compressed came
    bool broken = false;                     // its history is lost
  };
  Status TakeData(const DvcPdu& pdu, DvcEvent* event);
  bool Close(uint32_t channel_id);  // false if it was not open

  size_t max_message_bytes_;
  BytesSource* source_;
  std::map<uint32_t, Channel> channels_;
  size_t pending_bytes_ = 0;  // of all channels
};

}  // namespace mullion

#endif  // MULLION_ENGINE_CHANNEL_DYNAMIC_CHANNELS_H_
