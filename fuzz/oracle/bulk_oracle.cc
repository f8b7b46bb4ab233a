#include "fuzz/oracle/bulk_oracle.h"

#include <freerdp/codec/mppc.h>
#include <freerdp/codec/ncrush.h>
#include <freerdp/codec/xcrush.h>
#include <freerdp/codec/zgfx.h>
#include <winpr/wlog.h>

#include <cstdlib>

#include "codecs/bulk/bulk_flags.h"

namespace mullion::oracle {
namespace {

void Quiet() { WLog_SetLogLevel(WLog_GetRoot(), WLOG_OFF); }

template <typename T, void (*kFree)(T*)>
struct Freer {
  void operator()(T* p) const { kFree(p); }
};
using Mppc = std::unique_ptr<MPPC_CONTEXT, Freer<MPPC_CONTEXT, mppc_context_free>>;
using Ncrush = std::unique_ptr<NCRUSH_CONTEXT, Freer<NCRUSH_CONTEXT, ncrush_context_free>>;
using Xcrush = std::unique_ptr<XCRUSH_CONTEXT, Freer<XCRUSH_CONTEXT, xcrush_context_free>>;
using Zgfx = std::unique_ptr<ZGFX_CONTEXT, Freer<ZGFX_CONTEXT, zgfx_context_free>>;

}  // namespace

struct BulkOracle::Contexts {
  // Made when needed: they have megabytes, which a fuzzer would clear for every input.
  Mppc mppc;
  Ncrush ncrush;
  Xcrush xcrush;
};

BulkOracle::BulkOracle() {
  Quiet();
  contexts_ = std::make_unique<Contexts>();
}
BulkOracle::~BulkOracle() = default;

bool BulkOracle::Inflate(uint8_t flags, ByteView in, ByteView* out) {
  *out = in;
  if ((flags & (kBulkCompressed | kBulkAtFront | kBulkFlushed)) == 0) return true;
  BYTE* const src = const_cast<BYTE*>(in.data());
  const auto size = static_cast<UINT32>(in.size());
  BYTE* dst = nullptr;
  UINT32 dst_size = 0;
  int status = -1;
  switch (flags & kBulkTypeMask) {
    case kBulkType8K:
    case kBulkType64K:
      if (!contexts_->mppc) contexts_->mppc.reset(mppc_context_new(1, FALSE));
      mppc_set_compression_level(contexts_->mppc.get(), flags & kBulkTypeMask);
      status = mppc_decompress(contexts_->mppc.get(), src, size, &dst, &dst_size, flags);
      break;
    case kBulkTypeRdp6:
      if (!contexts_->ncrush) contexts_->ncrush.reset(ncrush_context_new(FALSE));
      status = ncrush_decompress(contexts_->ncrush.get(), src, size, &dst, &dst_size, flags);
      break;
    case kBulkTypeRdp61:
      if (!contexts_->xcrush) contexts_->xcrush.reset(xcrush_context_new(FALSE));
      status = xcrush_decompress(contexts_->xcrush.get(), src, size, &dst, &dst_size, flags);
      break;
    default:
      break;
  }
  if (status < 0) return false;
  *out = ByteView(dst, dst_size);
  return true;
}

struct BulkDeflater::Contexts {
  Mppc mppc;
  Ncrush ncrush;
  Xcrush xcrush;
};

BulkDeflater::BulkDeflater(uint8_t type) : contexts_(std::make_unique<Contexts>()), type_(type) {
  Quiet();
  if (type <= kBulkType64K) contexts_->mppc.reset(mppc_context_new(type, TRUE));
  if (type == kBulkTypeRdp6) contexts_->ncrush.reset(ncrush_context_new(TRUE));
  if (type == kBulkTypeRdp61) contexts_->xcrush.reset(xcrush_context_new(TRUE));
}
BulkDeflater::~BulkDeflater() = default;

bool BulkDeflater::Deflate(ByteView in, std::vector<uint8_t>* out, uint8_t* flags) {
  std::vector<uint8_t> buffer(65536);
  std::vector<uint8_t> source(in.begin(), in.end());
  source.resize(in.size() + 16);  // the compressors look a little ahead
  BYTE* dst = buffer.data();
  auto dst_size = static_cast<UINT32>(buffer.size());
  const auto size = static_cast<UINT32>(in.size());
  UINT32 dst_flags = 0;
  int status = -1;
  if (contexts_->mppc) {
    status = mppc_compress(contexts_->mppc.get(), source.data(), size, &dst, &dst_size, &dst_flags);
  } else if (contexts_->ncrush) {
    status =
        ncrush_compress(contexts_->ncrush.get(), source.data(), size, &dst, &dst_size, &dst_flags);
  } else {
    status =
        xcrush_compress(contexts_->xcrush.get(), source.data(), size, &dst, &dst_size, &dst_flags);
  }
  if (status < 0) return false;
  out->assign(dst, dst + dst_size);
  *flags = static_cast<uint8_t>(dst_flags | type_);
  return true;
}

struct ZgfxOracle::Context {
  Zgfx zgfx{zgfx_context_new(FALSE)};
  BYTE* output = nullptr;
  ~Context() { std::free(output); }
};

ZgfxOracle::ZgfxOracle() {
  Quiet();
  context_ = std::make_unique<Context>();
}
ZgfxOracle::~ZgfxOracle() = default;

bool ZgfxOracle::Inflate(ByteView in, ByteView* out) {
  std::free(context_->output);
  context_->output = nullptr;
  UINT32 size = 0;
  const int status = zgfx_decompress(context_->zgfx.get(), in.data(),
                                     static_cast<UINT32>(in.size()), &context_->output, &size, 0);
  if (status < 0) {
    context_->output = nullptr;
    return false;
  }
  *out = ByteView(context_->output, size);
  return true;
}

}  // namespace mullion::oracle
