#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t received;

static void note(int number) {
  received = number;
}

static void catch_one(int number) {
  struct sigaction before, action = {.sa_handler = note, .sa_flags = SA_RESTART | SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  if (!sigaction(number, NULL, &before) && before.sa_handler != SIG_IGN) {
    sigaction(number, &action, NULL);
  }
}

void rs_signals_catch(void) {
  catch_one(SIGINT);
  catch_one(SIGTERM);
  catch_one(SIGHUP);
}

int rs_signal_received(void) {
  return received;
}
