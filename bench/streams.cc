// build/bench/streams FILE.rdpb... [--json] [--rounds N] [--side mullion|libfreerdp2] [--frames
// DIR]
//
// Decodes each file on one pinned thread with Mullion and with libfreerdp2 in turn, and prints the
// minimum CPU milliseconds of both (of all threads: libfreerdp2 has some), their ratio, and the
// hash of Mullion's output (FNV-1a-64 over B,G,R of the last frame, or over the bytes of bulk
// data), compared with hashes.tsv beside the file. --frames writes Mullion's last frames, B,G,R, as
// DIR/NAME.bgr, for other programs to compare with. Exit: 0; 1 wrong usage; 2 a file cannot be read
// or written; 3 a decoder of ours failed.
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <span>

#include "bench/stream_decoder.h"

namespace mullion::bench {
namespace {

struct Options {
  std::vector<std::string> files;
  bool json = false;
  int rounds = 15;
  std::string side;    // empty: both
  std::string frames;  // a directory; empty: none are written
};

struct Side {
  bool supported = false;
  bool failed = false;
  double best_ms = std::numeric_limits<double>::infinity();
  uint64_t hash = 0;
};

bool Usable(const Side& side) { return side.supported && !side.failed; }

struct Result {
  std::string name;
  Side ours;
  Side peer;
  bool hash_known = false;
  uint64_t known_hash = 0;
  int largest_difference = -1;  // per channel, between the two sides; -1: not compared
  bool unwritten = false;       // the frame was asked for, and could not be written
  uint64_t coded_bytes = 0;
  uint64_t output_bytes = 0;                                  // of pictures: four to a pixel
  double write_ms = std::numeric_limits<double>::infinity();  // what writing that much takes
};

constexpr char kUsage[] =
    "usage: streams FILE.rdpb... [--json] [--rounds N] [--side mullion|libfreerdp2]\n"
    "               [--frames DIR]\n";

bool ParseOptions(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--json") == 0) {
      options->json = true;
    } else if (std::strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) {
      options->rounds = std::atoi(argv[++i]);
    } else if (std::strcmp(argv[i], "--side") == 0 && i + 1 < argc) {
      options->side = argv[++i];
    } else if (std::strcmp(argv[i], "--frames") == 0 && i + 1 < argc) {
      options->frames = argv[++i];
    } else if (argv[i][0] != '-') {
      options->files.emplace_back(argv[i]);
    } else {
      return false;
    }
  }
  return !options->files.empty() && options->rounds > 0;
}

// The CPU that the program runs on now; moving between CPUs would cost both sides their caches.
void PinToOneCpu() {
  const int cpu = sched_getcpu();
  if (cpu < 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(cpu), &set);
  (void)sched_setaffinity(0, sizeof(set), &set);
}

struct Frame {
  explicit Frame(const Stream& stream)
      : width_px(stream.width_px),
        height_px(stream.height_px),
        memory(static_cast<size_t>(stream.width_px) * static_cast<size_t>(stream.height_px) * 4 +
               kAlignment),
        bytes(memory.data() + kAlignment - reinterpret_cast<uintptr_t>(memory.data()) % kAlignment,
              memory.size() - kAlignment) {}
  PixelView view() {
    return {bytes.data(), width_px, height_px, ptrdiff_t{width_px} * 4, PixelFormat::kBgrx32};
  }
  static constexpr size_t kAlignment = 64;  // as the engine's framebuffers are
  int32_t width_px;
  int32_t height_px;
  std::vector<uint8_t> memory;
  std::span<uint8_t> bytes;
};

uint64_t HashPixels(const Frame& frame) {
  Fnv hash;
  for (size_t i = 0; i + 4 <= frame.bytes.size(); i += 4) hash.Add(frame.bytes.data() + i, 3);
  return hash.value();
}

int LargestDifference(const Frame& a, const Frame& b) {
  int largest = 0;
  for (size_t i = 0; i < a.bytes.size(); ++i) {
    if (i % 4 != 3) largest = std::max(largest, std::abs(a.bytes[i] - b.bytes[i]));
  }
  return largest;
}

// "DIR/rfx_rlgr1.desktop.bgr"
bool WriteFrame(const Frame& frame, const std::string& dir, const std::string& stream_name) {
  std::string bgr;
  bgr.reserve(frame.bytes.size() / 4 * 3);
  for (size_t i = 0; i + 4 <= frame.bytes.size(); i += 4) {
    bgr.append(reinterpret_cast<const char*>(frame.bytes.data() + i), 3);
  }
  const std::string name = stream_name.substr(0, stream_name.find_last_of('.'));
  std::ofstream out(dir + "/" + name + ".bgr", std::ios::binary);
  return out.write(bgr.data(), static_cast<std::streamsize>(bgr.size())).flush().good();
}

// Two untimed rounds, to warm up and for the hash: the second's, which a reset must not change.
void FirstRounds(StreamDecoder* decoder, const Stream& stream, Frame* frame, Side* side) {
  if (decoder == nullptr) return;
  side->supported = true;
  for (int i = 0; i < 2 && !side->failed; ++i) {
    Fnv bulk;
    decoder->Reset(stream);
    side->failed = !decoder->Decode(stream, frame->view(), &bulk);
    const uint64_t hash = IsBulk(stream) ? bulk.value() : HashPixels(*frame);
    side->failed |= i > 0 && hash != side->hash;
    side->hash = hash;
  }
}

double CpuMilliseconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

// Not inlined: bench/instructions.py counts what happens inside.
[[gnu::noinline]] void TimedRound(StreamDecoder* decoder, const Stream& stream, Frame* frame,
                                  Side* side) {
  if (!side->supported || side->failed) return;
  decoder->Reset(stream);
  const double start = CpuMilliseconds();
  if (!decoder->Decode(stream, frame->view(), nullptr)) side->failed = true;
  side->best_ms = std::min(side->best_ms, CpuMilliseconds() - start);
}

// The least that any decoder must do: its output is written.
void TimedWrite(std::vector<uint8_t>* memory, Result* result) {
  const double start = CpuMilliseconds();
  for (uint64_t done = 0; done < result->output_bytes; done += memory->size()) {
    std::memset(memory->data(), 0x5A,
                std::min<uint64_t>(memory->size(), result->output_bytes - done));
    asm volatile("" : : "r"(memory->data()) : "memory");
  }
  result->write_ms = std::min(result->write_ms, CpuMilliseconds() - start);
}

Result Measure(const Stream& stream, const std::string& dir, const Options& options) {
  Result result;
  result.name = stream.name;
  result.hash_known = LookUpHash(dir, stream.name, &result.known_hash);
  for (const Record& record : stream.records) {
    result.coded_bytes += record.payload.size() + record.second.size();
  }
  // H.264 has a picture in each record; other codecs make one of all.
  const bool pictures = stream.codec.starts_with("avc");
  result.output_bytes = IsBulk(stream) ? stream.out_total
                                       : uint64_t{4} * static_cast<uint64_t>(stream.width_px) *
                                             static_cast<uint64_t>(stream.height_px) *
                                             (pictures ? stream.records.size() : 1);
  constexpr uint64_t kMost = uint64_t{8} << 20;  // about a 1080p frame
  std::vector<uint8_t> written(std::clamp<uint64_t>(result.output_bytes, 1, kMost));
  Frame our_frame(stream);
  Frame peer_frame(stream);
  const auto ours = options.side == "libfreerdp2" ? nullptr : MakeMullionDecoder(stream);
  const auto peer = options.side == "mullion" ? nullptr : MakePeerDecoder(stream);
  FirstRounds(ours.get(), stream, &our_frame, &result.ours);
  FirstRounds(peer.get(), stream, &peer_frame, &result.peer);
  if (result.ours.supported && result.peer.supported && !IsBulk(stream)) {
    result.largest_difference = LargestDifference(our_frame, peer_frame);
  }
  if (!options.frames.empty() && Usable(result.ours) && !IsBulk(stream)) {
    result.unwritten = !WriteFrame(our_frame, options.frames, stream.name);
  }
  for (int i = 0; i < options.rounds; ++i) {
    TimedRound(ours.get(), stream, &our_frame, &result.ours);
    TimedRound(peer.get(), stream, &peer_frame, &result.peer);
    TimedWrite(&written, &result);
  }
  return result;
}

std::string Milliseconds(const Side& side, const char* missing) {
  if (!side.supported) return missing;
  if (side.failed) return "failed";
  char text[32];
  std::snprintf(text, sizeof(text), "%.3f", side.best_ms);
  return text;
}

void PrintRow(const Result& r) {
  char ratio[32] = "-";
  if (Usable(r.ours) && Usable(r.peer)) {
    std::snprintf(ratio, sizeof(ratio), "%.2f", r.peer.best_ms / r.ours.best_ms);
  }
  char output[96] = "";
  if (Usable(r.ours)) {
    const char* verdict = !r.hash_known ? "" : r.known_hash == r.ours.hash ? " equal" : " differs";
    int used = std::snprintf(output, sizeof(output), "%016llx%s",
                             static_cast<unsigned long long>(r.ours.hash), verdict);
    if (r.largest_difference > 0) {
      std::snprintf(output + used, sizeof(output) - static_cast<size_t>(used),
                    ", max_abs %d to libfreerdp2", r.largest_difference);
    }
  }
  std::printf("%-32s %12s %12s %7s  %s\n", r.name.c_str(),
              Milliseconds(r.ours, "unsupported").c_str(), Milliseconds(r.peer, "none").c_str(),
              ratio, output);
}

void PrintJsonRow(const Result& r, bool last) {
  std::printf(
      "    {\"stream\": \"%s\", \"coded_bytes\": %llu, \"output_bytes\": %llu, "
      "\"write_ms\": %.4f, \"mullion_ms\": ",
      r.name.c_str(), static_cast<unsigned long long>(r.coded_bytes),
      static_cast<unsigned long long>(r.output_bytes), r.write_ms);
  Usable(r.ours) ? std::printf("%.4f", r.ours.best_ms) : std::printf("null");
  std::printf(", \"libfreerdp2_ms\": ");
  Usable(r.peer) ? std::printf("%.4f", r.peer.best_ms) : std::printf("null");
  std::printf(", \"ratio\": ");
  Usable(r.ours) && Usable(r.peer) ? std::printf("%.3f", r.peer.best_ms / r.ours.best_ms)
                                   : std::printf("null");
  std::printf(", \"supported\": %s, \"failed\": %s", r.ours.supported ? "true" : "false",
              r.ours.failed ? "true" : "false");
  if (Usable(r.ours)) {
    std::printf(", \"hash\": \"%016llx\"", static_cast<unsigned long long>(r.ours.hash));
    if (r.hash_known) {
      std::printf(", \"hash_equal\": %s", r.known_hash == r.ours.hash ? "true" : "false");
    }
    if (r.largest_difference >= 0) {
      std::printf(", \"max_abs_to_libfreerdp2\": %d", r.largest_difference);
    }
  }
  if (Usable(r.peer)) {
    std::printf(", \"libfreerdp2_hash\": \"%016llx\"",
                static_cast<unsigned long long>(r.peer.hash));
  }
  std::printf("}%s\n", last ? "" : ",");
}

double GeometricMean(const std::vector<Result>& results) {
  double sum = 0;
  int count = 0;
  for (const Result& r : results) {
    if (!Usable(r.ours) || !Usable(r.peer)) continue;
    sum += std::log(r.peer.best_ms / r.ours.best_ms);
    ++count;
  }
  return count > 0 ? std::exp(sum / count) : 0;
}

int Main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--help") == 0) {
    std::fputs(kUsage, stdout);
    return 0;
  }
  Options options;
  if (!ParseOptions(argc, argv, &options)) {
    std::fputs(kUsage, stderr);
    return 1;
  }
  PinToOneCpu();
  if (!options.json) {
    std::printf("%-32s %12s %12s %7s  %s\n", "stream", "mullion ms", "libfreerdp2", "ratio",
                "output hash");
  }
  std::vector<Result> results;
  bool failed = false;
  for (const std::string& path : options.files) {
    Stream stream;
    std::string error;
    if (!ReadStream(path, &stream, &error)) {
      std::fprintf(stderr, "streams: %s: %s\n", path.c_str(), error.c_str());
      return 2;
    }
    const size_t slash = path.find_last_of('/');
    const std::string dir = slash == std::string::npos ? "." : path.substr(0, slash);
    results.push_back(Measure(stream, dir, options));
    failed = failed || results.back().ours.failed;
    if (results.back().unwritten) {
      std::fprintf(stderr, "streams: the frame of %s cannot be written\n", stream.name.c_str());
      return 2;
    }
    if (!options.json) {
      PrintRow(results.back());
      std::fflush(stdout);
    }
  }
  const double mean = GeometricMean(results);
  if (options.json) {
    std::printf("{\n  \"rounds\": %d,\n  \"streams\": [\n", options.rounds);
    for (size_t i = 0; i < results.size(); ++i) PrintJsonRow(results[i], i + 1 == results.size());
    std::printf("  ],\n  \"geometric_mean_ratio\": %.3f\n}\n", mean);
  } else if (mean > 0) {
    std::printf("%-32s %12s %12s %7.2f\n", "geometric mean", "", "", mean);
  }
  return failed ? 3 : 0;
}

}  // namespace
}  // namespace mullion::bench

int main(int argc, char** argv) { return mullion::bench::Main(argc, argv); }
