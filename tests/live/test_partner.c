/* SPDX-License-Identifier: ISC */

/* Accompaniment in real time, by a clock that stands until it is moved: what is played is answered
 * in the very frame. */

#include "output_stage.h"

#include "live/prefetch.h"

#define FRAME (125 * RS_MILLISECOND) /* a sixteenth at 120 quarter notes a minute */

/* Frame n: note 40 + n, and a note an octave below each that is held. */
typedef struct {
  RsFrameSource source;
  uint64_t frame;
  RsFrame held;
} Echo;

static RsStatus echo_next(RsFrameSource *source, RsSourceFrame *frame) {
  Echo *echo = (Echo *)source;
  *frame = (RsSourceFrame){.type = RS_FRAME_NOTES};
  rs_frame_set(&frame->notes.on, 40 + (int)echo->frame);
  for (int note = rs_frame_next(&echo->held, 0); note < RS_NOTES;
       note = rs_frame_next(&echo->held, note + 1)) {
    rs_frame_set(&frame->notes.on, note - 12);
  }
  ++echo->frame;
  return RS_OK;
}

static void echo_set_held(RsFrameSource *source, const RsFrame *held, const RsFrame *pressed) {
  ((Echo *)source)->held = *held;
}

static bool echo_back(RsFrameSource *source, uint64_t frame) {
  Echo *echo = (Echo *)source;
  if (frame >= echo->frame) {
    return false;
  }
  echo->frame = frame;
  return true;
}

typedef struct {
  RsSimulatedClock clock;
  RsSink *sink;
  RsOutput output;
  RsPrefetch prefetch;
  Echo echo;
} Scene;

static Scene *enter_scene(void) {
  Scene *scene = calloc(1, sizeof(*scene));
  RsPlayerSettings settings = stage_settings(120);
  settings.performance.velocity = 64;
  scene->echo = (Echo){.source = {.next = echo_next, .set_held = echo_set_held, .back = echo_back}};
  open_output(&settings, RS_SECOND, 4096, &scene->clock, &scene->sink, &scene->output);
  assert_ok(rs_prefetch_init(&scene->prefetch, &scene->echo.source, &scene->output));
  return scene;
}

static void leave_scene(Scene *scene) {
  rs_prefetch_clear(&scene->prefetch);
  close_output(scene->sink, &scene->output);
  free(scene);
}

static int64_t time_of(Scene *scene) {
  return scene->clock.clock.now(&scene->clock.clock);
}

/* Whatever can be done at the present time. */
static void work(Scene *scene) {
  for (int i = 0; i < 4; ++i) {
    while (rs_prefetch_step(&scene->prefetch)) {
    }
    rs_output_step(&scene->output, time_of(scene));
  }
}

static void go_on_until(Scene *scene, int64_t time) {
  while (time_of(scene) < time) {
    work(scene);
    scene->clock.clock.sleep_until(&scene->clock.clock, time_of(scene) + RS_MILLISECOND);
  }
  work(scene);
}

/* To the beginning of frame `n`, and so much further. */
static void go_to_frame(Scene *scene, int n, int64_t after) {
  go_on_until(scene, RS_SECOND + RS_MILLISECOND);
  go_on_until(scene, scene->output.first_due + n * FRAME + after);
}

static void send(Scene *scene, int status, int first, int second) {
  const RsReceivedMessage message = {
      time_of(scene), {3, {(uint8_t)status, (uint8_t)first, (uint8_t)second}}, RS_INPUT_FOLLOW};
  rs_sink_record_inject(scene->sink, &message, 1);
}

/* When a note began or ended for the n-th time, from the first frame on, in nanoseconds; -1: never.
 */
static int64_t when(const Scene *scene, bool on, int note, int n) {
  size_t count = 0;
  const RsRecorded *recorded = rs_sink_recorded(scene->sink, &count);
  for (size_t i = 0; i < count; ++i) {
    const uint8_t *bytes = recorded[i].message.bytes;
    const bool begins = (bytes[0] & 0xf0) == 0x90 && bytes[2];
    const bool is_note = (bytes[0] & 0xe0) == 0x80;
    if (is_note && bytes[1] == note && begins == on && !n--) {
      return recorded[i].due - scene->output.first_due;
    }
  }
  return -1;
}

/* The note an octave below begins when the key is pressed, ends with the frame in which it is
 * released, and the frames keep their time. */
static void a_key_is_answered_at_once(void **state) {
  Scene *scene = enter_scene();
  go_to_frame(scene, 3, 60 * RS_MILLISECOND);
  send(scene, 0x90, 84, 100);
  work(scene);
  assert_int_equal(when(scene, true, 72, 0), 3 * FRAME + 60 * RS_MILLISECOND);
  assert_int_equal(when(scene, false, 43, 0), -1);
  go_to_frame(scene, 5, 30 * RS_MILLISECOND);
  send(scene, 0x80, 84, 0);
  go_to_frame(scene, 8, 0);
  assert_int_equal(when(scene, false, 72, 0), 6 * FRAME);
  assert_int_equal(when(scene, true, 72, 1), -1);
  for (int n = 1; n <= 8; ++n) {
    assert_int_equal(when(scene, true, 40 + n, 0), n * FRAME);
    assert_int_equal(when(scene, false, 39 + n, 0), n * FRAME);
    assert_int_equal(when(scene, true, 40 + n, 1), -1);
  }
  assert_int_equal(scene->output.stats.missed, 0);
  leave_scene(scene);
}

/* Keys in one frame, at once or one after the other, and just before a frame begins. */
static void keys_of_one_frame_are_all_answered(void **state) {
  Scene *scene = enter_scene();
  go_to_frame(scene, 2, 10 * RS_MILLISECOND);
  send(scene, 0x90, 70, 100);
  send(scene, 0x90, 74, 100);
  work(scene);
  go_to_frame(scene, 2, FRAME - RS_MILLISECOND);
  send(scene, 0x90, 77, 100);
  go_to_frame(scene, 4, 0);
  assert_int_equal(when(scene, true, 58, 0), 2 * FRAME + 10 * RS_MILLISECOND);
  assert_int_equal(when(scene, true, 62, 0), 2 * FRAME + 10 * RS_MILLISECOND);
  assert_int_equal(when(scene, true, 65, 0), 3 * FRAME - RS_MILLISECOND);
  assert_int_equal(when(scene, false, 58, 0), -1);
  leave_scene(scene);
}

/* The pedal holds what the keys let go, and a controller that ends all notes ends them. */
static void the_pedal_holds_notes(void **state) {
  Scene *scene = enter_scene();
  go_to_frame(scene, 1, 10 * RS_MILLISECOND);
  send(scene, 0xb0, 64, 127);
  send(scene, 0x90, 70, 100);
  send(scene, 0x90, 70, 0);
  go_to_frame(scene, 3, 10 * RS_MILLISECOND);
  assert_int_equal(when(scene, false, 58, 0), -1);
  send(scene, 0xb0, 64, 0);
  go_to_frame(scene, 5, 10 * RS_MILLISECOND);
  assert_int_equal(when(scene, false, 58, 0), 4 * FRAME);
  send(scene, 0x90, 71, 100);
  work(scene);
  send(scene, 0xb0, 123, 0);
  go_to_frame(scene, 7, 0);
  assert_int_equal(when(scene, true, 59, 0), 5 * FRAME + 10 * RS_MILLISECOND);
  assert_int_equal(when(scene, false, 59, 0), 6 * FRAME);
  leave_scene(scene);
}

/* Stopped in a chord that was made again: no note stays. More keys than the queue has room for. */
static void nothing_sounds_after_the_end(void **state) {
  Scene *scene = enter_scene();
  size_t count = 0;
  go_to_frame(scene, 1, 10 * RS_MILLISECOND);
  for (int i = 0; i < 500; ++i) {
    send(scene, i % 3 == 2 ? 0x80 : 0x90, 60 + i * 7 % 36, 90);
    if (i % 9 == 0) {
      rs_output_step(&scene->output, time_of(scene));
    }
    if (i % 50 == 0) {
      work(scene);
    }
  }
  work(scene);
  atomic_store(&scene->output.shared.stop, true);
  go_on_until(scene, time_of(scene) + RS_SECOND);
  const RsRecorded *recorded = rs_sink_recorded(scene->sink, &count);
  assert_int_equal(scene->output.state, RS_OUTPUT_DONE);
  assert_int_equal(open_notes(recorded, count), 0);
  assert_true(in_order(recorded, count));
  leave_scene(scene);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_key_is_answered_at_once),
      cmocka_unit_test(keys_of_one_frame_are_all_answered),
      cmocka_unit_test(the_pedal_holds_notes),
      cmocka_unit_test(nothing_sounds_after_the_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
