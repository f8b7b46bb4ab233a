#include "io/capture/graphics_dump.h"

#include "codecs/wire/egfx.h"

namespace mullion {
namespace {

constexpr size_t kHeaderSize = 8;
constexpr uint32_t kResetGraphicsSize = 340;  // padded to it, whatever the number of monitors
constexpr uint32_t kCapsConfirmSize = kHeaderSize + 12;
constexpr uint32_t kCapsConfirm101Size = kHeaderSize + 24;

struct Header {
  EgfxCmd cmd = EgfxCmd::kStartFrame;
  uint16_t flags = 0;
  uint32_t size = 0;  // of the whole PDU
};

// PRECONDITION: `bytes` has kHeaderSize bytes.
Header ReadHeader(ByteView bytes) {
  ByteReader r(bytes);
  Header header;
  header.cmd = static_cast<EgfxCmd>(r.U16("cmdId"));
  header.flags = r.U16("flags");
  header.size = r.U32("pduLength");
  return header;
}

bool IsFirst(const Header& header) {
  if (header.cmd == EgfxCmd::kResetGraphics) return header.size == kResetGraphicsSize;
  return header.cmd == EgfxCmd::kCapsConfirm &&
         (header.size == kCapsConfirmSize || header.size == kCapsConfirm101Size);
}

bool IsPlausible(const Header& header) {
  return header.cmd >= EgfxCmd::kWireToSurface1 && header.cmd <= EgfxCmd::kWatermark &&
         header.flags == 0 && header.size >= kHeaderSize && header.size <= PacketFile::kMaxBlock;
}

class GraphicsDump : public PacketFile {
 public:
  explicit GraphicsDump(std::unique_ptr<InputWindow> window) : PacketFile(std::move(window)) {}

  CaptureError Next(CaptureRecord* record) override {
    *record = {};
    const uint64_t begin = window_->offset();
    record->file_offset = begin;
    if (!window_->Fill(kHeaderSize)) {
      if (window_->available() > 0 || window_->failed()) {
        return EndedInside("a graphics pipeline PDU", begin);
      }
      record->kind = CaptureRecord::Kind::kEnd;
      return {};
    }
    const uint32_t size = ReadHeader(window_->Peek(kHeaderSize)).size;
    if (size < kHeaderSize || size > kMaxBlock) {
      return MakeCaptureError(size < kHeaderSize ? Err::kMalformed : Err::kLimit, "pduLength",
                              begin,
                              "the graphics pipeline PDU at offset " + std::to_string(begin) +
                                  " claims " + std::to_string(size) + " bytes");
    }
    if (!window_->Fill(size)) return EndedInside("a graphics pipeline PDU", begin);
    record->kind = CaptureRecord::Kind::kGraphics;
    record->bytes = window_->Peek(size);
    record->original_size = size;
    window_->Consume(size);
    return {};
  }
};

}  // namespace

bool LooksLikeGraphicsDump(ByteView head) {
  bool first = true;
  while (head.size() >= kHeaderSize) {
    const Header header = ReadHeader(head);
    if (!IsPlausible(header) || (first && !IsFirst(header))) return false;
    first = false;
    if (header.size > head.size()) break;
    head = head.subspan(header.size);
  }
  return !first;
}

std::unique_ptr<PacketFile> MakeGraphicsDump(std::unique_ptr<InputWindow> window) {
  return std::make_unique<GraphicsDump>(std::move(window));
}

}  // namespace mullion
