#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

/// Milliseconds in which a signal that comes twice counts once, as from timeout(1), which sends two
#define ECHO_MS 200

static const int stopping[] = {SIGINT, SIGTERM, SIGHUP};
static volatile sig_atomic_t received;
static volatile sig_atomic_t ends_at_once;
static struct timespec first_time; // Written and read by the handler alone

static long milliseconds_since_first(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return 1000 * (long)(now.tv_sec - first_time.tv_sec) +
         (now.tv_nsec - first_time.tv_nsec) / 1000000;
}

/// Calls only what a handler may call
static void note(int number) {
  if (ends_at_once) {
    _exit(128 + number);
  }
  if (!received) {
    received = number;
    clock_gettime(CLOCK_MONOTONIC, &first_time);
  } else if (milliseconds_since_first() > ECHO_MS) {
    signal(number, SIG_DFL);
    raise(number);
  }
}

static void catch_one(int number, const struct sigaction *action) {
  struct sigaction before;
  if (!sigaction(number, NULL, &before) && before.sa_handler != SIG_IGN) {
    sigaction(number, action, NULL);
  }
}

void rs_signals_catch(void) {
  const size_t count = sizeof(stopping) / sizeof(stopping[0]);
  struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < count; ++i) {
    sigaddset(&action.sa_mask, stopping[i]);
  }
  for (size_t i = 0; i < count; ++i) {
    catch_one(stopping[i], &action);
  }
}

void rs_signals_end_at_once(bool at_once) {
  ends_at_once = at_once;
}

int rs_signal_received(void) {
  return received;
}

void rs_signals_catch_interrupt(void) {
  const struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
  sigaction(SIGINT, &action, NULL);
}
