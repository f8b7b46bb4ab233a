#include "codecs/image/progressive.h"

#include <cstring>

#include "codecs/image/flat_tile.h"
#include "codecs/image/progressive_upgrade.h"
#include "codecs/image/rlgr.h"
#include "codecs/simd/prefetch_rows.h"
#include "codecs/simd/progressive_tile.h"
#include "codecs/simd/rfx_tile.h"

namespace mullion {

struct ProgressiveTileState {
  struct Plane {
    int16_t before_first[32];  // ProgressiveDrawTile reads the one before a plane
    int16_t coefficients[kRfxPlaneSize];

    // int16_t is the signed counterpart of uint16_t: using one as the other is defined.
    uint16_t* codes() { return reinterpret_cast<uint16_t*>(coefficients); }
  };
  struct Signs {
    int8_t plane[3][kRfxPlaneSize];
  };
  alignas(64) Plane planes[3];
  std::array<ProgressiveQuant, 3> bit_pos;  // low bits that are still missing
  bool valid;                               // there is something to refine
  bool reduce_extrapolate;
  bool only_dc;  // no coefficient but LL3 is other than zero, and LL3's are all the same
  std::unique_ptr<Signs> signs;  // while `difference`
  bool difference;
};

namespace {

using State = ProgressiveTileState;

// 0 .. 14 for every band of every component.
Status Shifts(const ProgressiveMessage& message, const ProgressiveRegion& region,
              const ProgressiveTile& tile, std::array<ProgressiveQuant, 3>* shifts) {
  for (size_t c = 0; c < 3; ++c) {
    (*shifts)[c] = message.Quant(region, tile.quant[c]);
    for (uint8_t& value : (*shifts)[c]) {
      if (value == 0) return Fail(Err::kMalformed, "RFX_COMPONENT_CODEC_QUANT value");
      --value;
    }
  }
  return Ok();
}

struct Codes {
  alignas(64) uint16_t plane[3][kRfxPlaneSize];
};
Status DecodeCodes(const ProgressiveTile& tile, Codes* codes) {
  std::memset(codes, 0, sizeof(*codes));
  return DecodeRlgrTile(RfxEntropy::kRlgr1, {tile.data[0], tile.data[1], tile.data[2]},
                        {codes->plane[0], codes->plane[1], codes->plane[2]});
}

// A whole tile: nothing of what was there stays.
Status DecodeOriginal(const ProgressiveTile& tile, const ProgressiveQuality& quality,
                      const int* band_start, State* state) {
  Codes codes;
  MULLION_TRY(DecodeCodes(tile, &codes));
  state->only_dc = true;
  for (size_t c = 0; c < 3; ++c) {
    state->only_dc = state->only_dc && HasOnlyDc(codes.plane[c], band_start[kLl3]);
    ProgressiveUnfold(band_start, quality.bit_pos[c].data(), codes.plane[c],
                      state->planes[c].codes());
  }
  return Ok();
}

// What differs from the tile before, and where it does.
Status DecodeDifference(const ProgressiveTile& tile, const ProgressiveQuality& quality,
                        const int* band_start, State* state) {
  Codes all_codes;
  MULLION_TRY(DecodeCodes(tile, &all_codes));
  alignas(64) uint16_t difference[kRfxPlaneSize];
  for (size_t c = 0; c < 3; ++c) {
    const uint16_t* const codes = all_codes.plane[c];
    if (state->signs != nullptr) {
      for (size_t i = 0; i < kRfxPlaneSize; ++i) {
        const int sign = (codes[i] & 1) != 0 ? -1 : 1;
        state->signs->plane[c][i] = static_cast<int8_t>(codes[i] == 0 ? 0 : sign);
      }
    }
    ProgressiveUnfold(band_start, quality.bit_pos[c].data(), codes, difference);
    uint16_t* const sum = state->planes[c].codes();
    for (size_t i = 0; i < kRfxPlaneSize; ++i)
      sum[i] = static_cast<uint16_t>(sum[i] + difference[i]);
  }
  return Ok();
}

Status DecodeUpgrade(const ProgressiveTile& tile, const ProgressiveQuality& quality,
                     const int* band_start, State* state) {
  for (size_t c = 0; c < 3; ++c) {
    for (size_t band = 0; band < kProgressiveBands; ++band) {
      if (quality.bit_pos[c][band] > state->bit_pos[c][band]) {
        return Fail(Err::kMalformed, "RFX_PROGRESSIVE_CODEC_QUANT grows");
      }
    }
    const ProgressiveUpgrade upgrade = {band_start, state->bit_pos[c], quality.bit_pos[c],
                                        tile.data[c], tile.raw[c]};
    int8_t* const sign = state->difference ? state->signs->plane[c] : nullptr;
    MULLION_TRY(UpgradeProgressive(upgrade, state->planes[c].coefficients, sign));
  }
  return Ok();
}

bool IsFinal(const ProgressiveQuality& quality) {
  static constexpr ProgressiveQuality kNothingMissing;
  return quality.bit_pos == kNothingMissing.bit_pos;
}

// Draws a tile of one colour; false if it is none, and then nothing was done.
bool DrawFlat(const State& state, const std::array<ProgressiveQuant, 3>& shifts,
              const PixelView& dst) {
  if (!state.only_dc) return false;
  const int dc = ProgressiveBandStart(state.reduce_extrapolate)[kLl3];
  int16_t samples[3];
  for (size_t c = 0; c < 3; ++c) {
    const auto stored = static_cast<uint16_t>(state.planes[c].coefficients[dc]);
    samples[c] = static_cast<int16_t>(static_cast<uint16_t>(unsigned{stored} << shifts[c][kLl3]));
    if (!StaysFlat(samples[c])) return false;
  }
  FillTile(samples[0], samples[1], samples[2], dst);
  return true;
}

void Draw(const State& state, const std::array<ProgressiveQuant, 3>& shifts, const PixelView& dst) {
  if (DrawFlat(state, shifts, dst)) return;
  if (state.reduce_extrapolate) {
    ProgressiveDrawTile(
        {{state.planes[0].coefficients, state.planes[1].coefficients, state.planes[2].coefficients},
         {shifts[0].data(), shifts[1].data(), shifts[2].data()}},
        dst);
    return;
  }
  alignas(64) int16_t planes[3][kRfxPlaneSize];
  for (size_t c = 0; c < 3; ++c) {
    ProgressiveDequantize(kRfxBandStart, shifts[c].data(), state.planes[c].coefficients, planes[c]);
  }
  RfxDrawTile(planes[0], planes[1], planes[2], dst);
}

}  // namespace

ProgressiveSurface::ProgressiveSurface(int32_t width_px, int32_t height_px,
                                       ProgressiveBudget* budget)
    : grid_width_((static_cast<uint32_t>(width_px) + 63) / 64),
      grid_height_((static_cast<uint32_t>(height_px) + 63) / 64),
      budget_(budget),
      tiles_(size_t{grid_width_} * grid_height_) {}

ProgressiveSurface::~ProgressiveSurface() { Reset(); }

void ProgressiveSurface::Reset() {
  for (auto& tile : tiles_) tile.reset();
  GiveBack(taken_bytes_.load(std::memory_order_relaxed));
}

Status ProgressiveSurface::Take(int64_t bytes) {
  if (budget_->bytes_left.fetch_sub(bytes, std::memory_order_relaxed) < bytes) {
    budget_->bytes_left.fetch_add(bytes, std::memory_order_relaxed);
    return Fail(Err::kLimit, "progressive tile state");
  }
  taken_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  return Ok();
}

void ProgressiveSurface::GiveBack(int64_t bytes) {
  taken_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  budget_->bytes_left.fetch_add(bytes, std::memory_order_relaxed);
}

Status ProgressiveSurface::Allocate(std::unique_ptr<ProgressiveTileState>* slot) {
  if (*slot != nullptr) return Ok();
  MULLION_TRY(Take(sizeof(State)));
  *slot = std::make_unique_for_overwrite<State>();
  (*slot)->valid = false;
  (*slot)->difference = false;
  for (State::Plane& plane : (*slot)->planes) plane.before_first[31] = 0;
  return Ok();
}

Status ProgressiveSurface::Decode(const ProgressiveMessage& message,
                                  const ProgressiveRegion& region, const ProgressiveTile& tile,
                                  ProgressiveTileState* state) {
  const ProgressiveQuality& quality = message.Quality(region, tile.quality);
  const int* const band_start = ProgressiveBandStart(region.reduce_extrapolate);
  const bool was_valid = state->valid;
  state->valid = false;  // until this pass has succeeded
  const bool refines = tile.kind == ProgressiveKind::kUpgrade || tile.difference;
  if (refines && (!was_valid || state->reduce_extrapolate != region.reduce_extrapolate)) {
    return Fail(Err::kState, "progressive tile");
  }
  if (tile.kind == ProgressiveKind::kUpgrade) {
    state->only_dc = false;
    MULLION_TRY(DecodeUpgrade(tile, quality, band_start, state));
    state->difference = state->difference && !IsFinal(quality);
  } else if (tile.difference) {
    if (!IsFinal(quality) && state->signs == nullptr) {
      MULLION_TRY(Take(sizeof(State::Signs)));
      state->signs = std::make_unique_for_overwrite<State::Signs>();
    }
    state->only_dc = false;
    MULLION_TRY(DecodeDifference(tile, quality, band_start, state));
    state->difference = !IsFinal(quality);
  } else {
    MULLION_TRY(DecodeOriginal(tile, quality, band_start, state));
    state->difference = false;
  }
  if (!state->difference && state->signs != nullptr) {
    state->signs.reset();
    GiveBack(sizeof(State::Signs));
  }
  state->bit_pos = quality.bit_pos;
  state->reduce_extrapolate = region.reduce_extrapolate;
  state->valid = true;
  return Ok();
}

Status ProgressiveSurface::DecodeTile(const ProgressiveMessage& message,
                                      const ProgressiveRegion& region, const ProgressiveTile& tile,
                                      const PixelView& dst) {
  if (dst.width_px != kProgressiveTilePx || dst.height_px != kProgressiveTilePx) {
    return Fail(Err::kInternal, "progressive tile destination");
  }
  return DecodeTileTo(message, region, tile, &dst);
}

Status ProgressiveSurface::DecodeHiddenTile(const ProgressiveMessage& message,
                                            const ProgressiveRegion& region,
                                            const ProgressiveTile& tile) {
  return DecodeTileTo(message, region, tile, nullptr);
}

Status ProgressiveSurface::DecodeTileTo(const ProgressiveMessage& message,
                                        const ProgressiveRegion& region,
                                        const ProgressiveTile& tile, const PixelView* dst) {
  if (tile.x_idx >= grid_width_ || tile.y_idx >= grid_height_) {
    return Fail(Err::kMalformed, "xIdx, yIdx");
  }
  // The rows to write arrive while the entropy decoder works.
  if (dst != nullptr) PrefetchRows(*dst, 0, 1);
  auto& slot = tiles_[size_t{tile.y_idx} * grid_width_ + tile.x_idx];
  std::array<ProgressiveQuant, 3> shifts;
  const Status quant = Shifts(message, region, tile, &shifts);
  if (!quant.ok()) {
    if (slot != nullptr) slot->valid = false;
    return quant;
  }
  // Nothing can refer to a simple tile without sub-band differences: it needs no state.
  const bool passing =
      tile.kind == ProgressiveKind::kSimple && !tile.difference && !region.subband_diffing;
  if (passing) {
    if (slot != nullptr) slot->valid = false;
    if (dst == nullptr) return Ok();
    State state;
    state.valid = false;
    for (State::Plane& plane : state.planes) plane.before_first[31] = 0;
    MULLION_TRY(Decode(message, region, tile, &state));
    Draw(state, shifts, *dst);
    return Ok();
  }
  if (slot == nullptr && (tile.kind == ProgressiveKind::kUpgrade || tile.difference)) {
    return Fail(Err::kState, "progressive tile");
  }
  MULLION_TRY(Allocate(&slot));
  MULLION_TRY(Decode(message, region, tile, slot.get()));
  if (dst != nullptr) Draw(*slot, shifts, *dst);
  return Ok();
}

}  // namespace mullion
