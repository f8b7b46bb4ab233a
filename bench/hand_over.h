// What it costs here to wake another thread: the floor under telling one thread of what another
// did.
#ifndef MULLION_BENCH_HAND_OVER_H_
#define MULLION_BENCH_HAND_OVER_H_

namespace mullion::bench {

// CPU time, in microseconds, that two threads and the kernel take when one that is at work wakes
// one that sleeps in poll() on an eventfd, as an engine does with its controller, and that one goes
// back to sleep. The least of several rounds; takes 0.2 s. Virtual machines leave for their host to
// wake a core, so it is several times what a bare machine takes.
double MeasureHandOverUs();

}  // namespace mullion::bench

#endif  // MULLION_BENCH_HAND_OVER_H_
