#include "bench/priority.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

namespace mullion::bench {

bool GoBeforeOthers(int nice) {
  bool good = setsid() >= 0 && setpriority(PRIO_PROCESS, 0, nice) == 0;
  // Where sessions are not scheduled as groups, the file is missing, and the nice value does.
  if (std::FILE* file = std::fopen("/proc/self/autogroup", "w")) {
    good &= std::fprintf(file, "%d", nice) > 0;
    good &= std::fclose(file) == 0;
  }
  return good;
}

bool GoRealTime(int priority) {
  const sched_param turn{.sched_priority = priority};
  return sched_setscheduler(0, SCHED_RR, &turn) == 0;
}

void LeadWorkers() {
  sched_param turn{};
  if (sched_getscheduler(0) != SCHED_RR || sched_getparam(0, &turn) != 0) return;
  (void)GoRealTime(turn.sched_priority + 1);
}

int RunBeforeOthers(int (*run)(void* context), void* context) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) return 4;
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)GoBeforeOthers(-15);
    (void)GoRealTime(1);
    const int code = run(context);
    std::fflush(nullptr);
    _exit(code);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 4;
}

}  // namespace mullion::bench
