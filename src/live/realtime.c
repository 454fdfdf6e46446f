/* SPDX-License-Identifier: ISC */

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

enum {
  ABOVE_LEAST = 10, /* priority above the least one of SCHED_FIFO, as JACK's default */
  NICE = -11,       /* as PulseAudio's default */
};

static bool set_fifo_scheduling(void) {
  const struct sched_param urgent = {.sched_priority =
                                         sched_get_priority_min(SCHED_FIFO) + ABOVE_LEAST};
  return !pthread_setschedparam(pthread_self(), SCHED_FIFO, &urgent);
}

#ifdef __linux__

/* Timer slack is 50 microseconds by default. */
static void reduce_timer_slack(void) {
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

/* struct sched_attr of Linux 3.14, for which the C library has no declaration */
struct Attributes {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
};

/* Request the shortest time slice: since Linux 6.12 it is scheduled sooner. No privilege is needed.
 */
static void request_short_slices(void) {
#if defined(SYS_sched_getattr) && defined(SYS_sched_setattr)
  struct Attributes how = {.size = sizeof(how)};
  if (!syscall(SYS_sched_getattr, 0, &how, sizeof(how), 0)) {
    how.runtime = 100000; /* nanoseconds: the least that is allowed */
    syscall(SYS_sched_setattr, 0, &how, 0);
  }
#endif
}

/* Raise the priority, unless it is higher already; on Linux, 0 is the calling thread. */
static void raise_priority(void) {
  if (getpriority(PRIO_PROCESS, 0) > NICE) {
    setpriority(PRIO_PROCESS, 0, NICE);
  }
}

#else

static void reduce_timer_slack(void) {}
static void request_short_slices(void) {}
static void raise_priority(void) {}

#endif

bool rs_realtime_priority(void) {
  reduce_timer_slack();
  if (set_fifo_scheduling()) {
    return true;
  }
  raise_priority();
  request_short_slices();
  return false;
}
