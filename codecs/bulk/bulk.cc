#include "codecs/bulk/bulk.h"

#include "codecs/bulk/mppc.h"
#include "codecs/bulk/ncrush.h"
#include "codecs/bulk/xcrush.h"

namespace mullion {
namespace {

// The decompressor of a type, made when a packet first needs it; null while none does.
template <typename Inflater>
Inflater* Get(std::unique_ptr<Inflater>* inflater, uint8_t flags) {
  if (*inflater == nullptr && (flags & kBulkCompressed) != 0) {
    *inflater = std::make_unique<Inflater>();
  }
  return inflater->get();
}

}  // namespace

BulkInflater::BulkInflater() = default;
BulkInflater::~BulkInflater() = default;
BulkInflater::BulkInflater(BulkInflater&&) noexcept = default;
BulkInflater& BulkInflater::operator=(BulkInflater&&) noexcept = default;

Status BulkInflater::Inflate(uint8_t flags, ByteView in, ByteView* out) {
  *out = in;
  if ((flags & (kBulkCompressed | kBulkAtFront | kBulkFlushed)) == 0) return Ok();
  switch (flags & kBulkTypeMask) {
    case kBulkType8K:
    case kBulkType64K: {
      MppcInflater* mppc = Get(&mppc_, flags);
      if (mppc == nullptr) return Ok();
      const auto variant = (flags & kBulkTypeMask) == kBulkType8K ? MppcInflater::Variant::kRdp4
                                                                  : MppcInflater::Variant::kRdp5;
      return mppc->Inflate(variant, flags, in, out);
    }
    case kBulkTypeRdp6: {
      NcrushInflater* ncrush = Get(&ncrush_, flags);
      return ncrush == nullptr ? Ok() : ncrush->Inflate(flags, in, out);
    }
    case kBulkTypeRdp61: {
      XcrushInflater* xcrush = Get(&xcrush_, flags);
      return xcrush == nullptr ? Ok() : xcrush->Inflate(flags, in, out);
    }
    default:
      if ((flags & kBulkCompressed) == 0) return Ok();
      *out = {};
      return Fail(Err::kUnsupported, "CompressionTypeMask");
  }
}

void BulkInflater::Reset() { *this = BulkInflater(); }

const char* BulkTypeName(uint8_t flags) {
  switch (flags & kBulkTypeMask) {
    case kBulkType8K:
      return "8K";
    case kBulkType64K:
      return "64K";
    case kBulkTypeRdp6:
      return "NCRUSH";
    case kBulkTypeRdp61:
      return "XCRUSH";
    default:
      return "unknown";
  }
}

}  // namespace mullion
