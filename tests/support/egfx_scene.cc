#include "tests/support/egfx_scene.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>

#include "tests/support/alpha_encoder.h"
#include "tests/support/bitmap_picture.h"
#include "tests/support/clear_encoder.h"
#include "tests/support/egfx_server.h"
#include "tests/support/planar_encoder.h"
#include "tests/support/progressive_encoder.h"
#include "tests/support/rfx_encoder.h"

namespace mullion::test {
namespace {

constexpr uint8_t kFullQuality = ProgressiveTile::kFullQuality;

// What the server knows of a surface.
struct Surface {
  uint16_t id = 0;
  int32_t width = 0, height = 0;
  EgfxPixelFormat format = EgfxPixelFormat::kXrgb;
  bool mapped = false;
  // The progressive context, if one was begun, and how far it is.
  std::optional<ProgressiveEncoder> progressive;
  bool upgrades = false;  // else the plain transform
  int stage = 0;
  uint32_t context_id = 0;
  int last_progressive_frame = -1;

  Rect bounds() const { return {0, 0, width, height}; }
};

struct Size {
  int32_t w = 0, h = 0;
};

class SceneMaker {
 public:
  explicit SceneMaker(const EgfxSceneOptions& options) : options_(options), random_(options.seed) {}

  EgfxScene Make() {
    width_ = Between(32, options_.max_side_px);
    height_ = Between(32, options_.max_side_px);
    EgfxScene scene;
    scene.width_px = static_cast<uint16_t>(width_);
    scene.height_px = static_cast<uint16_t>(height_);
    scene_ = &scene;
    Begin();
    for (frame_ = 1; frame_ <= options_.frames; ++frame_) {
      if (options_.resets && Chance(12)) Reset();
      Frame();
    }
    return scene;
  }

 private:
  int32_t Between(int32_t low, int32_t high) {
    return low + static_cast<int32_t>(random_() % static_cast<uint32_t>(high - low + 1));
  }
  bool Chance(uint32_t one_in) { return random_() % one_in == 0; }
  void Flush() {
    if (!out_.empty()) scene_->messages.push_back(out_.Take());
  }

  // --- surfaces ---

  void Create(int32_t width, int32_t height) {
    Surface surface;
    surface.id = next_id_++;
    surface.width = width;
    surface.height = height;
    if (Chance(2)) surface.format = EgfxPixelFormat::kArgb;
    out_.CreateSurface(surface.id, static_cast<uint16_t>(width), static_cast<uint16_t>(height),
                       surface.format);
    surfaces_.push_back(std::move(surface));
    fresh_.push_back(surfaces_.size() - 1);
  }

  // Columns of mapped surfaces, and some that no one sees.
  void Begin() {
    out_.ResetGraphics(static_cast<uint32_t>(width_), static_cast<uint32_t>(height_));
    const int columns = options_.moves ? 0 : Between(1, 3);
    if (options_.moves) Move(true);
    int32_t x = 0;
    for (int i = 0; i < columns; ++i) {
      const int32_t right = i + 1 == columns ? width_ : width_ * (i + 1) / columns;
      Create(right - x, height_);
      surfaces_.back().mapped = true;
      out_.MapToOutput(surfaces_.back().id, static_cast<uint32_t>(x), 0);
      x = right;
    }
    for (int i = Between(0, 2); i > 0; --i) Create(Between(1, 200), Between(1, 200));
  }

  // The mapped surface of a scene that moves: the first, or a new one in its stead.
  void Move(bool create) {
    if (create) {
      if (!surfaces_.empty()) out_.DeleteSurface(surfaces_[0].id);
      Create(Between(1, options_.max_side_px), Between(1, options_.max_side_px));
      if (surfaces_.size() > 1) {
        surfaces_[0] = std::move(surfaces_.back());
        surfaces_.pop_back();
        fresh_.back() = 0;
      }
      surfaces_[0].mapped = true;
    }
    out_.MapToOutput(surfaces_[0].id, static_cast<uint32_t>(Between(0, width_ - 1)),
                     static_cast<uint32_t>(Between(0, height_ - 1)));
  }

  void Reset() {
    for (const Surface& surface : surfaces_) out_.DeleteSurface(surface.id);
    surfaces_.clear();
    fresh_.clear();
    width_ = Between(32, options_.max_side_px);
    height_ = Between(32, options_.max_side_px);
    Begin();
  }

  void Replace() {
    for (size_t i = 0; i < surfaces_.size(); ++i) {
      if (surfaces_[i].mapped) continue;
      out_.DeleteSurface(surfaces_[i].id);
      surfaces_.erase(surfaces_.begin() + static_cast<ptrdiff_t>(i));
      Create(Between(1, 300), Between(1, 300));
      FillFresh();
      return;
    }
  }

  // --- frames ---

  void Frame() {
    out_.StartFrame(static_cast<uint32_t>(frame_), static_cast<uint32_t>(random_()));
    if (options_.moves && Chance(4)) Move(Chance(3));
    FillFresh();
    for (int i = Between(1, 10); i > 0; --i) {
      Operation();
      if (Chance(4)) Flush();
    }
    out_.EndFrame(static_cast<uint32_t>(frame_));
    Flush();
  }

  void FillFresh() {
    for (const size_t i : fresh_) {
      const Rect whole = surfaces_[i].bounds();
      out_.SolidFill(surfaces_[i].id, Color(), {&whole, 1});
    }
    fresh_.clear();
  }

  void Operation() {
    switch (random_() % (options_.lossy ? 14u : 11u)) {
      case 0:
      case 1:
        return Fill();
      case 2:
        return Copy();
      case 3:
        return Scroll();
      case 4:
        return Keep();
      case 5:
      case 6:
        return Show();
      case 7:
        return Chance(2) ? Replace() : Evict();
      case 8:
        return Chance(3) ? Alpha() : Raw();
      case 9:
        return Planar();
      case 10:
        return Clear();
      case 11:
        return RemoteFx();
      default:
        return Progressive();
    }
  }

  EgfxColor Color() {
    const auto c = static_cast<uint32_t>(random_());
    return {static_cast<uint8_t>(c), static_cast<uint8_t>(c >> 8), static_cast<uint8_t>(c >> 16),
            static_cast<uint8_t>(c >> 24)};
  }
  Surface& Any() { return surfaces_[random_() % surfaces_.size()]; }
  Rect Part(const Surface& surface, int32_t max_side) {
    const int32_t w = Between(1, std::min(max_side, surface.width));
    const int32_t h = Between(1, std::min(max_side, surface.height));
    return {Between(0, surface.width - w), Between(0, surface.height - h), w, h};
  }
  // Places for something of that size; none where it does not fit.
  std::vector<EgfxPoint> Places(const Surface& surface, const Size& size, int count) {
    std::vector<EgfxPoint> points;
    if (size.w > surface.width || size.h > surface.height) return points;
    for (int i = 0; i < count; ++i) {
      points.push_back({static_cast<int16_t>(Between(0, surface.width - size.w)),
                        static_cast<int16_t>(Between(0, surface.height - size.h))});
    }
    return points;
  }

  // --- commands without a codec ---

  void Fill() {
    const Surface& surface = Any();
    std::vector<Rect> rects;
    for (int i = Chance(4) ? Between(50, 300) : Between(0, 5); i > 0; --i) {
      rects.push_back(Part(surface, 60));
    }
    out_.SolidFill(surface.id, Color(), rects);
  }

  void Copy() {
    const Surface& from = Any();
    const Surface& to = Any();
    const Rect source = Part(from, 150);
    const auto points = Places(to, {source.w, source.h}, Between(1, 4));
    if (!points.empty()) out_.SurfaceToSurface(from.id, to.id, source, points);
  }

  // A copy by a few pixels in any direction, over itself.
  void Scroll() {
    const Surface& surface = Any();
    const Rect source = Part(surface, 300);
    const int32_t x = std::clamp(source.x + Between(-5, 5), 0, surface.width - source.w);
    const int32_t y = std::clamp(source.y + Between(-5, 5), 0, surface.height - source.h);
    const EgfxPoint point = {static_cast<int16_t>(x), static_cast<int16_t>(y)};
    out_.SurfaceToSurface(surface.id, surface.id, source, {&point, 1});
  }

  void Keep() {
    constexpr uint16_t kSlots[] = {1, 2, 3, 77, 4096};
    const Surface& surface = Any();
    const uint16_t slot = kSlots[random_() % std::size(kSlots)];
    const Rect source = Part(surface, 120);
    out_.SurfaceToCache(surface.id, uint64_t{random_()} << 32 | random_(), slot, source);
    cache_[slot] = {source.w, source.h};
  }

  void Show() {
    if (cache_.empty()) return Keep();
    const auto entry = std::next(cache_.begin(), static_cast<ptrdiff_t>(random_() % cache_.size()));
    const Surface& surface = Any();
    const auto points = Places(surface, entry->second, Chance(3) ? Between(20, 60) : Between(1, 3));
    if (!points.empty()) out_.CacheToSurface(entry->first, surface.id, points);
  }

  void Evict() {
    if (cache_.empty()) return;
    const auto entry = std::next(cache_.begin(), static_cast<ptrdiff_t>(random_() % cache_.size()));
    out_.EvictCacheEntry(entry->first);
    cache_.erase(entry);
  }

  // --- codecs ---

  // Pixels to send; opaque, as ClearCodec knows no other.
  std::unique_ptr<BitmapPicture> Picture(int32_t width, int32_t height) {
    auto picture = std::make_unique<BitmapPicture>(width, height);
    picture->FillDesktop(static_cast<uint32_t>(random_()));
    for (int32_t y = 0; y < height; ++y) {
      for (int32_t x = 0; x < width; ++x) picture->view().row(y)[x * 4 + 3] = 0xFF;
    }
    return picture;
  }

  void Raw() {
    const Surface& surface = Any();
    const Rect dest = Part(surface, 100);
    const auto picture = Picture(dest.w, dest.h);
    out_.WireToSurface1(surface.id, EgfxCodec::kUncompressed, dest, picture->Packed(),
                        Chance(2) ? EgfxPixelFormat::kArgb : EgfxPixelFormat::kXrgb);
  }

  void Alpha() {
    const Surface& surface = Any();
    const Rect dest = Part(surface, 100);
    Buffer values(static_cast<size_t>(dest.area()));
    const auto one_in = static_cast<uint32_t>(Between(2, 500));
    uint8_t value = 0;
    for (uint8_t& v : values) {
      if (Chance(one_in)) value = static_cast<uint8_t>(random_());
      v = value;
    }
    out_.WireToSurface1(surface.id, EgfxCodec::kAlpha, dest, EncodeAlpha(values, Chance(2)),
                        EgfxPixelFormat::kArgb);
  }

  void Planar() {
    const Surface& surface = Any();
    const Rect dest = Part(surface, 120);
    const auto picture = Picture(dest.w, dest.h);
    const PlanarOptions options = {.rle = Chance(2), .alpha = Chance(2)};
    out_.WireToSurface1(surface.id, EgfxCodec::kPlanar, dest,
                        EncodePlanar(picture->view(), options));
  }

  void Clear() {
    const Surface& surface = Any();
    const bool glyph = Chance(3);
    const Rect dest = Part(surface, glyph ? 30 : 130);
    const auto picture = Picture(dest.w, dest.h);
    ClearPlan plan;
    plan.residual = Chance(2);
    for (int32_t y = 0; y < dest.h; y += 52) {
      if (!Chance(4)) plan.bands.push_back({0, y, dest.w, std::min(52, dest.h - y)});
    }
    for (int i = Between(0, 2); i > 0; --i) {
      const int32_t w = Between(1, dest.w), h = Between(1, dest.h);
      plan.regions.push_back({{Between(0, dest.w - w), Between(0, dest.h - h), w, h},
                              Chance(2) ? ClearSubcodec::kRaw : ClearSubcodec::kRlex});
    }
    if (glyph) plan.glyph_index = Between(0, 3999);
    plan.cache_reset = Chance(10);
    out_.WireToSurface1(surface.id, EgfxCodec::kClear, dest, clear_.Encode(picture->view(), plan));
  }

  void RemoteFx() {
    const Surface& surface = Any();
    const Rect dest = Part(surface, 200);
    const auto picture = Picture(dest.w, dest.h);
    RfxEncoderOptions options;
    options.entropy = Chance(2) ? RfxEntropy::kRlgr3 : RfxEntropy::kRlgr1;
    options.image_mode = Chance(2);
    options.frame_idx = static_cast<uint32_t>(frame_);
    out_.WireToSurface1(surface.id, EgfxCodec::kRemoteFx, dest,
                        EncodeRfxMessage(picture->view(), options));
  }

  void Progressive() {
    Surface& surface = Any();
    if (surface.last_progressive_frame == frame_) return;
    surface.last_progressive_frame = frame_;
    if (surface.progressive && Chance(6)) {
      out_.DeleteEncodingContext(surface.id, surface.context_id);
      surface.progressive.reset();
    }
    if (!surface.progressive) {
      surface.upgrades = !Chance(3);
      ProgressiveEncoderOptions options;
      options.reduce_extrapolate = surface.upgrades;
      options.qualities = TwoQualities();
      surface.progressive.emplace(surface.width, surface.height, options);
      surface.stage = 0;
      surface.context_id = static_cast<uint32_t>(random_() % 1000);
    }
    out_.WireToSurface2(surface.id, surface.context_id, NextPass(&surface));
  }

  // A simple or first pass, or the next upgrade of it.
  Buffer NextPass(Surface* surface) {
    ProgressiveEncoder& encoder = *surface->progressive;
    if (surface->upgrades && surface->stage == 1) {
      surface->stage = 2;
      return encoder.Upgrade(1);
    }
    if (surface->upgrades && surface->stage == 2 && Chance(2)) {
      surface->stage = 3;
      return encoder.Upgrade(kFullQuality);
    }
    const auto picture = Picture(surface->width, surface->height);
    const bool difference = surface->upgrades && surface->stage > 0 && Chance(2);
    const bool simple = Chance(3);
    surface->stage = simple ? 3 : 1;
    return simple ? encoder.Simple(picture->view(), difference)
                  : encoder.First(picture->view(), 0, difference);
  }

  EgfxSceneOptions options_;
  std::mt19937 random_;
  EgfxScene* scene_ = nullptr;
  EgfxMessage out_;
  int32_t width_ = 0, height_ = 0;
  int frame_ = 0;
  uint16_t next_id_ = 1;
  std::vector<Surface> surfaces_;
  std::vector<size_t> fresh_;  // not yet filled
  std::map<uint16_t, Size> cache_;
  ClearEncoder clear_;
};

}  // namespace

EgfxScene MakeEgfxScene(const EgfxSceneOptions& options) { return SceneMaker(options).Make(); }

}  // namespace mullion::test
