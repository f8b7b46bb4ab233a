// Recorded sessions through the whole pipeline: every frame against the reference, and every run
// against every other, whatever the number of workers and the SIMD target.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "codecs/image/avc.h"
#include "tests/engine/captures.h"
#include "tests/engine/event_log.h"
#include "tests/support/png_image.h"
#include "tests/support/psnr.h"
#include "tests/support/simd_targets.h"

namespace mullion::testing {
namespace {

namespace fs = std::filesystem;

bool Has(const std::string& name, const char* part) { return name.find(part) != std::string::npos; }

// Drawn by what a later issue decodes: drawing orders.
bool NeedsLaterIssue(const std::string& name) {
  return Has(name, "orders") || Has(name, "login") || Has(name, "rdpsec-none");
}

// How near our pictures are to the reference: see shared/captures/a/README.md.
enum class Nearness {
  kExact,    // to the bit; also RemoteFX and Progressive, whose rounding is FreeRDP's here
  kWithin1,  // by channel: Progressive of the reduce-extrapolate variant, whose inverse transform
             // halves differences downwards here and towards zero in FreeRDP 3.30
  kPsnr,     // H.264: how YUV becomes RGB is defined by nobody to the bit
};
Nearness NearnessOf(const std::string& name) {
  if (Has(name, "avc")) return Nearness::kPsnr;
  return Has(name, "xrdp010-progressive") ? Nearness::kWithin1 : Nearness::kExact;
}
constexpr double kLeastDb = 40;

// Whether runs are equal needs no reference.
std::vector<fs::path> CapturesToRepeat() {
  std::vector<fs::path> files = ReferenceCaptures();
  if (kSanitized) return files;
  for (const auto& more : {WindowsCaptures(), PublishedDumps()}) {
    files.insert(files.end(), more.begin(), more.end());
  }
  return files;
}

// H.264 is libavcodec's: what differs by SIMD target is the rest, which these show.
std::vector<fs::path> CapturesForEveryTarget() {
  std::vector<fs::path> files = CapturesToRepeat();
  std::erase_if(files, [](const fs::path& file) {
    // The kernels' own tests see everything; the sanitizers, and the time, are for the pipeline.
    if (kSanitized) return Has(file.string(), "nsc") || Has(file.string(), "1080");
    return file.parent_path() == kSharedCaptures / "a";
  });
  return files;
}

std::vector<uint64_t> ReferenceHashes(fs::path capture) {
  std::vector<uint64_t> hashes;
  std::ifstream in(capture.replace_extension(".frames.txt"));
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string n, kind, word, last;
    words >> n >> kind;
    if (kind != "paint" && kind != "gfx") continue;
    while (words >> word) last = word;
    hashes.push_back(std::stoull(last, nullptr, 16));
  }
  return hashes;
}

int MaxDifference(const Replayed& run, const PngImage& png) {
  int difference = 0;
  for (size_t i = 0; i < run.final_bgr.size() / 3; ++i) {
    for (size_t c = 0; c < 3; ++c) {
      difference = std::max(difference, std::abs(run.final_bgr[i * 3 + c] - png.bgra[i * 4 + c]));
    }
  }
  return difference;
}

double Psnr(const Replayed& run, const PngImage& png) {
  std::vector<uint8_t> bgrx;
  for (size_t i = 0; i < run.final_bgr.size(); i += 3) {
    const auto* p = run.final_bgr.data() + i;
    for (const uint8_t byte : {p[0], p[1], p[2], uint8_t{0xFF}}) bgrx.push_back(byte);
  }
  return PsnrDb(
      {bgrx.data(), run.width_px, run.height_px, ptrdiff_t{run.width_px} * 4, PixelFormat::kBgrx32},
      {png.bgra, png.width_px, png.height_px});
}

// Our frames end at frame markers, the reference's at every update: ours are some of theirs, in
// their order. Pixels that nobody has painted yet are black here and white in FreeRDP.
void CheckHashes(const Replayed& run, const std::vector<uint64_t>& reference) {
  auto at = reference.begin();
  size_t missing = 0;
  for (size_t i = 0; i < run.frame_hashes.size(); ++i) {
    if (!run.covered[i]) continue;
    const auto found = std::find(at, reference.end(), run.frame_hashes[i]);
    if (found == reference.end()) {
      ++missing;
    } else {
      at = found;
    }
  }
  CHECK(missing == 0);
  if (!reference.empty() && !run.frame_hashes.empty()) {
    CHECK(run.frame_hashes.back() == reference.back());
  }
}

}  // namespace

TEST_CASE("every frame of every capture is the reference's") {
  for (const fs::path& file : ReferenceCaptures()) {
    const std::string name = file.stem().string();
    CAPTURE(name);
    if (NeedsLaterIssue(name)) continue;
    const Nearness nearness = NearnessOf(name);
    if (nearness == Nearness::kPsnr && !AvcDecoder::Available()) {
      std::printf("skipped: %s: this build has no H.264\n", name.c_str());
      continue;
    }
    const Replayed run = RunReplay(file.string(), {.workers = 2, .fnv = true});
    CHECK(run.replay_error == MLN_OK);
    CHECK(run.lost == 0);
    const std::vector<uint64_t> reference = ReferenceHashes(file);
    CHECK(run.frame_hashes.empty() == reference.empty());
    if (nearness == Nearness::kExact) CheckHashes(run, reference);
    PngImage png;
    std::string error;
    if (!ReadPng(fs::path(file).replace_extension(".png").string(), &png, &error)) {
      CHECK(reference.empty());
      continue;
    }
    REQUIRE(png.width_px == run.width_px);
    REQUIRE(png.height_px == run.height_px);
    if (nearness == Nearness::kPsnr) {
      CHECK(run.frame_hashes.size() == reference.size());
      CHECK(Psnr(run, png) >= kLeastDb);
    } else {
      CHECK(MaxDifference(run, png) <= (nearness == Nearness::kExact ? 0 : 1));
    }
  }
}

TEST_CASE("bare surface commands (public RemoteFX capture) give the published frames") {
  const fs::path folder = kSharedCaptures / "public/freerdp-rfx_test";
  if (kSanitized || !fs::is_directory(folder)) {
    std::printf("skipped: %s\n", folder.c_str());
    return;
  }
  const Replayed run =
      RunReplay((folder / "freerdp-rfx_test-pcap.in.pcap").string(), {.workers = 2, .fnv = true});
  CHECK(run.replay_error == MLN_OK);
  CHECK(run.lost == 0);
  CHECK(run.frame_hashes.size() == 28);
  PngImage png;
  std::string error;
  REQUIRE(ReadPng((folder / "freerdp-rfx_test-frame27.out.png").string(), &png, &error));
  REQUIRE(png.width_px == run.width_px);
  REQUIRE(png.height_px == run.height_px);
  CHECK(MaxDifference(run, png) <= 2);
}

TEST_CASE("captures with drawing orders, which wait for a later issue, replay to their end") {
  for (const fs::path& file : ReferenceCaptures()) {
    const std::string name = file.stem().string();
    CAPTURE(name);
    if (!NeedsLaterIssue(name)) continue;
    const Replayed run = RunReplay(file.string(), {.workers = 2});
    CHECK(run.replay_error == MLN_OK);
    CHECK(run.log.find("disconnected graceful 1") != std::string::npos);
  }
}

TEST_CASE("the event log is the same at 0, 1, 2 and 8 workers") {
  for (const fs::path& file : CapturesToRepeat()) {
    CAPTURE(file.string());
    const std::string inline_log = RunReplay(file.string(), {.workers = 0}).log;
    CHECK(inline_log.find("disconnected") != std::string::npos);
    for (int workers : {1, 2, 8}) {
      CAPTURE(workers);
      CHECK(RunReplay(file.string(), {.workers = workers}).log == inline_log);
    }
  }
}

TEST_CASE("the event log is the same on every SIMD target") {
  for (const fs::path& file : CapturesForEveryTarget()) {
    CAPTURE(file.string());
    const std::string log = RunReplay(file.string(), {.workers = 2}).log;
    ForEachSimdTarget([&] { CHECK(RunReplay(file.string(), {.workers = 2}).log == log); });
  }
}

TEST_CASE("200 sessions at once give 200 equal pictures") {
  const uint32_t copies = kSanitized ? 20 : 200;
  const fs::path file = kOwnCaptures / "weston-raw-xcrush.pcapng";
  const Replayed one = RunReplay(file.string(), {.workers = 0});
  REQUIRE(one.final_hashes.size() == 1);
  for (int workers : {0, 2, 8}) {
    const Replayed many = RunReplay(file.string(), {.workers = workers, .copies = copies});
    CHECK(many.final_hashes == std::vector<uint64_t>(copies, one.final_hashes[0]));
  }
}

TEST_CASE("a viewer that takes the latest frame only ends with the same picture") {
  const fs::path file = kOwnCaptures / "sh2-nsc-xcrush.pcapng";
  const Replayed every = RunReplay(file.string(), {.workers = 2});
  const Replayed latest = RunReplay(file.string(), {.workers = 2, .delivery = MLN_DELIVER_LATEST});
  REQUIRE(every.final_hashes.size() == 1);
  CHECK(latest.final_hashes == every.final_hashes);
}

}  // namespace mullion::testing
