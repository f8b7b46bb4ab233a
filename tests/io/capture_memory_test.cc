// Memory does not grow with the file: 200 MB from a source that makes them up.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "tests/support/capture_recorder.h"
#include "tests/support/tls_talk.h"

namespace mullion::test {
namespace {

// Plays one block of packets again and again, with sequence numbers moved on: as a file that is
// far larger than the memory it takes to make it.
class EndlessPcap : public ByteSource {
 public:
  EndlessPcap(Octets head, Octets block, std::vector<size_t> sequence_offsets, uint32_t advance,
              size_t repeats)
      : head_(std::move(head)),
        block_(std::move(block)),
        sequence_offsets_(std::move(sequence_offsets)),
        advance_(advance),
        repeats_(repeats) {}

  bool Read(uint8_t* out, size_t capacity, size_t* size) override {
    if (at_ == current().size()) Next();
    *size = std::min(capacity, current().size() - at_);
    std::memcpy(out, current().data() + at_, *size);
    at_ += *size;
    return true;
  }

 private:
  const Octets& current() const { return in_head_ ? head_ : block_; }
  void Next() {
    if (repeats_ == 0) return;
    --repeats_;
    at_ = 0;
    if (in_head_) {
      in_head_ = false;
      return;
    }
    for (const size_t offset : sequence_offsets_) {
      uint8_t* const p = block_.data() + offset;
      uint32_t sequence = static_cast<uint32_t>(p[0]) << 24 | static_cast<uint32_t>(p[1]) << 16 |
                          static_cast<uint32_t>(p[2]) << 8 | p[3];
      sequence += advance_;
      for (int i = 0; i < 4; ++i) p[i] = static_cast<uint8_t>(sequence >> (24 - 8 * i));
    }
  }

  Octets head_, block_;
  std::vector<size_t> sequence_offsets_;
  uint32_t advance_;
  size_t repeats_;
  size_t at_ = 0;
  bool in_head_ = true;
};

class Counter : public CaptureSink {
 public:
  uint64_t bytes = 0;
  CaptureError error;
  bool closed = false;
  void OnOpen(const CapturedConnection&, uint64_t) override {}
  void OnTls(uint32_t, const char*, const char*) override {}
  void OnBytes(uint32_t, bool, uint64_t, ByteView view) override { bytes += view.size(); }
  void OnClose(uint32_t, uint64_t, const CaptureError& e) override {
    closed = true;
    error = e;
  }
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMeasurable = false;
#elif defined(__has_feature)
constexpr bool kMeasurable = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
constexpr bool kMeasurable = true;
#endif

long StatusKilobytes(const char* field) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(field)) return std::atol(line.c_str() + std::strlen(field));
  }
  return 0;
}

// Kilobytes that the process's resident memory rose by, at its highest, since the constructor.
class PeakMemory {
 public:
  PeakMemory() {
    std::ofstream("/proc/self/clear_refs") << "5";  // resets the high-water mark
    begin_ = StatusKilobytes("VmRSS:");
    reset_ = StatusKilobytes("VmHWM:") < begin_ + 1000;
  }
  // 0 where it cannot be told.
  long Rise() const { return kMeasurable && reset_ ? StatusKilobytes("VmHWM:") - begin_ : 0; }

 private:
  long begin_ = 0;
  bool reset_ = false;
};

TEST_CASE("200 MB, a part of them out of order, pass in little memory") {
  std::vector<TimedPacket> head;
  TcpTalk talk(&head);
  talk.Handshake();
  talk.Negotiate();
  // One block: 2 MB in segments of 1400 bytes, every second one before its predecessor.
  std::vector<TimedPacket> packets;
  TcpTalk body(&packets, {}, talk.next(true), talk.next(false));
  const Octets data = Noise(1400, 1);
  constexpr uint32_t kSegments = 1400;
  for (uint32_t i = 0; i < kSegments; ++i) {
    body.SendAt(false, talk.next(false) + (i ^ 1) * 1400, kAck, data);
  }
  constexpr size_t kFileHeader = 24, kRecord = 16, kSequence = 14 + 20 + 4;
  Octets block = BuildPcap(packets);
  block.erase(block.begin(), block.begin() + kFileHeader);
  std::vector<size_t> offsets;
  for (size_t at = 0; at < block.size(); at += kRecord + packets[0].bytes.size()) {
    offsets.push_back(at + kRecord + kSequence);
  }
  constexpr size_t kRepeats = 100;
  const uint64_t file_size = BuildPcap(head).size() + kRepeats * block.size();

  CaptureReader reader;
  Counter counter;
  const PeakMemory peak;
  REQUIRE(reader
              .OpenSource(std::make_unique<EndlessPcap>(BuildPcap(head), block, offsets,
                                                        kSegments * 1400, kRepeats),
                          "")
              .ok());
  const CaptureError error = ReadAll(&reader, &counter);
  CHECK_MESSAGE(error.ok(), error.message);
  CHECK(reader.offset() == file_size);
  CHECK(file_size > 200000000);
  CHECK(counter.closed);
  CHECK_MESSAGE(counter.error.ok(), counter.error.message);
  CHECK(counter.bytes ==
        kRepeats * kSegments * 1400 + ConnectionRequest().size() + ConnectionConfirm().size());
  CHECK(peak.Rise() < 8000);
}

TEST_CASE("connections that are no sessions leave nothing behind, however many there are") {
  // 200,000 connection attempts, each from an address of its own; half of them begin to talk.
  std::vector<TimedPacket> packets;
  const Octets hello = {3, 0};  // might become a request
  for (uint32_t i = 0; i < 10000; ++i) {
    PacketSpec spec;
    spec.client_port = static_cast<uint16_t>(i);
    spec.flags = kSyn;
    if (i % 2 == 1) spec.payload = hello;
    packets.push_back({BuildPacket(spec), i});
  }
  constexpr size_t kFileHeader = 24, kRecord = 16, kSourceAddress = 14 + 12;
  Octets block = BuildPcap(packets);
  block.erase(block.begin(), block.begin() + kFileHeader);
  std::vector<size_t> offsets;
  size_t at = 0;
  for (const TimedPacket& p : packets) {
    offsets.push_back(at + kRecord + kSourceAddress);
    at += kRecord + p.bytes.size();
  }
  CaptureReader reader;
  Counter counter;
  const PeakMemory peak;
  REQUIRE(
      reader.OpenSource(std::make_unique<EndlessPcap>(BuildPcap({}), block, offsets, 256, 20), "")
          .ok());
  CHECK(ReadAll(&reader, &counter).ok());
  CHECK(!counter.closed);
  CHECK(peak.Rise() < 12000);
}

}  // namespace
}  // namespace mullion::test
