/* SPDX-License-Identifier: ISC */

/* Commands to an output. */

#include "stepped_output.h"

static void a_new_tempo_acts_at_once(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  play_until(stage, beginning + RS_SECOND + RS_MILLISECOND);
  const uint64_t before = stage->output.transport.frame;
  command(stage, RS_PLAYER_TEMPO, 60);
  play_until(stage, beginning + 3 * RS_SECOND);
  assert_int_equal(stage->output.transport.frame - before, 8);
  leave(stage);
}

/* What sounds is this frame of the source, so many semitones higher. */
static void assert_sounds(const Stage *stage, size_t frame, int higher) {
  Chords source = chords();
  RsSourceFrame expected;
  source.frame = frame;
  source.transposed = higher;
  assert_ok(chords_next(&source.source, &expected));
  assert_memory_equal(&stage->output.sender.active.notes[0], &expected.notes.on,
                      sizeof expected.notes.on);
}

static void a_transposition_moves_what_sounds(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  size_t count = 0;
  play_until(stage, beginning + RS_SECOND);
  command(stage, RS_PLAYER_TRANSPOSE, 30);
  play_until(stage, beginning + 2 * RS_SECOND);
  assert_sounds(stage, 15, 30);
  atomic_store(&stage->output.shared.stop, true);
  play_until(stage, INT64_MAX);
  const RsRecorded *all = recorded(stage, &count);
  assert_int_equal(open_notes(all, count), 0);
  leave(stage);
}

static void mute_ends_the_notes_while_time_goes_on(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  play_until(stage, beginning + RS_SECOND);
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 3);
  command(stage, RS_PLAYER_MUTE, 1);
  play_until(stage, beginning + 2 * RS_SECOND);
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 0);
  const uint64_t frame = stage->output.transport.frame;
  command(stage, RS_PLAYER_MUTE, 0);
  play_until(stage, beginning + 3 * RS_SECOND);
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 3);
  assert_int_equal(stage->output.transport.frame, frame + 8);
  leave(stage);
}

static void hold_repeats_the_last_frames(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  play_until(stage, beginning + 3 * RS_SECOND + RS_MILLISECOND); // 24 frames
  command(stage, RS_PLAYER_HOLD, 16);
  feed(stage);
  const size_t made = stage->chords.frame;
  play_until(stage, beginning + 11 * RS_SECOND);
  assert_int_equal(stage->chords.frame, made);
  for (int f = 24; f < 80; ++f) {
    assert_memory_equal(&stage->output.transform.history[f],
                        &stage->output.transform.history[f - 16], sizeof(RsSourceFrame));
  }
  command(stage, RS_PLAYER_HOLD, 0);
  play_until(stage, beginning + 12 * RS_SECOND);
  assert_int_equal(stage->chords.frame, made + 7); // One of the eight is yet to be replaced
  leave(stage);
}

static void panic_silences_all_channels(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  size_t before = 0, count = 0;
  play_until(stage, beginning + RS_SECOND + RS_MILLISECOND);
  recorded(stage, &before);
  command(stage, RS_PLAYER_PANIC, 0);
  play_until(stage, beginning + RS_SECOND + 2 * RS_MILLISECOND);
  const RsRecorded *all = recorded(stage, &count);
  assert_int_equal(open_notes(all, count), 0);
  for (int channel = 0; channel < 16; ++channel) {
    assert_int_equal(count_status(all + before, count - before, 0xb0 | channel), 3);
  }
  leave(stage);
}

static void frames_of_an_earlier_seed_are_thrown_away(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  play_until(stage, beginning + RS_SECOND + RS_MILLISECOND);
  stage->chords.transposed = 24;
  ++stage->generation;
  command(stage, RS_PLAYER_SEED, 1);
  play_until(stage, beginning + RS_SECOND + 200 * RS_MILLISECOND);
  assert_sounds(stage, 16, 24); // The first one that was made with the new seed
  leave(stage);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_tempo_acts_at_once),
      cmocka_unit_test(a_transposition_moves_what_sounds),
      cmocka_unit_test(mute_ends_the_notes_while_time_goes_on),
      cmocka_unit_test(hold_repeats_the_last_frames),
      cmocka_unit_test(panic_silences_all_channels),
      cmocka_unit_test(frames_of_an_earlier_seed_are_thrown_away),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
