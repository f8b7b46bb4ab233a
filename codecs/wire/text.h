// Text of PDUs as UTF-8.
//
// Spec: MS-RDPBCGR 2.2.11.1.1.1 and others: little-endian UTF-16, often in a fixed field ended by a
// zero unit. Ownership: returns a new string. Threads: pure. Errors: none: an odd last byte is
// dropped, an unpaired surrogate becomes U+FFFD.
#ifndef MULLION_CODECS_WIRE_TEXT_H_
#define MULLION_CODECS_WIRE_TEXT_H_

#include <string>

#include "codecs/base/byte_reader.h"

namespace mullion {

// Up to the first zero unit or the end.
std::string Utf16ToUtf8(ByteView text);
// Up to the first zero byte or the end; bytes that are not printable ASCII become '?'.
std::string AsciiText(ByteView text);

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_TEXT_H_
