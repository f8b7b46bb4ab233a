// The runners, one file per group of codecs (run_<group>.cc), and the table of them in groups.cc.
//
// Each takes a loaded vector and the state of its sequence. Threads: one at a time.
#ifndef MULLION_TESTS_VECTORS_GROUPS_H_
#define MULLION_TESTS_VECTORS_GROUPS_H_

#include "tests/vectors/vector.h"

namespace mullion::vectors {

Outcome RunAvc(const Vector& vector, Sequence* sequence);
Outcome RunBulk(const Vector& vector, Sequence* sequence);
Outcome RunClear(const Vector& vector, Sequence* sequence);
// A layer of ClearCodec by itself: the specification's examples in the group egfx.
Outcome RunClearLayer(const Vector& vector);
Outcome RunInterleaved(const Vector& vector, Sequence* sequence);
Outcome RunNsCodec(const Vector& vector, Sequence* sequence);
Outcome RunPlanar(const Vector& vector, Sequence* sequence);
Outcome RunPointer(const Vector& vector, Sequence* sequence);
Outcome RunProgressive(const Vector& vector, Sequence* sequence);
Outcome RunQoi(const Vector& vector, Sequence* sequence);
Outcome RunRemoteFx(const Vector& vector, Sequence* sequence);
Outcome RunRemoteFxPdu(const Vector& vector, Sequence* sequence);
Outcome RunRfxStages(const Vector& vector, Sequence* sequence);
Outcome RunRlgr(const Vector& vector, Sequence* sequence);
Outcome RunZgfx(const Vector& vector, Sequence* sequence);

}  // namespace mullion::vectors

#endif  // MULLION_TESTS_VECTORS_GROUPS_H_
