// libfreerdp2's side of the stream benchmark.
#include "bench/stream_decoder.h"

#ifdef MULLION_HAVE_ORACLE

#include <freerdp/codec/bulk.h>
#include <freerdp/codec/color.h>
#include <freerdp/codec/h264.h>
#include <freerdp/codec/interleaved.h>
#include <freerdp/codec/mppc.h>
#include <freerdp/codec/ncrush.h>
#include <freerdp/codec/nsc.h>
#include <freerdp/codec/planar.h>
#include <freerdp/codec/progressive.h>
#include <freerdp/codec/region.h>
#include <freerdp/codec/rfx.h>
#include <freerdp/codec/xcrush.h>
#include <freerdp/codec/zgfx.h>

#include <cstdlib>

namespace mullion::bench {
namespace {

template <typename Context, auto kFree>
struct Owner {
  void operator()(Context* context) const { kFree(context); }
};
template <typename Context, auto kFree>
using Owned = std::unique_ptr<Context, Owner<Context, kFree>>;

uint32_t U32(int32_t value) { return static_cast<uint32_t>(value); }
uint32_t Size(ByteView view) { return static_cast<uint32_t>(view.size()); }
uint32_t Stride(const PixelView& frame) { return static_cast<uint32_t>(frame.stride_bytes); }

class RemoteFx : public StreamDecoder {
 public:
  void Reset(const Stream& stream) override {
    rfx_.reset(rfx_context_new(FALSE));
    rfx_context_reset(rfx_.get(), U32(stream.width_px), U32(stream.height_px));
    rfx_context_set_pixel_format(rfx_.get(), PIXEL_FORMAT_BGRX32);
  }
  bool Decode(const Stream& stream, const PixelView& frame, Fnv*) override {
    for (const Record& r : stream.records) {
      REGION16 region;
      region16_init(&region);
      const bool ok = rfx_process_message(rfx_.get(), r.payload.data(), Size(r.payload), U32(r.x),
                                          U32(r.y), frame.data, PIXEL_FORMAT_BGRX32, Stride(frame),
                                          U32(frame.height_px), &region) != FALSE;
      region16_uninit(&region);
      if (!ok) return false;
    }
    return true;
  }

 private:
  Owned<RFX_CONTEXT, rfx_context_free> rfx_;
};

class Progressive : public StreamDecoder {
 public:
  Progressive() : context_(progressive_context_new(FALSE)) {}
  void Reset(const Stream& stream) override {
    progressive_delete_surface_context(context_.get(), 1);
    progressive_create_surface_context(context_.get(), 1, U32(stream.width_px),
                                       U32(stream.height_px));
  }
  bool Decode(const Stream& stream, const PixelView& frame, Fnv*) override {
    for (uint32_t i = 0; i < stream.records.size(); ++i) {
      const Record& r = stream.records[i];
      REGION16 region;
      region16_init(&region);
      const bool ok = progressive_decompress_ex(context_.get(), r.payload.data(), Size(r.payload),
                                                frame.data, PIXEL_FORMAT_BGRX32, Stride(frame),
                                                U32(r.x), U32(r.y), &region, 1, i) >= 0;
      region16_uninit(&region);
      if (!ok) return false;
    }
    return true;
  }

 private:
  Owned<PROGRESSIVE_CONTEXT, progressive_context_free> context_;
};

class NsCodec : public StreamDecoder {
 public:
  NsCodec() : nsc_(nsc_context_new()) {}
  void Reset(const Stream& stream) override {
    nsc_context_reset(nsc_.get(), U32(stream.width_px), U32(stream.height_px));
  }
  bool Decode(const Stream& stream, const PixelView& frame, Fnv*) override {
    for (const Record& r : stream.records) {
      if (!nsc_process_message(nsc_.get(), 32, U32(r.w), U32(r.h), r.payload.data(),
                               Size(r.payload), frame.data, PIXEL_FORMAT_BGRX32, Stride(frame),
                               U32(r.x), U32(r.y), U32(r.w), U32(r.h), FREERDP_FLIP_VERTICAL)) {
        return false;
      }
    }
    return true;
  }

 private:
  Owned<NSC_CONTEXT, nsc_context_free> nsc_;
};

class Planar : public StreamDecoder {
 public:
  explicit Planar(const Stream& stream)
      : planar_(freerdp_bitmap_planar_context_new(0, U32(stream.width_px), U32(stream.height_px))) {
  }
  void Reset(const Stream& stream) override {
    freerdp_bitmap_planar_context_reset(planar_.get(), U32(stream.width_px), U32(stream.height_px));
  }
  bool Decode(const Stream& stream, const PixelView& frame, Fnv*) override {
    for (const Record& r : stream.records) {
      if (!planar_decompress(planar_.get(), r.payload.data(), Size(r.payload), U32(r.w), U32(r.h),
                             frame.data, PIXEL_FORMAT_BGRX32, Stride(frame), U32(r.x), U32(r.y),
                             U32(r.w), U32(r.h), FALSE)) {
        return false;
      }
    }
    return true;
  }

 private:
  Owned<BITMAP_PLANAR_CONTEXT, freerdp_bitmap_planar_context_free> planar_;
};

class Interleaved : public StreamDecoder {
 public:
  Interleaved() : interleaved_(bitmap_interleaved_context_new(FALSE)) {}
  void Reset(const Stream&) override { bitmap_interleaved_context_reset(interleaved_.get()); }
  bool Decode(const Stream& stream, const PixelView& frame, Fnv*) override {
    for (const Record& r : stream.records) {
      if (!interleaved_decompress(interleaved_.get(), r.payload.data(), Size(r.payload), U32(r.w),
                                  U32(r.h), stream.param, frame.data, PIXEL_FORMAT_BGRX32,
                                  Stride(frame), U32(r.x), U32(r.y), U32(r.w), U32(r.h), nullptr)) {
        return false;
      }
    }
    return true;
  }

 private:
  Owned<BITMAP_INTERLEAVED_CONTEXT, bitmap_interleaved_context_free> interleaved_;
};

class Avc420 : public StreamDecoder {
 public:
  void Reset(const Stream& stream) override {
    h264_.reset(h264_context_new(FALSE));
    if (h264_ != nullptr) {
      h264_context_reset(h264_.get(), U32(stream.width_px), U32(stream.height_px));
    }
  }
  bool Decode(const Stream& stream, const PixelView& frame, Fnv*) override {
    if (h264_ == nullptr) return false;
    for (const Record& r : stream.records) {
      RECTANGLE_16 rect = {0, 0, static_cast<uint16_t>(stream.width_px),
                           static_cast<uint16_t>(stream.height_px)};
      if (avc420_decompress(h264_.get(), r.payload.data(), Size(r.payload), frame.data,
                            PIXEL_FORMAT_BGRX32, Stride(frame), U32(stream.width_px),
                            U32(stream.height_px), &rect, 1) < 0) {
        return false;
      }
    }
    return true;
  }

 private:
  Owned<H264_CONTEXT, h264_context_free> h264_;
};

// One packet of a bulk type; `output` stays valid until the next one. The peer's packets are not
// const, so every packet is decoded from a copy, made outside of the timing by Reset().
class BulkBase : public StreamDecoder {
 public:
  void Reset(const Stream& stream) override {
    copies_.clear();
    for (const Record& r : stream.records) {
      copies_.emplace_back(r.payload.begin(), r.payload.end());
    }
    ResetContext();
  }
  bool Decode(const Stream& stream, const PixelView&, Fnv* hash) override {
    for (size_t i = 0; i < stream.records.size(); ++i) {
      BYTE* output = copies_[i].data();
      UINT32 size = static_cast<UINT32>(copies_[i].size());
      if (!Inflate(copies_[i].data(), size, stream.records[i].flags, &output, &size)) return false;
      if (hash != nullptr) hash->Add(output, size);
      Release(output);
    }
    return true;
  }

 protected:
  virtual void ResetContext() = 0;
  virtual bool Inflate(BYTE* in, UINT32 in_size, UINT32 flags, BYTE** out, UINT32* out_size) = 0;
  virtual void Release(BYTE*) {}

 private:
  std::vector<std::vector<uint8_t>> copies_;
};

bool IsStored(UINT32 flags) { return (flags & 0xE0) == 0; }

class Mppc : public BulkBase {
 public:
  explicit Mppc(DWORD level) : mppc_(mppc_context_new(level, FALSE)) {}

 protected:
  void ResetContext() override { mppc_context_reset(mppc_.get(), FALSE); }
  bool Inflate(BYTE* in, UINT32 in_size, UINT32 flags, BYTE** out, UINT32* out_size) override {
    return IsStored(flags) || mppc_decompress(mppc_.get(), in, in_size, out, out_size, flags) >= 0;
  }

 private:
  Owned<MPPC_CONTEXT, mppc_context_free> mppc_;
};

class Ncrush : public BulkBase {
 public:
  Ncrush() : ncrush_(ncrush_context_new(FALSE)) {}

 protected:
  void ResetContext() override { ncrush_context_reset(ncrush_.get(), FALSE); }
  bool Inflate(BYTE* in, UINT32 in_size, UINT32 flags, BYTE** out, UINT32* out_size) override {
    return IsStored(flags) ||
           ncrush_decompress(ncrush_.get(), in, in_size, out, out_size, flags) >= 0;
  }

 private:
  Owned<NCRUSH_CONTEXT, ncrush_context_free> ncrush_;
};

class Xcrush : public BulkBase {
 public:
  Xcrush() : xcrush_(xcrush_context_new(FALSE)) {}

 protected:
  void ResetContext() override { xcrush_context_reset(xcrush_.get(), FALSE); }
  bool Inflate(BYTE* in, UINT32 in_size, UINT32 flags, BYTE** out, UINT32* out_size) override {
    return IsStored(flags) ||
           xcrush_decompress(xcrush_.get(), in, in_size, out, out_size, flags) >= 0;
  }

 private:
  Owned<XCRUSH_CONTEXT, xcrush_context_free> xcrush_;
};

class Zgfx : public BulkBase {
 public:
  Zgfx() : zgfx_(zgfx_context_new(FALSE)) {}

 protected:
  void ResetContext() override { zgfx_context_reset(zgfx_.get(), FALSE); }
  bool Inflate(BYTE* in, UINT32 in_size, UINT32 flags, BYTE** out, UINT32* out_size) override {
    return zgfx_decompress(zgfx_.get(), in, in_size, out, out_size, flags) >= 0;
  }
  void Release(BYTE* output) override { std::free(output); }

 private:
  Owned<ZGFX_CONTEXT, zgfx_context_free> zgfx_;
};

bool StartsWith(const std::string& text, const char* start) { return text.rfind(start, 0) == 0; }

}  // namespace

std::unique_ptr<StreamDecoder> MakePeerDecoder(const Stream& stream) {
  const std::string& codec = stream.codec;
  if (StartsWith(codec, "rfx_")) return std::make_unique<RemoteFx>();
  if (StartsWith(codec, "prog")) return std::make_unique<Progressive>();
  if (StartsWith(codec, "nsc")) return std::make_unique<NsCodec>();
  if (StartsWith(codec, "planar")) return std::make_unique<Planar>(stream);
  if (StartsWith(codec, "inter")) return std::make_unique<Interleaved>();
  if (codec == "avc420") return std::make_unique<Avc420>();
  if (codec == "mppc8k") return std::make_unique<Mppc>(PACKET_COMPR_TYPE_8K);
  if (codec == "mppc64k") return std::make_unique<Mppc>(PACKET_COMPR_TYPE_64K);
  if (codec == "ncrush") return std::make_unique<Ncrush>();
  if (codec == "xcrush") return std::make_unique<Xcrush>();
  if (codec == "zgfx") return std::make_unique<Zgfx>();
  return nullptr;
}

}  // namespace mullion::bench

#else

namespace mullion::bench {
std::unique_ptr<StreamDecoder> MakePeerDecoder(const Stream&) { return nullptr; }
}  // namespace mullion::bench

#endif
