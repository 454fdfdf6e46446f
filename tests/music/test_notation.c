/* SPDX-License-Identifier: ISC */

#include "frames.h"
#include "kit.h"
#include "scores.h"

#include "music/accidentals.h"

#include <stdbool.h>
#include <string.h>

/* ---- Songs ----------------------------------------------------------------------------------- */

/* A voice of a measure as a text: note value and dot, notes, ties, such as "4:60 2.:60 64- 8:". */
static void assert_voice(const RsNotation *notation, size_t measure, unsigned voice,
                         const char *expected) {
  char text[400] = "";
  RsChords chords = {.count = 0};
  assert_ok(rs_notation_voice(notation, measure, voice, &chords));
  for (size_t i = 0; i < chords.count; ++i) {
    const RsChord *chord = &chords.list[i];
    size_t at = strlen(text);
    at += (size_t)snprintf(text + at, sizeof text - at, "%s", i ? " " : "");
    if (chord->group) {
      at += (size_t)snprintf(text + at, sizeof text - at, "(%u:%u:%zu ", chord->actual,
                             chord->normal, chord->group);
    }
    at += (size_t)snprintf(text + at, sizeof text - at, "%d%s:", 4 << 3 >> (chord->power + 3),
                           chord->dotted ? "." : "");
    for (int n = rs_frame_next(&chord->notes, 0); n < RS_NOTES;
         n = rs_frame_next(&chord->notes, n + 1)) {
      at += (size_t)snprintf(text + at, sizeof text - at, "%s%d%s",
                             n == rs_frame_next(&chord->notes, 0) ? "" : "+", n,
                             rs_frame_has(&chord->to, n) ? "~" : "");
    }
  }
  free(chords.list);
  assert_string_equal(text, expected);
}

static void assert_voices(const RsNotation *notation, const char *expected) {
  char used[VOICES + 1] = "";
  for (unsigned voice = 0; voice < VOICES; ++voice) {
    used[voice] = notation->used[voice] ? 'x' : '-';
  }
  assert_string_equal(used, expected);
}

static void lengths_without_a_note_value_are_tied(void **state) {
  RsRoll roll;
  RsNotation notation;
  make(&roll, 32, 4, 4, 4);
  put(&roll, 60, 0, 5);
  put(&roll, 62, 5, 2);
  put(&roll, 64, 12, 8); /* over the bar line */
  put(&roll, 65, 20, 12);
  notation_of(&roll, &notation);
  assert_int_equal(notation.measure_count, 2);
  assert_voice(&notation, 0, 0, "4:60~ 16:60 8:62 16: 4: 4:64~");
  assert_voice(&notation, 1, 0, "4:64 2.:65");
  assert_voices(&notation, "x-------");
  rs_notation_clear(&notation);
  rs_roll_clear(&roll);
}

static void compound_beats_stay_visible(void **state) {
  RsRoll roll;
  RsNotation notation;
  make(&roll, 24, 4, 6, 8);
  put(&roll, 60, 0, 8);
  put(&roll, 62, 8, 4);
  put(&roll, 64, 12, 12);
  notation_of(&roll, &notation);
  assert_voice(&notation, 0, 0, "4.:60~ 8:60 4:62");
  assert_voice(&notation, 1, 0, "2.:64");
  rs_notation_clear(&notation);
  rs_roll_clear(&roll);
}

static void notes_that_begin_and_end_together_are_one_chord(void **state) {
  RsRoll roll;
  RsNotation notation;
  make(&roll, 16, 4, 4, 4);
  put(&roll, 60, 0, 8);
  put(&roll, 64, 0, 8);
  put(&roll, 67, 8, 8);
  notation_of(&roll, &notation);
  assert_voices(&notation, "x-------");
  assert_voice(&notation, 0, 0, "2:60+64 2:67");
  rs_notation_clear(&notation);
  rs_roll_clear(&roll);
}

static void notes_of_different_lengths_are_in_voices_by_pitch(void **state) {
  RsRoll roll;
  RsNotation notation;
  make(&roll, 32, 4, 4, 4);
  put(&roll, 60, 0, 16);
  put(&roll, 72, 0, 4);
  put(&roll, 74, 4, 12);
  put(&roll, 64, 8, 8);
  put(&roll, 62, 16, 16); /* alone: the first voice */
  notation_of(&roll, &notation);
  assert_voices(&notation, "xxx-----");
  assert_voice(&notation, 0, 0, "4:72 2.:74");
  assert_voice(&notation, 0, 1, "2: 2:64");
  assert_voice(&notation, 0, 2, "1:60");
  assert_voice(&notation, 1, 0, "1:62");
  assert_false(rs_notation_has(&notation, 1, 1));
  rs_notation_clear(&notation);
  rs_roll_clear(&roll);
}

static void the_last_voice_cuts_and_ties_what_overlaps(void **state) {
  RsRoll roll;
  RsNotation notation;
  make(&roll, 16, 4, 4, 4);
  put(&roll, 80, 0, 16);
  put(&roll, 76, 0, 12);
  put(&roll, 72, 0, 8);
  put(&roll, 69, 0, 4);
  put(&roll, 67, 0, 6);
  notation_of(&roll, &notation);
  assert_voices(&notation, "xxxx----");
  assert_voice(&notation, 0, 3, "4:67~+69 8:67 8: 2:");
  rs_notation_clear(&notation);
  rs_roll_clear(&roll);
}

static void low_notes_have_a_staff_of_their_own(void **state) {
  RsRoll roll;
  RsNotation notation;
  make(&roll, 16, 4, 4, 4);
  put(&roll, 72, 0, 16);
  put(&roll, 48, 0, 8);
  notation_of(&roll, &notation);
  assert_int_equal(notation.staves, 2);
  assert_voice(&notation, 0, RS_STAFF_VOICES, "2:48 2:");
  rs_notation_clear(&notation);
  rs_roll_clear(&roll);

  make(&roll, 16, 4, 4, 4);
  put(&roll, 48, 0, 16);
  notation_of(&roll, &notation);
  assert_int_equal(notation.staves, 1);
  assert_int_equal(notation.clefs[0], RS_CLEF_BASS);
  rs_notation_clear(&notation);
  rs_roll_clear(&roll);
}

static void thirds_of_a_beat_are_triplets(void **state) {
  RsRoll roll;
  RsNotation notation;
  make(&roll, 24, 12, 2, 4);
  put(&roll, 60, 0, 4);
  put(&roll, 62, 4, 8);
  put(&roll, 64, 12, 2); /* in the first half of the beat alone */
  put(&roll, 65, 14, 4);
  put(&roll, 67, 18, 6);
  notation_of(&roll, &notation);
  assert_voice(&notation, 0, 0, "(3:2:2 8:60 4:62 (3:2:2 16:64 8:65 8:67");
  rs_notation_clear(&notation);
  rs_roll_clear(&roll);
}

static void a_short_first_bar_is_a_pickup_of_the_next_meter(void **state) {
  RsRoll roll;
  RsNotation notation;
  make(&roll, 27, 4, 3, 4);
  assert_ok(rs_roll_add_meter(&roll, 0, 3, 16));
  assert_ok(rs_roll_add_meter(&roll, 3, 3, 4));
  assert_ok(rs_roll_add_meter(&roll, 15, 2, 4));
  put(&roll, 60, 0, 3);
  put(&roll, 62, 3, 24);
  notation_of(&roll, &notation);
  const RsMeasure *measures = notation.measures;
  assert_int_equal(notation.measure_count, 4);
  assert_true(measures[0].pickup && measures[0].new_meter);
  assert_int_equal(measures[0].frames, 3);
  assert_int_equal(measures[0].beats, 3);
  assert_int_equal(measures[0].unit, 4);
  assert_false(measures[1].new_meter);
  assert_true(measures[2].new_meter);
  assert_voice(&notation, 0, 0, "8.:60");
  assert_voice(&notation, 1, 0, "2.:62~");
  rs_notation_clear(&notation);
  rs_roll_clear(&roll);
}

static void frames_of_time_are_shares_of_a_quarter_note(void **state) {
  RsRoll roll;
  RsNotation notation;
  make(&roll, 16, 0, 4, 4);
  roll.frame_ms = 100;
  put(&roll, 60, 0, 16);
  assert_ok(rs_notation_init(&roll, 120, (RsKeySignature){false, 0, false}, &notation));
  assert_int_equal(notation.frames_per_quarter, 4); /* of 5 at 120 */
  assert_close(notation.bpm, 150, 1e-9);
  assert_voice(&notation, 0, 0, "1:60");
  rs_notation_clear(&notation);
  rs_roll_clear(&roll);
}

/* ---- Accidentals ----------------------------------------------------------------------------- */

static void an_accidental_holds_in_the_measure(void **state) {
  RsRoll roll;
  RsNotation notation;
  RsChords voices[2] = {{.count = 0}};
  make(&roll, 32, 4, 4, 4);
  put(&roll, 66, 0, 4);
  put(&roll, 66, 4, 4);
  put(&roll, 65, 8, 4);
  put(&roll, 78, 12, 4); /* another octave */
  put(&roll, 61, 0, 16);
  put(&roll, 66, 16, 16);
  notation_of(&roll, &notation);
  assert_ok(rs_notation_voice(&notation, 0, 0, &voices[0]));
  assert_ok(rs_notation_voice(&notation, 0, 1, &voices[1]));
  const RsStaffMeasure staff = {voices, 2};
  const RsKeySignature key = {false, 0, false};
  assert_frame(rs_accidentals(&staff, key, 0, 0), 66);
  assert_int_equal(rs_frame_count(&(RsFrame[]){rs_accidentals(&staff, key, 0, 1)}[0]), 0);
  assert_frame(rs_accidentals(&staff, key, 0, 2), 65);
  assert_frame(rs_accidentals(&staff, key, 0, 3), 78);
  assert_frame(rs_accidentals(&staff, key, 1, 0), 61);
  free(voices[0].list);
  free(voices[1].list);
  rs_notation_clear(&notation);
  rs_roll_clear(&roll);
}

static void notes_of_a_chord_on_one_line_all_have_accidentals(void **state) {
  RsRoll roll;
  RsNotation notation;
  RsChords chords = {.count = 0};
  make(&roll, 8, 4, 4, 4);
  for (int start = 0; start < 8; start += 4) {
    put(&roll, 65, start, 4);
    put(&roll, 66, start, 4);
  }
  notation_of(&roll, &notation);
  assert_ok(rs_notation_voice(&notation, 0, 0, &chords));
  const RsStaffMeasure staff = {&chords, 1};
  for (size_t i = 0; i < 2; ++i) {
    assert_frame(rs_accidentals(&staff, notation.key, 0, i), 65, 66);
  }
  free(chords.list);
  rs_notation_clear(&notation);
  rs_roll_clear(&roll);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lengths_without_a_note_value_are_tied),
      cmocka_unit_test(compound_beats_stay_visible),
      cmocka_unit_test(notes_that_begin_and_end_together_are_one_chord),
      cmocka_unit_test(notes_of_different_lengths_are_in_voices_by_pitch),
      cmocka_unit_test(the_last_voice_cuts_and_ties_what_overlaps),
      cmocka_unit_test(low_notes_have_a_staff_of_their_own),
      cmocka_unit_test(thirds_of_a_beat_are_triplets),
      cmocka_unit_test(a_short_first_bar_is_a_pickup_of_the_next_meter),
      cmocka_unit_test(frames_of_time_are_shares_of_a_quarter_note),
      cmocka_unit_test(an_accidental_holds_in_the_measure),
      cmocka_unit_test(notes_of_a_chord_on_one_line_all_have_accidentals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
