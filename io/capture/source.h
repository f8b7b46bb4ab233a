// Where a capture's bytes come from, and the bounded window through which they are read.
//
// Ownership: InputWindow owns its source; views live until the next call that is not const.
// Threads: one at a time.
// Errors: a source returns false when reading fails; the window remembers that as failed().
#ifndef MULLION_IO_CAPTURE_SOURCE_H_
#define MULLION_IO_CAPTURE_SOURCE_H_

#include <memory>
#include <string>
#include <vector>

#include "codecs/base/byte_reader.h"

namespace mullion {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Reads 1 to `capacity` bytes, or none at the end. False if the source failed.
  virtual bool Read(uint8_t* out, size_t capacity, size_t* size) = 0;
  // The total size; 0 if unknown (a pipe).
  virtual uint64_t total_size() const { return 0; }
};

// nullptr and *error set when the file cannot be opened. Pipes are fine: nothing seeks.
std::unique_ptr<ByteSource> OpenFileSource(const std::string& path, std::string* error);
// Borrows the bytes.
std::unique_ptr<ByteSource> MakeMemorySource(ByteView bytes);

class InputWindow {
 public:
  static constexpr size_t kChunk = size_t{256} << 10;

  explicit InputWindow(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  // Tries to have `size` bytes in the window; false at the end of the input or when it failed.
  // PRECONDITION: the caller bounds `size`; the window grows to it.
  bool Fill(size_t size);
  // PRECONDITION: Fill(size) was true.
  ByteView Peek(size_t size) const { return ByteView(buffer_).subspan(begin_, size); }
  void Consume(size_t size);
  // Consumes without holding; false at the end of the input.
  bool Skip(uint64_t size);

  size_t available() const { return end_ - begin_; }
  uint64_t offset() const { return offset_; }
  uint64_t total_size() const { return source_->total_size(); }
  bool failed() const { return failed_; }

 private:
  std::unique_ptr<ByteSource> source_;
  std::vector<uint8_t> buffer_;
  size_t begin_ = 0, end_ = 0;
  uint64_t offset_ = 0;
  bool failed_ = false;
};

}  // namespace mullion

#endif  // MULLION_IO_CAPTURE_SOURCE_H_
