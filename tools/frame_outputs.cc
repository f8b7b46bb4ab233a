#include "tools/frame_outputs.h"

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstring>
#include <filesystem>
#include <span>
#include <system_error>

#include "tools/framebuffer_hash.h"
#include "tools/png_writer.h"

namespace mullion::tools {
namespace {

// "; it has 0, 3, 4"
std::string SurfacesText(const SessionResult& session) {
  constexpr size_t kMost = 10;
  if (session.surfaces.empty()) return "; it has none";
  std::string text;
  size_t count = 0;
  for (const auto& [id, surface] : session.surfaces) {
    if (++count > kMost) return "; it has" + text + " and others";
    text += (text.empty() ? " " : ", ") + std::to_string(id);
  }
  return "; it has" + text;
}

}  // namespace

std::string NumberedPath(const std::string& path, int number) {
  const std::filesystem::path p(path);
  const std::string name =
      p.stem().string() + "-" + std::to_string(number) + p.extension().string();
  return (p.parent_path() / name).string();
}

void FrameOutputs::Prepare() {
  if (!options_.png_dir.empty()) {
    std::error_code code;
    std::filesystem::create_directories(options_.png_dir, code);
    if (code) SetError("cannot make the folder " + options_.png_dir + ": " + code.message());
  }
  // A replay may take long; a mistyped folder should be told before it, not after.
  for (const std::string& path : {options_.final_path, options_.frames_path}) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    std::error_code code;
    if (!folder.empty() && !std::filesystem::is_directory(folder, code)) {
      SetError("cannot write " + path + ": there is no folder " + folder.string());
    }
  }
}

void FrameOutputs::OnEvent(const mln::Event& event, const SessionResult& session,
                           const mln::Framebuffer* framebuffer) {
  if (!error_.empty()) return;
  switch (event.kind()) {
    case mln::Event::Kind::kSessionOpened:
      OnOpened(session);
      break;
    case mln::Event::Kind::kFrame:
      OnFrame(event, session);
      break;
    case mln::Event::Kind::kDisconnected:
      OnEnd(event, session, framebuffer);
      break;
    default:
      break;
  }
}

void FrameOutputs::OnOpened(const SessionResult& session) {
  if (session.number == 2) {
    several_ = true;
    if (first_final_written_) Rename(options_.final_path);
    if (!options_.frames_path.empty()) Rename(options_.frames_path);
  }
  if (options_.frames_path.empty()) return;
  const std::string path = PathFor(options_.frames_path, session.number);
  File file(std::fopen(path.c_str(), "w"));
  if (file == nullptr) return SetError("cannot write " + path + ": " + std::strerror(errno));
  frame_logs_[session.number] = std::move(file);
}

void FrameOutputs::OnFrame(const mln::Event& event, const SessionResult& session) {
  const mln_event_frame& frame = event.frame();
  if (options_.surface) KeepSurface(event, session);
  if (const auto log = frame_logs_.find(session.number); log != frame_logs_.end()) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(event.time()).count();
    std::fprintf(log->second.get(),
                 "%" PRIu64 "\t%" PRId64 "\t%" PRId32 "\t%" PRId32 "\t%" PRId32 "\t%" PRId32
                 "\t%016" PRIx64 "\t%" PRIu32 "\n",
                 frame.index, static_cast<int64_t>(ms), frame.bounds.x, frame.bounds.y,
                 frame.bounds.w, frame.bounds.h, HashFramebuffer(frame.framebuffer),
                 frame.frame_id);
  }
  if (!options_.png_dir.empty() && frame.index % options_.png_every == 0) {
    char name[64];
    std::snprintf(name, sizeof(name), "session%d-frame%06" PRIu64 ".png", session.number,
                  frame.index);
    const std::filesystem::path path = std::filesystem::path(options_.png_dir) / name;
    SetError(WritePng(path.string(), frame.framebuffer, PngEffort::kFast));
  }
}

void FrameOutputs::OnEnd(const mln::Event& event, const SessionResult& session,
                         const mln::Framebuffer* framebuffer) {
  if (const auto log = frame_logs_.find(session.number); log != frame_logs_.end()) {
    const bool failed = std::ferror(log->second.get()) != 0;
    if (std::fclose(log->second.release()) != 0 || failed) {
      SetError("cannot write " + PathFor(options_.frames_path, session.number) + ": " +
               std::strerror(errno));
    }
    frame_logs_.erase(log);
  }
  if (options_.final_path.empty()) return;
  if (options_.surface) {
    KeepSurface(event, session);
    return WriteSurface(session);
  }
  if (framebuffer == nullptr) return;
  SetError(WritePng(PathFor(options_.final_path, session.number), *framebuffer, PngEffort::kSmall));
  if (!several_) first_final_written_ = true;
}

// Copies it if it is there. Frames and the end are when surfaces hold still.
void FrameOutputs::KeepSurface(const mln::Event& event, const SessionResult& session) {
  for (const mln::Surface& surface : event.session().Surfaces()) {
    if (surface.id != *options_.surface || surface.pixels.data == nullptr) continue;
    KeptSurface& kept = surfaces_[session.number];
    kept.surface = surface;
    mln::Framebuffer& pixels = kept.surface.pixels;
    pixels.stride_bytes = int64_t{4} * pixels.width_px;
    kept.pixels.resize(static_cast<size_t>(pixels.stride_bytes * pixels.height_px));
    pixels.data = kept.pixels.data();
    for (int32_t y = 0; y < pixels.height_px; ++y) {
      const std::span<const uint8_t> row = mln::Row(surface.pixels, y);
      std::copy(row.begin(), row.end(), pixels.data + y * pixels.stride_bytes);
    }
  }
}

void FrameOutputs::WriteSurface(const SessionResult& session) {
  const auto kept = surfaces_.extract(session.number);
  if (kept.empty()) {
    const bool known = session.surfaces.contains(*options_.surface);
    return SetError("cannot write " + options_.final_path + ": session " +
                    std::to_string(session.number) + " has " +
                    (known ? "drawn nothing on surface " : "no surface ") +
                    std::to_string(*options_.surface) + SurfacesText(session));
  }
  const mln::Surface& surface = kept.mapped().surface;
  SetError(WritePng(PathFor(options_.final_path, session.number), surface.pixels, PngEffort::kSmall,
                    surface.has_alpha != 0 ? PngPixels::kRgba : PngPixels::kRgb));
  if (!several_) first_final_written_ = true;
}

std::string FrameOutputs::PathFor(const std::string& path, int number) const {
  return several_ ? NumberedPath(path, number) : path;
}

void FrameOutputs::Rename(const std::string& path) {
  if (std::rename(path.c_str(), NumberedPath(path, 1).c_str()) != 0) {
    SetError("cannot rename " + path + ": " + std::strerror(errno));
  }
}

}  // namespace mullion::tools
