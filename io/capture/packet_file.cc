#include "io/capture/packet_file.h"

#include <algorithm>
#include <cstdio>

#include "io/capture/graphics_dump.h"

namespace mullion {
namespace {

constexpr uint32_t kPcapMicroseconds = 0xA1B2C3D4;
constexpr uint32_t kPcapNanoseconds = 0xA1B23C4D;
constexpr uint32_t kSectionHeader = 0x0A0D0D0A;
constexpr size_t kPcapHeaderSize = 24;
constexpr size_t kPcapRecordSize = 16;

class PcapFile : public PacketFile {
 public:
  explicit PcapFile(std::unique_ptr<InputWindow> window) : PacketFile(std::move(window)) {
    OrderedReader probe(window_->Peek(kPcapHeaderSize), false);
    const uint32_t magic = probe.U32("magic");
    big_endian_ = magic != kPcapMicroseconds && magic != kPcapNanoseconds;
    OrderedReader header(window_->Peek(kPcapHeaderSize), big_endian_);
    nanoseconds_ = header.Int32("magic") == kPcapNanoseconds;
    header.Skip(16, "version, zone, accuracy, snaplen");
    link_type_ = static_cast<uint16_t>(header.Int32("network"));  // the upper half: FCS length
    window_->Consume(kPcapHeaderSize);
  }

  CaptureError Next(CaptureRecord* record) override {
    *record = {};
    const uint64_t begin = window_->offset();
    record->file_offset = begin;
    if (!window_->Fill(kPcapRecordSize)) {
      if (window_->available() > 0 || window_->failed()) {
        return EndedInside("a packet's header", begin);
      }
      record->kind = CaptureRecord::Kind::kEnd;
      return {};
    }
    OrderedReader header(window_->Peek(kPcapRecordSize), big_endian_);
    const uint32_t seconds = header.Int32("ts_sec");
    const uint32_t fraction = header.Int32("ts_frac");
    const uint32_t size = header.Int32("incl_len");
    record->original_size = header.Int32("orig_len");
    if (size > kMaxBlock) {
      return MakeCaptureError(Err::kLimit, "incl_len", begin,
                              "the packet at offset " + std::to_string(begin) + " claims " +
                                  std::to_string(size) + " bytes");
    }
    if (!window_->Fill(kPcapRecordSize + size)) return EndedInside("a packet", begin);
    record->kind = CaptureRecord::Kind::kPacket;
    record->bytes = window_->Peek(kPcapRecordSize + size).subspan(kPcapRecordSize);
    record->time_ns =
        seconds * uint64_t{1000000000} + uint64_t{fraction} * (nanoseconds_ ? 1 : 1000);
    record->link_type = link_type_;
    window_->Consume(kPcapRecordSize + size);
    return {};
  }

 private:
  bool big_endian_ = false;
  bool nanoseconds_ = false;
  uint16_t link_type_ = 0;
};

}  // namespace

CaptureError PacketFile::EndedInside(const char* what, uint64_t begin) const {
  const uint64_t end = window_->offset() + window_->available();
  if (window_->failed()) {
    return MakeCaptureError(Err::kIo, "capture", end,
                            "reading fails at offset " + std::to_string(end));
  }
  return MakeCaptureError(Err::kTruncated, "capture", end,
                          "the file ends at offset " + std::to_string(end) + ", inside " + what +
                              " that begins at offset " + std::to_string(begin));
}

std::unique_ptr<PacketFile> MakePcapFile(std::unique_ptr<InputWindow> window) {
  return std::make_unique<PcapFile>(std::move(window));
}

CaptureError OpenPacketFile(std::unique_ptr<ByteSource> source, std::unique_ptr<PacketFile>* file) {
  auto window = std::make_unique<InputWindow>(std::move(source));
  if (!window->Fill(4)) {
    if (window->failed()) return MakeCaptureError(Err::kIo, "capture", 0, "reading fails");
    return MakeCaptureError(
        Err::kTruncated, "magic", 0,
        "the file has only " + std::to_string(window->available()) + " bytes: no capture");
  }
  const uint32_t magic = ByteReader(window->Peek(4)).U32("magic");
  const uint32_t swapped = __builtin_bswap32(magic);
  if (magic == kSectionHeader) {
    *file = MakePcapngFile(std::move(window));
    return {};
  }
  if (magic != kPcapMicroseconds && magic != kPcapNanoseconds && swapped != kPcapMicroseconds &&
      swapped != kPcapNanoseconds) {
    (void)window->Fill(kGraphicsDumpProbe);  // or as much as there is
    if (LooksLikeGraphicsDump(window->Peek(std::min(window->available(), kGraphicsDumpProbe)))) {
      *file = MakeGraphicsDump(std::move(window));
      return {};
    }
    char text[120];
    std::snprintf(text, sizeof(text),
                  "neither pcapng nor pcap nor a graphics pipeline dump: the file begins with %08x",
                  swapped);
    return MakeCaptureError(Err::kUnsupported, "magic", 0, text);
  }
  if (!window->Fill(kPcapHeaderSize)) {
    return MakeCaptureError(
        Err::kTruncated, "pcap header", window->available(),
        "the file ends inside the pcap header, at offset " + std::to_string(window->available()));
  }
  *file = MakePcapFile(std::move(window));
  return {};
}

}  // namespace mullion
