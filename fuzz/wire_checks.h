// What the wire walks check of every parser: views lie inside, failures name a place, text is
// UTF-8.
#ifndef MULLION_FUZZ_WIRE_CHECKS_H_
#define MULLION_FUZZ_WIRE_CHECKS_H_

#include <string>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"
#include "fuzz/fuzz.h"

namespace mullion::fuzz {

inline volatile uint8_t g_sink;

// `part` lies in `whole`; reading it lets the sanitizers object.
inline void Touch(ByteView whole, ByteView part) {
  if (part.empty()) return;
  MULLION_FUZZ_CHECK(part.data() >= whole.data() &&
                     part.data() + part.size() <= whole.data() + whole.size());
  uint8_t sum = 0;
  for (const uint8_t b : part) sum = static_cast<uint8_t>(sum + b);
  g_sink = sum;
}

// A failure names a field and lies within the unit (or just behind it).
inline Status Checked(ByteView whole, Status status) {
  if (!status.ok()) {
    MULLION_FUZZ_CHECK(status.field != nullptr && status.field[0] != '\0');
    MULLION_FUZZ_CHECK(status.offset <= whole.size());
    MULLION_FUZZ_CHECK(ErrName(status.err)[0] != '\0');
  }
  return status;
}

inline void CheckUtf8(const std::string& text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<uint8_t>(text[i]);
    const size_t tail = c < 0x80 ? 0 : c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : 1;
    MULLION_FUZZ_CHECK(c < 0x80 || c >= 0xC2);
    MULLION_FUZZ_CHECK(tail < text.size() - i);
    for (size_t k = 1; k <= tail; ++k) {
      MULLION_FUZZ_CHECK((static_cast<uint8_t>(text[i + k]) & 0xC0) == 0x80);
    }
    i += tail;
  }
}

}  // namespace mullion::fuzz

#endif  // MULLION_FUZZ_WIRE_CHECKS_H_
