// The decode stage: from an op's payload to pixels. One table, one row per codec.
//
// Threads: any number of ops at once; every worker thread has its own decoder scratch.
// Errors: end up in the op's (or tile's) status; the commit stage tells the embedder.
#ifndef MULLION_ENGINE_DECODE_H_
#define MULLION_ENGINE_DECODE_H_

#include <cstddef>
#include <cstdint>

#include "codecs/base/pixel_view.h"
#include "engine/op.h"

namespace mullion {

struct Slot;

// Bytes of scratch that the op needs when it is not decoded into the framebuffer.
size_t ScratchBytes(const Op& op);

// True if decoding straight into the target gives the same pixels as decoding aside and copying,
// also when decoding fails: the decoder writes nothing before it knows that it succeeds, and the
// coded picture is not larger than its destination.
bool MayDecodeDirect(const Op& op);
// True if the op draws over pixels that it must see, or has a state that the order of commits
// keeps: it is decoded when it is the head.
bool MustDecodeAtHead(const Op& op);
// The op's job is a TileJob; or an AvcJob.
bool IsTiles(const Op& op);
bool IsAvc(const Op& op);

// Decoded pixels to their place.
void Blend(const Op& op, const PixelView& decoded, const PixelView& target);

// The coded picture in `data`, top-down.
PixelView CodedView(const Op& op, uint8_t* data, PixelFormat format);

// Decodes a single-part op into `target`, a top-down view of the coded size.
Status DecodeOp(const Op& op, const PixelView& target);

// A helper's wake-up costs as much as two to six tiles: it is worth it from so many tiles on.
inline constexpr int kTilesPerHelper = 8;

// Decodes the slot's op to where the lane or the commit stage said (slot.direct, slot.scratch), on
// this thread and, for jobs, on idle workers too. Completes the slot, or defers it (H.264).
void DecodeSlot(Slot* slot);

}  // namespace mullion

#endif  // MULLION_ENGINE_DECODE_H_
