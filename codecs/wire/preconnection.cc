#include "codecs/wire/preconnection.h"

#include "codecs/wire/text.h"

namespace mullion {
namespace {

constexpr uint32_t kVersion1 = 1;
constexpr uint32_t kVersion2 = 2;
constexpr uint32_t kMinSize = 16;

}  // namespace

Status ParsePreconnection(ByteView bytes, Preconnection* out) {
  *out = Preconnection{};
  ByteReader reader(bytes);
  const uint32_t size = reader.U32("preconnection.cbSize");
  reader.Skip(4, "preconnection.Flags");
  const uint32_t version = reader.U32("preconnection.Version");
  out->id = reader.U32("preconnection.Id");
  MULLION_TRY(reader.status());
  if (size < kMinSize) return Fail(Err::kMalformed, "preconnection.cbSize", 0);
  if (size > bytes.size()) return Fail(Err::kTruncated, "preconnection.cbSize", 0);
  if (version != kVersion1 && version != kVersion2) {
    return Fail(Err::kMalformed, "preconnection.Version", 8);
  }
  out->size = size;
  if (version == kVersion1) return Ok();
  ByteReader rest(bytes.first(size));
  rest.Skip(kMinSize, "preconnection.header");
  const size_t units = rest.U16("preconnection.cchPCB");
  out->text = Utf16ToUtf8(rest.Take(units * 2, "preconnection.wszPCB"));
  return rest.status();
}

}  // namespace mullion
