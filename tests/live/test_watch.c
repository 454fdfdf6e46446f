/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "live/sequencer.h"

#include <rollsmith/ports.h>

#include <stdio.h>
#include <string.h>

/* What the sequencer tells, in place of the system's; empty: nothing. */
static char told[1024];

char *rs_seq_text(void) {
  return *told ? strdup(told) : NULL;
}

/* A client with a port, and what lies unread in its queue. */
static void tell(int client, const char *name, const char *ways, int unread) {
  const size_t used = strlen(told);
  snprintf(told + used, sizeof(told) - used,
           "Client %d : \"%s\" [User Legacy]\n"
           "  Port   3 : \"%s\" (%s)\n"
           "  Input pool :\n"
           "    Pool size          : 200\n"
           "    Cells in use       : %d\n"
           "    Alloc success      : %d\n",
           client, name, name, ways, unread, unread);
}

static RsPortWatch *watch(const char *name, bool output) {
  RsPortWatch *watch = NULL;
  assert_ok(rs_port_watch_new(name, 0, output, &watch));
  return watch;
}

static void look(RsPortWatch *watch, RsReceiver must) {
  assert_int_equal(rs_port_watch_poll(watch, RS_SECOND), must);
}

static void where_nothing_is_told_all_is_well(void **state) {
  RsPortWatch *desk = watch("Desk", true);
  size_t room = 0;
  *told = '\0';
  look(desk, RS_RECEIVER_READY);
  assert_false(rs_port_watch_room(desk, &room));
  assert_int_equal(rs_port_watch_unread(desk), 0);
  assert_false(rs_port_watch_returned(desk));
  rs_port_watch_free(desk);
}

static void a_port_is_there_or_gone(void **state) {
  RsPortWatch *desk = watch("Desk", true), *keys = watch("Keys", false);
  size_t room = 0;
  *told = '\0';
  tell(128, "Desk", "-We-", 30);
  tell(129, "Keys", "R-e-", 200);
  look(desk, RS_RECEIVER_READY);
  assert_true(rs_port_watch_room(desk, &room));
  assert_int_equal(room, 170);
  assert_int_equal(rs_port_watch_unread(desk), 30);
  look(keys, RS_RECEIVER_READY); // An input is not written to: its queue does not matter
  assert_false(rs_port_watch_room(keys, &room));
  *told = '\0';
  tell(128, "Desk", "R-e-", 0);
  tell(129, "Keys", "-We-", 0);
  look(desk, RS_RECEIVER_MISSING);
  look(keys, RS_RECEIVER_MISSING);
  assert_int_equal(rs_port_watch_unread(desk), 0);
  rs_port_watch_free(desk);
  rs_port_watch_free(keys);
}

static void a_full_queue_that_no_one_reads_is_seen(void **state) {
  RsPortWatch *desk = watch("Desk", true);
  *told = '\0';
  tell(128, "Desk", "-We-", 150);
  look(desk, RS_RECEIVER_READY);
  assert_int_equal(rs_port_watch_poll(desk, 2 * RS_SECOND), RS_RECEIVER_STALLED);
  rs_port_watch_free(desk);
}

/* It is to be opened before anything gets there. */
static void another_port_of_the_same_name_is_another_one(void **state) {
  RsPortWatch *desk = watch("Desk", true);
  *told = '\0';
  tell(128, "Desk", "-We-", 0);
  tell(130, "Desk", "-We-", 0);
  look(desk, RS_RECEIVER_READY);
  *told = '\0';
  tell(130, "Desk", "-We-", 0);
  look(desk, RS_RECEIVER_MISSING);
  assert_true(rs_port_watch_returned(desk));
  look(desk, RS_RECEIVER_READY);
  *told = '\0';
  tell(130, "Bench", "-We-", 0); // Its number was given away
  look(desk, RS_RECEIVER_MISSING);
  rs_port_watch_free(desk);
}

static void a_port_returns_by_its_own_name(void **state) {
  RsPortWatch *synth = watch("Synth (77)", true);
  *told = '\0';
  tell(128, "Synth 2 (78)", "-We-", 0);
  assert_false(rs_port_watch_returned(synth));
  tell(129, "Synth (79)", "R-e-", 0);
  assert_false(rs_port_watch_returned(synth));
  tell(130, "Synth (80)", "-We-", 0);
  assert_true(rs_port_watch_returned(synth));
  assert_string_equal(rs_port_watch_name(synth), "Synth (80)");
  look(synth, RS_RECEIVER_READY);
  rs_port_watch_free(synth);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(where_nothing_is_told_all_is_well),
      cmocka_unit_test(a_port_is_there_or_gone),
      cmocka_unit_test(a_full_queue_that_no_one_reads_is_seen),
      cmocka_unit_test(another_port_of_the_same_name_is_another_one),
      cmocka_unit_test(a_port_returns_by_its_own_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
