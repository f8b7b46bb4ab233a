#include "bench/plain_player.h"

#include "codecs/bulk/bulk.h"
#include "codecs/image/blit.h"
#include "codecs/image/interleaved.h"
#include "codecs/image/nscodec.h"
#include "codecs/image/planar.h"
#include "codecs/image/raw_bitmap.h"
#include "codecs/image/remotefx.h"
#include "codecs/wire/bitmap.h"
#include "codecs/wire/fastpath.h"
#include "codecs/wire/rfx.h"
#include "codecs/wire/share.h"
#include "codecs/wire/surface.h"
#include "engine/metrics.h"
#include "io/connect/follow.h"

namespace mullion::bench {
namespace {

constexpr int32_t kTilePx = 64;
constexpr size_t kMaxUpdateBytes = size_t{64} << 20;

}  // namespace

class PlainPlayer::Run {
 public:
  explicit Run(PlainPlayer* player) : player_(*player) {}

  bool Take(const Pdu& pdu) {
    if (!follower_.Feed(pdu.to_server, pdu.kind, pdu.bytes.view()).ok()) return true;
    for (const FollowEvent& event : follower_.events()) {
      if (event.to_server) continue;
      if (event.kind == FollowKind::kActivated) SetDesktop();
      if (event.kind == FollowKind::kFastPath && !FastPath(event.payload)) return false;
      if (event.kind == FollowKind::kShareData && !ShareData(event)) return false;
    }
    return true;
  }

  bool drew() const { return drew_; }

 private:
  void SetDesktop() {
    const int32_t width = follower_.facts().desktop_width;
    const int32_t height = follower_.facts().desktop_height;
    PixelView& frame = player_.frame_;
    if (frame.width_px == width && frame.height_px == height) return;
    player_.pixels_ = AllocatePixels(static_cast<size_t>(width) * static_cast<size_t>(height) * 4);
    frame = {player_.pixels_.get(), width, height, ptrdiff_t{width} * 4, PixelFormat::kBgrx32};
    FillPixels(frame, kBlack);
  }

  bool Inflate(uint8_t flags, ByteView in, ByteView* out) {
    *out = in;
    return flags == 0 || bulk_.Inflate(flags, in, out).ok();
  }

  bool FastPath(ByteView pdu) {
    FastPathOutput output;
    if (!ParseFastPathOutput(pdu, &output).ok()) return false;
    FastPathUpdates updates(output.updates);
    FastPathUpdate update;
    while (updates.Next(&update)) {
      ByteView data, whole;
      bool complete = false;
      if (!Inflate(update.compression_flags, update.data, &data)) return false;
      if (!fragments_.Add(update.code, update.fragmentation, data, &whole, &complete).ok()) {
        return false;
      }
      if (complete && !Update(update.code, whole)) return false;
    }
    return updates.status().ok();
  }

  bool ShareData(const FollowEvent& event) {
    ByteView body;
    if (!Inflate(event.compressed_type, event.payload, &body)) return false;
    if (event.type2 != static_cast<uint8_t>(mullion::ShareData::kUpdate)) return true;
    uint16_t type = 0;
    return ParseUpdateType(body, &type).ok() && Update(static_cast<uint8_t>(type), body);
  }

  bool Update(uint8_t code, ByteView data) {
    if (code == static_cast<uint8_t>(FastPathCode::kBitmap)) return Bitmaps(data);
    if (code == static_cast<uint8_t>(FastPathCode::kSurfaceCommands)) return Surfaces(data);
    return true;
  }

  template <typename Decode>
  bool Timed(const Decode& decode) {
    if (!player_.timed_) return decode();
    const uint64_t begin = NowNs();
    const bool good = decode();
    player_.decode_ns_ += NowNs() - begin;
    return good;
  }

  // Decodes aside and copies what is to be seen, as for any picture larger than its place.
  template <typename Decode>
  bool Draw(const Rect& dest, int32_t width, int32_t height, const Decode& decode) {
    const Rect visible = Intersect(dest, player_.frame_.bounds());
    drew_ = true;
    if (visible.empty()) return true;
    return Timed([&] {
      if (visible.w == width && visible.h == height) return decode(player_.frame_.Sub(visible));
      aside_.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * 4);
      const PixelView view{aside_.data(), width, height, ptrdiff_t{width} * 4,
                           PixelFormat::kBgrx32};
      if (!decode(view)) return false;
      CopyPixels(view.Sub({0, 0, std::min(visible.w, width), std::min(visible.h, height)}),
                 player_.frame_.Sub(visible));
      return true;
    });
  }

  bool Bitmaps(ByteView body) {
    BitmapRects rects(body);
    BitmapRect rect;
    while (rects.Next(&rect)) {
      const auto bpp = static_cast<uint8_t>(rect.bits_per_pixel);
      const bool good = Draw(rect.dest, rect.width_px, rect.height_px, [&](const PixelView& view) {
        if (!rect.compressed()) {
          return DecodeRawBitmap(rect.data, bpp, nullptr, view.Flipped(),
                                 PaddedBitmapRowBytes(rect.width_px, bpp))
              .ok();
        }
        return bpp == 32 ? DecodePlanar(rect.data, view.Flipped(), &planar_).ok()
                         : DecodeInterleaved(rect.data, bpp, nullptr, view.Flipped()).ok();
      });
      if (!good) return false;
    }
    return rects.status().ok();
  }

  bool Surfaces(ByteView data) {
    SurfaceCommands commands(data);
    SurfaceCommand command;
    while (commands.Next(&command)) {
      if (command.cmd != SurfaceCmd::kFrameMarker && !Surface(command.bits)) return false;
    }
    return commands.status().ok();
  }

  bool Surface(const SurfaceBits& bits) {
    const BitmapCodec codec =
        bits.codec_id == 0 ? BitmapCodec::kNone : follower_.facts().codecs[bits.codec_id];
    const Rect dest{bits.dest.x, bits.dest.y, bits.width_px, bits.height_px};
    switch (codec) {
      case BitmapCodec::kNone:
        return Draw(dest, bits.width_px, bits.height_px, [&](const PixelView& view) {
          return DecodeRawBitmap(bits.data, bits.bits_per_pixel, nullptr, view.Flipped(),
                                 BitmapRowBytes(bits.width_px, bits.bits_per_pixel))
              .ok();
        });
      case BitmapCodec::kNsCodec:
        return Draw(dest, bits.width_px, bits.height_px, [&](const PixelView& view) {
          return DecodeNsCodec(bits.data, &nscodec_, view.Flipped()).ok();
        });
      case BitmapCodec::kRemoteFx:
      case BitmapCodec::kImageRemoteFx:
        return Tiles(bits);
      default:
        return false;
    }
  }

  bool Tiles(const SurfaceBits& bits) {
    drew_ = true;
    if (!rfx_.Parse(bits.data, &message_).ok()) return false;
    for (const RfxTileSet& set : message_.tile_sets) {
      for (const RfxTile& tile : message_.Tiles(set)) {
        if (!Timed([&] { return Tile(bits, set, tile); })) return false;
      }
    }
    return true;
  }

  bool Tile(const SurfaceBits& bits, const RfxTileSet& set, const RfxTile& tile) {
    const PixelView& frame = player_.frame_;
    const Rect place{bits.dest.x + tile.x_idx * kTilePx, bits.dest.y + tile.y_idx * kTilePx,
                     kTilePx, kTilePx};
    const auto in_desktop = [&](const Rect& rect) {
      return Intersect({bits.dest.x + rect.x, bits.dest.y + rect.y, rect.w, rect.h},
                       frame.bounds());
    };
    for (const Rect& rect : message_.Region(set)) {
      if (Intersect(in_desktop(rect), place) == place) {
        return DecodeRfxTile(set.entropy, message_.Quants(set), tile, frame.Sub(place)).ok();
      }
    }
    const PixelView view{tile_, kTilePx, kTilePx, kTilePx * 4, frame.format};
    if (!DecodeRfxTile(set.entropy, message_.Quants(set), tile, view).ok()) return false;
    for (const Rect& rect : message_.Region(set)) {
      const Rect part = Intersect(in_desktop(rect), place);
      if (part.empty()) continue;
      CopyPixels(view.Sub({part.x - place.x, part.y - place.y, part.w, part.h}), frame.Sub(part));
    }
    return true;
  }

  PlainPlayer& player_;
  bool drew_ = false;
  SessionFollower follower_;
  BulkInflater bulk_;
  FragmentAssembler fragments_{kMaxUpdateBytes};
  RfxParser rfx_;
  RfxMessage message_;
  PlanarScratch planar_;
  NsCodecScratch nscodec_;
  std::vector<uint8_t> aside_;
  alignas(64) uint8_t tile_[kTilePx * kTilePx * 4];
};

PlainPlayer::PlainPlayer(const SessionScript& script) : script_(script) {
  Framer framers[2];
  for (const ScriptStep& step : script_.steps) {
    Framer& framer = framers[step.to_server ? 1 : 0];
    framer.Push(Bytes::Copy(script_.BytesOf(step)));
    for (;;) {
      Pdu pdu;
      pdu.to_server = step.to_server;
      bool got = false;
      if (!framer.Next(&pdu.bytes, &pdu.kind, &got).ok() || !got) break;
      pdus_.push_back(std::move(pdu));
    }
  }
}

bool PlainPlayer::Play() {
  frame_ = PixelView();
  pixels_.reset();
  decode_ns_ = 0;
  const auto run = std::make_unique<Run>(this);
  for (const Pdu& pdu : pdus_) {
    if (!run->Take(pdu)) return false;
  }
  return run->drew();
}

uint64_t HashPicture(const uint8_t* data, int32_t width_px, int32_t height_px,
                     int64_t stride_bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (int32_t y = 0; y < height_px; ++y) {
    const uint8_t* row = data + y * stride_bytes;
    for (int32_t x = 0; x < width_px; ++x, row += 4) {
      for (int c = 0; c < 3; ++c) hash = (hash ^ row[c]) * 0x100000001b3;
    }
  }
  return hash;
}

uint64_t PlainPlayer::Hash() const {
  return HashPicture(frame_.data, frame_.width_px, frame_.height_px, frame_.stride_bytes);
}

}  // namespace mullion::bench
