/* SPDX-License-Identifier: ISC */

/* The first and the last of what there is: notes 0 and 127, controllers, windows; and no memory. */

#include "allocations.h"
#include "ingested.h"

#include "music/repairs.h"

#include <rollsmith/midi_write.h>
#include <rollsmith/statistics.h>

/* ---- Notes and controllers ---- */

static void all_sound_off_and_all_notes_off_end_the_notes_of_their_channel(void **state) {
  RsIngest s = rs_ingest_defaults();
  for (uint8_t controller = 120; controller < 128; ++controller) {
    if (controller == 121 || controller == 122) {
      continue; /* what releases the pedal, and a keyboard's own sound */
    }
    Result r = ingest_track(BYTES(0, 0x90, 60, 80, 0, 0x91, 64, 80, 2, 0xB0, controller, 0, 2, 0x91,
                                  64, 0, 0, 0x90, 67, 80, 2, 67, 0, END),
                            &s);
    assert_string_equal(row(&r, 60), "##....");
    assert_string_equal(row(&r, 64), "####..");
    assert_string_equal(row(&r, 67), "....##");
    clear(&r);
  }
  Result r =
      ingest_track(BYTES(0, 0x90, 60, 80, 2, 0xB0, 119, 0, 2, 0x90, 60, 0, 0, 0xFF, 0x2F, 0), &s);
  assert_string_equal(row(&r, 60), "####");
  clear(&r);
}

static void the_lowest_and_the_highest_note_are_read(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.low = 0;
  s.high = 127;
  s.velocity = true;
  Result r = ingest_track(BYTES(0, 0x90, 127, 80, 0, 0, 90, 0, 126, 70, 1, 127, 0, 0, 0, 0, 1, 126,
                                0, 0, 0x90, 127, 60, 1, 127, 0, END),
                          &s);
  const RsRoll *roll = &r.songs.rolls[0];
  assert_string_equal(row(&r, 127), "#.#");
  assert_string_equal(row(&r, 0), "#..");
  assert_string_equal(row(&r, 126), "##.");
  assert_int_equal(roll->velocity[127], 80);
  assert_int_equal(roll->velocity[0], 90);
  assert_int_equal(roll->velocity[2 * RS_NOTES + 127], 60);
  clear(&r);
}

static void velocities_of_the_outermost_notes_are_moved_along(void **state) {
  RsRoll in, out;
  RsRollCounts counts = {0};
  assert_ok(rs_roll_init(&in, NULL, 1, RS_PLANE_VELOCITY));
  rs_frame_set(&in.on[0], 0);
  rs_frame_set(&in.on[0], 127);
  in.velocity[0] = 50;
  in.velocity[127] = 70;
  assert_ok(rs_roll_fit(&in, 48, 83, RS_OUTSIDE_FOLD, 0, &out, &counts));
  for (int note = 0; note < RS_NOTES; ++note) {
    assert_int_equal(out.velocity[note], note == 48 ? 50 : note == 79 ? 70 : 0);
  }
  rs_roll_clear(&out);
  rs_roll_clear(&in);
}

/* ---- Windows ---- */

/* Windows of one note where the text has a dot, outside of the band elsewhere. */
static RsJudgement judged(const char *text) {
  RsRoll roll;
  RsBand band = {.windows = 1};
  for (int i = 0; i < RS_STATISTICS; ++i) {
    band.low.value[i] = -100;
    band.high.value[i] = i == RS_POLYPHONY ? 1 : 100;
  }
  const size_t windows = strlen(text);
  assert_ok(rs_roll_init(&roll, NULL, windows * RS_WINDOW, RS_PLANE_NONE));
  for (size_t n = 0; n < windows * RS_WINDOW; ++n) {
    for (int note = 60; note < (text[n / RS_WINDOW] == '.' ? 61 : 65); ++note) {
      rs_frame_set(&roll.on[n], note);
    }
  }
  const RsJudgement j = rs_judge(&roll, &band);
  rs_roll_clear(&roll);
  return j;
}

/* A quarter of the windows, rounded up, at each end. */
static void the_quarters_of_a_roll_are_whole_windows(void **state) {
  static const struct {
    const char *text;
    double first, last;
  } rolls[] = {
      {".", 1, 1},         {"!.", 0, 1},       {"...!", 1, 0},     {".!!!.", 0.5, 0.5},
      {"!...!", 0.5, 0.5}, {"..!...!!", 1, 0}, {"!!......", 0, 1}, {"..!..!.!!", 2.0 / 3, 1.0 / 3}};
  for (size_t i = 0; i < sizeof rolls / sizeof *rolls; ++i) {
    const RsJudgement j = judged(rolls[i].text);
    assert_close(j.first_inside.value[RS_POLYPHONY], rolls[i].first, 1e-12);
    assert_close(j.last_inside.value[RS_POLYPHONY], rolls[i].last, 1e-12);
  }
}

/* ---- No memory ---- */

static void a_file_is_read_or_there_is_no_memory(void **state) {
  const RsIngest s = rs_ingest_defaults();
  const uint8_t events[] = {0, 0x90, 60, 80, 0, 64, 80, 2, 60, 0, 2, 64, 0, END};
  Result r = ingest_track(events, sizeof events, &s);
  clear(&r);
  const size_t before = allocations;
  r = ingest_track(events, sizeof events, &s);
  const size_t calls = allocations - before;
  assert_ok(r.status);
  clear(&r);
  assert_true(calls > 6);
  for (size_t k = 1; k <= calls; ++k) {
    failing = allocations + k;
    r = ingest_track(events, sizeof events, &s);
    failing = 0;
    assert_int_equal(r.status, RS_ERR_MEMORY);
    assert_int_equal(r.songs.count, 0);
    clear(&r);
  }
}

static void a_song_is_composed_without_memory_and_nothing_is_kept(void **state) {
  RsRoll roll;
  const RsMidiSettings settings = {.name = "song", .program = -1, .phrases = true};
  uint8_t *bytes = NULL;
  size_t size = 0;
  RsError error;
  assert_ok(rs_roll_init(&roll, NULL, 64, RS_PLANE_ONSET));
  for (size_t i = 0; i < roll.frames; ++i) {
    rs_frame_set(&roll.on[i], 60 + (int)i % 8);
    rs_frame_set(&roll.onset[i], 60 + (int)i % 8);
  }
  const size_t before = allocations, blocks = living;
  assert_ok(rs_midi_compose(&roll, &settings, &bytes, &size, NULL));
  const size_t calls = allocations - before;
  free(bytes);
  assert_int_equal(living, blocks);
  for (size_t k = 1; k <= calls; ++k) {
    failing = allocations + k;
    assert_int_equal(rs_midi_compose(&roll, &settings, &bytes, &size, &error), RS_ERR_MEMORY);
    failing = 0;
    assert_null(bytes);
    assert_int_equal(living, blocks);
  }
  rs_roll_clear(&roll);
}

/* ---- Repairs --------------------------------------------------------------------------------- */

/* A list is full when a repair, a separator and what stands for others would not fit. */
static void repairs_that_have_no_room_are_dots(void **state) {
  char long_one[RS_REPAIRS_SIZE + 10];
  memset(long_one, 'a', sizeof long_one);
  long_one[sizeof long_one - 1] = 0;
  const int most = RS_REPAIRS_SIZE - (int)sizeof "; ...";
  for (int used = 1; used <= most; ++used) {
    for (int over = 0; over < 2; ++over) {
      RsRepairs repairs = {.text = ""};
      const int room = most - used - 2; /* behind the first and "; " */
      char wanted[RS_REPAIRS_SIZE];
      rs_repairs_add(&repairs, "%.*s", used, long_one);
      assert_int_equal(strlen(repairs.text), used);
      if (room + over < 1) {
        continue;
      }
      rs_repairs_add(&repairs, "%.*s", room + over, long_one + 1);
      snprintf(wanted, sizeof wanted, "%.*s; %.*s", used, long_one, over ? 3 : room,
               over ? "..." : long_one);
      assert_string_equal(repairs.text, wanted);
      rs_repairs_add(&repairs, "b");
      rs_repairs_lose(&repairs, "cc");
      if (!over) {
        strcat(wanted, "; ...");
      }
      assert_string_equal(repairs.text, wanted);
      assert_true(repairs.lossy);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_sound_off_and_all_notes_off_end_the_notes_of_their_channel),
      cmocka_unit_test(the_lowest_and_the_highest_note_are_read),
      cmocka_unit_test(velocities_of_the_outermost_notes_are_moved_along),
      cmocka_unit_test(the_quarters_of_a_roll_are_whole_windows),
      cmocka_unit_test(a_file_is_read_or_there_is_no_memory),
      cmocka_unit_test(a_song_is_composed_without_memory_and_nothing_is_kept),
      cmocka_unit_test(repairs_that_have_no_room_are_dots),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
