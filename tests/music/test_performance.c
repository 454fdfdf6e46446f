/* SPDX-License-Identifier: ISC */

#include "frames.h"
#include "kit.h"

#include "music/meter.h"

#include <rollsmith/performance.h>

#include <string.h>

/* What a performance sends for some frames, as text: "+60 -60", frames between bars. */
static void perform(const RsPerformance *how, const RsFrame *on, const RsFrame *onset,
                    size_t frames, char *text) {
  RsNoteEvent events[RS_PERFORMER_EVENTS];
  RsPerformer *performer = NULL;
  assert_ok(rs_performer_new(how, 1, &performer));
  *text = 0;
  for (size_t f = 0; f <= frames; ++f) {
    const size_t n =
        f < frames ? rs_performer_frame(performer, &on[f], onset ? &onset[f] : NULL, NULL, events)
                   : rs_performer_end(performer, events);
    for (size_t i = 0; i < n; ++i) {
      text += sprintf(text, "%c%d ", events[i].on ? '+' : '-', events[i].note);
      assert_int_equal(events[i].on, events[i].velocity > 0);
    }
    text += sprintf(text, "|");
  }
  rs_performer_free(performer);
}

static void a_run_of_frames_is_one_note(void **state) {
  char text[200];
  const RsFrame on[] = {FRAME(60, 64), FRAME(60, 67), FRAME(60), SILENCE, FRAME(60)};
  perform(NULL, on, NULL, 5, text);
  assert_string_equal(text, "+60 +64 |-64 +67 |-67 |-60 |+60 |-60 |");
}

static void an_onset_ends_a_note_and_begins_it_again(void **state) {
  char text[200];
  const RsFrame on[] = {FRAME(60, 64), FRAME(60, 64), FRAME(60, 64)};
  const RsFrame onset[] = {FRAME(60, 64), FRAME(64), SILENCE};
  perform(NULL, on, onset, 3, text);
  assert_string_equal(text, "+60 +64 |-64 +64 ||-60 -64 |");
}

static void a_note_without_an_onset_begins_all_the_same(void **state) {
  char text[200];
  const RsFrame on[] = {FRAME(60), FRAME(62)}, onset[] = {SILENCE, SILENCE};
  perform(NULL, on, onset, 2, text);
  assert_string_equal(text, "+60 |-60 +62 |-62 |");
}

static void an_onset_of_a_silent_note_is_nothing(void **state) {
  char text[200];
  const RsFrame on[] = {FRAME(60), SILENCE}, onset[] = {FRAME(60, 70), FRAME(60, 70)};
  perform(NULL, on, onset, 2, text);
  assert_string_equal(text, "+60 |-60 ||");
}

static void every_note_may_end_and_begin_at_once(void **state) {
  RsNoteEvent events[RS_PERFORMER_EVENTS];
  const RsFrame all = {{UINT64_MAX, UINT64_MAX}};
  RsPerformer *performer = NULL;
  assert_ok(rs_performer_new(NULL, 1, &performer));
  assert_int_equal(rs_performer_frame(performer, &all, NULL, NULL, events), RS_NOTES);
  assert_int_equal(rs_performer_frame(performer, &all, &all, NULL, events), RS_PERFORMER_EVENTS);
  for (int i = 0; i < RS_PERFORMER_EVENTS; ++i) {
    assert_int_equal(events[i].on, i >= RS_NOTES);
    assert_int_equal(events[i].note, i % RS_NOTES);
  }
  assert_int_equal(rs_performer_end(performer, events), RS_NOTES);
  assert_int_equal(rs_performer_end(performer, events), 0);
  rs_performer_free(performer);
}

/* Velocities of two notes that begin anew in each of 64 frames. */
typedef uint8_t Velocities[64][2];

static void velocities_of(unsigned flat, const uint8_t *own, uint64_t seed, Velocities out) {
  const RsPerformance how = {.velocity = flat};
  const RsFrame both = FRAME(60, 64);
  RsNoteEvent events[RS_PERFORMER_EVENTS];
  RsPerformer *performer = NULL;
  assert_ok(rs_performer_new(&how, seed, &performer));
  for (int f = 0; f < 64; ++f) {
    const size_t n = rs_performer_frame(performer, &both, &both, own, events);
    out[f][0] = events[n - 2].velocity;
    out[f][1] = events[n - 1].velocity;
  }
  rs_performer_free(performer);
}

static double mean_at(Velocities v, int first, int step, int voice) {
  double sum = 0;
  int count = 0;
  for (int f = first; f < 64; f += step, ++count) {
    sum += v[f][voice];
  }
  return sum / count;
}

static void shaped_velocities_follow_the_bar(void **state) {
  Velocities v;
  velocities_of(0, NULL, 1, v);
  assert_true(mean_at(v, 0, 16, 0) > mean_at(v, 8, 16, 0) + 2);
  assert_true(mean_at(v, 8, 16, 0) > mean_at(v, 4, 8, 0));
  assert_true(mean_at(v, 4, 8, 0) > mean_at(v, 2, 4, 0) + 2);
  assert_true(mean_at(v, 2, 4, 0) > mean_at(v, 1, 2, 0) + 2);
  assert_true(mean_at(v, 0, 1, 1) > mean_at(v, 0, 1, 0) + 4);
}

/* Three notes in one frame after another: what the lower two differ by is theirs alone. */
static void no_two_chords_are_quite_alike(void **state) {
  RsNoteEvent events[RS_PERFORMER_EVENTS];
  bool seen[256] = {false};
  int kinds = 0;
  const RsFrame on = FRAME(60, 64, 67);
  RsPerformer *performer = NULL;
  assert_ok(rs_performer_new(NULL, 5, &performer));
  for (int f = 0; f < 100; ++f) {
    const size_t n = rs_performer_frame(performer, &on, &on, NULL, events);
    const int apart = events[n - 2].velocity - events[n - 3].velocity;
    assert_in_range(apart + 128, 128 - 7, 128 + 7);
    kinds += !seen[apart + 128];
    seen[apart + 128] = true;
  }
  assert_in_range(kinds, 7, 15);
  rs_performer_free(performer);
}

static void shaped_velocities_depend_on_the_seed_alone(void **state) {
  Velocities v, same, other;
  velocities_of(0, NULL, 1, v);
  velocities_of(0, NULL, 1, same);
  velocities_of(0, NULL, 2, other);
  assert_memory_equal(v, same, sizeof v);
  assert_memory_not_equal(v, other, sizeof v);
}

/* The same place in bars far apart must not sound the same, and neighbouring bars must be near. */
static void shaped_velocities_swell(void **state) {
  enum { BARS = 200 };
  double bar[BARS] = {0}, far = 0, near = 0;
  const RsFrame on = FRAME(60);
  RsNoteEvent events[RS_PERFORMER_EVENTS];
  RsPerformer *performer = NULL;
  assert_ok(rs_performer_new(NULL, 3, &performer));
  for (int f = 0; f < 16 * BARS; ++f) {
    const size_t n = rs_performer_frame(performer, &on, &on, NULL, events);
    bar[f / 16] = (f % 16 ? bar[f / 16] : 0) + events[n - 1].velocity / 16.0;
  }
  rs_performer_free(performer);
  for (int b = 0; b + 8 < BARS; ++b) {
    near += fabs(bar[b + 1] - bar[b]) / BARS;
    far += fabs(bar[b + 8] - bar[b]) / BARS;
  }
  assert_in_range(lrint(10 * far), 30, 90);
  assert_true(near < 0.75 * far);
}

static void flat_wins_over_own_wins_over_shaped(void **state) {
  Velocities v, shaped;
  uint8_t own[RS_NOTES] = {0};
  own[60] = 33;
  velocities_of(0, NULL, 1, shaped);
  velocities_of(0, own, 1, v);
  velocities_of(0, own, 1, v);
  for (int f = 0; f < 64; ++f) {
    assert_int_equal(v[f][0], 33);
    assert_int_equal(v[f][1], shaped[f][1]);
  }
  velocities_of(70, own, 1, v);
  for (int f = 0; f < 64; ++f) {
    assert_int_equal(v[f][0], 70);
    assert_int_equal(v[f][1], 70);
  }
}

static void settings_that_cannot_be_are_refused(void **state) {
  RsPerformer *performer = NULL;
  const RsPerformance loud = {.velocity = 128}, slow = {.frames_per_quarter = -1},
                      never = {.frames_per_quarter = NAN};
  const RsMeterChange meter = {0, 4, 4};
  const RsPerformance broken = {.frames_per_quarter = 2.5, .meters = &meter, .meter_count = 1};
  assert_int_equal(rs_performer_new(&loud, 1, &performer), RS_ERR_ARGUMENT);
  assert_int_equal(rs_performer_new(&slow, 1, &performer), RS_ERR_ARGUMENT);
  assert_int_equal(rs_performer_new(&never, 1, &performer), RS_ERR_ARGUMENT);
  assert_int_equal(rs_performer_new(&broken, 1, &performer), RS_ERR_ARGUMENT);
  assert_null(performer);
}

/* One letter a frame: Bar, Middle, beaT, Half, between. */
static void assert_places(double quarter, unsigned beats, unsigned unit, const char *expected) {
  const RsMeter meter = rs_meter(quarter, beats, unit);
  char places[100] = "";
  for (size_t f = 0; f < strlen(expected); ++f) {
    places[f] = "BMTH-"[rs_meter_place(&meter, f)];
  }
  assert_string_equal(places, expected);
}

static void frames_have_their_place_in_the_bar(void **state) {
  assert_places(4, 4, 4, "B-H-T-H-M-H-T-H-B-H-T-H-M-");
  assert_places(4, 3, 4, "B-H-T-H-T-H-B-H-T-");
  assert_places(4, 2, 2, "B---H---T---H---B---");
  assert_places(4, 6, 8, "B-H-H-T-H-H-B-H-H-T-");
  assert_places(4, 12, 8, "B-H-H-T-H-H-M-H-H-T-H-H-B");
  assert_places(4, 3, 8, "BHTHTHBH"); /* three beats, not one of three parts */
  assert_places(1, 4, 4, "BTMTBTMT");
  assert_places(3, 2, 4,
                "B-HT-HB-HT-H"); /* triplets: the half falls on the later two thirds' border */
}

static void bars_that_begin_between_frames_begin_with_the_next(void **state) {
  assert_places(2.5, 1, 4, "B-HBHB-HBH");
  const RsMeter meter = rs_meter(2.5, 1, 4);
  assert_int_equal(rs_meter_bar_start(&meter, 0), 0);
  assert_int_equal(rs_meter_bar_start(&meter, 1), 3);
  assert_int_equal(rs_meter_bar_start(&meter, 2), 5);
}

/* Frames of time that are meant to be sixteenths, at tempos where no sum of them comes out even. */
static void rounding_moves_no_beat(void **state) {
  for (int bpm = 40; bpm < 240; ++bpm) {
    const double frame_ms = 60000.0 / bpm / 4;
    const RsMeter meter = rs_meter(60000.0 / bpm / frame_ms * (1 + 1e-13 * (bpm % 3 - 1)), 4, 4);
    for (uint64_t frame = 0; frame < 6400; frame += 4) {
      assert_in_range(rs_meter_place(&meter, frame), RS_PLACE_BAR, RS_PLACE_BEAT);
      assert_int_equal(rs_meter_bar_start(&meter, frame / 4), 4 * frame);
    }
  }
}

static void bars_stay_right_far_from_the_start(void **state) {
  const RsMeter meter =
      rs_meter(60000.0 / 100 / 50, 3, 4); /* 12 frames of 50 ms a quarter at 100 bpm */
  for (uint64_t bar = 0; bar < 300000; bar += 9999) {
    assert_int_equal(rs_meter_bar_start(&meter, bar), 36 * bar);
    assert_int_equal(rs_meter_place(&meter, 36 * bar), RS_PLACE_BAR);
    assert_int_equal(rs_meter_place(&meter, 36 * bar + 12), RS_PLACE_BEAT);
    assert_int_equal(rs_meter_place(&meter, 36 * bar + 13), RS_PLACE_BETWEEN);
  }
}

/* The velocities of a note that begins anew in each frame. */
static void beat_out(const RsPerformance *how, size_t frames, int *velocities) {
  const RsFrame on = FRAME(60);
  RsNoteEvent events[RS_PERFORMER_EVENTS];
  RsPerformer *performer = NULL;
  assert_ok(rs_performer_new(how, 1, &performer));
  for (size_t f = 0; f < frames; ++f) {
    const size_t n = rs_performer_frame(performer, &on, &on, NULL, events);
    velocities[f] = events[n - 1].velocity;
  }
  rs_performer_free(performer);
}

/* One letter a frame: by so much the place is louder than that of 4/4, to the nearest integer. */
static void assert_accents(const RsMeterChange *meters, size_t count, const char *expected) {
  static const int loudness[] = {88, 82, 80, 74, 69};
  const RsMeter usual = rs_meter(4, 4, 4);
  const RsPerformance how = {.meters = meters, .meter_count = count}, plain = {.velocity = 0};
  const size_t frames = strlen(expected);
  int with[100], without[100];
  beat_out(&how, frames, with);
  beat_out(&plain, frames, without);
  for (size_t f = 0; f < frames; ++f) {
    const int place = (int)(strchr("BMTH-", expected[f]) - "BMTH-");
    const int louder = loudness[place] - loudness[rs_meter_place(&usual, f)];
    assert_in_range(with[f] - without[f] - louder + 10, 9, 11);
  }
}

static void accents_follow_the_meter_map(void **state) {
  const RsMeterChange waltz[] = {{0, 4, 4}, {16, 3, 4}, {28, 6, 8}};
  assert_accents(waltz, 3, "B-H-T-H-M-H-T-H-B-H-T-H-T-H-B-H-H-T-H-H-B-H-H-");
  const RsMeterChange cut[] = {{0, 4, 4}, {22, 4, 4}}; /* the second bar is cut within a beat */
  assert_accents(cut, 2, "B-H-T-H-M-H-T-H-B-H-T-B-H-T-H-M-H-T-H-B");
}

static void a_first_bar_that_is_short_is_an_upbeat(void **state) {
  const RsMeterChange quarter[] = {{0, 1, 4}, {4, 4, 4}};
  assert_accents(quarter, 2, "T-H-B-H-T-H-M-H-T-H-B-");
  const RsMeterChange rest[] = {{0, 10, 16}, {10, 3, 4}};
  assert_accents(rest, 2, "H-T-H-T-H-B-H-T-H-T-H-B");
}

/* Whoever goes to a frame, from before it or behind it, is where the frames up to it would lead. */
static void accents_go_with_a_leap(void **state) {
  const RsMeterChange map[] = {{0, 3, 4}, {24, 4, 4}};
  const RsFrame silence = SILENCE, chord = FRAME(60, 64);
  for (size_t i = 0; i < 4; ++i) {
    const RsPerformance how = {.meters = map, .meter_count = i % 2 ? 2 : 0};
    const size_t place = i < 2 ? 37 : 7;
    RsNoteEvent one[RS_PERFORMER_EVENTS], other[RS_PERFORMER_EVENTS];
    RsPerformer *walker = NULL, *leaper = NULL;
    assert_ok(rs_performer_new(&how, 1, &walker));
    assert_ok(rs_performer_new(&how, 1, &leaper));
    for (size_t f = 0; f < 20; ++f) {
      rs_performer_frame(leaper, &silence, NULL, NULL, other);
    }
    for (size_t f = 0; f < place; ++f) {
      rs_performer_frame(walker, &silence, NULL, NULL, one);
    }
    rs_performer_go_to(leaper, place);
    for (size_t f = 0; f < 40; ++f) {
      const size_t n = rs_performer_frame(walker, &chord, &chord, NULL, one);
      assert_int_equal(rs_performer_frame(leaper, &chord, &chord, NULL, other), n);
      for (size_t k = 0; k < n; ++k) {
        assert_int_equal(one[k].velocity, other[k].velocity);
      }
    }
    rs_performer_free(walker);
    rs_performer_free(leaper);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_run_of_frames_is_one_note),
      cmocka_unit_test(an_onset_ends_a_note_and_begins_it_again),
      cmocka_unit_test(a_note_without_an_onset_begins_all_the_same),
      cmocka_unit_test(an_onset_of_a_silent_note_is_nothing),
      cmocka_unit_test(every_note_may_end_and_begin_at_once),
      cmocka_unit_test(shaped_velocities_follow_the_bar),
      cmocka_unit_test(no_two_chords_are_quite_alike),
      cmocka_unit_test(shaped_velocities_depend_on_the_seed_alone),
      cmocka_unit_test(shaped_velocities_swell),
      cmocka_unit_test(flat_wins_over_own_wins_over_shaped),
      cmocka_unit_test(settings_that_cannot_be_are_refused),
      cmocka_unit_test(accents_follow_the_meter_map),
      cmocka_unit_test(a_first_bar_that_is_short_is_an_upbeat),
      cmocka_unit_test(accents_go_with_a_leap),
      cmocka_unit_test(frames_have_their_place_in_the_bar),
      cmocka_unit_test(bars_that_begin_between_frames_begin_with_the_next),
      cmocka_unit_test(rounding_moves_no_beat),
      cmocka_unit_test(bars_stay_right_far_from_the_start),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
