// What every parser and decoder returns: which kind of failure, in which field, at which byte.
//
// Shapes: 16 bytes, trivially copyable; `field` always points at a string literal.
// Ownership: none. No allocation, ever.
// Threads: a value; no shared state.
// Errors: this is the error.
#ifndef MULLION_CODECS_BASE_STATUS_H_
#define MULLION_CODECS_BASE_STATUS_H_

#include <cstddef>
#include <cstdint>

namespace mullion {

// INVARIANT: the numbers are part of the C ABI (mln_err in engine/api/mullion.h).
enum class Err : uint8_t {
  kOk = 0,
  kTruncated = 1,    // the input ended inside a field
  kMalformed = 2,    // a field has a value that the specification forbids
  kUnsupported = 3,  // valid, but not something this build decodes
  kLimit = 4,        // valid, but larger than a configured bound
  kState = 5,        // valid, but not now (no such history, surface, channel ...)
  kIo = 6,           // a file or a socket failed
  kInternal = 7,     // our fault
};

struct [[nodiscard]] Status {
  Err err = Err::kOk;
  uint32_t offset = 0;     // byte offset of the field in the unit that was being parsed
  const char* field = "";  // a string literal: the specification's name of the field

  constexpr bool ok() const { return err == Err::kOk; }
};

constexpr Status Ok() { return {}; }

// Offsets past 4 GiB do not occur: every unit we parse is bounded far below.
constexpr Status Fail(Err err, const char* field, size_t offset = 0) {
  return {err, static_cast<uint32_t>(offset), field};
}

constexpr const char* ErrName(Err err) {
  switch (err) {
    case Err::kOk:
      return "ok";
    case Err::kTruncated:
      return "truncated";
    case Err::kMalformed:
      return "malformed";
    case Err::kUnsupported:
      return "unsupported";
    case Err::kLimit:
      return "limit";
    case Err::kState:
      return "state";
    case Err::kIo:
      return "io";
    case Err::kInternal:
      return "internal";
  }
  return "internal";
}

}  // namespace mullion

// Leaves the function with the status of `expr` if that failed.
#define MULLION_TRY(expr)                                                                 \
  do {                                                                                    \
    if (::mullion::Status mullion_try_ = (expr); !mullion_try_.ok()) return mullion_try_; \
  } while (false)

#endif  // MULLION_CODECS_BASE_STATUS_H_
