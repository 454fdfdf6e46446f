/* SPDX-License-Identifier: ISC */

#include "machine.h"

#include <rollsmith/clock.h>

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The program itself, until its first note: on this machine, at nobody's port.

     test_start PROGRAM MODEL */

enum {
  TIMES = 10,       // The best counts: others use this machine, too
  BOUND = 300,      // Milliseconds from the start of the program to the first note
  PORT_AHEAD = 100, // So much earlier PortMidi wants a note: the first one is so much later
  PORT_OPENS = 20,  // For the sequencer's answers, when a port is opened
};

static const char *program, *model;

static double now(void) {
  RsClock *clock = rs_clock_monotonic();
  return (double)clock->now(clock) / RS_MILLISECOND;
}

/* Run the program; what it prints is kept, as far as there is room. @return Milliseconds it took.
 */
static double run(const char *const *words, char *text, size_t size) {
  int ends[2], status = -1;
  size_t used = 0;
  const double start = now();
  assert_int_equal(pipe(ends), 0);
  const pid_t child = fork();
  if (!child) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    execv(program, (char *const *)words);
    _exit(127);
  }
  close(ends[1]);
  for (ssize_t got = 1; got > 0; used += got > 0 ? (size_t)got : 0) {
    got = read(ends[0], text + used, size - 1 - used);
  }
  text[used] = '\0';
  close(ends[0]);
  waitpid(child, &status, 0);
  assert_int_equal(status, 0);
  return now() - start;
}

static double least(double a, double b) {
  return a < b ? a : b;
}

static void the_first_note_of_a_model_comes_soon(void **state) {
  const char *const load[] = {program, "--version", NULL};
  const char *const play[] = {program, "play",     model, "--dry-run", "--json",
                              "-q",    "--frames", "1",   NULL};
  double loaded = BOUND, begun = BOUND;
  char text[4096];
  Machine machine;
  machine_watch(&machine);
  for (int i = 0; i < TIMES; ++i) {
    loaded = least(loaded, run(load, text, sizeof(text)));
    run(play, text, sizeof(text));
    const char *figure = strstr(text, "\"first_note_ms\":");
    assert_non_null(figure);
    begun = least(begun, strtod(strchr(figure, ':') + 1, NULL));
  }
  print_message("first note after %.0f ms: %.0f to load the program, %.0f to begin; %d more at a "
                "port\n",
                loaded + begun, loaded, begun, PORT_AHEAD + PORT_OPENS);
  machine_unwatch(&machine);
  assert_true(begun > 0);
  if (loaded + begun + PORT_AHEAD + PORT_OPENS >= BOUND && !machine_is_punctual(&machine)) {
    skip();
  }
  assert_true(loaded + begun + PORT_AHEAD + PORT_OPENS < BOUND);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_first_note_of_a_model_comes_soon)};
  program = argc == 3 ? argv[1] : NULL;
  model = argc == 3 ? argv[2] : NULL;
  return !program ? 2 : cmocka_run_group_tests(tests, NULL, NULL);
}
