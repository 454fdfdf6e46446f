/* SPDX-License-Identifier: ISC */

/* Which events end which notes. A tick is a frame. */

#include "ingested.h"

/* The events of a track. */
typedef struct {
  const uint8_t *events;
  size_t size;
} Track;

#define TRACK(...)                                                                                 \
  (Track) {                                                                                        \
    BYTES(__VA_ARGS__)                                                                             \
  }

static Result ingest_tracks(const RsIngest *settings, const Track *tracks, size_t count) {
  Midi midi = {.size = 0};
  midi_header(&midi, 1, (unsigned)count, 4);
  for (size_t i = 0; i < count; ++i) {
    midi_track(&midi, tracks[i].events, tracks[i].size);
  }
  return ingest(&midi, settings);
}

/* ---- By channel: as FluidSynth 2.3 plays it, but where it is said ---------------------------- */

/* Compare note 60 of two tracks, and a third one that makes the song 10 frames long. */
static void assert_played(const char *expected, Track first, Track second) {
  const Track tracks[] = {first, second, TRACK(9, 0x9F, 40, 80, 1, 40, 0, END)};
  RsIngest s = rs_ingest_defaults();
  s.pedal = true;
  s.low = 0;
  Result r = ingest_tracks(&s, tracks, 3);
  assert_ok(r.status);
  assert_string_equal(r.report.repairs, "");
  assert_string_equal(row(&r, 60), expected);
  clear(&r);
}

static void a_second_note_off_is_passed_over(void **state) {
  assert_played("####......", TRACK(0, 0x90, 60, 80, 2, 60, 80, 2, 60, 0, 3, 60, 0, END),
                TRACK(END));
}

static void of_two_tracks_on_one_note_the_first_note_off_ends_it(void **state) {
  assert_played("####......", TRACK(0, 0x90, 60, 80, 8, 60, 0, END),
                TRACK(2, 0x90, 60, 80, 2, 60, 0, END));
  assert_played("####......", TRACK(0, 0x90, 60, 80, 4, 60, 0, END),
                TRACK(0, 0x90, 60, 80, 6, 60, 0, END));
}

/* FluidSynth plays such a note for no time. */
static void a_note_off_ends_no_note_that_another_track_begins_with_it(void **state) {
  const Track note = TRACK(3, 0x90, 60, 80, 4, 60, 0, END), off = TRACK(3, 0x80, 60, 0, END);
  assert_played("...####...", note, off);
  assert_played("...####...", off, note);
  assert_played("...#......", note, TRACK(4, 0x80, 60, 0, END));
}

static void mode_messages_end_the_notes_of_their_channel_alone(void **state) {
  for (uint8_t controller = 119; controller <= 127; ++controller) {
    const bool ends = controller == 120 || controller >= 123;
    for (uint8_t channel = 0; channel < 2; ++channel) {
      const uint8_t status = 0xB0 | channel;
      assert_played(ends && !channel ? "###......." : "########..",
                    TRACK(0, 0x90, 60, 80, 8, 60, 0, END), TRACK(3, status, controller, 127, END));
    }
  }
}

static void the_pedal_is_down_from_64_on(void **state) {
  for (uint8_t value = 62; value < 66; ++value) {
    assert_played(value < 64 ? "####......" : "#######...",
                  TRACK(0, 0xB0, 64, value, 0, 0x90, 60, 80, 4, 60, 0, 3, 0xB0, 64, 0, END),
                  TRACK(END));
  }
}

/* Of what happens at one time, the order in the file decides, and that of the tracks. */
static void the_pedal_holds_notes_that_end_after_it_goes_down(void **state) {
  const Track note = TRACK(0, 0x90, 60, 80, 4, 60, 0, END);
  const Track pedal = TRACK(4, 0xB0, 64, 127, 3, 64, 0, END);
  const Track change = TRACK(0, 0xB0, 64, 127, 4, 64, 0, 0, 64, 127, 3, 64, 0, END);
  assert_played("#######...", pedal, note);
  assert_played("####......", note, pedal);
  assert_played("#######...", change, note);
  assert_played("####......", note, change);
  assert_played("####......",
                TRACK(0, 0xB0, 64, 127, 0, 0x90, 60, 80, 4, 0xB0, 64, 0, 0, 0x90, 60, 0, 0, 0xB0,
                      64, 127, 3, 64, 0, END),
                TRACK(END));
}

static void a_pedal_holds_the_notes_of_its_channel_alone(void **state) {
  assert_played("####......", TRACK(0, 0x90, 60, 80, 4, 60, 0, END),
                TRACK(0, 0xB1, 64, 127, 7, 64, 0, END));
  assert_played("..##......", TRACK(0, 0xB0, 64, 127, END),
                TRACK(1, 0xB1, 120, 0, 1, 0x91, 60, 80, 2, 60, 0, END));
}

static void a_note_that_is_struck_again_under_the_pedal_sounds_on(void **state) {
  assert_played(
      "########..",
      TRACK(0, 0xB0, 64, 127, 0, 0x90, 60, 80, 2, 60, 0, 2, 60, 80, 2, 60, 0, 2, 0xB0, 64, 0, END),
      TRACK(END));
}

/* ---- Within a track -------------------------------------------------------------------------- */

static Result ingest_by_track(Track first, Track second) {
  const Track tracks[] = {first, second};
  RsIngest s = rs_ingest_defaults();
  s.pairing = RS_PAIRING_TRACK;
  s.articulation = false;
  return ingest_tracks(&s, tracks, 2);
}

static void
within_a_track_a_note_off_ends_the_last_note_and_those_before_are_dropped(void **state) {
  Result r = ingest_by_track(
      TRACK(0, 0x90, 60, 80, 2, 60, 80, 1, 60, 90, 2, 60, 0, 1, 60, 0, 0, 62, 80, 1, 62, 0, END),
      TRACK(END));
  assert_string_equal(row(&r, 60), "...##..");
  assert_int_equal(r.report.notes, 4);
  assert_int_equal(r.report.counts.dropped, 2);
  assert_int_equal(r.report.counts.kept, 2);
  clear(&r);
}

static void within_a_track_nothing_in_another_track_ends_a_note(void **state) {
  Result r =
      ingest_by_track(TRACK(0, 0x90, 60, 80, 8, 0x80, 60, 0, END),
                      TRACK(2, 0x80, 60, 0, 0, 0xB0, 123, 0, 1, 0x90, 60, 80, 2, 60, 0, END));
  assert_string_equal(r.report.repairs, "");
  assert_string_equal(row(&r, 60), "########");
  assert_int_equal(r.report.counts.kept, 2);
  assert_int_equal(r.report.counts.dropped, 0);
  clear(&r);
}

static void within_a_track_all_notes_off_ends_its_notes(void **state) {
  Result r = ingest_by_track(TRACK(0, 0x90, 60, 80, 3, 0xB0, 123, 0, END),
                             TRACK(0, 0x90, 62, 80, 5, 62, 0, END));
  assert_string_equal(row(&r, 60), "###..");
  assert_string_equal(row(&r, 62), "#####");
  clear(&r);
}

/* It does not go over into the next track. */
static void within_a_track_a_note_that_nobody_ends_lasts_as_long_as_the_track(void **state) {
  Result r = ingest_by_track(TRACK(0, 0x90, 60, 80, 3, 0xFF, 0x2F, 0),
                             TRACK(0, 0x90, 62, 80, 6, 62, 0, 0, 60, 80, 2, 60, 0, END));
  assert_string_equal(r.report.repairs, "1 note that nobody ends cut to 8 quarter notes or less");
  assert_string_equal(row(&r, 60), "###...##");
  assert_int_equal(r.report.counts.dropped, 0);
  clear(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_second_note_off_is_passed_over),
      cmocka_unit_test(of_two_tracks_on_one_note_the_first_note_off_ends_it),
      cmocka_unit_test(a_note_off_ends_no_note_that_another_track_begins_with_it),
      cmocka_unit_test(mode_messages_end_the_notes_of_their_channel_alone),
      cmocka_unit_test(the_pedal_is_down_from_64_on),
      cmocka_unit_test(the_pedal_holds_notes_that_end_after_it_goes_down),
      cmocka_unit_test(a_pedal_holds_the_notes_of_its_channel_alone),
      cmocka_unit_test(a_note_that_is_struck_again_under_the_pedal_sounds_on),
      cmocka_unit_test(within_a_track_a_note_off_ends_the_last_note_and_those_before_are_dropped),
      cmocka_unit_test(within_a_track_nothing_in_another_track_ends_a_note),
      cmocka_unit_test(within_a_track_all_notes_off_ends_its_notes),
      cmocka_unit_test(within_a_track_a_note_that_nobody_ends_lasts_as_long_as_the_track),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
