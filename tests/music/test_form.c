/* SPDX-License-Identifier: ISC */

/* Phrases and keys of songs. */

#include "frames.h"
#include "kit.h"

#include "music/form.h"
#include "music/key.h"

#include <stdlib.h>
#include <string.h>

/* ---- Phrases ---- */

/* A song in 4/4 of so many whole bars; bar b has notes of its own in each frame, as `kinds` says.
 */
static RsRoll song_of(const char *kinds, size_t left_over) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, 16 * strlen(kinds) + left_over, RS_PLANE_NONE));
  assert_ok(rs_roll_add_meter(&roll, 0, 4, 4));
  for (size_t f = 0; f < roll.frames; ++f) {
    const char kind = kinds[f / 16 < strlen(kinds) ? f / 16 : 0];
    roll.on[f] = FRAME(30 + (int)(f % 16), kind);
    rs_frame_clear(&roll.on[f], kind == '-' ? 30 + (int)(f % 16) : 127);
  }
  return roll;
}

/* The phrases of a song as "0 A, 64 B". */
static void expect_phrases(const RsRoll *roll, const char *wanted) {
  char found[4096] = "", name[RS_PHRASE_NAME_SIZE];
  RsPhrases phrases = {.count = 0};
  for (size_t f = 0; f < roll->frames; ++f) {
    if (rs_phrase_at(&phrases, roll, f, name)) {
      sprintf(found + strlen(found), "%s%zu %s", *found ? ", " : "", f, name);
    }
  }
  assert_string_equal(found, wanted);
}

static void expect(const char *kinds, size_t left_over, const char *wanted) {
  RsRoll roll = song_of(kinds, left_over);
  expect_phrases(&roll, wanted);
  rs_roll_clear(&roll);
}

static void what_returns_has_the_same_letter(void **state) {
  expect("aaaabbbbaaaacccc", 0, "0 A, 64 B, 128 A, 192 C");
}

/* One bar of four is another: three quarters and a third of a quarter are alike. */
static void what_is_varied_has_a_prime_more(void **state) {
  expect("abcdabcdabceabcfabce", 0, "0 A, 64 A, 128 A', 192 A'', 256 A'");
}

static void half_a_phrase_that_is_alike_is_another(void **state) {
  expect("aabbaacc--------", 0, "0 A, 64 A', 128 B, 192 B");
  expect("abcdefgh", 0, "0 A, 64 B");
}

static void a_phrase_that_is_cut_short_is_like_the_beginning_of_another(void **state) {
  expect("abcdefghab", 0, "0 A, 64 B, 128 A");
  expect("abcdefghab", 5, "0 A, 64 B, 128 A'");
  expect("abab", 0, "0 A");
}

/* A pickup of two frames has none, each meter begins one, and one is cut by the change. */
static void phrases_are_counted_from_the_change_of_meter(void **state) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, 2 + 6 * 12 + 3 * 16, RS_PLANE_NONE));
  assert_ok(rs_roll_add_meter(&roll, 0, 3, 4));
  assert_ok(rs_roll_add_meter(&roll, 2, 3, 4));
  assert_ok(rs_roll_add_meter(&roll, 2 + 6 * 12, 4, 4));
  for (size_t f = 0; f < roll.frames; ++f) {
    roll.on[f] = FRAME(20 + (int)f % 100);
  }
  expect_phrases(&roll, "2 A, 50 B, 74 C");
  rs_roll_clear(&roll);
}

static void beyond_z_there_are_two_letters_and_then_bars(void **state) {
  RsRoll roll;
  char wanted[4096] = "";
  assert_ok(rs_roll_init(&roll, NULL, 66 * 8, RS_PLANE_NONE));
  assert_ok(rs_roll_add_meter(&roll, 0, 1, 8)); /* bars of two frames */
  for (size_t f = 0; f < roll.frames; ++f) {
    const size_t phrase = f / 8 < 65 ? f / 8 : 3;
    roll.on[f] = FRAME((int)phrase, 70 + (int)(phrase + f % 8) % 50);
  }
  for (size_t p = 0; p < 66; ++p) {
    char name[16] = {(char)('A' + p % 26), 0};
    if (p >= 26) {
      sprintf(name, "%c%c", (int)('A' + p / 26 - 1), (int)('A' + p % 26));
    }
    sprintf(wanted + strlen(wanted), "%s%zu %s", p ? ", " : "", 8 * p,
            p == 64   ? "bar 257"
            : p == 65 ? "D"
                      : name);
  }
  expect_phrases(&roll, wanted);
  rs_roll_clear(&roll);
}

static void without_meters_there_are_no_phrases(void **state) {
  RsRoll roll = song_of("aaaabbbb", 0);
  rs_roll_clear_meters(&roll);
  expect_phrases(&roll, "");
  rs_roll_clear(&roll);
}

/* ---- Keys ---- */

/* A scale and its triad, the major one or the harmonic minor one. */
static RsRoll scale_on(int tonic, bool minor) {
  static const int steps[2][7] = {{0, 2, 4, 5, 7, 9, 11}, {0, 2, 3, 5, 7, 8, 11}};
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, 14, RS_PLANE_NONE));
  for (int i = 0; i < 14; ++i) {
    roll.on[i] =
        i < 7 ? FRAME(tonic + steps[minor][i]) : FRAME(tonic, tonic + steps[minor][2], tonic + 7);
  }
  return roll;
}

/* From C upwards: C has none, C sharp is D flat with five flats, D two sharps ... */
static void each_key_has_its_signature(void **state) {
  static const int of_major[12] = {0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5};
  for (int tonic = 0; tonic < 12; ++tonic) {
    for (int minor = 0; minor < 2; ++minor) {
      RsRoll roll = scale_on(48 + tonic, minor);
      const RsKeySignature key = rs_roll_key(&roll);
      assert_true(key.known);
      assert_int_equal(key.minor, minor);
      assert_int_equal(key.sharps, of_major[(tonic + 3 * minor) % 12]);
      for (int octave = -1; octave <= 1; ++octave) {
        const RsKeySignature told = rs_roll_mode(&roll, tonic + 3 * minor + 12 * octave);
        assert_int_equal(told.minor, minor);
        assert_int_equal(told.sharps, key.sharps);
      }
      rs_roll_clear(&roll);
    }
  }
}

/* Durations by pitch class whose key is another one where the profiles are not made comparable. */
static void keys_are_compared_by_the_correlation_with_their_profiles(void **state) {
  static const struct {
    double durations[12];
    int shift;
  } cases[] = {
      {{3, 3, 4, 2, 4, 2, 1, 0, 4, 1, 2, 4}, -4},
      {{4, 4, 3, 3, 4, 3, 4, 4, 3, 3, 2, 3}, 0},
      {{3, 2, 3, 3, 4, 3, 3, 4, 4, 3, 3, 2}, -3},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    RsRoll roll;
    assert_int_equal(rs_key_to_common(cases[i].durations), cases[i].shift);
    assert_ok(rs_roll_init(&roll, NULL, 4, RS_PLANE_NONE));
    for (size_t t = 0; t < 12 * roll.frames; ++t) {
      if (cases[i].durations[t % 12] > (double)(t / 12)) {
        rs_frame_set(&roll.on[t / 12], 60 + (int)(t % 12));
      }
    }
    assert_int_equal(rs_roll_to_common(&roll), cases[i].shift);
    rs_roll_clear(&roll);
  }
}

static void silence_is_in_c_major(void **state) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, 4, RS_PLANE_NONE));
  const RsKeySignature key = rs_roll_key(&roll), told = rs_roll_mode(&roll, 2);
  assert_true(key.known && !key.sharps && !key.minor);
  assert_true(told.sharps == 2 && !told.minor);
  rs_roll_clear(&roll);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_returns_has_the_same_letter),
      cmocka_unit_test(what_is_varied_has_a_prime_more),
      cmocka_unit_test(half_a_phrase_that_is_alike_is_another),
      cmocka_unit_test(a_phrase_that_is_cut_short_is_like_the_beginning_of_another),
      cmocka_unit_test(phrases_are_counted_from_the_change_of_meter),
      cmocka_unit_test(beyond_z_there_are_two_letters_and_then_bars),
      cmocka_unit_test(without_meters_there_are_no_phrases),
      cmocka_unit_test(each_key_has_its_signature),
      cmocka_unit_test(keys_are_compared_by_the_correlation_with_their_profiles),
      cmocka_unit_test(silence_is_in_c_major),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
