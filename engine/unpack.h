// From a session's packets to ops: follow the session, inflate, reassemble, parse.
//
// Pull style: Begin(packet), then Next(&op) until it returns false. The lane can stop between any
// two ops and go on later, so a PDU of a thousand rectangles needs no queue of its own.
// Ownership: ops own slices of the packet, or of one fresh buffer per inflated update.
// Bounds: reassembly by limits.max_pdu_bytes, channels by limits.max_channel_bytes, coded pictures
// by the desktop, pointers by limits.max_pointer_px.
// Threads: the lane's. Errors: become ops: kLost for what costs a rectangle, kDisconnect for what
// the session cannot survive (framing, history).
#ifndef MULLION_ENGINE_UNPACK_H_
#define MULLION_ENGINE_UNPACK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codecs/bulk/bulk.h"
#include "codecs/bulk/zstd_stream.h"
#include "codecs/wire/bitmap.h"
#include "codecs/wire/fastpath.h"
#include "codecs/wire/pointer.h"
#include "codecs/wire/rfx.h"
#include "codecs/wire/surface.h"
#include "codecs/wire/svc.h"
#include "engine/channel/dynamic_channels.h"
#include "engine/op.h"
#include "engine/pipeline.h"
#include "engine/unpack_egfx.h"
#include "io/connect/follow.h"
#include "io/net/framer.h"

namespace mullion {

enum class PacketKind : uint8_t {
  kOpen,             // note: endpoints
  kTls,              // note: version and cipher
  kPdu,              // bytes: one framed PDU
  kSurfaceCommands,  // bytes: surface commands without any PDU around them (capture tools)
  kGraphics,         // bytes: graphics pipeline PDUs likewise
  kEnd,              // status and note: why
};

struct Packet {
  PacketKind kind = PacketKind::kPdu;
  bool to_server = false;
  PduKind pdu_kind = PduKind::kTpkt;
  Bytes bytes;
  uint64_t seq = 0;
  uint64_t time_ns = 0;     // since the session's first byte
  uint64_t arrival_ns = 0;  // NowNs() when it was pushed
  Status status;
  std::shared_ptr<const Note> note;
};

class Unpacker {
 public:
  explicit Unpacker(Pipeline* pipeline);

  void Begin(Packet packet);
  bool Next(Op* op);
  // How much of the packet is not handed out yet: a hint of the work behind the last op.
  size_t bytes_behind() const {
    return (update_.bitmap ? update_.bitmap->remaining() : 0) +
           (update_.surface ? update_.surface->remaining() : 0) +
           (updates_ ? updates_->remaining() : 0) + egfx_.bytes_behind();
  }

 private:
  // An update whose rectangles or commands are being handed out.
  struct Update {
    Bytes bytes;  // what its views point into
    std::optional<BitmapRects> bitmap;
    std::optional<SurfaceCommands> surface;
  };

  // unpack.cc: PDUs
  void BeginPdu();
  void HandleEvent(const FollowEvent& event);
  void HandleShareData(const FollowEvent& event);
  bool NextFastPathUpdate();
  Status Inflate(uint8_t flags, ByteView data, const char* where, ByteView* inflated);
  Bytes Own(ByteView view) const;
  void HandleUpdate(uint8_t code, Bytes bytes);
  void SetDesktop(int32_t width_px, int32_t height_px);

  bool NextEgfx(Op* op);

  // unpack_channel.cc: static and dynamic channels
  void HandleChannel(const FollowEvent& event);
  void HandleClientChannel(const FollowEvent& event);
  void HandleDynamic(bool to_server, ByteView message);
  void HandleDynamicEvent(bool to_server, const DvcEvent& event);
  void Answer(const DvcEvent& event);
  void AdvertiseCapabilities();

  // unpack_graphics.cc: drawing
  bool NextDraw(Op* op);
  bool BitmapOp(const BitmapRect& rect, Op* op);
  bool SurfaceOp(const SurfaceBits& bits, Op* op);
  bool SurfaceTiles(const SurfaceBits& bits, Op* op);
  bool TooLarge(int64_t coded_px) const;
  bool FinishDraw(Op* op, const Rect& dest);
  void SizeFromSurfaceCommands();
  void HandlePalette(ByteView body);
  void HandlePointer(const PointerUpdate& update);
  Status DecodePointer(const PointerUpdate& update, std::shared_ptr<const Note>* note);
  bool Lost(Op* op, const Rect& rect, Status status);

  // Ops that are ready to be handed out.
  Op MakeOp(OpKind kind) const;
  void Queue(Op op) { queue_.push_back(std::move(op)); }
  void QueueLost(const char* what, Status status);
  void QueueFacts();
  void QueueInfo(const char* name, uint32_t code, std::string detail);
  void EndSession(Status status, bool graceful, std::string reason);

  Pipeline* const pipeline_;
  Counters& counters_;
  SessionFollower follower_;
  BulkInflater bulk_;
  ZstdStream zstd_;
  RfxParser rfx_;
  FragmentAssembler fragments_;
  std::vector<ChannelAssembler> channels_;
  DynamicChannels dynamic_;
  ChannelAssembler client_dynamic_;
  std::optional<uint32_t> graphics_channel_;
  EgfxUnpacker egfx_;
  std::shared_ptr<const Palette> palette_;
  std::vector<std::shared_ptr<const Note>> pointers_;  // by cache index; each has a shape
  std::vector<uint8_t> pointer_bgra_;                  // of the shape in work
  std::string client_, server_, tls_;
  Rect desktop_;

  Packet packet_;
  size_t event_ = 0;   // next of follower_.events()
  size_t events_ = 0;  // how many of them this packet has
  std::optional<FastPathUpdates> updates_;
  Update update_;
  bool drew_ = false;  // the packet held graphics: an update end is due
  bool ended_ = false;
  std::vector<Op> queue_;
  size_t queue_next_ = 0;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_UNPACK_H_
