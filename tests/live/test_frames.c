/* SPDX-License-Identifier: ISC */

#include "output_stage.h"

/* Frames with onsets and velocities, one after the other, at a clock that stands until it is moved.
 */
typedef struct {
  RsSimulatedClock clock;
  RsSink *sink;
  RsOutput output;
  size_t seen; // Messages that were looked at
} Stage;

static Stage *enter(void) {
  const RsPlayerSettings settings = stage_settings(120);
  Stage *stage = calloc(1, sizeof(*stage));
  open_output(&settings, RS_SECOND, 1 << 12, &stage->clock, &stage->sink, &stage->output);
  return stage;
}

static void leave(Stage *stage) {
  close_output(stage->sink, &stage->output);
  free(stage);
}

static void command(Stage *stage, RsPlayerControl control, double value) {
  const RsQueuedCommand queued = {command_of(control, value), 0, stage->clock.time};
  assert_true(rs_ring_push(&stage->output.shared.commands, &queued));
}

static RsSourceFrame frame_of(int note, int onset, int velocity) {
  RsSourceFrame frame = {.notes = {.has_onset = true, .has_velocity = true}};
  rs_frame_set(&frame.notes.on, note);
  if (onset) {
    rs_frame_set(&frame.notes.onset, note);
  }
  frame.notes.velocity[note] = (uint8_t)velocity;
  return frame;
}

/* Play a frame, and write what is sent as a text: `+60:80` begins a note, `-60` ends one. */
static const char *play(Stage *stage, RsSourceFrame frame) {
  static char text[256];
  const RsQueuedFrame queued = {.frame = frame};
  const uint64_t before = stage->output.transport.frame;
  size_t count = 0, used = 0;
  assert_true(rs_ring_push(&stage->output.shared.frames, &queued));
  for (int i = 0; i < 1000 && stage->output.transport.frame == before; ++i) {
    const int64_t next = rs_output_step(&stage->output, stage->clock.time);
    stage->clock.clock.sleep_until(&stage->clock.clock, next);
  }
  assert_int_equal(stage->output.transport.frame, before + 1);
  const RsRecorded *all = rs_sink_recorded(stage->sink, &count);
  for (text[0] = '\0'; stage->seen < count; ++stage->seen) {
    const uint8_t *bytes = all[stage->seen].message.bytes;
    used += (size_t)snprintf(text + used, sizeof(text) - used,
                             (bytes[0] & 0xf0) == 0x90 ? "+%d:%d " : "-%d ", bytes[1], bytes[2]);
  }
  return text;
}

static void a_note_that_begins_again_is_ended_first(void **state) {
  Stage *stage = enter();
  assert_string_equal(play(stage, frame_of(60, 1, 70)), "+60:70 ");
  assert_string_equal(play(stage, frame_of(60, 0, 70)), "");
  assert_string_equal(play(stage, frame_of(60, 1, 90)), "-60 +60:90 ");
  assert_string_equal(play(stage, frame_of(64, 1, 50)), "-60 +64:50 ");
  leave(stage);
}

static void onsets_and_velocities_are_transposed_along(void **state) {
  Stage *stage = enter();
  command(stage, RS_PLAYER_TRANSPOSE, 5);
  assert_string_equal(play(stage, frame_of(60, 1, 70)), "+65:70 ");
  assert_string_equal(play(stage, frame_of(60, 1, 71)), "-65 +65:71 ");
  assert_string_equal(play(stage, frame_of(125, 1, 71)), "-65 ");
  command(stage, RS_PLAYER_TRANSPOSE, -5);
  assert_string_equal(play(stage, frame_of(60, 1, 72)), "+55:72 ");
  assert_string_equal(play(stage, frame_of(3, 1, 72)), "-55 ");
  leave(stage);
}

static void the_messages_of_a_frame_are_never_more_than_foreseen(void **state) {
  enum { AT_END = 10 };
  Stage *stage = enter();
  RsOutput *output = &stage->output;
  RsSourceFrame frame = frame_of(60, 1, 70),
                score = {.type = RS_FRAME_MESSAGES, .messages = {.count = 5}};
  rs_frame_set(&frame.notes.on, 67);
  rs_frame_set(&output->sender.active.notes[0], 60);
  rs_frame_set(&output->sender.active.notes[0], 64);
  // 64 ends, 67 begins, 60 ends and begins again; in the end two sound
  assert_int_equal(rs_output_frame_messages(output, &frame), 2 + 2 + 2 + AT_END);
  frame.notes.has_onset = false;
  assert_int_equal(rs_output_frame_messages(output, &frame), 2 + 2 + AT_END);
  output->transform.transpose = 4; // 64 stays, 60 ends, 71 begins
  assert_int_equal(rs_output_frame_messages(output, &frame), 2 + 2 + AT_END);
  output->transform.mute = true;
  assert_int_equal(rs_output_frame_messages(output, &frame), 2 + AT_END);
  assert_int_equal(rs_output_frame_messages(output, &score), 5 + 2 + AT_END);
  leave(stage);
}

static void no_more_is_held_than_is_remembered(void **state) {
  Stage *stage = enter();
  for (int i = 0; i < RS_HISTORY_FRAMES + 100; ++i) {
    play(stage, frame_of(60, 0, 70));
  }
  command(stage, RS_PLAYER_HOLD, 5000);
  rs_output_step(&stage->output, stage->clock.time);
  assert_int_equal(stage->output.transform.hold, RS_HISTORY_FRAMES);
  leave(stage);
}

static void the_fewest_that_were_ready_are_told(void **state) {
  Stage *stage = enter();
  const RsQueuedFrame queued = {.frame = frame_of(60, 0, 70)};
  for (int i = 0; i < 4; ++i) {
    assert_true(rs_ring_push(&stage->output.shared.frames, &queued));
  }
  play(stage, queued.frame);
  assert_int_equal(stage->output.queue.least_margin, 5);
  play(stage, queued.frame);
  assert_int_equal(stage->output.queue.least_margin, 5);
  while (rs_ring_count(&stage->output.shared.frames) > 1) {
    const int64_t next = rs_output_step(&stage->output, stage->clock.time);
    stage->clock.clock.sleep_until(&stage->clock.clock, next);
  }
  assert_int_equal(stage->output.queue.least_margin, 2);
  leave(stage);
}

static void frames_that_are_thrown_away_were_not_ready(void **state) {
  Stage *stage = enter();
  const RsQueuedFrame old = {.frame = frame_of(60, 0, 70), .generation = 7};
  const RsQueuedFrame queued = {.frame = frame_of(60, 0, 70)};
  for (int i = 0; i < 3; ++i) {
    assert_true(rs_ring_push(&stage->output.shared.frames, &old));
  }
  for (int i = 0; i < 4; ++i) {
    assert_true(rs_ring_push(&stage->output.shared.frames, &queued));
  }
  play(stage, queued.frame);
  assert_int_equal(stage->output.queue.least_margin, 5);
  leave(stage);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_note_that_begins_again_is_ended_first),
      cmocka_unit_test(onsets_and_velocities_are_transposed_along),
      cmocka_unit_test(the_messages_of_a_frame_are_never_more_than_foreseen),
      cmocka_unit_test(no_more_is_held_than_is_remembered),
      cmocka_unit_test(the_fewest_that_were_ready_are_told),
      cmocka_unit_test(frames_that_are_thrown_away_were_not_ready),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
