#include "codecs/image/progressive.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "codecs/image/flat_tile.h"
#include "codecs/image/progressive_state.h"
#include "codecs/image/progressive_upgrade.h"
#include "codecs/image/rlgr.h"
#include "codecs/simd/prefetch_rows.h"
#include "codecs/simd/progressive_tile.h"
#include "codecs/simd/rfx_tile.h"

namespace mullion {

// In memory of the source. What follows is the packed state.
struct alignas(8) ProgressiveSurface::Block {
  uint32_t bytes;  // all of it
  uint32_t size_class;

  uint8_t* packed() { return reinterpret_cast<uint8_t*>(this + 1); }
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
    if (state->difference) {
      for (size_t i = 0; i < kRfxPlaneSize; ++i) {
        const int sign = (codes[i] & 1) != 0 ? -1 : 1;
        state->signs[c][i] = static_cast<int8_t>(codes[i] == 0 ? 0 : sign);
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
    int8_t* const sign = state->difference ? state->signs[c] : nullptr;
    MULLION_TRY(UpgradeProgressive(upgrade, state->planes[c].coefficients, sign));
  }
  return Ok();
}

bool IsFinal(const ProgressiveQuality& quality) {
  static constexpr ProgressiveQuality kNothingMissing;
  return quality.bit_pos == kNothingMissing.bit_pos;
}

// Whether `only_dc` may be said of it.
bool HasOneColour(const State& state, const int* band_start) {
  for (const State::Plane& plane : state.planes) {
    const int16_t* const ll = plane.coefficients + band_start[kLl3];
    const int16_t* const end = plane.coefficients + kRfxPlaneSize;
    if (!AllZero(plane.coefficients, ll)) return false;
    if (!std::all_of(ll, end, [ll](int16_t value) { return value == *ll; })) return false;
  }
  return true;
}

Status DecodePass(const ProgressiveMessage& message, const ProgressiveRegion& region,
                  const ProgressiveTile& tile, State* state) {
  const ProgressiveQuality& quality = message.Quality(region, tile.quality);
  const int* const band_start = ProgressiveBandStart(region.reduce_extrapolate);
  if (tile.kind == ProgressiveKind::kUpgrade) {
    MULLION_TRY(DecodeUpgrade(tile, quality, band_start, state));
    state->difference = state->difference && !IsFinal(quality);
    state->only_dc = HasOneColour(*state, band_start);
  } else if (tile.difference) {
    state->difference = !IsFinal(quality);
    MULLION_TRY(DecodeDifference(tile, quality, band_start, state));
    state->only_dc = HasOneColour(*state, band_start);
  } else {
    state->difference = false;
    MULLION_TRY(DecodeOriginal(tile, quality, band_start, state));
  }
  state->bit_pos = quality.bit_pos;
  state->reduce_extrapolate = region.reduce_extrapolate;
  return Ok();
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
                                       ProgressiveBudget* budget, BytesSource* source)
    : grid_width_((static_cast<uint32_t>(width_px) + 63) / 64),
      grid_height_((static_cast<uint32_t>(height_px) + 63) / 64),
      budget_(budget),
      source_(source),
      tiles_(size_t{grid_width_} * grid_height_) {}

ProgressiveSurface::~ProgressiveSurface() { Reset(); }

void ProgressiveSurface::Reset() {
  for (Block*& tile : tiles_) Drop(&tile);
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

void ProgressiveSurface::Drop(Block** slot) {
  Block* const block = std::exchange(*slot, nullptr);
  if (block == nullptr) return;
  GiveBack(block->bytes);
  Free(block);
}

Status ProgressiveSurface::Store(const State& state, Block** slot) {
  PackedProgressiveState packed;
  const size_t packed_bytes = PackProgressiveState(state, &packed);
  const size_t bytes = sizeof(Block) + packed_bytes + kSparsePlaneMargin;
  // A block that is a third larger than it must be is changed, too.
  const bool fits = *slot != nullptr && bytes <= (*slot)->bytes && (*slot)->bytes <= bytes / 3 * 4;
  if (!fits) {
    Drop(slot);
    MULLION_TRY(Allocate(bytes, slot));
  }
  std::memcpy((*slot)->packed(), packed.bytes, packed_bytes);
  return Ok();
}

Status ProgressiveSurface::Allocate(size_t bytes, Block** slot) {
  uint32_t size_class = 0;
  void* const memory = source_ != nullptr ? source_->Take(&bytes, &size_class) : std::malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  auto* const block = new (memory) Block{static_cast<uint32_t>(bytes), size_class};
  const Status status = Take(static_cast<int64_t>(bytes));
  if (status.ok()) {
    *slot = block;
  } else {
    Free(block);
  }
  return status;
}

void ProgressiveSurface::Free(Block* block) {
  source_ != nullptr ? source_->Give(block, block->size_class) : std::free(block);
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
  Block** const slot = &tiles_[size_t{tile.y_idx} * grid_width_ + tile.x_idx];
  const Status status = DecodeSlot(message, region, tile, slot, dst);
  if (!status.ok()) Drop(slot);
  return status;
}

Status ProgressiveSurface::DecodeSlot(const ProgressiveMessage& message,
                                      const ProgressiveRegion& region, const ProgressiveTile& tile,
                                      Block** slot, const PixelView* dst) {
  std::array<ProgressiveQuant, 3> shifts;
  MULLION_TRY(Shifts(message, region, tile, &shifts));
  const bool refines = tile.kind == ProgressiveKind::kUpgrade || tile.difference;
  // Nothing can refer to a simple tile without sub-band differences: it needs no state.
  const bool passing =
      tile.kind == ProgressiveKind::kSimple && !tile.difference && !region.subband_diffing;
  if (passing) Drop(slot);
  if (passing && dst == nullptr) return Ok();
  State state;
  if (refines) {
    if (*slot == nullptr) return Fail(Err::kState, "progressive tile");
    UnpackProgressiveState((*slot)->packed(), &state);
    if (state.reduce_extrapolate != region.reduce_extrapolate) {
      return Fail(Err::kState, "progressive tile");
    }
  }
  MULLION_TRY(DecodePass(message, region, tile, &state));
  if (!passing) MULLION_TRY(Store(state, slot));
  if (dst != nullptr) Draw(state, shifts, *dst);
  return Ok();
}

}  // namespace mullion
