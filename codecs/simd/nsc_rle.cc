// A run announces itself by two equal neighbours, so a window of 64 bytes compared with itself
// shifted by one gives, in one 64-bit mask, every place where a run may start.
//
// Cost: per window one compare (AVX-512) to four (SSE); per run a count of trailing zeros, a shift
// of the mask past the run's three or seven bytes, one 32-byte copy for the literals in front of it
// and one 64-byte fill. The dependency from run to run is only mask -> position -> mask, about six
// cycles; lengths are loaded beside it. Typical desktop luma has three literals and a run of
// twenty per segment pair, so both wide stores are nearly always enough: a loop that runs once in
// twenty segments costs more, by its mispredicted branch, than the wider store does in the others.
//
// Bounds: a segment is taken only when its input ends in front of EndData and its output fits, so
// only the width of the stores exceeds the plane (kNscRleSlack). Whatever cannot be taken, for
// being last or for being wrong, is left to the plain twin, which decides.
#include "codecs/simd/nsc_rle.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/simd/nsc_rle.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"

#include <algorithm>
#include <bit>
#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t kWindow = 64;
constexpr size_t kLiteralStep = 32;
constexpr size_t kFillStep = 64;
// A run that starts at the window's last byte has its length up to 6 bytes behind the window, and
// literals are copied in whole steps.
constexpr size_t kReach = kWindow + kLiteralStep;
constexpr size_t kEndDataSize = 4;
static_assert(kFillStep <= kNscRleSlack && kLiteralStep <= kNscRleSlack);

#if HWY_TARGET != HWY_SCALAR

// Bit i: p[i] == p[i + 1], for 64 bytes. Reads p[0..64].
HWY_INLINE uint64_t EqualNeighbours(const uint8_t* HWY_RESTRICT p) {
  const hn::CappedTag<uint8_t, kWindow> d;
  const size_t lanes = hn::Lanes(d);
  uint64_t mask = 0;
  for (size_t i = 0; i < kWindow; i += lanes) {
    alignas(8) uint8_t bits[8] = {};
    hn::StoreMaskBits(d, hn::Eq(hn::LoadU(d, p + i), hn::LoadU(d, p + i + 1)), bits);
    uint64_t part;
    std::memcpy(&part, bits, sizeof(part));
    mask |= part << i;
  }
  return mask;
}

// PRECONDITION: kLiteralStep - 1 bytes behind each may be read and overwritten.
HWY_INLINE void CopyLiterals(const uint8_t* HWY_RESTRICT from, uint8_t* HWY_RESTRICT to,
                             size_t count) {
  std::memcpy(to, from, kLiteralStep);
  for (size_t i = kLiteralStep; i < count; i += kLiteralStep) {
    std::memcpy(to + i, from + i, kLiteralStep);
  }
}

// PRECONDITION: kFillStep bytes may be written, kFillStep - 1 of them behind the run.
HWY_INLINE void FillRun(uint8_t* HWY_RESTRICT to, uint8_t value, size_t count) {
  std::memset(to, value, kFillStep);
  if (HWY_UNLIKELY(count > kFillStep)) {
    if (count > 512) {
      std::memset(to, value, count);
    } else {
      for (size_t i = kFillStep; i < count; i += kFillStep) std::memset(to + i, value, kFillStep);
    }
  }
}

bool Expand(ByteView in, uint8_t* HWY_RESTRICT out, size_t size) {
  if (in.size() <= kEndDataSize || size <= kEndDataSize) {
    return ExpandNscRleReference(in, out, size);
  }
  const uint8_t* src = in.data();
  size_t src_left = in.size() - kEndDataSize;  // up to EndData
  size_t out_left = size - kEndDataSize;
  uint8_t tail[2 * kReach];
  bool in_tail = false;

  // One window per round; left when a segment cannot be taken.
  for (;;) {
    if (!in_tail && src_left + kEndDataSize < kReach) {
      // The end of the plane moves to where a whole window may be read.
      std::memset(tail, 0, sizeof(tail));
      std::memcpy(tail, src, src_left + kEndDataSize);
      src = tail;
      in_tail = true;
    }
    uint64_t mask = EqualNeighbours(src);
    size_t at = 0;  // consumed in this window
    bool refused = false;
    while (mask != 0) {
      const size_t start = static_cast<size_t>(std::countr_zero(mask));
      const size_t literals = start - at;
      const uint8_t factor = src[start + 2];
      size_t run = factor + size_t{2};
      size_t next = start + 3;
      if (HWY_UNLIKELY(factor == 0xFF)) {
        uint32_t factor2;
        std::memcpy(&factor2, src + start + 3, sizeof(factor2));
        run = factor2;
        next = start + 7;
      }
      // A run of 0 or 1 may not be what the last byte in front of EndData is.
      if (HWY_UNLIKELY((next > src_left) | (literals + std::max<size_t>(run, 2) > out_left))) {
        refused = true;
        break;
      }
      CopyLiterals(src + at, out, literals);
      FillRun(out + literals, src[start], run);
      out += literals + run;
      out_left -= literals + run;
      at = next;
      if (next >= kWindow) {
        mask = 0;
      } else {
        mask &= ~uint64_t{0} << next;
      }
    }
    if (!refused && at < kWindow) {
      const size_t literals = kWindow - at;
      if (kWindow > src_left || literals > out_left) {
        refused = true;
      } else {
        CopyLiterals(src + at, out, literals);
        out += literals;
        out_left -= literals;
        at = kWindow;
      }
    }
    src += at;
    src_left -= at;
    if (refused) break;
  }
  return ExpandNscRleReference(in.subspan(in.size() - kEndDataSize - src_left), out,
                               out_left + kEndDataSize);
}

#else  // HWY_TARGET == HWY_SCALAR

bool Expand(ByteView in, uint8_t* HWY_RESTRICT out, size_t size) {
  return ExpandNscRleReference(in, out, size);
}

#endif  // HWY_TARGET

}  // namespace
// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace mullion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mullion {
HWY_EXPORT(Expand);
bool ExpandNscRle(ByteView in, uint8_t* out, size_t size) {
  return HWY_DYNAMIC_DISPATCH(Expand)(in, out, size);
}
}  // namespace mullion
#endif  // HWY_ONCE
