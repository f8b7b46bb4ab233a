// The files that `mullion replay` writes: the last picture (of the framebuffer, or of one surface),
// a picture of every Nth frame, and the frames log, for one session or for several.
//
// Files: with one session exactly the name that was given. Whether there are several is known only
//   once the second opens, so the first one's files are renamed then: FILE.png becomes FILE-1.png.
// The frames log has one line per committed frame, tab-separated: index, capture time in ms, x, y,
//   w, h of the bounding rectangle, FNV-1a-64 of the whole framebuffer in 16 hexadecimal digits,
//   frame id.
// Threads: one. Errors: the first is kept (error()), and no more files are written after it.
#ifndef MULLION_TOOLS_FRAME_OUTPUTS_H_
#define MULLION_TOOLS_FRAME_OUTPUTS_H_

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/api/mullion.hpp"
#include "tools/player.h"

namespace mullion::tools {

// "a/b.png", 3 -> "a/b-3.png".
std::string NumberedPath(const std::string& path, int number);

struct FrameOutputOptions {
  std::string final_path;   // --final; "" for none, as below
  std::string png_dir;      // --png-dir
  uint64_t png_every = 1;   // --every
  std::string frames_path;  // --frames
  // --surface: final_path shows this one instead of the framebuffer.
  std::optional<uint32_t> surface = std::nullopt;
};

class FrameOutputs {
 public:
  explicit FrameOutputs(FrameOutputOptions options) : options_(std::move(options)) {}

  // Makes the folder for pictures, and sees that the other files can be written.
  void Prepare();
  void OnEvent(const mln::Event& event, const SessionResult& session,
               const mln::Framebuffer* framebuffer);
  const std::string& error() const { return error_; }

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, CloseFile>;

  void OnOpened(const SessionResult& session);
  void OnFrame(const mln::Event& event, const SessionResult& session);
  void OnEnd(const mln::Event& event, const SessionResult& session,
             const mln::Framebuffer* framebuffer);
  void KeepSurface(const mln::Event& event, const SessionResult& session);
  void WriteSurface(const SessionResult& session);
  std::string PathFor(const std::string& path, int number) const;
  void Rename(const std::string& path);
  void SetError(const std::string& error) {
    if (error_.empty()) error_ = error;
  }

  // The surface of --surface as it was last seen: it may be deleted before the end.
  struct KeptSurface {
    std::vector<uint8_t> pixels;
    mln::Surface surface = {};
  };

  FrameOutputOptions options_;
  std::map<int, File> frame_logs_;       // by session number
  std::map<int, KeptSurface> surfaces_;  // likewise
  bool several_ = false;
  bool first_final_written_ = false;
  std::string error_;
};

}  // namespace mullion::tools

#endif  // MULLION_TOOLS_FRAME_OUTPUTS_H_
