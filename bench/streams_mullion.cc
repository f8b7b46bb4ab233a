// Mullion's side of the stream benchmark: what the pipeline does with such bytes, on one thread.
#include "bench/stream_decoder.h"
#include "codecs/bulk/bulk.h"
#include "codecs/bulk/zgfx.h"
#include "codecs/image/avc.h"
#include "codecs/image/avc420.h"
#include "codecs/image/interleaved.h"
#include "codecs/image/nscodec.h"
#include "codecs/image/planar.h"
#include "codecs/image/progressive.h"
#include "codecs/image/remotefx.h"
#include "codecs/wire/rfx.h"

namespace mullion::bench {
namespace {

Rect PlaceOf(const Record& record) { return {record.x, record.y, record.w, record.h}; }

// 64x64 tiles clipped to a region: straight to the frame where the tile is visible as a whole,
// through a scratch tile elsewhere.
class TileTarget {
 public:
  explicit TileTarget(const PixelView& frame) : frame_(frame) {}

  template <typename Decode>
  bool Draw(const Rect& place, std::span<const Rect> region, const Decode& decode) {
    if (Contains(frame_.bounds(), place)) {
      for (const Rect& rect : region) {
        if (Contains(rect, place)) return decode(frame_.Sub(place)).ok();
      }
    }
    const PixelView scratch = {pixels_, 64, 64, 64 * 4, frame_.format};
    if (!decode(scratch).ok()) return false;
    for (const Rect& rect : region) {
      const Rect part = Intersect(Intersect(rect, place), frame_.bounds());
      if (part.empty()) continue;
      CopyPixels(scratch.Sub({part.x - place.x, part.y - place.y, part.w, part.h}),
                 frame_.Sub(part));
    }
    return true;
  }

 private:
  PixelView frame_;
  alignas(64) uint8_t pixels_[64 * 64 * 4];
};

class RemoteFx : public StreamDecoder {
 public:
  void Reset(const Stream&) override { parser_ = RfxParser(); }
  bool Decode(const Stream& stream, const PixelView& frame, Fnv*) override {
    TileTarget target(frame);
    for (const Record& record : stream.records) {
      if (!parser_.Parse(record.payload, &message_).ok()) return false;
      for (const RfxTileSet& set : message_.tile_sets) {
        for (const RfxTile& tile : message_.Tiles(set)) {
          const Rect place = {tile.x_idx * 64, tile.y_idx * 64, 64, 64};
          const auto decode = [&](const PixelView& dst) {
            return DecodeRfxTile(set.entropy, message_.Quants(set), tile, dst);
          };
          if (!target.Draw(place, message_.Region(set), decode)) return false;
        }
      }
    }
    return true;
  }

 private:
  RfxParser parser_;
  RfxMessage message_;
};

class Progressive : public StreamDecoder {
 public:
  void Reset(const Stream& stream) override {
    if (surface_ == nullptr) {
      surface_ = std::make_unique<ProgressiveSurface>(stream.width_px, stream.height_px, &budget_);
    }
    // The memory of the tiles stays, as libfreerdp2's does: first and simple passes forget them.
    context_ = ProgressiveContext();
  }
  bool Decode(const Stream& stream, const PixelView& frame, Fnv*) override {
    TileTarget target(frame);
    for (const Record& record : stream.records) {
      if (!ParseProgressive(record.payload, &context_, &message_).ok()) return false;
      for (const ProgressiveRegion& region : message_.regions) {
        for (const ProgressiveTile& tile : message_.Tiles(region)) {
          const Rect place = {tile.x_idx * 64, tile.y_idx * 64, 64, 64};
          const auto decode = [&](const PixelView& dst) {
            return surface_->DecodeTile(message_, region, tile, dst);
          };
          if (!target.Draw(place, message_.rects, decode)) return false;
        }
      }
    }
    return true;
  }

 private:
  ProgressiveBudget budget_{int64_t{1} << 30};
  std::unique_ptr<ProgressiveSurface> surface_;
  ProgressiveContext context_;
  ProgressiveMessage message_;
};

// Codecs whose records are rectangles that stand alone, bottom-up or not.
template <bool kBottomUp, typename Derived>
class Bitmaps : public StreamDecoder {
 public:
  void Reset(const Stream&) override {}
  bool Decode(const Stream& stream, const PixelView& frame, Fnv*) override {
    for (const Record& record : stream.records) {
      PixelView dst = frame.Sub(PlaceOf(record));
      if (kBottomUp) dst = dst.Flipped();
      if (!static_cast<Derived*>(this)->DecodeOne(stream, record.payload, dst).ok()) return false;
    }
    return true;
  }
};

class NsCodec : public Bitmaps<true, NsCodec> {
 public:
  Status DecodeOne(const Stream&, ByteView in, const PixelView& dst) {
    return DecodeNsCodec(in, &scratch_, dst);
  }

 private:
  NsCodecScratch scratch_;
};

class Planar : public Bitmaps<false, Planar> {
 public:
  Status DecodeOne(const Stream&, ByteView in, const PixelView& dst) {
    return DecodePlanar(in, dst, &scratch_);
  }

 private:
  PlanarScratch scratch_;
};

class Interleaved : public Bitmaps<true, Interleaved> {
 public:
  Status DecodeOne(const Stream& stream, ByteView in, const PixelView& dst) {
    return DecodeInterleaved(in, static_cast<int>(stream.param), nullptr, dst);
  }
};

class Avc420 : public StreamDecoder {
 public:
  void Reset(const Stream& stream) override {
    // Whole macroblocks: at most 15 rows and columns more.
    decoder_ = AvcDecoder(int64_t{stream.width_px + 15} * (stream.height_px + 15));
  }
  bool Decode(const Stream& stream, const PixelView& frame, Fnv*) override {
    const Rect all = frame.bounds();
    for (const Record& record : stream.records) {
      AvcPicture picture;
      if (!decoder_.Decode(record.payload, &picture).ok()) return false;
      DrawAvc420(picture, {&all, 1}, all, frame);
    }
    return true;
  }

 private:
  AvcDecoder decoder_{0};
};

class Bulk : public StreamDecoder {
 public:
  // As a server resets it: PACKET_FLUSHED. The history's memory stays, as the peer's does.
  void Reset(const Stream& stream) override {
    ByteView nothing;
    const auto type = static_cast<uint8_t>(stream.records[0].flags & kBulkTypeMask);
    (void)inflater_.Inflate(kBulkFlushed | type, {}, &nothing);
  }
  bool Decode(const Stream& stream, const PixelView&, Fnv* hash) override {
    for (const Record& record : stream.records) {
      ByteView out = record.payload;
      const bool stored = (record.flags & 0xE0) == 0;
      if (!stored &&
          !inflater_.Inflate(static_cast<uint8_t>(record.flags), record.payload, &out).ok()) {
        return false;
      }
      if (hash != nullptr) hash->Add(out.data(), out.size());
    }
    return true;
  }

 private:
  BulkInflater inflater_;
};

class Zgfx : public StreamDecoder {
 public:
  // Nothing in the stream refers to what was before it, so the history may go on.
  void Reset(const Stream&) override {}
  bool Decode(const Stream& stream, const PixelView&, Fnv* hash) override {
    constexpr size_t kMaxOutput = size_t{64} << 20;
    for (const Record& record : stream.records) {
      ByteView out;
      if (!inflater_.Inflate(record.payload, kMaxOutput, &out).ok()) return false;
      if (hash != nullptr) hash->Add(out.data(), out.size());
    }
    return true;
  }

 private:
  ZgfxInflater inflater_;
};

bool StartsWith(const std::string& text, const char* start) { return text.rfind(start, 0) == 0; }

}  // namespace

bool IsBulk(const Stream& stream) { return stream.width_px == 0 || stream.height_px == 0; }

std::unique_ptr<StreamDecoder> MakeMullionDecoder(const Stream& stream) {
  const std::string& codec = stream.codec;
  if (StartsWith(codec, "rfx_")) return std::make_unique<RemoteFx>();
  if (StartsWith(codec, "prog")) return std::make_unique<Progressive>();
  if (StartsWith(codec, "nsc")) return std::make_unique<NsCodec>();
  if (StartsWith(codec, "planar")) return std::make_unique<Planar>();
  if (StartsWith(codec, "inter")) return std::make_unique<Interleaved>();
  if (codec == "avc420" && AvcDecoder::Available()) return std::make_unique<Avc420>();
  if (StartsWith(codec, "mppc") || codec == "ncrush" || codec == "xcrush") {
    return std::make_unique<Bulk>();
  }
  if (codec == "zgfx") return std::make_unique<Zgfx>();
  return nullptr;
}

}  // namespace mullion::bench
