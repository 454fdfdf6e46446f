/* SPDX-License-Identifier: ISC */

/* Reading songs: their notes. */

#include "frames.h"
#include "ingested.h"
#include "kit.h"

#include <rollsmith/ingest.h>

#include <string.h>
#include <unistd.h>

/* ---- Notes ---- */

static void notes_become_frames(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r = ingest_track(BYTES(1, 0x90, 60, 80, 0, 64, 80, 2, 60, 0, 2, 0x80, 64, 0, END), &s);
  assert_ok(r.status);
  assert_string_equal(row(&r, 60), ".##..");
  assert_string_equal(row(&r, 64), ".####");
  assert_string_equal(r.songs.rolls[0].name, "song");
  assert_int_equal(r.report.counts.kept, 2);
  assert_int_equal(r.report.frames, 5);
  clear(&r);
}

static void times_round_to_the_nearest_frame_halves_upwards(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.frames_per_beat = 2; /* two ticks a frame */
  Result r = ingest_track(BYTES(1, 0x90, 60, 80, 2, 60, 0, END), &s);
  assert_string_equal(row(&r, 60), ".#");
  clear(&r);
}

static void a_note_too_short_gets_a_frame_or_is_dropped(void **state) {
  RsIngest s = rs_ingest_defaults();
  const uint8_t events[] = {1, 0x90, 60, 80, 0, 60, 0, 0, 62, 80, 1, 62, 0, END};
  Result r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 60), ".#");
  clear(&r);
  s.min_frames = 0;
  r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 60), "..");
  assert_int_equal(r.report.counts.dropped, 1);
  clear(&r);
}

static void a_note_ends_where_its_pitch_begins_again(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r = ingest_track(
      BYTES(0, 0x90, 60, 80, 1, 60, 80, 1, 60, 0, 2, 60, 0, 0, 62, 80, 1, 62, 0, END), &s);
  assert_string_equal(row(&r, 60), "##...");
  assert_int_equal(r.report.counts.kept, 3);
  assert_string_equal(r.report.repairs, "");
  clear(&r);
}

static void check_three_channels(bool articulation) {
  RsIngest s = rs_ingest_defaults();
  s.articulation = articulation;
  Midi midi = {.size = 0};
  midi_header(&midi, 1, 2, 4);
  midi_track(&midi, BYTES(0, 0x90, 60, 80, 1, 0x91, 60, 80, 1, 0x81, 60, 0, 4, 0x80, 60, 0, END));
  midi_track(&midi, BYTES(1, 0x92, 60, 80, 1, 0x82, 60, 0, END));
  Result r = ingest(&midi, &s);
  const RsRoll *roll = &r.songs.rolls[0];
  assert_string_equal(row(&r, 60), "######");
  for (size_t f = 0; articulation && f < roll->frames; ++f) {
    assert_int_equal(rs_frame_has(&roll->onset[f], 60), f < 2);
  }
  clear(&r);
}

static void channels_do_not_end_each_others_notes(void **state) {
  check_three_channels(false);
  check_three_channels(true);
}

static void tracks_are_brought_into_the_order_of_time(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Midi midi = {.size = 0};
  midi_header(&midi, 1, 3, 4);
  midi_track(&midi, BYTES(4, 0x90, 60, 80, 2, 60, 0, END));
  midi_track(&midi, BYTES(2, 0x90, 60, 80, 1, 60, 0, END));
  midi_track(&midi, BYTES(0, 0x90, 60, 80, 1, 60, 0, END));
  Result r = ingest(&midi, &s);
  assert_string_equal(row(&r, 60), "#.#.##");
  clear(&r);
}

static void hanging_notes_end_with_their_track(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r = ingest_track(BYTES(0, 0x90, 60, 80, 3, 0xFF, 0x2F, 0), &s);
  assert_string_equal(row(&r, 60), "###");
  clear(&r);
}

static void all_notes_off_ends_the_notes_of_its_channel(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r =
      ingest_track(BYTES(0, 0x90, 60, 80, 0, 0x91, 64, 80, 2, 0xB0, 123, 0, 2, 0xFF, 0x2F, 0), &s);
  assert_string_equal(row(&r, 60), "##..");
  assert_string_equal(row(&r, 64), "####");
  clear(&r);
}

static void the_pedal_holds_notes_where_asked(void **state) {
  RsIngest s = rs_ingest_defaults();
  const uint8_t events[] = {0, 0xB0, 64, 127, 0,    0x90, 60, 80, 1,    60, 0,  0, 0x91, 62, 80,
                            1, 62,   0,  1,   0xB0, 64,   0,  0,  0x90, 64, 80, 1, 64,   0,  END};
  Result r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 60), "#...");
  clear(&r);
  s.pedal = true;
  r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 60), "###.");
  assert_string_equal(row(&r, 62), ".#..");
  assert_string_equal(row(&r, 64), "...#");
  clear(&r);
}

static void a_pedal_that_stays_down_holds_to_the_end(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.pedal = true;
  Result r = ingest_track(
      BYTES(0, 0xB0, 64, 127, 0, 0x90, 60, 80, 1, 60, 0, 1, 0xB1, 64, 0, 2, 0xFF, 0x2F, 0), &s);
  assert_string_equal(row(&r, 60), "####");
  clear(&r);
}

static void drums_are_left_out_unless_asked_for(void **state) {
  RsIngest s = rs_ingest_defaults();
  const uint8_t events[] = {0, 0x99, 50, 80, 0, 0x90, 60, 80, 1, 60, 0, 0, 0x99, 50, 0, END};
  Result r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 50), ".");
  assert_int_equal(r.report.drums, 1);
  clear(&r);
  s.drums = true;
  r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 50), "#");
  clear(&r);
}

static void soft_notes_are_dropped_below_the_threshold(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.min_velocity = 40;
  Result r = ingest_track(BYTES(0, 0x90, 60, 39, 0, 62, 40, 1, 60, 0, 0, 62, 0, END), &s);
  assert_string_equal(row(&r, 60), ".");
  assert_string_equal(row(&r, 62), "#");
  assert_int_equal(r.report.counts.dropped, 1);
  clear(&r);
}

static void notes_outside_fold_drop_or_refuse(void **state) {
  RsIngest s = rs_ingest_defaults();
  const uint8_t events[] = {0, 0x90, 36, 80, 0, 60, 80, 1, 36, 0, 0, 60, 0, END};
  Result r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 48), "#");
  assert_int_equal(r.report.counts.folded, 1);
  clear(&r);
  s.outside = RS_OUTSIDE_DROP;
  r = ingest_track(events, sizeof events, &s);
  assert_int_equal(r.report.counts.dropped, 1);
  clear(&r);
  s.outside = RS_OUTSIDE_REFUSE;
  r = ingest_track(events, sizeof events, &s);
  assert_int_equal(r.status, RS_ERR_FORMAT);
  assert_string_equal(r.report.error.message, "note 36 is outside the range 48..83");
  assert_int_equal(r.songs.count, 0);
  clear(&r);
}

static void planes_tell_onsets_and_velocities(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.articulation = s.velocity = true;
  /* A channel holds the pitch over a note of another channel. */
  Result r = ingest_track(
      BYTES(0, 0x90, 60, 80, 1, 60, 90, 1, 0x91, 60, 100, 1, 0x81, 60, 0, 2, 0x80, 60, 0, END), &s);
  const RsRoll *roll = &r.songs.rolls[0];
  const int velocities[] = {80, 90, 100, 100, 100}, onsets[] = {1, 1, 1, 0, 0};
  assert_int_equal(roll->frames, 5);
  for (int t = 0; t < 5; ++t) {
    assert_int_equal(roll->velocity[t * RS_NOTES + 60], velocities[t]);
    assert_int_equal(rs_frame_has(&roll->onset[t], 60), onsets[t]);
    assert_frame(roll->on[t], 60);
  }
  clear(&r);
}

static void of_two_notes_that_begin_together_the_longer_is_kept(void **state) {
  RsIngest s = rs_ingest_defaults();
  const uint8_t events[] = {0,  0x90, 60, 90,   0,  0x91, 60, 70, 1, 0x90, 60,   0,    2, 0x91,
                            60, 0,    1,  0x90, 60, 90,   4,  60, 0, 0x00, 0xFF, 0x2F, 0};
  Result r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 60), "###.####");
  clear(&r);
  s.articulation = true;
  r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 60), "###.####");
  clear(&r);
}

static void of_two_notes_that_begin_together_the_louder_is_heard(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.velocity = true;
  Result r = ingest_track(
      BYTES(0, 0x90, 60, 90, 0, 0x91, 60, 70, 1, 0x90, 60, 0, 0, 0x91, 60, 0, END), &s);
  assert_int_equal(r.songs.rolls[0].velocity[60], 90);
  clear(&r);
}

static void a_song_in_minor_is_moved_to_a_minor(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.transpose = RS_TRANSPOSE_COMMON;
  /* E minor: its chord for long, its scale, and the leading note. */
  Result r = ingest_track(BYTES(0, 0x90, 64, 80, 0, 67, 80, 0, 71, 80, 8, 64, 0, 0, 67, 0, 0, 71, 0,
                                0, 66, 80, 1, 66, 0, 0, 69, 80, 1, 69, 0, 0, 72, 80, 1, 72, 0, 0,
                                63, 80, 1, 63, 0, 0, 64, 80, 4, 64, 0, END),
                          &s);
  assert_int_equal(r.report.transposed, 5);
  clear(&r);
}

static void a_song_is_moved_to_the_common_key(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.transpose = RS_TRANSPOSE_COMMON;
  /* D major: D, E, F sharp, G, A, B, C sharp, D. */
  Midi midi = {.size = 0};
  uint8_t events[128];
  size_t size = 0;
  const uint8_t scale[] = {62, 64, 66, 67, 69, 71, 73, 74, 62, 66, 69, 62};
  for (size_t i = 0; i < sizeof scale; ++i) {
    const uint8_t note[] = {0, 0x90, scale[i], 80, 2, scale[i], 0};
    memcpy(events + size, note, sizeof note);
    size += sizeof note;
  }
  const uint8_t end[] = {END};
  memcpy(events + size, end, sizeof end);
  midi_header(&midi, 0, 1, 4);
  midi_track(&midi, events, size + sizeof end);
  Result r = ingest(&midi, &s);
  assert_int_equal(r.report.transposed, -2);
  assert_int_equal(r.songs.rolls[0].to_common, -2);
  assert_frame(r.songs.rolls[0].on[0], 60);
  clear(&r);
  s.transpose_semitones = 5;
  r = ingest(&midi, &s);
  assert_int_equal(r.report.transposed, 3);
  assert_int_equal(r.songs.rolls[0].to_common, -2);
  clear(&r);
}

/* By at most five semitones down and six up. */
static void every_key_is_moved_by_the_shorter_way(void **state) {
  static const uint8_t scale[] = {0, 2, 4, 5, 7, 9, 11, 12, 0, 4, 7, 0};
  RsIngest s = rs_ingest_defaults();
  s.transpose = RS_TRANSPOSE_COMMON;
  for (uint8_t key = 0; key < 12; ++key) {
    uint8_t events[7 * sizeof scale + 4];
    for (size_t i = 0; i < sizeof scale; ++i) {
      const uint8_t pitch = (uint8_t)(60 + key + scale[i]);
      const uint8_t note[] = {0, 0x90, pitch, 80, 2, pitch, 0};
      memcpy(events + 7 * i, note, sizeof note);
    }
    memcpy(events + 7 * sizeof scale, (const uint8_t[]){END}, 4);
    Result r = ingest_track(events, sizeof events, &s);
    assert_int_equal(r.report.transposed, key < 6 ? -key : 12 - key);
    clear(&r);
  }
}

/* They have no pitch. */
static void drums_have_no_say_in_the_key(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.transpose = RS_TRANSPOSE_COMMON;
  s.drums = true;
  /* G major, and drums at the notes of E flat major. */
  Result r =
      ingest_track(BYTES(0, 0x90, 67, 80, 8, 67, 0, 0, 69, 80, 4, 69, 0, 0, 71, 80, 6, 71, 0, 0, 72,
                         80, 4, 72, 0, 0, 74, 80, 6, 74, 0, 0, 76, 80, 4, 76, 0, 0, 78, 80, 4, 78,
                         0, 0, 67, 80, 8, 67, 0, 0, 0x99, 63, 80, 60, 63, 0, 0, 67, 80, 20, 67, 0,
                         0, 70, 80, 40, 70, 0, 0, 65, 80, 20, 65, 0, 0, 68, 80, 20, 68, 0, END),
                   &s);
  assert_int_equal(r.report.transposed, 5);
  clear(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(notes_become_frames),
      cmocka_unit_test(times_round_to_the_nearest_frame_halves_upwards),
      cmocka_unit_test(a_note_too_short_gets_a_frame_or_is_dropped),
      cmocka_unit_test(a_note_ends_where_its_pitch_begins_again),
      cmocka_unit_test(channels_do_not_end_each_others_notes),
      cmocka_unit_test(tracks_are_brought_into_the_order_of_time),
      cmocka_unit_test(hanging_notes_end_with_their_track),
      cmocka_unit_test(all_notes_off_ends_the_notes_of_its_channel),
      cmocka_unit_test(the_pedal_holds_notes_where_asked),
      cmocka_unit_test(a_pedal_that_stays_down_holds_to_the_end),
      cmocka_unit_test(drums_are_left_out_unless_asked_for),
      cmocka_unit_test(soft_notes_are_dropped_below_the_threshold),
      cmocka_unit_test(notes_outside_fold_drop_or_refuse),
      cmocka_unit_test(planes_tell_onsets_and_velocities),
      cmocka_unit_test(of_two_notes_that_begin_together_the_longer_is_kept),
      cmocka_unit_test(of_two_notes_that_begin_together_the_louder_is_heard),
      cmocka_unit_test(a_song_in_minor_is_moved_to_a_minor),
      cmocka_unit_test(a_song_is_moved_to_the_common_key),
      cmocka_unit_test(every_key_is_moved_by_the_shorter_way),
      cmocka_unit_test(drums_have_no_say_in_the_key),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
