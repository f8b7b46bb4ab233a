// RemoteFX Progressive: tiles that arrive in passes, each refining what the tile keeps.
//
// Specification: MS-RDPEGFX 3.3.8.2 (decoding), 3.1.8.1 (terms), 3.3.1.2 and 3.3.1.3 (state).
// Shapes: 64x64 pixels, X = 0xFF. Arithmetic of the transforms: codecs/simd/rfx_tile.h (plain) and
// progressive_tile.h (reduce-extrapolate).
//
// What a tile keeps (MS-RDPEGFX calls it DecDwtQ, Sign and BitPos): the coefficients so far, with
// the missing low bits as zeros and not yet dequantised; how many low bits each band misses; and,
// for difference tiles only, the tri-state sign of what came since the first pass. For other tiles
// that sign is the coefficient's own, so it is not stored. Sub-band differences may refer to a tile
// for as long as its surface lives, and a further upgrade to a complete one: neither is forgotten.
// Memory: progressive_state.h packs it after each pass: 1 to 2 KiB per tile that was drawn (4 KiB
// for photographs at full quality, 64 bytes for one colour, 40 KiB for noise at worst); nothing for
// simple tiles of a context without sub-band differences. All of it is taken from the budget.
// A call takes up to 128 KiB of stack; it allocates when the tile's block does not fit any more.
// Ownership: borrows messages and pixels. Budget and source outlive the surface.
// Over-read, over-write: none.
// Threads: DecodeTile touches its own tile's state only (and budget and source, for any): calls
// for distinct tiles may run at the same time; calls for one tile need the stream's order.
// memory_bytes may be asked at any time.
// Errors: kMalformed (a tile outside of the surface, a quantisation value 0, a bit position that
// grows, an RLGR code too large), kTruncated (raw bits missing, an empty component), kState (an
// upgrade or difference of a tile that has nothing, or whose bands are the other variant's),
// kLimit (the budget is spent), kInternal (dst is not 64x64). SRL data that ends early goes on
// with zeros, as RLGR's does. Allocation failure throws std::bad_alloc.
// INVARIANT: after a failure, a thrown one too, dst was not written, and the tile has no state
// until its next first or simple pass.
#ifndef MULLION_CODECS_IMAGE_PROGRESSIVE_H_
#define MULLION_CODECS_IMAGE_PROGRESSIVE_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "codecs/base/bytes.h"
#include "codecs/base/pixel_view.h"
#include "codecs/base/status.h"
#include "codecs/wire/progressive.h"

namespace mullion {

// Bytes of tile state that the surfaces of one session may still take.
struct ProgressiveBudget {
  explicit ProgressiveBudget(int64_t bytes) : bytes_left(bytes) {}
  std::atomic<int64_t> bytes_left;
};

struct ProgressiveTileState;

class ProgressiveSurface {
 public:
  // PRECONDITION: sizes of 1..65535 pixels. Takes 8 bytes per tile of the grid at once. Without a
  // source the states' memory is malloc's.
  ProgressiveSurface(int32_t width_px, int32_t height_px, ProgressiveBudget* budget,
                     BytesSource* source = nullptr);
  ~ProgressiveSurface();
  ProgressiveSurface(const ProgressiveSurface&) = delete;
  ProgressiveSurface& operator=(const ProgressiveSurface&) = delete;

  // PRECONDITION: `region` is one of `message`, `tile` one of that region.
  Status DecodeTile(const ProgressiveMessage& message, const ProgressiveRegion& region,
                    const ProgressiveTile& tile, const PixelView& dst);

  // The same for a tile that nobody sees: its state goes along, since later passes refine it. One
  // that keeps no state is not decoded at all.
  Status DecodeHiddenTile(const ProgressiveMessage& message, const ProgressiveRegion& region,
                          const ProgressiveTile& tile);

  // Forgets every tile (RDPGFX_DELETE_ENCODING_CONTEXT, a resize).
  void Reset();

  // What the surface has taken from the budget now.
  size_t memory_bytes() const {
    return static_cast<size_t>(taken_bytes_.load(std::memory_order_relaxed));
  }

 private:
  struct Block;  // a packed state

  // `dst` may be null.
  Status DecodeTileTo(const ProgressiveMessage& message, const ProgressiveRegion& region,
                      const ProgressiveTile& tile, const PixelView* dst);
  Status DecodeSlot(const ProgressiveMessage& message, const ProgressiveRegion& region,
                    const ProgressiveTile& tile, Block** slot, const PixelView* dst);
  Status Store(const ProgressiveTileState& state, Block** slot);
  Status Allocate(size_t bytes, Block** slot);
  void Drop(Block** slot);
  void Free(Block* block);
  Status Take(int64_t bytes);
  void GiveBack(int64_t bytes);

  uint32_t grid_width_;
  uint32_t grid_height_;
  ProgressiveBudget* budget_;
  std::atomic<int64_t> taken_bytes_ = 0;
  BytesSource* source_;
  std::vector<Block*> tiles_;
};

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_PROGRESSIVE_H_
