#include "live/realtime.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

enum { ABOVE_LEAST = 10, NICE = -11 };

static bool in_real_time(void) {
  const struct sched_param urgent = {.sched_priority =
                                         sched_get_priority_min(SCHED_FIFO) + ABOVE_LEAST};
  return !pthread_setschedparam(pthread_self(), SCHED_FIFO, &urgent);
}

#ifdef __linux__

/// A thread is otherwise given 50 microseconds of leeway
static void without_leeway(void) {
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

/// As of Linux 3.14; the C library has no such call
struct Attributes {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
};

/// Ask for the shortest share of a processor that there is: as of Linux 6.12 who asks for less at a
/// time is let in sooner. Anyone may.
static void in_short_turns(void) {
#if defined(SYS_sched_getattr) && defined(SYS_sched_setattr)
  struct Attributes how = {.size = sizeof(how)};
  if (!syscall(SYS_sched_getattr, 0, &how, sizeof(how), 0)) {
    how.runtime = 100000; // Nanoseconds
    syscall(SYS_sched_setattr, 0, &how, 0);
  }
#endif
}

/// Before others, if it is not yet; on Linux 0 is the calling thread
static void before_others(void) {
  if (getpriority(PRIO_PROCESS, 0) > NICE) {
    setpriority(PRIO_PROCESS, 0, NICE);
  }
}

#else

static void without_leeway(void) {}
static void in_short_turns(void) {}
static void before_others(void) {}

#endif

bool rs_realtime_priority(void) {
  without_leeway();
  if (in_real_time()) {
    return true;
  }
  before_others();
  in_short_turns();
  return false;
}
