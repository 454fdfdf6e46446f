/* SPDX-License-Identifier: ISC */

#include "cli/signals.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds within which a second signal is ignored: timeout(1) sends one to the process and one
   to its group. */
#define ECHO_MS 200

static const int stopping[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static volatile sig_atomic_t received;
static volatile sig_atomic_t deferred;
static volatile sig_atomic_t timeout; /* seconds from the first signal to the end; 0: none */
static struct timespec first_time;    /* of the first signal; used by the handler alone */

/* The function that is called at the timeout */
static struct {
  void (*_Atomic call)(void *context); /* NULL: none */
  void *context;
  pthread_t thread;
  sem_t due; /* posted to resume the thread */
} timeout_call;
static volatile sig_atomic_t has_timeout_call;

static long milliseconds_since_first(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return 1000 * (long)(now.tv_sec - first_time.tv_sec) +
         (now.tv_nsec - first_time.tv_nsec) / 1000000;
}

/* Uses async-signal-safe functions only. */
static void handle_stop(int number) {
  if (!deferred) {
    _exit(128 + number);
  }
  if (!received) {
    received = number;
    clock_gettime(CLOCK_MONOTONIC, &first_time);
    alarm((unsigned)timeout);
  } else if (milliseconds_since_first() > ECHO_MS) {
    _exit(128 + number);
  }
}

static void handle_timeout(int number) {
  if (!has_timeout_call || sem_post(&timeout_call.due)) {
    _exit(128 + received);
  }
}

static void catch_one(int number, const struct sigaction *action) {
  struct sigaction before;
  if (!sigaction(number, NULL, &before) && before.sa_handler != SIG_IGN) {
    sigaction(number, action, NULL);
  }
}

/* Handler during which the other signals are blocked */
static struct sigaction action_of(void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof(stopping) / sizeof(stopping[0]); ++i) {
    sigaddset(&action.sa_mask, stopping[i]);
  }
  return action;
}

/* Handled rather than left to its default, as the parent process may have it ignored. */
static void handle_pipe(int number) {
  _exit(128 + number);
}

void rs_signals_init_output(void) {
  const struct sigaction action = action_of(handle_pipe);
  sigaction(SIGPIPE, &action, NULL);
  signal(SIGXFSZ, SIG_IGN);
}

void rs_signals_catch(void) {
  const struct sigaction action = action_of(handle_stop);
  for (size_t i = 0; i < sizeof(stopping) / sizeof(stopping[0]); ++i) {
    catch_one(stopping[i], &action);
  }
}

void rs_signals_catch_ignored(void) {
  const struct sigaction action = action_of(handle_stop);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGQUIT, &action, NULL);
}

void rs_signals_defer(unsigned seconds) {
  const struct sigaction action = action_of(handle_timeout);
  sigaction(SIGALRM, &action, NULL);
  timeout = (sig_atomic_t)seconds;
  deferred = 1;
}

static void *timeout_thread(void *unused) {
  while (sem_wait(&timeout_call.due)) {
  }
  void (*const call)(void *context) = timeout_call.call;
  if (call) {
    call(timeout_call.context);
    _exit(128 + received);
  }
  return NULL;
}

RsStatus rs_signals_set_timeout_call(void (*call)(void *context), void *context) {
  timeout_call.call = call;
  timeout_call.context = context;
  if (sem_init(&timeout_call.due, 0, 0) ||
      pthread_create(&timeout_call.thread, NULL, timeout_thread, NULL)) {
    return RS_ERR_MEMORY;
  }
  has_timeout_call = 1;
  return RS_OK;
}

void rs_signals_clear_timeout_call(void) {
  if (has_timeout_call) {
    timeout_call.call = (void (*)(void *))0;
    sem_post(&timeout_call.due);
    pthread_join(timeout_call.thread, NULL);
    has_timeout_call = 0;
    alarm(received ? (unsigned)timeout : 0);
  }
}

void rs_signals_record(int number) {
  received = received ? received : number;
}

int rs_signal_received(void) {
  return received;
}
