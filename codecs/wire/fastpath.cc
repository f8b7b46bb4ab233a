#include "codecs/wire/fastpath.h"

namespace mullion {
namespace {

constexpr uint8_t kFlagEncrypted = 0x2;
constexpr uint8_t kCompressionUsed = 0x2;  // FASTPATH_OUTPUT_COMPRESSION_USED

}  // namespace

const char* FastPathCodeName(uint8_t code) {
  switch (static_cast<FastPathCode>(code)) {
    case FastPathCode::kOrders:
      return "orders";
    case FastPathCode::kBitmap:
      return "bitmap";
    case FastPathCode::kPalette:
      return "palette";
    case FastPathCode::kSynchronize:
      return "synchronize";
    case FastPathCode::kSurfaceCommands:
      return "surface_commands";
    case FastPathCode::kPointerHidden:
      return "pointer_hidden";
    case FastPathCode::kPointerDefault:
      return "pointer_default";
    case FastPathCode::kPointerPosition:
      return "pointer_position";
    case FastPathCode::kPointerColor:
      return "pointer_color";
    case FastPathCode::kPointerCached:
      return "pointer_cached";
    case FastPathCode::kPointerNew:
      return "pointer_new";
    case FastPathCode::kPointerLarge:
      return "pointer_large";
  }
  return "unknown";
}

Status ParseFastPathOutput(ByteView pdu, FastPathOutput* out) {
  ByteReader reader(pdu);
  const uint8_t header = reader.U8("fpOutputHeader");
  size_t length = reader.U8("length1");
  if ((length & 0x80) != 0) length = (length & 0x7F) << 8 | reader.U8("length2");
  MULLION_TRY(reader.status());
  if ((header & 0x3) != 0) return Fail(Err::kMalformed, "fpOutputHeader.action", 0);
  out->flags = header >> 6;
  if ((out->flags & kFlagEncrypted) != 0) return Fail(Err::kUnsupported, "fpOutputHeader.flags", 0);
  if (length < reader.offset()) return Fail(Err::kMalformed, "length1", 1);
  if (length > pdu.size()) return Fail(Err::kTruncated, "fpOutputUpdates", pdu.size());
  out->updates = reader.Take(length - reader.offset(), "fpOutputUpdates");
  return reader.status();
}

bool FastPathUpdates::Next(FastPathUpdate* update) {
  if (!reader_.ok() || reader_.remaining() == 0) return false;
  const uint8_t header = reader_.U8("updateHeader");
  update->code = header & 0xF;
  update->fragmentation = static_cast<Fragmentation>(header >> 4 & 0x3);
  update->compression_flags = 0;
  if ((header >> 6 & kCompressionUsed) != 0) {
    update->compression_flags = reader_.U8("compressionFlags");
  }
  const size_t size = reader_.U16("size");
  update->data = reader_.Take(size, "updateData");
  return reader_.ok();
}

Status FragmentAssembler::Add(uint8_t code, Fragmentation fragmentation, ByteView data,
                              ByteView* whole, bool* complete) {
  *complete = false;
  *whole = {};
  if (fragmentation == Fragmentation::kSingle) {
    Reset();
    *whole = data;
    *complete = true;
    return Ok();
  }
  if (fragmentation == Fragmentation::kFirst) {
    Reset();
    code_ = code;
    active_ = true;
  } else if (!active_ || code != code_) {
    Reset();
    return Fail(Err::kMalformed, "updateHeader.fragmentation");
  }
  if (gathered_.size() > limit_bytes_ || data.size() > limit_bytes_ - gathered_.size()) {
    Reset();
    return Fail(Err::kLimit, "fragmented update");
  }
  gathered_.Append(data);
  if (fragmentation == Fragmentation::kLast) {
    active_ = false;
    *whole = gathered_.view();
    *complete = true;
  }
  return Ok();
}

void FragmentAssembler::Reset() {
  active_ = false;
  (void)gathered_.Take();
}

}  // namespace mullion
