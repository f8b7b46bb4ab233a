// Recorded graphics pipeline sessions whose references are pictures after certain frames: four
// Windows servers (fetched, not ours to commit), two published dumps.
#include <doctest/doctest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "codecs/image/avc.h"
#include "tests/engine/captures.h"
#include "tests/engine/event_log.h"
#include "tests/support/json.h"
#include "tests/support/png_image.h"
#include "tests/support/psnr.h"

namespace mullion::testing {
namespace {

namespace fs = std::filesystem;

// What the desktop has to be after the frame of this id.
struct Wanted {
  uint32_t frame_id = 0;
  std::string sha256_bgr;  // "" if that is not known to the bit
  fs::path picture;        // "" if there is none
};

std::vector<uint8_t> Bgr(const std::vector<uint8_t>& bgra) {
  std::vector<uint8_t> bgr;
  bgr.reserve(bgra.size() / 4 * 3);
  for (size_t i = 0; i + 3 < bgra.size(); i += 4) {
    for (size_t c = 0; c < 3; ++c) bgr.push_back(bgra[i + c]);
  }
  return bgr;
}

std::string Sha256(const std::vector<uint8_t>& bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  (void)EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    char hex[3];
    std::snprintf(hex, sizeof(hex), "%02x", digest[i]);
    text += hex;
  }
  return text;
}

// Keeps the last frame's picture, and compares it when an event shows that a wanted frame is over:
// frames that change nothing make no event.
class PictureWatch {
 public:
  using Compare = void (*)(const PixelView& ours, PngImage& reference);

  // `wanted` in the order of their frames, whose ids rise.
  PictureWatch(std::vector<Wanted> wanted, Compare compare)
      : wanted_(std::move(wanted)), compare_(compare) {}

  void OnEvent(const mln_event& event) {
    if (event.kind == MLN_EVENT_DISCONNECTED) return CheckBefore(UINT32_MAX);
    if (event.kind != MLN_EVENT_FRAME) return;
    const mln_event_frame& frame = event.u.frame;
    // What changes between frames has no id, and belongs behind those that were seen.
    const uint32_t id = frame.frame_id != 0 ? frame.frame_id : last_id_ + 1;
    CHECK(id > last_id_);
    CheckBefore(id);
    if (frame.frame_id != 0) last_id_ = id;
    width_px_ = frame.framebuffer.width_px;
    height_px_ = frame.framebuffer.height_px;
    pixels_.clear();
    for (int32_t y = 0; y < height_px_; ++y) {
      const uint8_t* row = frame.framebuffer.data + y * frame.framebuffer.stride_bytes;
      pixels_.insert(pixels_.end(), row, row + ptrdiff_t{width_px_} * 4);
    }
  }

  size_t hashes() const { return hashes_; }
  size_t pictures() const { return pictures_; }

 private:
  // Wanted frames before `id` have ended with the picture that is kept.
  void CheckBefore(uint32_t id) {
    for (; next_ < wanted_.size() && wanted_[next_].frame_id < id; ++next_) {
      const Wanted& wanted = wanted_[next_];
      CAPTURE(wanted.frame_id);
      if (!wanted.sha256_bgr.empty()) {
        CHECK(Sha256(Bgr(pixels_)) == wanted.sha256_bgr);
        ++hashes_;
      }
      if (wanted.picture.empty()) continue;
      PngImage reference;
      std::string error;
      REQUIRE_MESSAGE(ReadPng(wanted.picture.string(), &reference, &error), error);
      REQUIRE(reference.width_px == width_px_);
      REQUIRE(reference.height_px == height_px_);
      compare_(
          {pixels_.data(), width_px_, height_px_, ptrdiff_t{width_px_} * 4, PixelFormat::kBgrx32},
          reference);
      ++pictures_;
    }
  }

  const std::vector<Wanted> wanted_;
  const Compare compare_;
  size_t next_ = 0;
  uint32_t last_id_ = 0;
  int32_t width_px_ = 0, height_px_ = 0;
  std::vector<uint8_t> pixels_;  // BGRX
  size_t hashes_ = 0, pictures_ = 0;
};

Replayed RunWatched(const fs::path& capture, PictureWatch* watch) {
  return RunReplay(capture.string(), {.workers = 2, .on_event = [watch](const mln_event& event) {
                                        watch->OnEvent(event);
                                      }});
}

fs::path NumberedPicture(const fs::path& folder, const std::string& name, size_t number) {
  char suffix[32];
  std::snprintf(suffix, sizeof(suffix), "-frame%04zu.out.png", number);
  fs::path path = folder / (name + suffix);
  return fs::exists(path) ? path : fs::path();
}

// ---- Windows servers

// The pictures' numbers count ends of frame, also those without a surface, which the list leaves
// out. Their hashes say without doubt which frames they show; several, if nothing changed.
std::map<std::string, fs::path> PicturesByHash(const std::string& name) {
  std::map<std::string, fs::path> pictures;
  for (const auto& entry : fs::directory_iterator(kSharedCaptures / "windows")) {
    const std::string file = entry.path().filename().string();
    if (!file.starts_with(name + "-frame") || !file.ends_with(".out.png")) continue;
    PngImage png;
    std::string error;
    REQUIRE_MESSAGE(ReadPng(entry.path().string(), &png, &error), error);
    pictures[Sha256(Bgr(png.bgra))] = entry.path();
  }
  return pictures;
}

// Everything is exact but Progressive, and every picture from its first command on.
std::vector<Wanted> WindowsReference(const std::string& name) {
  std::vector<Wanted> wanted;
  const auto pictures = PicturesByHash(name);
  std::ifstream in(kSharedCaptures / "windows" / (name + "-egfx-frames.out.jsonl"));
  bool exact = true;
  for (std::string line; std::getline(in, line);) {
    Json entry;
    std::string error;
    REQUIRE_MESSAGE(ParseJson(line, &entry, &error), error);
    if (entry["pdu"].Str() == "w2s2") exact = false;
    if (entry["pdu"].Str() != "endframe") continue;
    const std::string& hash = entry["sha256_bgr"].Str();
    const auto picture = pictures.find(hash);
    wanted.push_back({static_cast<uint32_t>(entry["frame"].Int()), exact ? hash : "",
                      picture != pictures.end() ? picture->second : fs::path()});
  }
  return wanted;
}

void CheckWithin2(const PixelView& ours, PngImage& reference) {
  int difference = 0;
  for (int32_t y = 0; y < ours.height_px; ++y) {
    const uint8_t* p = ours.row(y);
    const uint8_t* q = reference.view().row(y);
    for (int32_t x = 0; x < ours.width_px; ++x, p += 4, q += 4) {
      for (int c = 0; c < 3; ++c) difference = std::max(difference, std::abs(p[c] - q[c]));
    }
  }
  CHECK(difference <= 2);
}

}  // namespace

TEST_CASE("sessions of Windows servers give the reference pictures") {
  // How many hashes and pictures their references have.
  const std::map<std::string, std::pair<size_t, size_t>> known = {
      {"rdp-nla-kerberos-auth1", {1, 6}},
      {"rdp-nla-smartcard-auth1", {2, 8}},
      {"rdp-restricted-admin-accepted1", {11, 8}},
      {"rdp-restricted-admin-rejected1", {3, 2}}};
  if (kSanitized) return;  // they see the committed captures
  for (const fs::path& capture : WindowsCaptures()) {
    const std::string name = capture.stem().string();
    CAPTURE(name);
    PictureWatch watch(WindowsReference(name), CheckWithin2);
    const Replayed run = RunWatched(capture, &watch);
    CHECK(run.replay_error == MLN_OK);
    CHECK(run.lost == 0);
    CHECK(watch.hashes() == known.at(name).first);
    CHECK(watch.pictures() == known.at(name).second);
  }
}

// The second ends without its last end of frame: the frame is shown all the same.
TEST_CASE("dumps of AVC444 sessions give the published pictures") {
  if (kSanitized) return;
  if (!AvcDecoder::Available()) {
    std::printf("skipped: this build has no H.264\n");
    return;
  }
  for (const fs::path& dump : PublishedDumps()) {
    const std::string name = dump.parent_path().filename().string();
    CAPTURE(name);
    constexpr uint32_t kMostFrames = 98;
    std::vector<Wanted> wanted;
    for (uint32_t frame = 1; frame <= kMostFrames; ++frame) {
      const fs::path picture = NumberedPicture(dump.parent_path(), name, frame);
      if (!picture.empty()) wanted.push_back({frame, "", picture});
    }
    CHECK(wanted.size() >= 2);
    PictureWatch watch(wanted, [](const PixelView& ours, PngImage& reference) {
      CHECK(PsnrDb(ours, {reference.bgra, reference.width_px, reference.height_px}) >= 40);
    });
    const Replayed run = RunWatched(dump, &watch);
    CHECK(run.replay_error == MLN_OK);
    CHECK(run.lost == 0);
    CHECK(run.log.find("disconnected graceful 1") != std::string::npos);
    CHECK(watch.pictures() == wanted.size());
  }
}

}  // namespace mullion::testing
