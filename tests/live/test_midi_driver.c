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

static void the_default_driver_has_ports(void **state) {
  const RsMidiDriver *driver = rs_midi_driver_find(NULL);
  assert_true(!driver || driver->list);
  assert_int_equal(rs_ports_virtual(), driver && driver->virtual_ports);
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
      cmocka_unit_test(the_default_driver_has_ports),
      cmocka_unit_test(the_driver_none_discards_and_the_driver_record_keeps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
