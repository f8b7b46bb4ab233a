#include "io/capture/source.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <sys/stat.h>

namespace mullion {
namespace {

class FileSource : public ByteSource {
 public:
  explicit FileSource(std::FILE* file) : file_(file) {
    struct stat info;
    if (fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode)) {
      size_ = static_cast<uint64_t>(info.st_size);
    }
    std::setvbuf(file, nullptr, _IONBF, 0);  // the window is the buffer
  }
  ~FileSource() override { std::fclose(file_); }
  bool Read(uint8_t* out, size_t capacity, size_t* size) override {
    *size = std::fread(out, 1, capacity, file_);
    return std::ferror(file_) == 0;
  }
  uint64_t total_size() const override { return size_; }

 private:
  std::FILE* file_;
  uint64_t size_ = 0;
};

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(ByteView bytes) : rest_(bytes), size_(bytes.size()) {}
  bool Read(uint8_t* out, size_t capacity, size_t* size) override {
    *size = std::min(capacity, rest_.size());
    if (*size > 0) std::memcpy(out, rest_.data(), *size);
    rest_ = rest_.subspan(*size);
    return true;
  }
  uint64_t total_size() const override { return size_; }

 private:
  ByteView rest_;
  uint64_t size_;
};

}  // namespace

std::unique_ptr<ByteSource> OpenFileSource(const std::string& path, std::string* error) {
  std::FILE* file = std::fopen(path.c_str(), "rbe");
  struct stat info;
  if (file != nullptr && fstat(fileno(file), &info) == 0 && S_ISDIR(info.st_mode)) {
    std::fclose(file);
    file = nullptr;
    errno = EISDIR;
  }
  if (file == nullptr) {
    *error = "cannot open " + path + ": " + std::strerror(errno);
    return nullptr;
  }
  return std::make_unique<FileSource>(file);
}

std::unique_ptr<ByteSource> MakeMemorySource(ByteView bytes) {
  return std::make_unique<MemorySource>(bytes);
}

bool InputWindow::Fill(size_t size) {
  while (available() < size) {
    if (failed_) return false;
    if (buffer_.size() - begin_ < size || end_ == buffer_.size()) {
      if (begin_ > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, available());
      end_ -= begin_;
      begin_ = 0;
      if (buffer_.size() < std::max(size, kChunk)) buffer_.resize(std::max(size, kChunk));
    }
    size_t got = 0;
    failed_ = !source_->Read(buffer_.data() + end_, buffer_.size() - end_, &got);
    if (got == 0) return false;
    end_ += got;
  }
  return true;
}

void InputWindow::Consume(size_t size) {
  begin_ += size;
  offset_ += size;
}

bool InputWindow::Skip(uint64_t size) {
  while (size > 0) {
    if (!Fill(1)) return false;
    const size_t step = static_cast<size_t>(std::min<uint64_t>(size, available()));
    Consume(step);
    size -= step;
  }
  return true;
}

}  // namespace mullion
