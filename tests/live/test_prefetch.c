/* SPDX-License-Identifier: ISC */

#include "output_stage.h"

#include "live/prefetch.h"

/* The prefetch alone, with an output whose queue is emptied by hand. */
typedef struct {
  RsSink *sink;
  RsOutput output;
  RsPrefetch prefetch;
  Chords chords;
} Stage;

static Stage *enter(double bpm) {
  const RsPlayerSettings settings = stage_settings(bpm);
  Stage *stage = calloc(1, sizeof(*stage));
  stage->chords = chords();
  assert_ok(rs_sink_null_new(&stage->sink));
  assert_ok(rs_output_init(&stage->output, &settings, stage->sink));
  assert_ok(rs_prefetch_init(&stage->prefetch, &stage->chords.source, &stage->output));
  return stage;
}

static void leave(Stage *stage) {
  rs_prefetch_clear(&stage->prefetch);
  rs_output_clear(&stage->output);
  rs_sink_free(stage->sink);
  free(stage);
}

/* Let it make what it wants. @return Frames that are in the queue. */
static size_t fill(Stage *stage) {
  for (int i = 0; i < 2000 && rs_prefetch_step(&stage->prefetch); ++i) {
  }
  return rs_ring_count(&stage->output.shared.frames);
}

static RsQueuedFrame take(Stage *stage) {
  RsQueuedFrame queued = {.status = RS_ERR_ARGUMENT};
  rs_ring_pop(&stage->output.shared.frames, &queued);
  return queued;
}

static void half_a_second_is_ready(void **state) {
  static const struct {
    double bpm;
    size_t frames;
  } cases[] = {{60, 4}, {120, 4}, {480, 16}, {60000, 512}};
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    Stage *stage = enter(cases[i].bpm);
    assert_int_equal(fill(stage), cases[i].frames);
    take(stage);
    assert_int_equal(fill(stage), cases[i].frames);
    leave(stage);
  }
}

static void whoever_was_too_slow_gets_a_larger_store_but_not_without_end(void **state) {
  Stage *stage = enter(480);
  fill(stage);
  for (unsigned missed = 1; missed < 10; ++missed) {
    atomic_store(&stage->output.shared.missed_frames, missed);
    assert_int_equal(fill(stage), missed < 3 ? 16u << missed : 128);
    assert_int_equal(fill(stage), missed < 3 ? 16u << missed : 128); // Once for each
  }
  leave(stage);
  stage = enter(12000); // 400 frames
  atomic_store(&stage->output.shared.missed_frames, 1);
  assert_int_equal(fill(stage), 512);
  leave(stage);
}

/* How long a frame takes the source at a time after the first one was asked for. */
typedef int64_t (*Cost)(int64_t time);

static int64_t little(int64_t time) {
  return 2 * RS_MILLISECOND;
}

/* 1.6 times as long as it is played, at 120 beats a minute. */
static int64_t much(int64_t time) {
  return 200 * RS_MILLISECOND;
}

static int64_t much_at_first(int64_t time) {
  return time < 5 * RS_SECOND ? much(time) : little(time);
}

/* Supply and output side by side, by the millisecond, for ten seconds. @return When the first frame
   was due. */
static int64_t run_for_ten_seconds(Stage *stage, Cost cost) {
  const int64_t beginning = RS_SECOND;
  int64_t idle_at = beginning;
  for (int64_t now = beginning; now < beginning + 10 * RS_SECOND; now += RS_MILLISECOND) {
    if (now >= idle_at && rs_prefetch_step(&stage->prefetch)) {
      idle_at = now + cost(now - beginning);
    }
    rs_output_step(&stage->output, now);
  }
  return stage->output.first_due - beginning;
}

static void a_source_that_is_slow_at_first_gets_ahead_before_the_beginning(void **state) {
  static const struct {
    Cost cost;
    int64_t earliest, latest; // Milliseconds
    size_t missed;
  } cases[] = {{little, 0, 30, 0}, {much_at_first, 4000, 4210, 0}, {much, 4000, 4210, 10}};
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    Stage *stage = enter(120);
    const int64_t began = run_for_ten_seconds(stage, cases[i].cost) / RS_MILLISECOND;
    assert_in_range(began, cases[i].earliest, cases[i].latest);
    const RsOutput *output = &stage->output;
    assert_in_range(output->stats.missed, 0, cases[i].missed);
    if (!cases[i].missed) { // No time is lost either
      assert_int_equal(output->transport.frame, (10000 - began) / 125 + 1);
    }
    leave(stage);
  }
}

static void the_end_is_handed_on_and_a_new_seed_goes_on(void **state) {
  Stage *stage = enter(480);
  stage->chords.end = 3;
  assert_int_equal(fill(stage), 4);
  for (int i = 0; i < 3; ++i) {
    assert_ok(take(stage).status);
  }
  assert_int_equal(take(stage).status, RS_ERR_EMPTY);
  assert_int_equal(fill(stage), 0);
  stage->chords.end = 0;
  assert_true(rs_prefetch_request(&stage->prefetch, &(RsSourceChange){RS_SOURCE_SEED, {.seed = 24}},
                                  NULL, 1));
  assert_int_equal(fill(stage), 16);
  const RsQueuedFrame queued = take(stage);
  assert_int_equal(queued.generation, 1);
  assert_int_equal(rs_frame_next(&queued.frame.notes.on, 0), 72);
  leave(stage);
}

static void a_source_without_a_beginning_is_placed(void **state) {
  Stage *stage = enter(480);
  stage->chords.source.locate = chords_place;
  fill(stage);
  atomic_store(&stage->output.shared.song_frame, 101);
  rs_frame_queue_discard(&stage->output.queue, &stage->output.shared);
  fill(stage);
  const RsQueuedFrame queued = take(stage);
  assert_int_equal(queued.rewound, 1);
  assert_true(rs_frame_has(&queued.frame.notes.on, 72 + 101 % 12));
  leave(stage);
}

enum { CONTROLS = RS_SOURCE_SEED + 1 };

static int controls[CONTROLS];
static RsSourceChange changes[CONTROLS];

static void note_control(RsFrameSource *source, const RsSourceChange *change) {
  ++controls[change->control];
  changes[change->control] = *change;
}

static void each_control_gets_to_the_source(void **state) {
  Stage *stage = enter(480);
  stage->chords.source.set = note_control;
  assert_true(rs_prefetch_request(
      &stage->prefetch, &(RsSourceChange){RS_SOURCE_TEMPERATURE, {.temperature = 0.5}}, NULL, 0));
  assert_true(rs_prefetch_request(
      &stage->prefetch, &(RsSourceChange){RS_SOURCE_MAX_POLYPHONY, {.max_polyphony = 3}}, NULL, 0));
  assert_true(rs_prefetch_request(
      &stage->prefetch, &(RsSourceChange){RS_SOURCE_STEERING, {.steering = {.density = 0.4}}}, NULL,
      0));
  assert_true(rs_prefetch_request(&stage->prefetch, &(RsSourceChange){RS_SOURCE_SEED, {.seed = 9}},
                                  NULL, 1));
  fill(stage);
  for (int i = 0; i < CONTROLS; ++i) {
    assert_int_equal(controls[i], 1);
  }
  assert_close(changes[RS_SOURCE_TEMPERATURE].temperature, 0.5, 0);
  assert_int_equal(changes[RS_SOURCE_MAX_POLYPHONY].max_polyphony, 3);
  assert_close(changes[RS_SOURCE_STEERING].steering.density, 0.4, 0);
  assert_int_equal(changes[RS_SOURCE_SEED].seed, 9);
  leave(stage);
}

static void a_phrase_is_heard_or_forgotten_but_never_lost(void **state) {
  Stage *stage = enter(480);
  RsRoll *phrases[2];
  for (int i = 0; i < 2; ++i) {
    phrases[i] = calloc(1, sizeof(*phrases[i]));
    assert_ok(rs_roll_init(phrases[i], NULL, 5, RS_PLANE_NONE));
    assert_true(rs_prefetch_request(&stage->prefetch, NULL, phrases[i], (unsigned)i + 1));
    if (!i) {
      fill(stage);
    }
  }
  assert_int_equal(stage->chords.heard, 5);
  assert_int_equal(stage->chords.transposed, 0); // It was no seed
  assert_int_equal(take(stage).generation, 1);
  leave(stage); // With one that was not heard
}

static void too_many_requests_are_refused(void **state) {
  Stage *stage = enter(480);
  int taken = 0;
  const RsSourceChange change = {RS_SOURCE_MAX_POLYPHONY, {.max_polyphony = 3}};
  while (taken < 1000 && rs_prefetch_request(&stage->prefetch, &change, NULL, 0)) {
    ++taken;
  }
  assert_int_equal(taken, 256);
  leave(stage);
}

/* ---- Start ---- */

/* Ticks of a clock, which an output follows that has this prefetch. */
static void tick(RsSimulatedClock *clock, RsSink *sink, RsOutput *output, RsPrefetch *prefetch,
                 int ticks) {
  while (ticks--) {
    const RsReceivedMessage received = {clock->time, {1, {0xf8, 0, 0}}, RS_INPUT_SYNC};
    rs_sink_record_inject(sink, &received, 1);
    for (int i = 0; i < 20; ++i, clock->time += RS_MILLISECOND) {
      while (rs_prefetch_step(prefetch)) {
      }
      rs_output_step(output, clock->time);
    }
  }
}

static void arrive(RsSink *sink, uint8_t status) {
  const RsReceivedMessage received = {0, {1, {status, 0, 0}}, RS_INPUT_SYNC};
  rs_sink_record_inject(sink, &received, 1);
}

static int lowest_sounding(const RsOutput *output) {
  return rs_frame_next(&output->sender.active.notes[0], 0);
}

static void start_begins_a_piece_again_and_continue_does_not(void **state) {
  RsPlayerSettings settings = stage_settings(120);
  RsSimulatedClock clock;
  RsOutput output;
  RsPrefetch prefetch;
  RsSink *sink = NULL;
  RsFrameSource *source = NULL;
  RsRoll roll;
  settings.follow = settings.clock = true;
  assert_ok(rs_roll_init(&roll, NULL, 8, RS_PLANE_NONE));
  for (int f = 0; f < 8; ++f) { // Of which the last ones are made when it is rewound
    rs_frame_set(&roll.on[f], 40 + f);
  }
  assert_ok(rs_frame_source_roll(&roll, false, &source));
  open_output(&settings, RS_SECOND, 4000, &clock, &sink, &output);
  assert_ok(rs_prefetch_init(&prefetch, source, &output));
  arrive(sink, 0xfa);
  tick(&clock, sink, &output, &prefetch, 28);
  assert_int_equal(lowest_sounding(&output), 44);
  arrive(sink, 0xfc);
  arrive(sink, 0xfb);
  tick(&clock, sink, &output, &prefetch, 4);
  assert_int_equal(lowest_sounding(&output), 45);
  for (int stopped = 0; stopped < 2; ++stopped) {
    if (stopped) {
      arrive(sink, 0xfc);
    }
    arrive(sink, 0xfa);
    rs_output_step(&output, clock.time);
    const RsQueuedFrame late = {.rewound = prefetch.rewound}; // It was just being made
    assert_true(rs_ring_push(&output.shared.frames, &late));
    tick(&clock, sink, &output, &prefetch, 1);
    assert_int_equal(lowest_sounding(&output), 40);
    tick(&clock, sink, &output, &prefetch, 13);
    assert_int_equal(lowest_sounding(&output), 42);
    assert_int_equal(output.transport.frame, 3);
  }
  size_t count = 0;
  const RsRecorded *all = rs_sink_recorded(sink, &count);
  assert_int_equal(count_status(all, count, 0xfa), 3); // Who hears our clock begins again as well
  assert_int_equal(open_notes(all, count), 1);
  rs_prefetch_clear(&prefetch);
  close_output(sink, &output);
  rs_frame_source_free(source);
  rs_roll_clear(&roll);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(half_a_second_is_ready),
      cmocka_unit_test(whoever_was_too_slow_gets_a_larger_store_but_not_without_end),
      cmocka_unit_test(a_source_that_is_slow_at_first_gets_ahead_before_the_beginning),
      cmocka_unit_test(the_end_is_handed_on_and_a_new_seed_goes_on),
      cmocka_unit_test(a_source_without_a_beginning_is_placed),
      cmocka_unit_test(each_control_gets_to_the_source),
      cmocka_unit_test(a_phrase_is_heard_or_forgotten_but_never_lost),
      cmocka_unit_test(too_many_requests_are_refused),
      cmocka_unit_test(start_begins_a_piece_again_and_continue_does_not),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
