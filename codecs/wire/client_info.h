// The client info packet: user, flags, and the bulk compression that the client can take.
//
// Spec: MS-RDPBCGR 2.2.11.1.1 (client info PDU), 2.2.1.11.1.1 (TS_INFO_PACKET).
// Shapes: the bytes after the security header. The password is skipped, never kept.
// Ownership: owns its strings. Over-read: never. Threads: pure. Errors: kTruncated with the field.
#ifndef MULLION_CODECS_WIRE_CLIENT_INFO_H_
#define MULLION_CODECS_WIRE_CLIENT_INFO_H_

#include <cstdint>
#include <string>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"

namespace mullion {

inline constexpr uint32_t kInfoAutologon = 0x00000008;
inline constexpr uint32_t kInfoUnicode = 0x00000010;
inline constexpr uint32_t kInfoCompression = 0x00000080;
inline constexpr uint32_t kInfoCompressionTypeMask = 0x00001E00;

struct ClientInfo {
  uint32_t code_page = 0;
  uint32_t flags = 0;
  std::string domain;
  std::string user;
  std::string alternate_shell;
  std::string working_dir;
  // Extended info, empty and 0 when absent:
  std::string client_address;
  std::string client_dir;
  uint32_t performance_flags = 0;
  bool compression() const { return (flags & kInfoCompression) != 0; }
  // 0 MPPC 8K, 1 MPPC 64K, 2 NCRUSH, 3 XCRUSH.
  uint8_t compression_type() const {
    return static_cast<uint8_t>((flags & kInfoCompressionTypeMask) >> 9);
  }
};
Status ParseClientInfo(ByteView body, ClientInfo* out);

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_CLIENT_INFO_H_
