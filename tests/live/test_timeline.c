/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "live/clock_follower.h"
#include "live/histogram.h"
#include "live/ring.h"
#include "live/timeline.h"

#include <rollsmith/clock.h>

#include <pthread.h>
#include <sched.h>

static void a_quarter_note_at_120_is_half_a_second(void **state) {
  const RsTimeline timeline = rs_timeline(4, 0, 120);
  assert_int_equal(rs_timeline_due(&timeline, 4 * timeline.pulses_a_frame), RS_SECOND / 2);
  assert_int_equal(rs_timeline_due(&timeline, 24 * timeline.pulses_a_clock), RS_SECOND / 2);
}

static void no_error_adds_up_in_a_day(void **state) {
  // 7 frames a quarter note of 434783 microseconds: no frame is a whole number of nanoseconds
  const RsTimeline timeline = rs_timeline(7, 0, 138);
  const uint64_t quarters = UINT64_C(138) * 60 * 24;
  assert_int_equal(rs_timeline_due(&timeline, quarters * 7 * timeline.pulses_a_frame),
                   (int64_t)quarters * 434783 * 1000);
  assert_int_equal(rs_timeline_due(&timeline, (quarters * 7 + 1) * timeline.pulses_a_frame),
                   (int64_t)quarters * 434783 * 1000 + 434783000 / 7);
}

static void frames_of_time_do_not_depend_on_the_tempo(void **state) {
  const RsTimeline slow = rs_timeline(0, 50, 60), fast = rs_timeline(0, 50, 133);
  assert_int_equal(rs_timeline_due(&slow, 20 * slow.pulses_a_frame), RS_SECOND);
  assert_int_equal(rs_timeline_due(&fast, 20 * fast.pulses_a_frame), RS_SECOND);
  assert_close((double)rs_timeline_due(&fast, 24 * fast.pulses_a_clock), 60e9 / 133, 60e9 / 133e4);
}

static void a_new_tempo_begins_where_it_is_set(void **state) {
  RsTimeline timeline = rs_timeline(4, 0, 120);
  rs_timeline_tempo(&timeline, 8 * timeline.pulses_a_frame, 60);
  assert_int_equal(rs_timeline_due(&timeline, 8 * timeline.pulses_a_frame), RS_SECOND);
  assert_int_equal(rs_timeline_due(&timeline, 12 * timeline.pulses_a_frame), 2 * RS_SECOND);
}

static void what_is_moved_takes_the_rest_along(void **state) {
  RsTimeline timeline = rs_timeline(4, 0, 120);
  rs_timeline_move(&timeline, 4 * timeline.pulses_a_frame, 7 * RS_SECOND);
  assert_int_equal(rs_timeline_due(&timeline, 8 * timeline.pulses_a_frame),
                   7 * RS_SECOND + RS_SECOND / 2);
}

static void what_is_before_the_anchor_is_due_with_it(void **state) {
  RsTimeline timeline = rs_timeline(4, 0, 120);
  rs_timeline_move(&timeline, 4 * timeline.pulses_a_frame, 7 * RS_SECOND);
  assert_int_equal(rs_timeline_due(&timeline, timeline.pulses_a_frame), 7 * RS_SECOND);
}

static void frames_of_time_are_as_much_faster_as_the_tempo(void **state) {
  RsTimeline timeline = rs_timeline(0, 50, 120);
  rs_timeline_tempo(&timeline, 0, 240);
  assert_int_equal(rs_timeline_due(&timeline, 20 * timeline.pulses_a_frame), RS_SECOND / 2);
  timeline = rs_timeline(0, 60000, 60000); // A clock is a tiny part of a frame
  assert_true(timeline.pulses_a_clock > 0);
}

static void pulses_are_found_by_their_time(void **state) {
  RsTimeline timeline = rs_timeline(4, 0, 123);
  rs_timeline_move(&timeline, 100, 7 * RS_SECOND);
  for (uint64_t pulse = 100; pulse < 100000; pulse += 97) {
    const int64_t due = rs_timeline_due(&timeline, pulse);
    assert_int_equal(rs_timeline_pulse(&timeline, due + 1), pulse);
    assert_int_equal(rs_timeline_pulse(&timeline, due + RS_MILLISECOND), pulse);
  }
  assert_int_equal(rs_timeline_pulse(&timeline, 0), 100);
}

static void a_simulated_clock_never_goes_back(void **state) {
  RsSimulatedClock clock;
  rs_clock_simulate(&clock, RS_SECOND);
  clock.clock.sleep_until(&clock.clock, RS_SECOND / 2);
  assert_int_equal(clock.clock.now(&clock.clock), RS_SECOND);
  clock.clock.sleep_until(&clock.clock, 2 * RS_SECOND);
  assert_int_equal(clock.clock.now(&clock.clock), 2 * RS_SECOND);
}

/* ---- Following ---- */

static double jitter(int tick) {
  return ((tick * 7919) % 13 - 6) / 6.0 * 3e6; // Up to 3 ms
}

static void a_clock_with_jitter_is_smoothed(void **state) {
  const double period = 60e9 / 120 / 24;
  RsClockFollower follow = {.running = false};
  double worst = 0;
  for (int tick = 0; tick < 480; ++tick) {
    rs_clock_follower_tick(&follow, (int64_t)(1e9 + tick * period + jitter(tick)));
    if (tick > 240) {
      const double error = fabs((double)follow.smooth - (1e9 + tick * period));
      worst = error > worst ? error : worst;
    }
  }
  assert_true(worst < 1.2e6);
  assert_close(rs_clock_follower_bpm(&follow), 120, 1);
}

static void a_new_tempo_is_found_within_a_beat(void **state) {
  RsClockFollower follow = {.running = false};
  int64_t time = RS_SECOND;
  for (int tick = 0; tick < 96; ++tick, time += 20833333) {
    rs_clock_follower_tick(&follow, time);
  }
  for (int tick = 0; tick < 48; ++tick, time += 31250000) {
    rs_clock_follower_tick(&follow, time);
  }
  assert_close(rs_clock_follower_bpm(&follow), 80, 0.5);
}

static void a_clock_that_paused_begins_anew(void **state) {
  RsClockFollower follow = {.running = false};
  int64_t time = RS_SECOND;
  for (int tick = 0; tick < 24; ++tick, time += 20833333) {
    rs_clock_follower_tick(&follow, time);
  }
  time += 2 * RS_SECOND;
  rs_clock_follower_tick(&follow, time);
  assert_close(rs_clock_follower_bpm(&follow), 0, 0);
  assert_int_equal(follow.smooth, time);
  rs_clock_follower_tick(&follow, time); // Two that were read together
  assert_int_equal(follow.last, time + 1);
}

static void a_bad_beginning_is_soon_forgotten(void **state) {
  RsClockFollower follow = {.running = false};
  rs_clock_follower_tick(&follow, RS_SECOND - RS_MILLISECOND);
  for (int tick = 1; tick < 24; ++tick) {
    rs_clock_follower_tick(&follow, RS_SECOND + (int64_t)tick * 20833333);
  }
  assert_close(rs_clock_follower_bpm(&follow), 120, 0.2);
}

/* ---- Lateness ---- */

static void quantiles_are_those_of_what_was_counted(void **state) {
  RsHistogram *histogram = calloc(1, sizeof(*histogram));
  rs_histogram_add(histogram, RS_MILLISECOND / 50);
  assert_close(rs_histogram_quantile(histogram, 0.5), 0.02, 1e-9); // Not the end of its class
  *histogram = (RsHistogram){.total = 0};
  rs_histogram_add(histogram, -RS_SECOND); // Too early is not late
  assert_int_equal(histogram->counts[0], 1);
  assert_int_equal(histogram->largest, 0);
  *histogram = (RsHistogram){.total = 0};
  for (int i = 1; i <= 100; ++i) {
    rs_histogram_add(histogram, i * RS_MILLISECOND);
  }
  assert_close(rs_histogram_quantile(histogram, 0.5), 50, 0.11);
  assert_close(rs_histogram_quantile(histogram, 0.99), 99, 0.11);
  assert_int_equal(histogram->largest, 100 * RS_MILLISECOND);
  rs_histogram_add(histogram, 3 * RS_SECOND);
  assert_close(rs_histogram_quantile(histogram, 1), 3000, 0);
  free(histogram);
}

static void coarse_classes_hold_what_is_below_their_edges(void **state) {
  static const int microseconds[] = {0, 99, 100, 199, 200, 999, 1000, 5000, 1000000};
  static const double edges[] = {0.1, 0.2, 1};
  RsHistogram *histogram = calloc(1, sizeof(*histogram));
  uint64_t counts[4] = {0};
  for (size_t i = 0; i < sizeof(microseconds) / sizeof(*microseconds); ++i) {
    rs_histogram_add(histogram, microseconds[i] * (RS_MILLISECOND / 1000));
  }
  rs_histogram_sort(histogram, 3, edges, counts);
  assert_int_equal(counts[0], 2);
  assert_int_equal(counts[1], 2);
  assert_int_equal(counts[2], 2);
  assert_int_equal(counts[3], 3);
  free(histogram);
}

/* ---- Queue ---- */

static void a_full_ring_refuses_and_keeps_its_order(void **state) {
  RsRing ring;
  int item = 0;
  assert_ok(rs_ring_init(&ring, 4, sizeof(item)));
  for (item = 0; item < 4; ++item) {
    assert_true(rs_ring_push(&ring, &item));
  }
  assert_false(rs_ring_push(&ring, &item));
  for (int i = 0; i < 4; ++i) {
    assert_true(rs_ring_pop(&ring, &item));
    assert_int_equal(item, i);
  }
  assert_false(rs_ring_pop(&ring, &item));
  rs_ring_clear(&ring);
}

enum { MANY = 200000 };

static void *push_many(void *argument) {
  for (int i = 0; i < MANY;) {
    if (rs_ring_push(argument, &i)) {
      ++i;
    } else {
      sched_yield();
    }
  }
  return NULL;
}

static void two_threads_share_a_ring(void **state) {
  RsRing ring;
  pthread_t thread;
  int item = 0, wrong = 0;
  assert_ok(rs_ring_init(&ring, 64, sizeof(item)));
  assert_int_equal(pthread_create(&thread, NULL, push_many, &ring), 0);
  for (int i = 0; i < MANY;) {
    if (rs_ring_pop(&ring, &item)) {
      wrong += item != i++;
    } else {
      sched_yield();
    }
  }
  pthread_join(thread, NULL);
  assert_int_equal(wrong, 0);
  assert_int_equal(rs_ring_count(&ring), 0);
  rs_ring_clear(&ring);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_quarter_note_at_120_is_half_a_second),
      cmocka_unit_test(no_error_adds_up_in_a_day),
      cmocka_unit_test(frames_of_time_do_not_depend_on_the_tempo),
      cmocka_unit_test(a_new_tempo_begins_where_it_is_set),
      cmocka_unit_test(what_is_moved_takes_the_rest_along),
      cmocka_unit_test(what_is_before_the_anchor_is_due_with_it),
      cmocka_unit_test(frames_of_time_are_as_much_faster_as_the_tempo),
      cmocka_unit_test(pulses_are_found_by_their_time),
      cmocka_unit_test(a_simulated_clock_never_goes_back),
      cmocka_unit_test(a_clock_with_jitter_is_smoothed),
      cmocka_unit_test(a_new_tempo_is_found_within_a_beat),
      cmocka_unit_test(a_clock_that_paused_begins_anew),
      cmocka_unit_test(a_bad_beginning_is_soon_forgotten),
      cmocka_unit_test(quantiles_are_those_of_what_was_counted),
      cmocka_unit_test(coarse_classes_hold_what_is_below_their_edges),
      cmocka_unit_test(a_full_ring_refuses_and_keeps_its_order),
      cmocka_unit_test(two_threads_share_a_ring),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
