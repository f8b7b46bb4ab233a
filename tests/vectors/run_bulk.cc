// mppc, ncrush, xcrush: one BulkInflater per sequence. zgfx: one ZgfxInflater per sequence.
#include "codecs/bulk/bulk.h"
#include "codecs/bulk/zgfx.h"
#include "tests/vectors/groups.h"

namespace mullion::vectors {
namespace {

// params.flags is the flags byte, or its names; params.type is the compression type.
uint8_t FlagsOf(const Vector& vector, int64_t type_of_group) {
  const Json& params = vector.params();
  const Json& flags = params["flags"];
  int64_t value = flags.Int(-1);
  if (value < 0) {
    const std::string& names = flags.Str();
    const auto has = [&names](const char* name) { return names.find(name) != std::string::npos; };
    // No flags at all: a compressed packet, or there would be nothing to test.
    value = has("COMPRESSED") || names.empty() ? kBulkCompressed : 0;
    if (has("AT_FRONT")) value |= kBulkAtFront;
    if (has("FLUSHED")) value |= kBulkFlushed;
    value |= type_of_group;
  }
  if (params.Has("type")) value = (value & ~int64_t{kBulkTypeMask}) | params["type"].Int();
  return static_cast<uint8_t>(value);
}

}  // namespace

Outcome RunBulk(const Vector& vector, Sequence* sequence) {
  const bool large = vector.params()["history"].Str() != "8K";
  const int64_t type = vector.codec == "xcrush"   ? kBulkTypeRdp61
                       : vector.codec == "ncrush" ? kBulkTypeRdp6
                       : large                    ? kBulkType64K
                                                  : kBulkType8K;
  ByteView out;
  const Status status =
      sequence->State<BulkInflater>().Inflate(FlagsOf(vector, type), vector.input, &out);
  if (vector.kind == "robustness") return Survived(vector, status);
  if (!status.ok()) return Failed(Describe(status));
  if (!vector.has_output) return Pass();
  return CompareBytes(vector.output, out.data(), out.size());
}

Outcome RunZgfx(const Vector& vector, Sequence* sequence) {
  constexpr size_t kMaxOutput = size_t{64} << 20;
  const bool lite = vector.params()["variant"].Str().find("ite") != std::string::npos;
  ZgfxInflater fresh_lite(ZgfxInflater::Variant::kRdp8Lite);
  ZgfxInflater& inflater = lite ? fresh_lite : sequence->State<ZgfxInflater>();
  ByteView out;
  const Status status = inflater.Inflate(vector.input, kMaxOutput, &out);
  if (vector.kind == "robustness") return Survived(vector, status);
  if (!status.ok()) return Failed(Describe(status));
  if (!vector.has_output) return Pass();
  return CompareBytes(vector.output, out.data(), out.size());
}

}  // namespace mullion::vectors
