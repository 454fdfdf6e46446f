/* SPDX-License-Identifier: ISC */

/* Faults that are met in MIDI files, and what becomes of them. A tick is a frame. */

#include "chunks.h"
#include "ingested.h"

/* ---- Notes ----------------------------------------------------------------------------------- */

static void a_doubled_note_on_ends_at_the_one_note_off(void **state) {
  Result r = ingest_events(BYTES(0, 0x90, 60, 80, 0, 60, 80, 4, 60, 0, 0, 62, 80, 100, 62, 0, END));
  assert_repairs(&r, "", false);
  assert_string_equal(row(&r, 60),
                      "####............................................................");
  assert_int_equal(r.report.counts.kept, 3);
  clear(&r);
  r = ingest_events(
      BYTES(0, 0x90, 60, 80, 2, 60, 80, 2, 60, 80, 2, 60, 0, 2, 62, 80, 1, 62, 0, END));
  assert_repairs(&r, "", false);
  assert_string_equal(row(&r, 60), "######...");
  clear(&r);
}

static void a_note_off_in_another_track_ends_a_note(void **state) {
  const uint8_t chunks[] = {MTRK(8), 0, 0x90, 60, 80, END, MTRK(15), 4, 0x80, 60,
                            0,       0, 0x90, 62, 80, 4,   62,       0, END};
  Result r = ingest_bytes(chunks, sizeof chunks);
  assert_repairs(&r, "", false);
  assert_string_equal(row(&r, 60), "####....");
  assert_string_equal(row(&r, 62), "....####");
  clear(&r);
}

static void all_notes_off_in_another_track_ends_a_note(void **state) {
  const uint8_t chunks[] = {MTRK(8), 0, 0x90, 60, 80, END, MTRK(15), 4, 0xB0, 123,
                            0,       0, 0x90, 62, 80, 4,   62,       0, END};
  Result r = ingest_bytes(chunks, sizeof chunks);
  assert_repairs(&r, "", false);
  assert_string_equal(row(&r, 60), "####....");
  clear(&r);
}

/* One track ends a note as the other begins the same one. */
static void a_note_off_of_the_note_before_does_not_end_the_next(void **state) {
  const uint8_t first_of_later_track[] = {MTRK(12), 4, 0x90, 60, 80, 4, 0x80, 60, 0, END,
                                          MTRK(12), 0, 0x90, 60, 80, 4, 0x80, 60, 0, END};
  const uint8_t first_of_first_track[] = {MTRK(12), 0, 0x90, 60, 80, 4, 0x80, 60, 0, END,
                                          MTRK(12), 4, 0x90, 60, 80, 4, 0x80, 60, 0, END};
  const uint8_t *const orders[] = {first_of_later_track, first_of_first_track};
  for (size_t i = 0; i < 2; ++i) {
    Result r = ingest_chunks(orders[i], sizeof first_of_later_track, true);
    assert_repairs(&r, "", false);
    assert_string_equal(row(&r, 60), "########");
    for (size_t n = 0; n < r.report.frames; ++n) {
      assert_int_equal(rs_frame_has(&r.songs.rolls[0].onset[n], 60), n == 0 || n == 4);
    }
    clear(&r);
  }
}

/* Two voices end a note together, as a third one begins it anew. */
static void of_several_note_offs_of_the_note_before_none_ends_the_next(void **state) {
  const uint8_t chunks[] = {MTRK(12), 0, 0x90, 60, 80, 4, 0x80, 60, 0, END,
                            MTRK(12), 4, 0x90, 60, 80, 4, 0x80, 60, 0, END,
                            MTRK(12), 0, 0x90, 60, 80, 4, 0x80, 60, 0, END,
                            MTRK(12), 0, 0x90, 60, 80, 4, 0x80, 60, 0, END};
  Midi midi = {.size = 0};
  const RsIngest s = rs_ingest_defaults();
  midi_header(&midi, 1, 4, 4);
  midi_put(&midi, chunks, sizeof chunks);
  Result r = ingest(&midi, &s);
  assert_repairs(&r, "", false);
  assert_string_equal(row(&r, 60), "########");
  clear(&r);
}

/* It is the one that a synthesizer plays for no time. */
static void a_note_that_its_own_track_ends_at_once_lasts_a_frame(void **state) {
  Result r = ingest_events(
      BYTES(0, 0x90, 60, 80, 4, 60, 80, 0, 60, 0, 4, 60, 0, 0, 62, 80, 1, 62, 0, END));
  assert_repairs(&r, "", false);
  assert_string_equal(row(&r, 60), "#####....");
  clear(&r);
}

static void tracks_of_format_2_share_nothing(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Midi midi = {.size = 0};
  midi_header(&midi, 2, 2, 4);
  midi_track(&midi, BYTES(0, 0x90, 60, 80, 6, 60, 0, END));
  midi_track(&midi, BYTES(4, 0x80, 60, 0, 0, 0x90, 62, 80, 4, 62, 0, END));
  Result r = ingest(&midi, &s);
  assert_string_equal(row(&r, 60), "######");
  clear(&r);
}

static void a_note_that_nobody_ends_is_cut_and_told(void **state) {
  Result r = ingest_events(BYTES(0, 0x90, 48, 80, 0, 62, 80, 60, 62, 0, END));
  assert_repairs(&r, "1 note that nobody ends cut to 8 quarter notes or less", true);
  assert_int_equal(r.report.unended, 1);
  assert_int_equal(r.report.frames, 60);
  assert_string_equal(row(&r, 48), "################################............................");
  clear(&r);
}

static void a_note_that_nobody_ends_lasts_no_longer_than_its_track(void **state) {
  const uint8_t chunks[] = {MTRK(8),  0, 0x90, 48, 80, 5,  0xFF, 0x2F, 0,
                            MTRK(11), 0, 0x91, 62, 80, 60, 62,   0,    END};
  Result r = ingest_bytes(chunks, sizeof chunks);
  assert_int_equal(r.report.unended, 1);
  assert_string_equal(row(&r, 48), "#####.......................................................");
  clear(&r);
}

static void a_note_off_lost_long_before_the_next_note_on_is_told(void **state) {
  Result r = ingest_events(BYTES(0, 0x90, 48, 80, 50, 48, 80, 4, 48, 0, END));
  assert_repairs(&r, "1 note that nobody ends cut to 8 quarter notes or less", true);
  assert_string_equal(row(&r, 48), "################################..................####");
  clear(&r);
}

/* ---- Pedal ----------------------------------------------------------------------------------- */

static void assert_held(const uint8_t *events, size_t size, const char *expected) {
  RsIngest s = rs_ingest_defaults();
  s.pedal = true;
  Result r = ingest_track(events, size, &s);
  assert_string_equal(row(&r, 60), expected);
  clear(&r);
}

static void resetting_the_controllers_lets_the_pedal_up(void **state) {
  assert_held(BYTES(0, 0xB0, 64, 127, 0, 0x90, 60, 80, 1, 60, 0, 3, 0xB0, 121, 0, 4, 0x90, 62, 80,
                    1, 62, 0, END),
              "####.....");
}

static void resetting_the_controllers_ends_no_key_that_is_down(void **state) {
  assert_held(BYTES(0, 0x90, 60, 80, 2, 0xB0, 121, 0, 2, 0x90, 60, 0, END), "####");
}

static void all_sound_off_ends_what_the_pedal_holds(void **state) {
  assert_held(BYTES(0, 0xB0, 64, 127, 0, 0x90, 60, 80, 1, 60, 0, 2, 0xB0, 120, 0, 2, 0x90, 60, 80,
                    1, 60, 0, 2, 0xB0, 64, 0, END),
              "###..###");
  assert_held(
      BYTES(0, 0xB0, 64, 127, 0, 0x90, 60, 80, 3, 0xB0, 120, 0, 2, 0x90, 62, 80, 1, 62, 0, END),
      "###...");
}

static void all_notes_off_leaves_what_the_pedal_holds(void **state) {
  assert_held(BYTES(0, 0xB0, 64, 127, 0, 0x90, 60, 80, 2, 0xB0, 123, 0, 2, 64, 0, 1, 0x90, 62, 80,
                    1, 62, 0, END),
              "####..");
}

/* ---- Bytes that have no place there ---------------------------------------------------------- */

static void system_messages_are_stepped_over(void **state) {
  static const uint8_t messages[][4] = {{1, 0xF8}, {1, 0xFA}, {1, 0xFB},    {1, 0xFC},
                                        {1, 0xFE}, {1, 0xF6}, {2, 0xF1, 5}, {3, 0xF2, 5, 6},
                                        {1, 0xF4}, {1, 0xFD}, {2, 0xF3, 7}};
  for (size_t i = 0; i < sizeof messages / sizeof *messages; ++i) {
    const uint8_t before[] = {0, 0x90, 60, 80, 1}, after[] = {2, 60, 0, 0, 62, 80, 1, 62, 0, END};
    uint8_t events[32];
    size_t size = 0;
    memcpy(events, before, size += sizeof before);
    memcpy(events + size, messages[i] + 1, messages[i][0]);
    size += messages[i][0];
    memcpy(events + size, after, sizeof after);
    Result r = ingest_events(events, size + sizeof after);
    assert_repairs(&r, "track 1: 1 system message stepped over", false);
    assert_string_equal(row(&r, 60), "###.");
    assert_string_equal(row(&r, 62), "...#");
    clear(&r);
  }
}

static void clocks_and_active_sensing_within_an_event_are_stepped_over(void **state) {
  for (size_t i = 0; i < 2; ++i) {
    const uint8_t x = i ? 0xFE : 0xF8;
    Result r = ingest_events(
        BYTES(0, 0x90, x, 60, 80, 2, 62, x, x, 80, 1, 0x80, 60, 0, 1, 0x80, 62, x, 0, END));
    assert_repairs(&r, "track 1: 4 system messages stepped over", false);
    assert_string_equal(row(&r, 60), "###.");
    assert_string_equal(row(&r, 62), "..##");
    clear(&r);
    r = ingest_events(BYTES(0, 0x90, 60, 80, 2, 0xB0, x, 123, 0, 2, 62, 0, 0, 0x80, 60, 0, END));
    assert_string_equal(row(&r, 60), "##");
    clear(&r);
  }
}

static void data_without_a_status_are_left_out_up_to_the_next_event(void **state) {
  Result r = ingest_events(BYTES(0, 60, 80, 0, 0x90, 62, 80, 4, 62, 0, END));
  assert_repairs(&r, "track 1: 2 bytes without a status left out", true);
  assert_string_equal(row(&r, 62), "####");
  clear(&r);
  /* The delta of the next event has two bytes, which might be taken for a status. */
  r = ingest_events(BYTES(1, 60, 80, 0x81, 0x10, 0x90, 62, 80, 4, 62, 0, END));
  assert_repairs(&r,
                 "track 1: 2 bytes without a status left out; silences of more than 64 frames "
                 "cut by 81 frames",
                 true);
  clear(&r);
}

/* Some of their bytes and the delta behind them may look like an event. */
static void several_data_without_a_status_are_left_out_up_to_the_next_event(void **state) {
  Result r = ingest_events(
      BYTES(0, 60, 80, 0x83, 0x60, 60, 0, 0, 0x90, 62, 80, 4, 62, 0, 0, 64, 80, 2, 64, 0, END));
  assert_repairs(&r, "track 1: 6 bytes without a status left out", true);
  assert_string_equal(row(&r, 62), "####..");
  assert_string_equal(row(&r, 64), "....##");
  assert_int_equal(r.report.notes, 2);
  clear(&r);
  r = ingest_events(BYTES(0, 60, 80, 0, 0x90, 62, 80, 0, 0xF8, 4, 62, 0, END));
  assert_repairs(
      &r, "track 1: 1 system message stepped over; track 1: 2 bytes without a status left out",
      true);
  assert_string_equal(row(&r, 62), "####");
  clear(&r);
}

static void data_without_a_status_and_no_event_behind_are_a_damage(void **state) {
  const uint8_t chunks[] = {MTRK(3), 0, 60, 80, MTRK(11), 0, 0x90, 62, 80, 4, 62, 0, END};
  Result r = ingest_bytes(chunks, sizeof chunks);
  assert_repairs(&r, "track 1 kept up to byte 0 of 3: data without a status before it", true);
  assert_string_equal(row(&r, 62), "####");
  clear(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_doubled_note_on_ends_at_the_one_note_off),
      cmocka_unit_test(a_note_off_in_another_track_ends_a_note),
      cmocka_unit_test(all_notes_off_in_another_track_ends_a_note),
      cmocka_unit_test(a_note_off_of_the_note_before_does_not_end_the_next),
      cmocka_unit_test(of_several_note_offs_of_the_note_before_none_ends_the_next),
      cmocka_unit_test(a_note_that_its_own_track_ends_at_once_lasts_a_frame),
      cmocka_unit_test(tracks_of_format_2_share_nothing),
      cmocka_unit_test(a_note_that_nobody_ends_is_cut_and_told),
      cmocka_unit_test(a_note_that_nobody_ends_lasts_no_longer_than_its_track),
      cmocka_unit_test(a_note_off_lost_long_before_the_next_note_on_is_told),
      cmocka_unit_test(resetting_the_controllers_lets_the_pedal_up),
      cmocka_unit_test(resetting_the_controllers_ends_no_key_that_is_down),
      cmocka_unit_test(all_sound_off_ends_what_the_pedal_holds),
      cmocka_unit_test(all_notes_off_leaves_what_the_pedal_holds),
      cmocka_unit_test(system_messages_are_stepped_over),
      cmocka_unit_test(clocks_and_active_sensing_within_an_event_are_stepped_over),
      cmocka_unit_test(data_without_a_status_are_left_out_up_to_the_next_event),
      cmocka_unit_test(several_data_without_a_status_are_left_out_up_to_the_next_event),
      cmocka_unit_test(data_without_a_status_and_no_event_behind_are_a_damage),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
