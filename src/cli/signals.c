#include "cli/signals.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

/// Milliseconds in which a signal that comes twice counts once, as from timeout(1), which sends two
#define ECHO_MS 200

static const int stopping[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static volatile sig_atomic_t received;
static volatile sig_atomic_t only_noted;
static volatile sig_atomic_t
    patience;                      // Seconds that the work is given to end; 0: all that it takes
static struct timespec first_time; // Written and read by the handler alone

/// What is called before the program ends because the work has not
static struct {
  void (*_Atomic call)(void *context); // NULL: to be forgotten
  void *context;
  pthread_t thread;
  sem_t due; // For the thread to wake up
} last;
static volatile sig_atomic_t has_last;

static long milliseconds_since_first(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return 1000 * (long)(now.tv_sec - first_time.tv_sec) +
         (now.tv_nsec - first_time.tv_nsec) / 1000000;
}

/// Calls only what a handler may call
static void note(int number) {
  if (!only_noted) {
    _exit(128 + number);
  }
  if (!received) {
    received = number;
    clock_gettime(CLOCK_MONOTONIC, &first_time);
    alarm((unsigned)patience);
  } else if (milliseconds_since_first() > ECHO_MS) {
    _exit(128 + number);
  }
}

static void lose_patience(int number) {
  if (!has_last || sem_post(&last.due)) {
    _exit(128 + received);
  }
}

static void catch_one(int number, const struct sigaction *action) {
  struct sigaction before;
  if (!sigaction(number, NULL, &before) && before.sa_handler != SIG_IGN) {
    sigaction(number, action, NULL);
  }
}

/// All of them wait while one is handled
static struct sigaction action_of(void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof(stopping) / sizeof(stopping[0]); ++i) {
    sigaddset(&action.sa_mask, stopping[i]);
  }
  return action;
}

/// Where whoever started the program has SIGPIPE ignored, it ends all the same
static void end_of_pipe(int number) {
  _exit(128 + number);
}

void rs_signals_of_output(void) {
  const struct sigaction action = action_of(end_of_pipe);
  sigaction(SIGPIPE, &action, NULL);
  signal(SIGXFSZ, SIG_IGN);
}

void rs_signals_catch(void) {
  const struct sigaction action = action_of(note);
  for (size_t i = 0; i < sizeof(stopping) / sizeof(stopping[0]); ++i) {
    catch_one(stopping[i], &action);
  }
}

void rs_signals_catch_keys(void) {
  const struct sigaction action = action_of(note);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGQUIT, &action, NULL);
}

void rs_signals_note(unsigned seconds) {
  const struct sigaction action = action_of(lose_patience);
  sigaction(SIGALRM, &action, NULL);
  patience = (sig_atomic_t)seconds;
  only_noted = 1;
}

static void *last_thread(void *unused) {
  while (sem_wait(&last.due)) {
  }
  void (*const call)(void *context) = last.call;
  if (call) {
    call(last.context);
    _exit(128 + received);
  }
  return NULL;
}

RsStatus rs_signals_call_last(void (*call)(void *context), void *context) {
  last.call = call;
  last.context = context;
  if (sem_init(&last.due, 0, 0) || pthread_create(&last.thread, NULL, last_thread, NULL)) {
    return RS_ERR_MEMORY;
  }
  has_last = 1;
  return RS_OK;
}

void rs_signals_call_nothing(void) {
  if (has_last) {
    last.call = NULL;
    sem_post(&last.due);
    pthread_join(last.thread, NULL);
    has_last = 0;
    alarm(received ? (unsigned)patience : 0);
  }
}

int rs_signal_received(void) {
  return received;
}
