/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "live/pacing.h"

#include <rollsmith/clock.h>

/* A queue whose count is behind at times: at time t it has counted the milliseconds of t - lag. */
typedef struct {
  RsPacing pacing;
  bool readable;
  int64_t lag;
  int64_t counted; // It never goes back
  int64_t free_at; // When the batch before had got there
  int64_t last;    // When the batch before is played, milliseconds of the count
  int64_t early;   // At most, nanoseconds
  int64_t late;
} Queue;

static const int64_t beginning = 9 * RS_SECOND;

static int64_t larger(int64_t a, int64_t b) {
  return a > b ? a : b;
}

static int64_t count(Queue *queue, int64_t time) {
  queue->counted = larger(queue->counted, (time - beginning - queue->lag) / RS_MILLISECOND);
  return queue->counted;
}

static int64_t told(Queue *queue, int64_t time) {
  return queue->readable ? count(queue, time) : -1;
}

/* Send a batch, which takes some time to get there, while the count falls behind or catches up. */
static void send(Queue *queue, int64_t due, int64_t now, int64_t takes, int64_t lag_then) {
  const int64_t before = told(queue, now);
  const int32_t delay = rs_pacing_delay(&queue->pacing, due, now, before);
  const int64_t promised = rs_pacing_played(&queue->pacing, delay, now, before);
  queue->lag = lag_then;
  const int64_t played = count(queue, now + takes) + delay;
  rs_pacing_written(&queue->pacing, delay, now + takes, told(queue, now + takes));
  assert_true(played >= queue->last); // It overtakes none
  assert_true(promised >= due);
  queue->last = played;
  const int64_t time = beginning + played * RS_MILLISECOND; // The count has caught up by then
  queue->early = larger(queue->early, due - time);
  queue->late = larger(queue->late, time - due);
}

/* Twenty seconds of batches, handed over 100 ms ahead, some of them late. */
static void play(Queue *queue, int64_t worst_lag, int64_t worst_delay) {
  for (int64_t i = 0; i < 640; ++i) {
    const int64_t due = beginning + RS_SECOND + i * 31250000;
    const int64_t wanted = due - 100 * RS_MILLISECOND + i * 7919 % 101 * worst_delay / 100;
    const int64_t now = larger(wanted, queue->free_at), takes = i * 613 % 9 * RS_MILLISECOND / 4;
    const int64_t lag = i % 7 && i % 11 ? 0 : i * 104729 % 103 * worst_lag / 102;
    queue->lag = larger(queue->lag - 31250000, 0);
    send(queue, due, now, takes, lag);
    queue->free_at = now + takes;
  }
}

static void without_trouble_all_come_in_time(void **state) {
  for (int readable = 0; readable < 2; ++readable) {
    Queue queue = {.readable = readable};
    play(&queue, 0, 0);
    assert_true(queue.early <= RS_MILLISECOND);
    assert_true(queue.late <= 4 * RS_MILLISECOND);
  }
}

static void a_count_that_is_behind_mixes_nothing_up_where_it_can_be_read(void **state) {
  Queue queue = {.readable = true};
  play(&queue, 95 * RS_MILLISECOND, 60 * RS_MILLISECOND);
  assert_true(queue.early <= 2 * RS_MILLISECOND);
  assert_true(queue.late <= 100 * RS_MILLISECOND);
}

static void where_it_cannot_be_read_forty_milliseconds_are_allowed_for(void **state) {
  Queue queue = {.readable = false};
  play(&queue, 38 * RS_MILLISECOND, 60 * RS_MILLISECOND);
  assert_true(queue.late <= 70 * RS_MILLISECOND);
}

static void one_batch(int64_t first_due, int64_t second_now, int64_t second_due, bool readable,
                      int32_t *delay) {
  RsPacing pacing = {.counts = false};
  const int64_t start = beginning + RS_SECOND;
  const int64_t first = readable ? 1000 : -1;
  const int64_t second = readable ? 1000 + second_now / RS_MILLISECOND : -1;
  delay[0] = rs_pacing_delay(&pacing, start + first_due, start, first);
  rs_pacing_written(&pacing, delay[0], start, first);
  delay[1] = rs_pacing_delay(&pacing, start + second_due, start + second_now, second);
}

static void what_is_sent_late_waits_no_longer_than_it_must(void **state) {
  int32_t delay[2];
  one_batch(100 * RS_MILLISECOND, 60 * RS_MILLISECOND, 130 * RS_MILLISECOND, true, delay);
  assert_int_equal(delay[0], 100);
  assert_int_equal(delay[1], 70);
  one_batch(100 * RS_MILLISECOND, 90 * RS_MILLISECOND, 95 * RS_MILLISECOND, true, delay);
  assert_int_equal(delay[1], 10); // With the one before, not sooner
  one_batch(100 * RS_MILLISECOND, 60 * RS_MILLISECOND, 130 * RS_MILLISECOND, false, delay);
  assert_int_equal(delay[1], 80); // 20 of 60 ms are sure to have passed
  one_batch(-5 * RS_MILLISECOND, 500 * RS_MILLISECOND, 400 * RS_MILLISECOND, true, delay);
  assert_int_equal(delay[0], 0);
  assert_int_equal(delay[1], 0);
}

static void another_measure_forgets_no_delay(void **state) {
  RsPacing pacing = {.counts = false};
  const int64_t start = beginning + RS_SECOND;
  rs_pacing_written(&pacing, rs_pacing_delay(&pacing, start + 100 * RS_MILLISECOND, start, 5),
                    start, -1); // From here on it cannot be read
  const int64_t soon = start + 20 * RS_MILLISECOND;
  assert_int_equal(rs_pacing_delay(&pacing, soon, soon, -1), 100);
  rs_pacing_written(&pacing, 100, soon, -1);
  assert_int_equal(rs_pacing_delay(&pacing, soon, soon + 90 * RS_MILLISECOND, 700), 100);
}

/* A count that is slower than the clock, or loses ticks, must not make all later and later. */
static void a_slow_count_is_followed(void **state) {
  static const int64_t lost[] = {1, 200}; /* of 10,000 ticks */
  for (size_t k = 0; k < 2; ++k) {
    RsPacing pacing = {.counts = false};
    for (int64_t i = 0; i < 36000; ++i) { // An hour
      const int64_t now = beginning + i * RS_SECOND / 10;
      const int64_t slow = (now - beginning) / 10000 * (10000 - lost[k]) / RS_MILLISECOND;
      const int32_t delay = rs_pacing_delay(&pacing, now + 100 * RS_MILLISECOND, now, slow);
      assert_in_range(delay, 100, 102);
      rs_pacing_written(&pacing, delay, now, slow);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_trouble_all_come_in_time),
      cmocka_unit_test(a_count_that_is_behind_mixes_nothing_up_where_it_can_be_read),
      cmocka_unit_test(where_it_cannot_be_read_forty_milliseconds_are_allowed_for),
      cmocka_unit_test(what_is_sent_late_waits_no_longer_than_it_must),
      cmocka_unit_test(another_measure_forgets_no_delay),
      cmocka_unit_test(a_slow_count_is_followed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
