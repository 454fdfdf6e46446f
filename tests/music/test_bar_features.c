/* SPDX-License-Identifier: ISC */

/* Features of bars, counted by hand. */

#include "frames.h"

#include "music/bar_features.h"

/* A frame of a bar of four: what sounds, what begins. */
typedef struct {
  RsFrame on, begins;
} Frame;

static void add(RsBarFeatures *features, const Frame *frames, size_t count, int key) {
  for (size_t n = 0; n < count; ++n) {
    rs_bar_features_add(features, &frames[n].on, &frames[n].begins, n == 0, key);
  }
}

/* C major and C above it, which moves up a fourth and a sixth; then silence. */
static void take(RsBarFeatures *features, int shift, int key, float *out) {
  const Frame bar[] = {
      {FRAME(60, 64, 67, 72), FRAME(60, 64, 67, 72)},
      {FRAME(60, 64, 67, 77), FRAME(77)},
      {FRAME(60, 64, 86), FRAME(60, 86)},
      {SILENCE, SILENCE},
  };
  for (size_t n = 0; n < 4; ++n) {
    const Frame moved = {rs_frame_shift(&bar[n].on, shift), rs_frame_shift(&bar[n].begins, shift)};
    rs_bar_features_add(features, &moved.on, &moved.begins, n == 0, key);
  }
  rs_bar_features_end(features, out);
}

static void assert_values(const float *out, size_t first, const double *wanted, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    assert_close(out[first + i], wanted[i], 1e-6);
  }
}

#define ASSERT_VALUES(out, first, ...)                                                             \
  assert_values(out, first, (const double[]){__VA_ARGS__},                                         \
                sizeof(double[]){__VA_ARGS__} / sizeof(double))

static void melody_and_rhythm_are_counted(void **state) {
  RsBarFeatures features = {.top = 0};
  float out[RS_BAR_FEATURES];
  take(&features, 0, 0, out);
  ASSERT_VALUES(out, RS_FEATURE_STEPS, 0, 0, 0, 0.25, 0.25, 0);
  ASSERT_VALUES(out, RS_FEATURE_LEAPS, 0.25, 0);
  ASSERT_VALUES(out, RS_FEATURE_HELD_TOP, 0);
  ASSERT_VALUES(out, RS_FEATURE_GAPS, 0.5, 0, 0, 0, 0);
  ASSERT_VALUES(out, RS_FEATURE_BEGINS, 0, 0, 0, 0.25, 0.25, 0.25, 0, 0);
  /* 72 and 77 last one frame, 60 two, 67 two, 64 three, 60 and 86 one. */
  ASSERT_VALUES(out, RS_FEATURE_LENGTHS, 1, 0.5, 0.25, 0, 0, 0);
  ASSERT_VALUES(out, RS_FEATURE_CHANGES, 1, 0.25);
  ASSERT_VALUES(out, RS_FEATURE_CONTOUR, 0.5, 0.25, 0);
}

static void a_melody_goes_on_or_turns(void **state) {
  RsBarFeatures features = {.top = 0};
  float out[RS_BAR_FEATURES];
  static const int line[] = {60, 62, 64, 64,
                             62, 60, 67, 65}; /* up, on, same, down, on, turn, turn */
  for (size_t n = 0; n < 8; ++n) {
    const Frame frame = {FRAME(line[n]), FRAME(line[n])};
    add(&features, &frame, 1, 0);
  }
  rs_bar_features_end(&features, out);
  ASSERT_VALUES(out, RS_FEATURE_CONTOUR, 3.0 / 8, 2.0 / 8, 2.0 / 8);
}

static void the_bass_is_the_line_of_the_lowest_notes(void **state) {
  RsBarFeatures features = {.top = 0};
  float out[RS_BAR_FEATURES];
  const Frame bar[] = {{FRAME(48, 60), FRAME(48, 60)},
                       {FRAME(48, 64), FRAME(64)},
                       {FRAME(60, 64), FRAME(60)},
                       {SILENCE, SILENCE},
                       {FRAME(72), FRAME(72)}};
  add(&features, bar, 5, 0);
  rs_bar_features_end(&features, out);
  ASSERT_VALUES(out, RS_FEATURE_BASS, 0.2, 0.8291562); /* octaves 4, 4, 5, 6 */
}

static void harmony_and_register_are_counted(void **state) {
  RsBarFeatures features = {.top = 0};
  float out[RS_BAR_FEATURES];
  take(&features, 0, 0, out);
  /* Intervals of the first frame: 4 7 12 3 8 5; the second: 4 7 17 3 13 10; the third: 4 26 22. */
  ASSERT_VALUES(out, RS_FEATURE_PAIRS, 0.25, 0.25, 0.25, 0.5, 0.75, 0.5, 0, 0.5, 0.25, 0, 0.5, 0);
  ASSERT_VALUES(out, RS_FEATURE_VOICES, 0.25, 0, 0, 0.25, 0.5, 0);
  ASSERT_VALUES(out, RS_FEATURE_POLYPHONY, 2.75, 1.6393596);
  ASSERT_VALUES(out, RS_FEATURE_REGISTER, 235.0 / 36, 5, 55.0 / 36, 0.4827262);
  ASSERT_VALUES(out, RS_FEATURE_CLASSES, 0.75, 0, 0.25, 0, 0.25, 0.25, 0, 0.25, 0, 0, 0, 0);
}

static void a_bar_in_another_key_differs_by_its_register_alone(void **state) {
  RsBarFeatures features[2] = {{.top = 0}};
  float out[2][RS_BAR_FEATURES];
  take(features, 0, 0, out[0]);
  take(features + 1, -5, -5, out[1]);
  for (size_t i = 0; i < RS_BAR_FEATURES; ++i) {
    const bool absolute = i == RS_FEATURE_REGISTER || i == RS_FEATURE_REGISTER + 1;
    assert_close(out[1][i], (double)out[0][i] - (absolute ? 5.0 / 12 : 0), 1e-5);
  }
}

static void what_was_before_a_bar_counts_in_it(void **state) {
  RsBarFeatures features = {.top = 0};
  float out[RS_BAR_FEATURES];
  const Frame first[] = {{FRAME(60, 72), FRAME(60, 72)}, {FRAME(60, 72), SILENCE}};
  const Frame second[] = {{FRAME(62, 72), FRAME(62)}, {FRAME(62, 72), SILENCE}};
  add(&features, first, 2, 0);
  rs_bar_features_end(&features, out);
  add(&features, second, 2, 0);
  rs_bar_features_end(&features, out);
  ASSERT_VALUES(out, RS_FEATURE_STEPS, 0, 0, 0, 0, 0.5, 0);
  ASSERT_VALUES(out, RS_FEATURE_HELD_TOP, 0.5, 0, 0.5);
  ASSERT_VALUES(out, RS_FEATURE_LENGTHS, 0, 0.5, 0, 0, 0, 0);
  ASSERT_VALUES(out, RS_FEATURE_CHANGES, 0.5);
}

static void sums_begin_anew_with_each_bar(void **state) {
  RsBarFeatures twice = {.top = 0}, once = {.top = 0};
  float first[RS_BAR_FEATURES], second[RS_BAR_FEATURES];
  const Frame before[] = {{FRAME(60, 64, 67, 99), SILENCE}, {FRAME(99), SILENCE}};
  const Frame bar[] = {{FRAME(60, 62), SILENCE}, {FRAME(60), SILENCE}, {FRAME(60), SILENCE}};
  add(&twice, before, 2, 0);
  rs_bar_features_end(&twice, first);
  add(&twice, bar, 3, 0);
  rs_bar_features_end(&twice, first);
  add(&once, bar, 3, 0);
  rs_bar_features_end(&once, second);
  assert_values(first, RS_FEATURE_POLYPHONY,
                (double[]){second[RS_FEATURE_POLYPHONY], second[RS_FEATURE_POLYPHONY + 1]}, 2);
  for (size_t i = RS_FEATURE_REGISTER; i < RS_FEATURE_REGISTER + 4; ++i) {
    assert_close(first[i], (double)second[i], 1e-6);
  }
}

static void a_note_held_for_256_frames_is_a_long_one(void **state) {
  RsBarFeatures features = {.top = 0};
  float out[RS_BAR_FEATURES];
  const Frame begin = {FRAME(60), FRAME(60)}, hold = {FRAME(60), SILENCE},
              rest = {SILENCE, SILENCE};
  add(&features, &begin, 1, 0);
  for (size_t n = 0; n < 256; ++n) {
    add(&features, &hold, 1, 0);
  }
  rs_bar_features_end(&features, out);
  add(&features, &rest, 1, 0);
  rs_bar_features_end(&features, out);
  ASSERT_VALUES(out, RS_FEATURE_LENGTHS, 0, 0, 0, 0, 0, 1);
}

static void a_bar_of_no_frames_is_all_zero(void **state) {
  RsBarFeatures features = {.top = 0};
  float out[RS_BAR_FEATURES];
  rs_bar_features_end(&features, out);
  for (size_t i = 0; i < RS_BAR_FEATURES; ++i) {
    assert_true(out[i] == 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(melody_and_rhythm_are_counted),
      cmocka_unit_test(a_melody_goes_on_or_turns),
      cmocka_unit_test(the_bass_is_the_line_of_the_lowest_notes),
      cmocka_unit_test(harmony_and_register_are_counted),
      cmocka_unit_test(a_bar_in_another_key_differs_by_its_register_alone),
      cmocka_unit_test(what_was_before_a_bar_counts_in_it),
      cmocka_unit_test(sums_begin_anew_with_each_bar),
      cmocka_unit_test(a_note_held_for_256_frames_is_a_long_one),
      cmocka_unit_test(a_bar_of_no_frames_is_all_zero),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
