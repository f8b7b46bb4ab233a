// A Status with a sentence for people: which file, connection, offset, and why.
//
// Ownership: a value. Threads: a value. Errors: this is the error; status.offset is the low 32 bits
// of a file offset where one applies, the message has all of it.
#ifndef MULLION_IO_CAPTURE_CAPTURE_ERROR_H_
#define MULLION_IO_CAPTURE_CAPTURE_ERROR_H_

#include <string>
#include <utility>

#include "codecs/base/status.h"

namespace mullion {

struct CaptureError {
  Status status;
  std::string message;

  bool ok() const { return status.ok(); }
};

inline CaptureError MakeCaptureError(Err err, const char* field, uint64_t offset,
                                     std::string message) {
  return {Fail(err, field, static_cast<size_t>(offset)), std::move(message)};
}

}  // namespace mullion

#endif  // MULLION_IO_CAPTURE_CAPTURE_ERROR_H_
