// The runners, one file per group of codecs (run_<group>.cc), and the table of them in groups.cc.
//
// Each takes a loaded vector and the state of its sequence. Threads: one at a time.
#ifndef MULLION_TESTS_VECTORS_GROUPS_H_
#define MULLION_TESTS_VECTORS_GROUPS_H_

#include "tests/vectors/vector.h"

namespace mullion::vectors {}  // namespace mullion::vectors

#endif  // MULLION_TESTS_VECTORS_GROUPS_H_
