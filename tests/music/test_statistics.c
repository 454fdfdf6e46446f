/* SPDX-License-Identifier: ISC */

#include "frames.h"
#include "kit.h"

#include <rollsmith/rng.h>
#include <rollsmith/statistics.h>

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A song of some frames, in the text of a .roll but with commas between the frames. */
static void add_song(RsSongs *songs, const char *text) {
  char lines[1000];
  assert_true(strlen(text) < sizeof lines);
  strcpy(lines, text);
  for (char *comma = lines; (comma = strchr(comma, ','));) {
    *comma = '\n';
  }
  const size_t before = songs->count;
  assert_ok(rs_songs_parse(lines, strlen(lines), "test", songs, NULL));
  assert_int_equal(songs->count, before + 1);
}

static void assert_statistics(RsStatistics s, const double *expected) {
  for (int i = 0; i < RS_STATISTICS; ++i) {
    if (!(fabs(s.value[i] - expected[i]) < 1e-12)) {
      fail_msg("%s is %.17g, not %.17g", rs_statistic_name((RsStatistic)i), s.value[i],
               expected[i]);
    }
  }
}

static void every_statistic_has_a_name(void **state) {
  for (int i = 0; i < RS_STATISTICS; ++i) {
    assert_non_null(rs_statistic_name((RsStatistic)i));
  }
  assert_null(rs_statistic_name(RS_STATISTICS));
}

/* C major, a step of it up, a cluster of seven semitones, silence. Worked out by hand:
   2 + 3 + 7 notes; pitch classes C: 2 3 frames; runs that touch no border: C in frames 2-3 and six
   of one. */
static void statistics_agree_with_those_made_by_hand(void **state) {
  const RsFrame on[] = {FRAME(64, 67), FRAME(60, 64, 67), FRAME(60, 61, 62, 63, 64, 65, 66),
                        SILENCE};
  const double third = 1.0 / 12;
  const double expected[] = {
      12.0 / 4,
      1.0 / 4,
      /* C 2, C# 1, D 1, D# 1, E 3, F 1, F# 1, G 2 of 12 */
      -5 * third * log2(third) - 2 * 2 * third * log2(2 * third) - 3 * third * log2(3 * third),
      /* G major (or C major) leaves out three of C# D# F F#: C2 D1 E3 F#1 G2 = 9 */
      9 * third,
      (2.0 / 3 + 2.0 / 8 + 0.0) / 3,
      /* E and G began before; C lasts two frames; C# D D# F F# one */
      5.0 / 6,
      6.0 / 4,
      1.0 / 4,
  };
  assert_statistics(rs_statistics(on, COUNT(on)), expected);
}

static void silence_and_nothing_have_statistics(void **state) {
  const RsFrame on[] = {SILENCE, SILENCE, SILENCE};
  const double silence[] = {0, 0, 0, 1, 1, 0, 0, 1}, nothing[] = {0, 0, 0, 1, 1, 0, 0, 0};
  assert_statistics(rs_statistics(on, 3), silence);
  assert_statistics(rs_statistics(on, 0), nothing);
}

static void six_notes_are_no_crowd(void **state) {
  const RsFrame on[] = {FRAME(0, 20, 40, 60, 80, 100), FRAME(0, 20, 40, 60, 80, 100, 120)};
  assert_close(rs_statistics(on, 2).value[RS_CROWDED], 0.5, 0);
}

static void every_major_scale_is_consistent(void **state) {
  for (int tonic = 0; tonic < 12; ++tonic) {
    const RsFrame scale = FRAME(48, 50, 52, 53, 55, 57, 59);
    RsFrame on[2] = {rs_frame_shift(&scale, tonic), SILENCE};
    assert_close(rs_statistics(on, 1).value[RS_SCALE], 1, 0);
    rs_frame_set(&on[0], 61 + tonic);
    assert_close(rs_statistics(on, 1).value[RS_SCALE], 7.0 / 8, 1e-15);
  }
}

static void semitones_clash_across_the_words_of_a_frame_and_no_other_interval_does(void **state) {
  for (int apart = 1; apart < 64; ++apart) {
    const RsFrame on = FRAME(63, 63 + apart);
    assert_close(rs_statistics(&on, 1).value[RS_CLASHES], apart == 1, 0);
  }
}

/* The middle note is on for one frame; those at the borders may be longer than is seen. */
static void notes_cut_off_are_not_counted_as_short(void **state) {
  const RsFrame on[] = {FRAME(60), FRAME(62), FRAME(64), FRAME(64), FRAME(65), FRAME(67)};
  assert_close(rs_statistics(on, 6).value[RS_ONE_FRAME], 2.0 / 3, 1e-15);
  assert_close(rs_statistics(on, 2).value[RS_ONE_FRAME], 0, 0);
  assert_close(rs_statistics(on + 1, 3).value[RS_ONE_FRAME], 0, 0);
  assert_close(rs_statistics(on, 3).value[RS_ONE_FRAME], 1, 0);
}

static void a_song_has_the_windows_that_fit_or_one(void **state) {
  const size_t frames[] = {0, 1, 63, 64, 65, 127, 128, 6400},
               windows[] = {0, 1, 1, 1, 1, 1, 2, 100};
  for (size_t i = 0; i < COUNT(frames); ++i) {
    assert_int_equal(rs_windows(frames[i]), windows[i]);
  }
}

/* `frames` frames of one chord of `notes` notes, three semitones apart from 40 up, at the end of a
 * roll. */
static void add_chords(RsRoll *roll, size_t first, size_t frames, int notes) {
  for (size_t f = first; f < first + frames; ++f) {
    for (int n = 0; n < notes; ++n) {
      rs_frame_set(&roll->on[f], 40 + 3 * n);
    }
  }
}

/* 101 songs of one window each, of polyphony 0 .. 100 hundredths: the quantiles lie between two of
 * them. */
static void a_band_goes_from_quantile_to_quantile(void **state) {
  RsSongs songs = {0};
  RsBand band;
  assert_int_equal(rs_band(&songs, &band), RS_ERR_EMPTY);
  for (size_t i = 0; i <= 50; ++i) {
    RsRoll roll;
    assert_ok(rs_roll_init(&roll, NULL, 50, RS_PLANE_NONE));
    add_chords(&roll, 0, (37 * i) % 51, 1);
    assert_ok(rs_songs_add(&songs, &roll));
  }
  assert_ok(rs_band(&songs, &band));
  assert_int_equal(band.windows, 51);
  assert_close(band.low.value[RS_POLYPHONY], 0.005, 1e-12);
  assert_close(band.high.value[RS_POLYPHONY], 0.995, 1e-12);
  assert_close(band.low.value[RS_SILENCE], 0.005, 1e-12);
  rs_songs_clear(&songs);
}

/* Four windows of 1, 2, 2 and 9 notes against songs of 1 to 2: the drift is in the last quarter. */
static void a_roll_is_judged_by_its_windows(void **state) {
  RsSongs songs = {0};
  RsBand band;
  RsRoll song, roll;
  assert_ok(rs_roll_init(&song, NULL, 128, RS_PLANE_NONE));
  add_chords(&song, 0, 64, 1);
  add_chords(&song, 64, 64, 2);
  assert_ok(rs_songs_add(&songs, &song));
  assert_ok(rs_band(&songs, &band));
  for (int i = 0; i < RS_STATISTICS; ++i) {
    band.low.value[i] -= 0.01;
    band.high.value[i] += 0.01;
  }
  assert_ok(rs_roll_init(&roll, NULL, 4 * 64, RS_PLANE_NONE));
  add_chords(&roll, 0, 64, 1);
  add_chords(&roll, 64, 128, 2);
  add_chords(&roll, 192, 64, 9);
  const RsJudgement j = rs_judge(&roll, &band);
  assert_int_equal(j.windows, 4);
  assert_close(j.inside.value[RS_POLYPHONY], 0.75, 0);
  assert_close(j.inside.value[RS_JACCARD], 1, 0);
  assert_close(j.all_inside, 0.75, 0);
  assert_close(j.first_inside.value[RS_CROWDED], 1, 0);
  assert_close(j.last_inside.value[RS_CROWDED], 0, 0);
  assert_close(j.first.value[RS_POLYPHONY], 1, 0);
  assert_close(j.last.value[RS_POLYPHONY], 9, 0);
  rs_roll_clear(&roll);
  rs_songs_clear(&songs);
}

/* Judge windows that have one note where `text` has a dot and nine elsewhere, with a band of one
 * note. */
static RsJudgement judge_row(const char *text) {
  RsRoll roll;
  RsBand band = {.windows = 1};
  for (int i = 0; i < RS_STATISTICS; ++i) {
    band.low.value[i] = -100;
    band.high.value[i] = i == RS_POLYPHONY ? 1 : 100;
  }
  assert_ok(rs_roll_init(&roll, NULL, strlen(text) * RS_WINDOW + 63, RS_PLANE_NONE));
  for (size_t w = 0; text[w]; ++w) {
    add_chords(&roll, w * RS_WINDOW, RS_WINDOW, text[w] == '.' ? 1 : 9);
  }
  const RsJudgement j = rs_judge(&roll, &band);
  rs_roll_clear(&roll);
  return j;
}

static void expect_divergence(const char *text, size_t window) {
  const RsJudgement j = judge_row(text);
  assert_true(j.diverged);
  assert_int_equal(j.diverged_at, window * RS_WINDOW);
}

static void a_roll_diverges_where_it_leaves_the_band_for_good(void **state) {
  expect_divergence("....xxxx", 4);
  expect_divergence(".xx.xxxxxx", 4);
  expect_divergence("xxxx", 0);
  assert_false(judge_row("........").diverged);
  assert_false(judge_row("xxxxxxx.").diverged);
  assert_false(judge_row(".....xxx").diverged); /* may be chance */
}

static void a_roll_without_frames_is_judged_without_harm(void **state) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, 0, RS_PLANE_NONE));
  const RsBand band = {0};
  const RsJudgement j = rs_judge(&roll, &band);
  assert_int_equal(j.windows, 0);
  assert_close(j.all_inside, 0, 0);
  rs_roll_clear(&roll);
}

static void stuck_chords_and_silences_are_found(void **state) {
  const RsFrame on[] = {SILENCE,   FRAME(60, 64), FRAME(60, 64), FRAME(60), FRAME(60),
                        FRAME(60), SILENCE,       SILENCE,       SILENCE,   SILENCE};
  assert_int_equal(rs_longest_chord(on, 10), 3);
  assert_int_equal(rs_longest_silence(on, 10), 4);
  assert_int_equal(rs_longest_chord(on, 3), 2);
  assert_int_equal(rs_longest_silence(on, 3), 1);
  assert_int_equal(rs_longest_chord(on, 0), 0);
}

static void a_note_that_is_held_while_others_move_is_found(void **state) {
  const RsFrame on[] = {FRAME(60),     FRAME(36, 60), FRAME(36, 62),
                        SILENCE,       FRAME(36, 64), FRAME(36, 65),
                        FRAME(36, 67), FRAME(36),     FRAME(36, 64, 67)};
  assert_int_equal(rs_longest_note(on, 9), 5);
  assert_int_equal(rs_longest_note(on, 3), 2);
  assert_int_equal(rs_longest_note(on, 1), 1);
  assert_int_equal(rs_longest_note(on, 0), 0);
  assert_int_equal(rs_longest_chord(on, 9), 1);
}

static void the_longest_of_songs_is_that_of_any_of_them(void **state) {
  RsSongs songs = {0};
  static const size_t lengths[] = {3, 7, 5};
  for (size_t i = 0; i < COUNT(lengths); ++i) {
    RsRoll roll;
    assert_ok(rs_roll_init(&roll, NULL, 10, RS_PLANE_NONE));
    add_chords(&roll, 0, lengths[i], 2);
    assert_ok(rs_songs_add(&songs, &roll));
  }
  assert_int_equal(rs_longest_of(rs_longest_note, &songs), 7);
  assert_int_equal(rs_longest_of(rs_longest_silence, &songs), 7);
  rs_songs_clear(&songs);
}

/* The longest stretch of `roll` in two songs, "frames at song song_at semitones". */
static void assert_copy(const char *roll, const char *one, const char *two, const char *expected) {
  RsSongs rolls = {0}, songs = {0};
  RsCopy copy;
  char text[100];
  add_song(&rolls, roll);
  add_song(&songs, one);
  add_song(&songs, two);
  assert_ok(rs_longest_copy(&rolls.rolls[0], &songs, &copy));
  sprintf(text, "%zu %zu %zu %zu %d", copy.frames, copy.at, copy.song, copy.song_at,
          copy.semitones);
  assert_string_equal(text, expected);
  rs_songs_clear(&rolls);
  rs_songs_clear(&songs);
}

static void a_copy_is_found_at_its_transposition(void **state) {
  assert_copy("60 64,62 65,64 67", "-,40,41", "30,50 54,52 55,54 57,1", "3 0 1 1 10");
  assert_copy("9,60,62,64", "20,70,72,74,99", "50", "3 1 0 1 -10");
}

static void a_transposition_that_changes_ends_a_copy(void **state) {
  assert_copy("60,62,63", "60,62,65", "1 2", "2 0 0 0 0");
}

static void silence_within_a_copy_counts_and_around_it_does_not(void **state) {
  assert_copy("-,-,60,-,-,67,-,-,-", "-,-,50,-,-,57,-,-,-", "-", "4 2 0 2 10");
  assert_copy("60,-,-,67", "60,-,67", "60,-,-,68", "0 0 0 0 0");
  assert_copy("-,-,-", "-,-,-", "-", "0 0 0 0 0");
}

static void the_first_and_the_last_chord_of_a_copy_may_be_cut(void **state) {
  assert_copy("60,60,60,62,64,64,64", "55,60,62,64,64,55", "1 2", "4 2 0 1 0");
  assert_copy("60,62,62,62,64", "60,62,62,64", "1 2", "3 0 0 0 0");
}

static void a_chord_that_is_held_is_no_copy(void **state) {
  assert_copy("60,60,60", "60,60,60,60,60", "60", "0 0 0 0 0");
  assert_copy("60,-,60", "60,-,60,60,60", "60", "3 0 0 0 0");
}

static void a_copy_does_not_go_on_from_song_to_song(void **state) {
  assert_copy("10,12,76", "10,12", "64", "2 0 0 0 0");
}

/* Whatever is in memory behind its last frame. */
static void a_copy_ends_with_its_song(void **state) {
  RsSongs songs = {0};
  RsCopy copy;
  add_song(&songs, "60,62,64,65");
  add_song(&songs, "60,62,64,65");
  songs.rolls[1].frames = 3;
  RsSongs cut = {.rolls = songs.rolls + 1, .count = 1};
  assert_ok(rs_longest_copy(&songs.rolls[0], &cut, &copy));
  assert_int_equal(copy.frames, 3);
  rs_songs_clear(&songs);
}

/* Every pair of beginnings, and as far as it goes. */
static size_t longest_copy_plain(const RsRoll *a, const RsRoll *b) {
  size_t best = 0;
  for (size_t i = 0; i < a->frames; ++i) {
    for (size_t j = 0; j < b->frames; ++j) {
      size_t changes = 0;
      const int by = rs_frame_next(&a->on[i], 0) - rs_frame_next(&b->on[j], 0);
      for (size_t n = 0; rs_frame_count(&a->on[i]) && i + n < a->frames && j + n < b->frames; ++n) {
        const RsFrame moved = rs_frame_shift(&b->on[j + n], by);
        if (!rs_frame_equal(&moved, &a->on[i + n])) {
          break;
        }
        changes += !rs_frame_equal(&a->on[i + n], &a->on[i]);
        best = changes && rs_frame_count(&moved) && n + 1 > best ? n + 1 : best;
      }
    }
  }
  return best;
}

/* Few notes, many repetitions and silences: the best soil for mistakes. */
static void random_roll(uint64_t seed, RsRoll *roll) {
  const RsRng rng = {seed, RS_STREAM_TEST};
  assert_ok(rs_roll_init(roll, NULL, 40 + seed % 20, RS_PLANE_NONE));
  for (size_t f = 0; f < roll->frames; ++f) {
    const uint32_t choice = rs_rng_below(rng, f, 8);
    if (f && choice < 3) {
      roll->on[f] = roll->on[f - 1];
    } else if (choice < 7) {
      roll->on[f] = choice < 5 ? FRAME(60, 63) : FRAME(60 + (int)choice);
    }
  }
}

static void the_quick_search_agrees_with_the_plain_one(void **state) {
  for (uint64_t seed = 0; seed < 600; ++seed) {
    RsRoll a, b;
    RsCopy copy;
    random_roll(2 * seed, &a);
    random_roll(2 * seed + 1, &b);
    const RsSongs songs = {&b, 1, 1};
    assert_ok(rs_longest_copy(&a, &songs, &copy));
    assert_int_equal(copy.frames, longest_copy_plain(&a, &b));
    for (size_t n = 0; n < copy.frames; ++n) {
      const RsFrame moved = rs_frame_shift(&b.on[copy.song_at + n], copy.semitones);
      assert_true(rs_frame_equal(&moved, &a.on[copy.at + n]));
    }
    rs_roll_clear(&a);
    rs_roll_clear(&b);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_statistic_has_a_name),
      cmocka_unit_test(statistics_agree_with_those_made_by_hand),
      cmocka_unit_test(silence_and_nothing_have_statistics),
      cmocka_unit_test(six_notes_are_no_crowd),
      cmocka_unit_test(every_major_scale_is_consistent),
      cmocka_unit_test(semitones_clash_across_the_words_of_a_frame_and_no_other_interval_does),
      cmocka_unit_test(notes_cut_off_are_not_counted_as_short),
      cmocka_unit_test(a_song_has_the_windows_that_fit_or_one),
      cmocka_unit_test(a_band_goes_from_quantile_to_quantile),
      cmocka_unit_test(a_roll_is_judged_by_its_windows),
      cmocka_unit_test(a_roll_diverges_where_it_leaves_the_band_for_good),
      cmocka_unit_test(a_roll_without_frames_is_judged_without_harm),
      cmocka_unit_test(stuck_chords_and_silences_are_found),
      cmocka_unit_test(a_note_that_is_held_while_others_move_is_found),
      cmocka_unit_test(the_longest_of_songs_is_that_of_any_of_them),
      cmocka_unit_test(a_copy_is_found_at_its_transposition),
      cmocka_unit_test(a_transposition_that_changes_ends_a_copy),
      cmocka_unit_test(silence_within_a_copy_counts_and_around_it_does_not),
      cmocka_unit_test(the_first_and_the_last_chord_of_a_copy_may_be_cut),
      cmocka_unit_test(a_chord_that_is_held_is_no_copy),
      cmocka_unit_test(a_copy_does_not_go_on_from_song_to_song),
      cmocka_unit_test(a_copy_ends_with_its_song),
      cmocka_unit_test(the_quick_search_agrees_with_the_plain_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
