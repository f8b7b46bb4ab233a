// A passive observer of one session: PDUs of both directions in, facts and events out. Sans I/O.
//
// Spec: MS-RDPBCGR 1.3.1.1 (connection sequence), 1.3.1.3 (deactivation-reactivation), 5.3 (which
// PDUs carry a security header).
// Shapes: whole PDUs as the Framer gives them, in the order of capture.
// Ownership: views in events point into the PDU that was fed. Over-read: never.
// Threads: one at a time.
// Errors: a PDU that cannot be read is reported and skipped, and following goes on where that makes
// sense; kUnsupported for encrypted RDP security (RC4) is final. Facts gathered before stay valid.
#ifndef MULLION_IO_CONNECT_FOLLOW_H_
#define MULLION_IO_CONNECT_FOLLOW_H_

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"
#include "codecs/wire/caps.h"
#include "io/net/framer.h"

namespace mullion {

struct ChannelFact {
  std::string name;
  uint16_t id = 0;  // 0 until the server's network data
  uint32_t options = 0;
  bool joined = false;
};

struct SessionFacts {
  std::string security;  // "rdp", "tls", "nla", "nla-ex", "rdstls", "aad"; empty: not negotiated
  std::string client_name;
  uint32_t client_build = 0;
  uint32_t client_version = 0;
  uint32_t server_version = 0;
  uint16_t requested_width = 0;  // client core data
  uint16_t requested_height = 0;
  // Of the last demand active:
  uint16_t desktop_width = 0;
  uint16_t desktop_height = 0;
  uint16_t desktop_bpp = 0;

  uint16_t io_channel = 0;
  uint16_t message_channel = 0;       // 0: none
  uint16_t user_channel = 0;          // the client's MCS user id
  std::vector<ChannelFact> channels;  // static channels in the client's order

  uint32_t encryption_method = 0;  // server security data; 0 is none
  uint32_t encryption_level = 0;
  // Client info: INFO_COMPRESSION and the type it asks for (0 8K, 1 64K, 2 NCRUSH, 3 XCRUSH).
  bool compression = false;
  uint8_t compression_type = 0;
  bool autologon = false;

  // Indexed by codec id: what the client confirmed, then what the server offered, then the
  // well-known ids (1 NSCodec, 3 RemoteFX).
  std::array<BitmapCodec, 256> codecs{};
  bool client_offers_codecs = false;

  // Server (demand active) and client (confirm active) capabilities:
  std::array<uint8_t, 32> server_order_support{};
  std::array<uint8_t, 32> client_order_support{};
  uint16_t color_pointer_cache = 0;  // client
  uint16_t pointer_cache = 0;        // client; TS_POINTER_CAPABILITYSET
  uint16_t large_pointer_flags = 0;
  uint32_t multifragment_max = 0;  // client's MaxRequestSize: bounds the server's fragments
  uint32_t server_multifragment_max = 0;
  uint32_t surface_command_flags = 0;   // client
  bool frame_acknowledge = false;       // client announced it
  uint32_t virtual_channel_flags = 0;   // server; VCCAPS_COMPR_* bits
  uint32_t channel_chunk_bytes = 1600;  // server's VCChunkSize

  uint32_t activations = 0;    // demand actives
  uint32_t deactivations = 0;  // deactivate alls
  uint32_t credssp_messages = 0;
  bool early_auth_denied = false;
  uint32_t negotiation_failure = 0;  // RDP_NEG_FAILURE code; 0: none
  bool licensed = false;             // STATUS_VALID_CLIENT or the last licence PDU seen
  bool redirected = false;
  uint32_t error_info = 0;     // last Set Error Info; ErrorInfoName
  int disconnect_reason = -1;  // MCS Disconnect Provider Ultimatum: 0 domain, 1 provider, 3 user
  bool disconnect_by_client = false;
  bool logged_on = false;  // a save session info said so

  // Framed PDUs and their bytes, server to client, from the MCS Connect Response on (inclusive).
  uint64_t server_pdus = 0;
  uint64_t server_bytes = 0;
  uint64_t client_pdus = 0;  // from the MCS Connect Initial on
  uint64_t client_bytes = 0;
};

enum class FollowKind : uint8_t {
  kActivated,       // server's demand active: facts().desktop_* are new; see size_changed
  kConfirmed,       // client's confirm active: facts().codecs and client capabilities are new
  kDeactivated,     // server's deactivate all
  kFastPath,        // server's fast-path output: payload is the whole PDU (ParseFastPathOutput)
  kShareData,       // server's share data: type2, compressed_type, uncompressed_length, payload
  kChannelData,     // either direction: channel_index, payload (ParseChannelChunk)
  kMessageChannel,  // server's, payload after the security header: auto-detect, heartbeat ...
  kRedirected,      // server redirection; the session ends here
  kDisconnect,      // reason, graceful
};

struct FollowEvent {
  FollowKind kind = FollowKind::kFastPath;
  bool to_server = false;
  bool size_changed = false;  // kActivated: first activation, or another size than the last
  bool graceful =
      false;          // kDisconnect: provider or user asked for it, and no error info says why not
  uint8_t type2 = 0;  // kShareData: a ShareData
  uint8_t compressed_type = 0;       // kShareData: as in ShareDataPdu
  uint16_t uncompressed_length = 0;  // kShareData
  uint16_t channel_index = 0;        // kChannelData: index in facts().channels
  uint16_t security_flags = 0;       // kMessageChannel: SEC_AUTODETECT_REQ, SEC_HEARTBEAT ...
  int reason = -1;                   // kDisconnect
  ByteView payload;
};

class SessionFollower {
 public:
  SessionFollower();

  // One PDU. events() then holds what it means for the engine, in order: usually none or one; a
  // slow-path PDU may hold several share PDUs. Events found before an error stand.
  Status Feed(bool to_server, PduKind kind, ByteView pdu);
  // Of the last Feed; valid until the next.
  std::span<const FollowEvent> events() const { return events_; }

  // The follower cannot inflate (the history is the engine's): for a compressed server share data
  // PDU the engine hands the inflated body back here, so that error info, session info and the like
  // become facts. Plain ones were already taken by Feed.
  Status TakeShareData(uint8_t type2, ByteView body);

  const SessionFacts& facts() const { return facts_; }
  bool active() const { return active_; }      // between activation and deactivation
  bool finished() const { return finished_; }  // disconnect seen

 private:
  Status FeedKind(bool to_server, PduKind kind, ByteView pdu);
  Status FeedConfirm(ByteView body);
  Status FeedMcs(bool to_server, ByteView body);
  Status FeedConnectInitial(ByteView user_data);
  Status FeedConnectResponse(ByteView user_data);
  Status FeedSendData(bool to_server, uint16_t channel, ByteView data);
  Status FeedIoChannel(bool to_server, ByteView data);
  Status FeedSecured(bool to_server, ByteView data);
  Status FeedShare(bool to_server, ByteView data);
  Status FeedShareData(ByteView body);
  Status FeedDemandActive(ByteView body);
  Status FeedConfirmActive(ByteView body);
  void RebuildCodecs();
  FollowEvent& Emit(FollowKind kind, bool to_server, ByteView payload);
  void Disconnect(bool to_server, int reason);

  SessionFacts facts_;
  std::vector<FollowEvent> events_;
  std::array<BitmapCodec, 256> server_codecs_{};
  std::array<BitmapCodec, 256> client_codecs_{};
  uint16_t early_capabilities_ = 0;  // client core data
  bool sharing_ = false;             // a demand active was seen: licensing is over
  bool active_ = false;
  bool finished_ = false;
  bool counting_server_ = false;
  bool counting_client_ = false;
  Status failed_;  // encrypted RDP security: final
};

}  // namespace mullion

#endif  // MULLION_IO_CONNECT_FOLLOW_H_
