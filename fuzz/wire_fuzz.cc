// The wire parsers: any bytes in, every promise of their headers checked (fuzz/wire_walk.h).
#include "fuzz/fuzz.h"
#include "fuzz/wire_walk.h"

namespace mullion::fuzz {

MULLION_FUZZ_TARGET(x224) { (void)WalkX224(data); }
MULLION_FUZZ_TARGET(mcs_gcc) { (void)WalkMcsGcc(data); }
MULLION_FUZZ_TARGET(caps) {
  (void)WalkCaps(data);
  (void)WalkCapability(data);
}
MULLION_FUZZ_TARGET(share) { (void)WalkShare(data); }
MULLION_FUZZ_TARGET(fastpath_output) { (void)WalkFastPath(data); }
MULLION_FUZZ_TARGET(surface_commands) { (void)WalkSurface(data); }
MULLION_FUZZ_TARGET(bitmap_update) { (void)WalkBitmap(data); }
MULLION_FUZZ_TARGET(pointer_update) { (void)WalkPointer(data); }
MULLION_FUZZ_TARGET(svc) { (void)WalkSvc(data); }
MULLION_FUZZ_TARGET(dvc) { (void)WalkDvc(data); }
MULLION_FUZZ_TARGET(egfx) { (void)WalkEgfx(data); }
MULLION_FUZZ_TARGET(connect_blocks) { (void)WalkConnectBlocks(data); }

}  // namespace mullion::fuzz
