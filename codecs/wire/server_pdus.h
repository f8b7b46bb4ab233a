// The small share PDUs that a server sends beside graphics.
//
// Spec: MS-RDPBCGR 2.2.5.1.1 (error info), 2.2.12.1 (monitor layout), 2.2.9.1.1.5.1 (play sound),
// 2.2.8.2.1.1 and 2.2.8.2.2.1 (keyboard indicators, IME), 2.2.5.2 (status info), 2.2.1.14 to
// 2.2.1.22 (synchronise, control, font map), 2.2.13.1 (server redirection).
// Shapes: bodies of share data PDUs; redirection takes the body of a share control PDU.
// Ownership: views unless a string. Over-read: never. Threads: pure functions.
// Errors: kTruncated, kMalformed, kLimit with the field.
#ifndef MULLION_CODECS_WIRE_SERVER_PDUS_H_
#define MULLION_CODECS_WIRE_SERVER_PDUS_H_

#include <array>
#include <cstdint>
#include <string>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"
#include "codecs/wire/gcc.h"

namespace mullion {

Status ParseErrorInfo(ByteView body, uint32_t* code);  // ErrorInfoName says what it means
Status ParseStatusInfo(ByteView body, uint32_t* code);

struct MonitorLayout {
  uint32_t count = 0;  // INVARIANT: at most kMaxMonitors
  std::array<MonitorDef, kMaxMonitors> monitors;
};
Status ParseMonitorLayout(ByteView body, MonitorLayout* out);

struct PlaySound {
  uint32_t duration_ms = 0;
  uint32_t frequency_hz = 0;
};
Status ParsePlaySound(ByteView body, PlaySound* out);

// LedFlags: 1 scroll lock, 2 num lock, 4 caps lock, 8 kana lock.
Status ParseKeyboardIndicators(ByteView body, uint16_t* led_flags);

struct Control {
  uint16_t action = 0;  // 1 request, 2 granted, 3 detach, 4 cooperate
  uint16_t grant_id = 0;
  uint32_t control_id = 0;
};
Status ParseControl(ByteView body, Control* out);

struct Redirection {
  uint32_t session_id = 0;
  uint32_t flags = 0;
  std::string target_address;
  ByteView load_balance_info;
  std::string user;
  std::string domain;
  std::string target_fqdn;
};
// `body` begins with the packet's Flags (0x0400), or with the two bytes of padding that the
// enhanced security form has before it. The password is skipped, never kept.
Status ParseRedirection(ByteView body, Redirection* out);

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_SERVER_PDUS_H_
