// pcapng: see packet_file.h.
#include <algorithm>
#include <cstdio>
#include <vector>

#include "io/capture/packet_file.h"

namespace mullion {
namespace {

constexpr uint32_t kSectionHeader = 0x0A0D0D0A;
constexpr uint32_t kInterfaceDescription = 1;
constexpr uint32_t kObsoletePacket = 2;
constexpr uint32_t kSimplePacket = 3;
constexpr uint32_t kEnhancedPacket = 6;
constexpr uint32_t kDecryptionSecrets = 10;
constexpr uint32_t kByteOrderMagic = 0x1A2B3C4D;
constexpr uint32_t kTlsKeyLog = 0x544C534B;
constexpr uint16_t kOptionTimeResolution = 9;
constexpr uint16_t kOptionTimeOffset = 14;
constexpr size_t kMaxInterfaces = 65536;

struct Interface {
  uint16_t link_type = 0;
  uint8_t resolution = 6;  // high bit clear: 10^-n s; set: 2^-n s
  uint32_t snap_length = 0;
  int64_t offset_seconds = 0;
};

__extension__ using Wide = unsigned __int128;

// Saturates nothing: hostile stamps may wrap, which harms nobody.
uint64_t ToNanoseconds(const Interface& interface, uint64_t ticks) {
  const unsigned n = interface.resolution & 0x7F;
  uint64_t ns = 0;
  if ((interface.resolution & 0x80) != 0) {
    ns = n >= 64 ? 0 : static_cast<uint64_t>(Wide{ticks} * 1000000000u >> n);
  } else {
    uint64_t scale = 1;
    for (unsigned i = 0; i < std::min(n > 9 ? n - 9 : 9 - n, 19u); ++i) scale *= 10;
    ns = n > 9 ? ticks / scale : ticks * scale;
  }
  return ns + static_cast<uint64_t>(interface.offset_seconds) * 1000000000u;
}

class PcapngFile : public PacketFile {
 public:
  explicit PcapngFile(std::unique_ptr<InputWindow> window) : PacketFile(std::move(window)) {}
  CaptureError Next(CaptureRecord* record) override;

 private:
  CaptureError Section(uint64_t begin);
  Status ParseInterface(OrderedReader* r);
  Status ParsePacket(uint32_t type, OrderedReader* r, CaptureRecord* record);
  CaptureError Malformed(const char* field, uint64_t begin, const char* why) const {
    return MakeCaptureError(Err::kMalformed, field, begin,
                            "the pcapng block at offset " + std::to_string(begin) + " " + why);
  }

  bool big_endian_ = false;
  std::vector<Interface> interfaces_;  // of the current section
  uint64_t last_time_ns_ = 0;
};

// Takes the byte order from a section header block, which is still in the window.
CaptureError PcapngFile::Section(uint64_t begin) {
  if (!window_->Fill(12)) return EndedInside("a section header", begin);
  const uint32_t magic = ByteReader(window_->Peek(12).subspan(8)).U32("byte-order magic");
  if (magic != kByteOrderMagic && magic != __builtin_bswap32(kByteOrderMagic)) {
    return Malformed("byte-order magic", begin, "has a wrong byte-order magic");
  }
  big_endian_ = magic != kByteOrderMagic;
  interfaces_.clear();
  return {};
}

CaptureError PcapngFile::Next(CaptureRecord* record) {
  *record = {};
  const uint64_t begin = window_->offset();
  record->file_offset = begin;
  if (!window_->Fill(8)) {
    if (window_->available() > 0 || window_->failed()) return EndedInside("a block", begin);
    record->kind = CaptureRecord::Kind::kEnd;
    return {};
  }
  // A section header's type reads the same in both byte orders.
  if (ByteReader(window_->Peek(4)).U32("block type") == kSectionHeader) {
    CaptureError error = Section(begin);
    if (!error.ok()) return error;
  }
  OrderedReader head(window_->Peek(8), big_endian_);
  const uint32_t type = head.Int32("block type");
  const uint32_t length = head.Int32("block total length");
  if (length < 12 || length % 4 != 0) {
    return Malformed("block total length", begin, "has a wrong length");
  }
  const bool wanted = type == kSectionHeader || type == kInterfaceDescription ||
                      type == kObsoletePacket || type == kSimplePacket || type == kEnhancedPacket ||
                      type == kDecryptionSecrets;
  if (!wanted) {
    if (!window_->Skip(length)) return EndedInside("a block", begin);
    return {};
  }
  if (length > kMaxBlock) {
    return MakeCaptureError(Err::kLimit, "block total length", begin,
                            "the pcapng block at offset " + std::to_string(begin) + " claims " +
                                std::to_string(length) + " bytes");
  }
  if (!window_->Fill(length)) return EndedInside("a block", begin);
  const ByteView block = window_->Peek(length);
  if (OrderedReader(block.last(4), big_endian_).Int32("trailing length") != length) {
    return Malformed("trailing length", begin, "ends with another length than it begins with");
  }
  OrderedReader body(block.subspan(8, length - 12), big_endian_);
  Status status = Ok();
  switch (type) {
    case kInterfaceDescription:
      status = ParseInterface(&body);
      break;
    case kObsoletePacket:
    case kSimplePacket:
    case kEnhancedPacket:
      status = ParsePacket(type, &body, record);
      break;
    case kDecryptionSecrets:
      if (body.Int32("secrets type") == kTlsKeyLog) {
        record->bytes = body.Take(body.Int32("secrets length"), "secrets");
        record->kind = CaptureRecord::Kind::kSecrets;
      }
      status = body.status();
      break;
    default:
      break;
  }
  if (!status.ok()) {
    return MakeCaptureError(status.err, status.field, begin,
                            "the pcapng block at offset " + std::to_string(begin) +
                                " has a bad field: " + status.field);
  }
  window_->Consume(length);
  return {};
}

Status PcapngFile::ParseInterface(OrderedReader* r) {
  Interface interface;
  interface.link_type = r->Int16("link type");
  r->Skip(2, "reserved");
  interface.snap_length = r->Int32("snap length");
  while (r->ok() && r->remaining() >= 4) {
    const uint16_t code = r->Int16("option code");
    const uint16_t size = r->Int16("option length");
    if (code == 0) break;
    const ByteView value = r->Take(size, "option");
    r->Skip(std::min<size_t>((4 - size % 4) % 4, r->remaining()), "option padding");
    OrderedReader option(value, big_endian_);
    if (code == kOptionTimeResolution && size == 1) interface.resolution = option.U8("tsresol");
    if (code == kOptionTimeOffset && size == 8) {
      const uint64_t first = option.Int32("tsoffset");
      const uint64_t second = option.Int32("tsoffset");
      interface.offset_seconds =
          static_cast<int64_t>(big_endian_ ? first << 32 | second : second << 32 | first);
    }
  }
  if (interfaces_.size() >= kMaxInterfaces) return Fail(Err::kLimit, "interfaces");
  interfaces_.push_back(interface);
  return r->status();
}

Status PcapngFile::ParsePacket(uint32_t type, OrderedReader* r, CaptureRecord* record) {
  uint32_t interface_id = 0;
  uint32_t captured = 0;
  uint64_t ticks = 0;
  if (type != kSimplePacket) {
    if (type == kEnhancedPacket) {
      interface_id = r->Int32("interface id");
    } else {
      interface_id = r->Int16("interface id");
      r->Skip(2, "drops count");
    }
    const uint64_t high = r->Int32("timestamp");
    ticks = high << 32 | r->Int32("timestamp");
    captured = r->Int32("captured length");
  }
  record->original_size = r->Int32("original length");
  if (interface_id >= interfaces_.size()) r->SetError(Err::kMalformed, "interface id", 0);
  if (!r->ok()) return r->status();
  const Interface& interface = interfaces_[interface_id];
  if (type == kSimplePacket) {
    captured = record->original_size;
    if (interface.snap_length != 0) captured = std::min(captured, interface.snap_length);
    record->time_ns = last_time_ns_;  // it has none of its own
  } else {
    record->time_ns = ToNanoseconds(interface, ticks);
  }
  record->bytes = r->Take(captured, "packet data");
  record->link_type = interface.link_type;
  record->kind = CaptureRecord::Kind::kPacket;
  last_time_ns_ = record->time_ns;
  return r->status();
}

}  // namespace

std::unique_ptr<PacketFile> MakePcapngFile(std::unique_ptr<InputWindow> window) {
  return std::make_unique<PcapngFile>(std::move(window));
}

}  // namespace mullion
