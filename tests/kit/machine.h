/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_MACHINE_H
#define RS_TESTS_MACHINE_H

/**
   @file machine.h How punctual the machine is while a test runs, which others may use too: what a
   test says about time counts where the machine keeps time.

       Machine machine;
       machine_watch(&machine);
       ...
       machine_unwatch(&machine);
       if (!machine_is_punctual(&machine)) { skip(); }
*/

#include "kit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

typedef struct {
  pthread_t thread;
  atomic_bool ends;
  double late; /* The latest return from a sleep, milliseconds */
} Machine;

static inline double machine_time(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

static inline void *machine_measure(void *context) {
  Machine *machine = context;
  const double nap = 2;
  while (!machine->ends) {
    const double start = machine_time();
    nanosleep(&(struct timespec){0, (long)(1e6 * nap)}, NULL);
    machine->late = fmax(machine->late, machine_time() - start - nap);
  }
  return NULL;
}

static inline void machine_watch(Machine *machine) {
  *machine = (Machine){.late = 0};
  assert_int_equal(pthread_create(&machine->thread, NULL, machine_measure, machine), 0);
}

static inline void machine_unwatch(Machine *machine) {
  machine->ends = true;
  pthread_join(machine->thread, NULL);
}

/** Says why, where it is not. */
static inline bool machine_is_punctual(const Machine *machine) {
  const double bound = 5;
  if (machine->late > bound) {
    print_message("skipped: the machine is busy: a thread woke up %.0f ms late\n", machine->late);
  }
  return machine->late <= bound;
}

#endif /* RS_TESTS_MACHINE_H */
