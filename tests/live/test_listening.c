/* SPDX-License-Identifier: ISC */

/* Phrases that are recorded from an input. */

#include "frames.h"
#include "kit.h"

#include "live/midi_system.h"
#include "live/note_recorder.h"
#include "live/sequencer.h"
#include "live/active_notes.h"

#include <rollsmith/ports.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void hear(RsNoteRecorder *phrase, int milliseconds, int status, int note, int velocity) {
  const RsReceivedMessage received = {milliseconds * RS_MILLISECOND,
                                      {3, {(uint8_t)status, (uint8_t)note, (uint8_t)velocity}},
                                      RS_INPUT_LISTEN};
  rs_note_recorder_add(phrase, &received);
}

static void a_phrase_ends_with_a_bar_of_silence(void **state) {
  RsNoteRecorder *phrase = calloc(1, sizeof(*phrase));
  assert_false(rs_note_recorder_is_complete(phrase, 9 * RS_SECOND, RS_SECOND));
  hear(phrase, 1000, 0x90, 60, 70);
  assert_false(rs_note_recorder_is_complete(phrase, 9 * RS_SECOND, RS_SECOND)); // It still sounds
  hear(phrase, 2000, 0x80, 60, 0);
  assert_false(rs_note_recorder_is_complete(phrase, 2 * RS_SECOND + RS_SECOND / 2, RS_SECOND));
  assert_true(rs_note_recorder_is_complete(phrase, 3 * RS_SECOND, RS_SECOND));
  free(phrase);
}

static void a_keyboard_that_goes_leaves_no_key_down(void **state) {
  RsNoteRecorder *phrase = calloc(1, sizeof(*phrase));
  hear(phrase, 1000, 0x90, 60, 70);
  hear(phrase, 1100, 0x90, 64, 70);
  rs_note_recorder_release(phrase, 2 * RS_SECOND);
  assert_false(rs_note_recorder_is_complete(phrase, 2 * RS_SECOND + RS_SECOND / 2, RS_SECOND));
  assert_true(rs_note_recorder_is_complete(phrase, 3 * RS_SECOND, RS_SECOND));
  free(phrase);
}

static void who_silences_the_keyboard_lets_all_keys_go(void **state) {
  for (int number = 120; number <= 123; number += 3) {
    RsNoteRecorder *phrase = calloc(1, sizeof(*phrase));
    hear(phrase, 1000, 0x90, 60, 70);
    hear(phrase, 1500, 0xb0, 64, 0);
    assert_int_equal(phrase->active, 1);
    hear(phrase, 2000, 0xb0, number, 0);
    assert_true(rs_note_recorder_is_complete(phrase, 3 * RS_SECOND, RS_SECOND));
    free(phrase);
  }
}

static void a_phrase_becomes_a_roll(void **state) {
  RsNoteRecorder *phrase = calloc(1, sizeof(*phrase));
  RsRoll roll;
  hear(phrase, 1000, 0x90, 60, 70);
  hear(phrase, 1240, 0x90, 64, 80);
  hear(phrase, 1260, 0x90, 60, 0);
  hear(phrase, 1270, 0x90, 60, 90);
  hear(phrase, 1500, 0x80, 60, 0);
  hear(phrase, 1510, 0x80, 64, 0);
  hear(phrase, 1600, 0xb0, 7, 9);
  assert_ok(rs_note_recorder_take(phrase, 125 * RS_MILLISECOND, &roll));
  assert_int_equal(roll.frames, 4);
  for (size_t f = 0; f < 4; ++f) {
    const RsFrame on = f < 2 ? FRAME(60) : FRAME(60, 64);
    const RsFrame onset = f % 2 ? SILENCE : on;
    assert_memory_equal(&roll.on[f], &on, sizeof on);
    assert_memory_equal(&roll.onset[f], &onset, sizeof onset);
    assert_int_equal(roll.velocity[f * RS_NOTES + 60], f < 2 ? 70 : 90);
  }
  assert_int_equal(rs_note_recorder_take(phrase, 125 * RS_MILLISECOND, &roll), RS_ERR_EMPTY);
  rs_roll_clear(&roll);
  free(phrase);
}

static void a_key_that_is_struck_twice_is_let_go_once(void **state) {
  RsNoteRecorder *phrase = calloc(1, sizeof(*phrase));
  hear(phrase, 1000, 0x90, 60, 70);
  hear(phrase, 1100, 0x90, 60, 70);
  hear(phrase, 1200, 0x80, 60, 0);
  assert_true(rs_note_recorder_is_complete(phrase, 3 * RS_SECOND, RS_SECOND));
  free(phrase);
}

static void of_a_long_phrase_the_end_is_kept(void **state) {
  RsNoteRecorder *phrase = calloc(1, sizeof(*phrase));
  RsRoll roll;
  hear(phrase, 0, 0x90, 30, 70); // Held for ever
  for (int i = 0; i < RS_RECORDED_NOTES; ++i) {
    hear(phrase, 10000 + 100 * i, 0x90, 60 + i % 2, 70);
    hear(phrase, 10000 + 100 * i + 90, 0x80, 60 + i % 2, 0);
  }
  assert_int_equal(phrase->active, 0); // It is forgotten
  assert_ok(rs_note_recorder_take(phrase, 100 * RS_MILLISECOND, &roll));
  assert_int_equal(roll.frames, RS_RECORDED_NOTES);
  for (size_t f = 0; f < roll.frames; ++f) {
    assert_frame(roll.on[f], 60 + (int)f % 2);
  }
  rs_roll_clear(&roll);
  hear(phrase, 1000, 0x90, 60, 70); // As short as can be
  hear(phrase, 1001, 0x80, 60, 0);
  hear(phrase, 2000, 0x90, 62, 70); // And as long
  hear(phrase, 100 * 1000 * 1000, 0x80, 62, 0);
  assert_ok(rs_note_recorder_take(phrase, 100 * RS_MILLISECOND, &roll));
  assert_int_equal(roll.frames, 4096);
  assert_frame(roll.on[0], 60);
  assert_false(rs_frame_has(&roll.on[1], 60));
  assert_frame(roll.on[4095], 62);
  rs_roll_clear(&roll);
  free(phrase);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_phrase_ends_with_a_bar_of_silence),
      cmocka_unit_test(a_keyboard_that_goes_leaves_no_key_down),
      cmocka_unit_test(who_silences_the_keyboard_lets_all_keys_go),
      cmocka_unit_test(a_phrase_becomes_a_roll),
      cmocka_unit_test(a_key_that_is_struck_twice_is_let_go_once),
      cmocka_unit_test(of_a_long_phrase_the_end_is_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
