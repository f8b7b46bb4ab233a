// Puts a measurement before what else the machine does, as far as the system allows (root only):
// benchmarks are run on shared machines, and a process of three threads and one of three hundred
// would get different shares of what others leave.
#ifndef MULLION_BENCH_PRIORITY_H_
#define MULLION_BENCH_PRIORITY_H_

namespace mullion::bench {

// This process, which must not lead a process group (a child is right): a session of its own, since
// Linux shares the machine between sessions first, and a nice value. False: not allowed.
bool GoBeforeOthers(int nice);

// Beyond that, before everything that is not in real time; equals take turns. Fair scheduling
// leaves a thread that wakes up on a full machine waiting for milliseconds, and keeps threads on
// one core while others work on the next.
bool GoRealTime(int priority);

// In real time, this thread goes before the other threads of its process from now on: an event loop
// that feeds sessions must not wait until a worker has nothing to do. Otherwise nothing happens.
void LeadWorkers();

// Runs `run` in a child that goes before others, in real time; for measurements of seconds. Returns
// its exit code, 4 when it dies.
int RunBeforeOthers(int (*run)(void* context), void* context);

}  // namespace mullion::bench

#endif  // MULLION_BENCH_PRIORITY_H_
