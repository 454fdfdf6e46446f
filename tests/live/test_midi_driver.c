/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "live/midi_driver.h"

#include <string.h>

static void each_driver_has_a_name_of_its_own_and_opens(void **state) {
  for (const RsMidiDriver *const *at = rs_midi_drivers; *at; ++at) {
    assert_ptr_equal(rs_midi_driver_find((*at)->name), *at);
    assert_non_null((*at)->description);
    assert_non_null((*at)->open);
    assert_int_equal((*at)->list != NULL, (*at)->port_name != NULL);
    assert_int_equal((*at)->list != NULL, (*at)->watch != NULL);
  }
  assert_null(rs_midi_driver_find("no such driver"));
}

static void the_default_driver_has_ports_and_virtual_ones_where_they_are_wanted(void **state) {
  const RsMidiDriver *usual = NULL, *virtual = NULL;
  bool any_virtual = false;
  for (const RsMidiDriver *const *at = rs_midi_drivers; *at; ++at) {
    any_virtual = any_virtual || (*at)->virtual_ports;
  }
  if (rs_midi_driver_choose(NULL, false, &usual, NULL)) {
    skip(); // Built without any
  }
  assert_non_null(usual->list);
  assert_ok(rs_midi_driver_choose(NULL, true, &virtual, NULL));
  assert_int_equal(virtual->virtual_ports, any_virtual);
}

static void refused(const char *name, RsStatus must, const char *part) {
  RsPorts ports;
  RsSink *sink = NULL;
  RsError error = {.status = RS_OK};
  const RsPortChoice choice = {.driver = name};
  assert_int_equal(rs_ports_list(name, &ports, &error), must);
  assert_non_null(strstr(error.message, part));
  rs_ports_clear(&ports);
  assert_int_equal(rs_sink_ports_new(&choice, rs_clock_monotonic(), &sink, &error), must);
  assert_non_null(strstr(error.message, part));
  assert_null(sink);
}

static void a_driver_that_does_not_exist_or_is_not_built_in_is_refused(void **state) {
  static const char *const optional[] = {"portmidi", "alsa", "jack"};
  refused("midi", RS_ERR_SETTING, "must be portmidi, alsa, jack or none");
  refused("", RS_ERR_SETTING, "no such MIDI driver");
  refused("record", RS_ERR_SETTING, "no such MIDI driver"); // It is for tests
  for (int i = 0; i < 3; ++i) {
    if (!rs_midi_driver_find(optional[i])) {
      refused(optional[i], RS_ERR_PORT, "was built without");
    }
  }
}

static void the_driver_none_has_no_ports_but_plays(void **state) {
  RsPorts ports;
  RsError error = {.status = RS_OK};
  RsPortChoice choice = {.driver = "none", .output = "ignored"};
  RsPortWatch *watch = NULL;
  RsSink *sink = NULL;
  assert_int_equal(rs_ports_list("none", &ports, &error), RS_ERR_PORT);
  assert_string_equal(error.message, "the MIDI driver 'none' has no ports");
  assert_ok(rs_sink_ports_new(&choice, rs_clock_monotonic(), &sink, &error));
  assert_string_equal(rs_sink_ports_name(sink), "no port");
  assert_ok(rs_sink_ports_watch(sink, &watch));
  assert_null(watch);
  rs_sink_free(sink);
  choice.inputs[RS_INPUT_SYNC] = "Ticker";
  assert_int_equal(rs_sink_ports_new(&choice, rs_clock_monotonic(), &sink, &error), RS_ERR_PORT);
  assert_string_equal(error.message, "the MIDI driver 'none' has no input ports");
}

static void without_an_output_and_inputs_no_port_is_opened_but_the_driver_must_exist(void **state) {
  static const char *const drivers[] = {NULL, "portmidi", "alsa", "jack", "none"};
  for (int i = 0; i < 5; ++i) { // Whether it is built in or not
    const RsPortChoice choice = {.driver = drivers[i], .silent = true};
    RsSink *sink = NULL;
    assert_ok(rs_sink_ports_new(&choice, rs_clock_monotonic(), &sink, NULL));
    assert_string_equal(rs_sink_ports_name(sink), "no port");
    rs_sink_free(sink);
  }
  const RsPortChoice choice = {.driver = "midi", .silent = true};
  RsError error = {.status = RS_OK};
  RsSink *sink = NULL;
  assert_int_equal(rs_sink_ports_new(&choice, rs_clock_monotonic(), &sink, &error), RS_ERR_SETTING);
  assert_null(sink);
}

static RsSink *open_driver(const char *name, RsClock *clock) {
  const RsPortChoice choice = {.output = "ignored"};
  RsSink *sink = NULL;
  assert_ok(rs_midi_driver_find(name)->open(&choice, clock, &sink, NULL));
  return sink;
}

static void the_driver_none_discards_and_the_driver_record_keeps(void **state) {
  RsSimulatedClock clock;
  const RsMessage note = {3, {0x90, 60, 90}};
  size_t count = 0;
  rs_clock_simulate(&clock, 5);
  RsSink *none = open_driver("none", &clock.clock), *record = open_driver("record", &clock.clock);
  assert_ok(none->send(none, 7, &note, 1));
  assert_ok(record->send(record, 7, &note, 1));
  const RsRecorded *kept = rs_sink_recorded(record, &count);
  assert_int_equal(count, 1);
  assert_int_equal(kept[0].due, 7);
  assert_int_equal(kept[0].sent, 5);
  assert_memory_equal(&kept[0].message, &note, sizeof(note));
  rs_sink_free(none);
  rs_sink_free(record);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_driver_has_a_name_of_its_own_and_opens),
      cmocka_unit_test(the_default_driver_has_ports_and_virtual_ones_where_they_are_wanted),
      cmocka_unit_test(a_driver_that_does_not_exist_or_is_not_built_in_is_refused),
      cmocka_unit_test(the_driver_none_has_no_ports_but_plays),
      cmocka_unit_test(without_an_output_and_inputs_no_port_is_opened_but_the_driver_must_exist),
      cmocka_unit_test(the_driver_none_discards_and_the_driver_record_keeps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
