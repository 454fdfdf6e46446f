/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "live/realtime.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#endif

/* What a thread is like that was made urgent, as far as it can be asked. */
typedef struct {
  bool real_time;
  int policy;
  int priority; /* above the least one of the policy */
  int nice;
  long leeway; /* Nanoseconds; 0: not known */
  long turn;   /* The same */
} Thread;

#if defined(__linux__) && defined(SYS_sched_getattr)
static void ask(Thread *thread) {
  uint64_t attributes[6] = {0}; /* The fourth is the turn */
  thread->leeway = prctl(PR_GET_TIMERSLACK, 0UL, 0UL, 0UL, 0UL);
  syscall(SYS_sched_getattr, 0, attributes, sizeof(attributes), 0);
  thread->turn = (long)attributes[3];
}

/* Turns can be chosen as of Linux 6.12. */
static bool has_turns(void) {
  struct utsname name;
  int major = 0, minor = 0;
  uname(&name);
  sscanf(name.release, "%d.%d", &major, &minor);
  return major > 6 || (major == 6 && minor >= 12);
}
#else
static void ask(Thread *thread) {}

static bool has_turns(void) {
  return false;
}
#endif

static void *be_urgent(void *argument) {
  Thread *thread = argument;
  struct sched_param parameter;
  thread->real_time = rs_realtime_priority();
  pthread_getschedparam(pthread_self(), &thread->policy, &parameter);
  thread->priority = parameter.sched_priority - sched_get_priority_min(thread->policy);
  thread->nice = getpriority(PRIO_PROCESS, 0);
  ask(thread);
  return NULL;
}

/* In real time if that is allowed at all. */
static void *try_real_time(void *argument) {
  const struct sched_param lowest = {.sched_priority = sched_get_priority_min(SCHED_FIFO)};
  ((Thread *)argument)->real_time = !pthread_setschedparam(pthread_self(), SCHED_FIFO, &lowest);
  return NULL;
}

static Thread in_thread(void *(*run)(void *)) {
  Thread result = {.policy = -1};
  pthread_t thread;
  if (!pthread_create(&thread, NULL, run, &result)) {
    pthread_join(thread, NULL);
  }
  return result;
}

static void it_runs_in_real_time_where_it_may(void **state) {
  const Thread thread = in_thread(be_urgent);
  assert_int_equal(thread.real_time, in_thread(try_real_time).real_time);
  assert_int_equal(thread.real_time, thread.policy == SCHED_FIFO);
  assert_int_equal(thread.priority, thread.real_time ? 10 : 0); /* as JACK's */
}

#ifdef __linux__
enum { NICE = -11 };

/* In a child, which may be a little before others, if this program may give it that. */
static int with_some_rights(void) {
  const struct rlimit none = {0, 0}, some = {20 - NICE, 20 - NICE};
  const bool given = !setrlimit(RLIMIT_NICE, &some);
  setrlimit(RLIMIT_RTPRIO, &none);
  if (!geteuid() && setuid(65534)) {
    return 1;
  }
  const Thread thread = in_thread(be_urgent);
  return given && (thread.real_time || thread.nice > NICE);
}
#endif

/* In a child, which gives its rights away; its exit status tells what is wrong. */
static int without_rights(void) {
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_RTPRIO, &none);
  if (!geteuid() && setuid(65534)) {
    return 1;
  }
  const Thread thread = in_thread(be_urgent);
  return thread.real_time || thread.policy != SCHED_OTHER ? 2
         : thread.leeway > 1                              ? 3
         : has_turns() && thread.turn > 100000            ? 4
                                                          : 0;
}

static int in_child(int (*look)(void)) {
  int status = -1;
  const pid_t child = fork();
  if (!child) {
    _exit(look());
  }
  waitpid(child, &status, 0);
  return status;
}

static void who_may_not_gets_short_turns_without_leeway(void **state) {
  assert_int_equal(in_child(without_rights), 0);
}

#ifdef __linux__
/* In a child that goes before others already. */
static int at_the_front(void) {
  const int front = setpriority(PRIO_PROCESS, 0, -20) ? 0 : -20;
  return with_some_rights() || (front && in_thread(be_urgent).nice != front);
}

static void who_may_a_little_goes_before_others_and_never_back(void **state) {
  assert_int_equal(in_child(with_some_rights), 0);
  assert_int_equal(in_child(at_the_front), 0);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_runs_in_real_time_where_it_may),
      cmocka_unit_test(who_may_not_gets_short_turns_without_leeway),
#ifdef __linux__
      cmocka_unit_test(who_may_a_little_goes_before_others_and_never_back),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
