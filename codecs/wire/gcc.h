// T.124 conference create request and response, and the data blocks in them.
//
// Spec: MS-RDPBCGR 2.2.1.3 (client blocks 2.2.1.3.2 to 2.2.1.3.10), 2.2.1.4 (server
// blocks 2.2.1.4.2 to 2.2.1.4.6); T.124 8.7 (PER). Shapes: ParseClientGcc and ParseServerGcc take
// the user data of MCS connect initial and response; the block parsers take a block without its
// four-byte header. Ownership: structures own what they hold (connect time only). Over-read: never.
// Threads: pure functions. Errors: kTruncated, kMalformed, kLimit with the field and its offset in
// the block.
#ifndef MULLION_CODECS_WIRE_GCC_H_
#define MULLION_CODECS_WIRE_GCC_H_

#include <cstdint>
#include <string>
#include <vector>

#include "codecs/base/byte_reader.h"
#include "codecs/base/rect.h"
#include "codecs/base/status.h"

namespace mullion {

inline constexpr size_t kMaxStaticChannels = 31;  // MS-RDPBCGR 2.2.1.3.4
inline constexpr size_t kMaxMonitors = 16;        // MS-RDPBCGR 2.2.1.3.6

struct ClientCore {
  uint32_t version = 0;
  uint16_t desktop_width = 0;
  uint16_t desktop_height = 0;
  uint32_t keyboard_layout = 0;
  uint32_t client_build = 0;
  std::string client_name;
  // The rest is optional on the wire; 0 when absent.
  uint16_t high_color_depth = 0;
  uint16_t supported_color_depths = 0;
  uint16_t early_capability_flags = 0;
  uint8_t connection_type = 0;
  uint32_t server_selected_protocol = 0;
  uint32_t physical_width_mm = 0;
  uint32_t physical_height_mm = 0;
  uint16_t orientation = 0;
  uint32_t desktop_scale_factor = 0;
  uint32_t device_scale_factor = 0;
};

struct ChannelDef {
  std::string name;  // at most seven characters
  uint32_t options = 0;
};

struct MonitorDef {
  Rect area;  // the wire's inclusive edges; origin may be negative
  bool primary = false;
};

struct MonitorAttributes {
  uint32_t physical_width_mm = 0;
  uint32_t physical_height_mm = 0;
  uint32_t orientation = 0;
  uint32_t desktop_scale_factor = 0;
  uint32_t device_scale_factor = 0;
};

struct ClientGcc {
  ClientCore core;
  bool has_security = false;
  uint32_t encryption_methods = 0;
  uint32_t ext_encryption_methods = 0;
  std::vector<ChannelDef> channels;
  bool has_cluster = false;
  uint32_t cluster_flags = 0;
  uint32_t redirected_session_id = 0;
  std::vector<MonitorDef> monitors;
  std::vector<MonitorAttributes> monitor_attributes;
  bool has_message_channel = false;
  uint32_t multitransport_flags = 0;
};
Status ParseClientGcc(ByteView user_data, ClientGcc* out);

struct ServerGcc {
  uint32_t version = 0;
  uint32_t requested_protocols = 0;
  uint32_t early_capability_flags = 0;
  uint32_t encryption_method = 0;
  uint32_t encryption_level = 0;
  uint16_t io_channel = 0;
  std::vector<uint16_t> channel_ids;  // in the order of the client's channels
  uint16_t message_channel = 0;       // 0: none
  uint32_t multitransport_flags = 0;
};
Status ParseServerGcc(ByteView user_data, ServerGcc* out);

// TS_MONITOR_DEF, as in client monitor data and the monitor layout PDU.
Status ParseMonitorDef(ByteReader* reader, MonitorDef* out);

// One block each, for callers that hold blocks alone.
Status ParseClientCore(ByteView block, ClientCore* out);
Status ParseClientBlock(uint16_t type, ByteView block, ClientGcc* out);
Status ParseServerBlock(uint16_t type, ByteView block, ServerGcc* out);

// INVARIANT: the numbers are the wire's block types.
inline constexpr uint16_t kCsCore = 0xC001;
inline constexpr uint16_t kCsSecurity = 0xC002;
inline constexpr uint16_t kCsNet = 0xC003;
inline constexpr uint16_t kCsCluster = 0xC004;
inline constexpr uint16_t kCsMonitor = 0xC005;
inline constexpr uint16_t kCsMessageChannel = 0xC006;
inline constexpr uint16_t kCsMonitorEx = 0xC008;
inline constexpr uint16_t kCsMultitransport = 0xC00A;
inline constexpr uint16_t kScCore = 0x0C01;
inline constexpr uint16_t kScSecurity = 0x0C02;
inline constexpr uint16_t kScNet = 0x0C03;
inline constexpr uint16_t kScMessageChannel = 0x0C04;
inline constexpr uint16_t kScMultitransport = 0x0C08;

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_GCC_H_
