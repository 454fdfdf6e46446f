/* SPDX-License-Identifier: ISC */

#include "frames.h"
#include "kit.h"
#include "plain_runs.h"

#include "music/overlap.h"
#include "music/runs.h"

#include <rollsmith/rng.h>
#include <rollsmith/statistics.h>
#include <rollsmith/style.h>

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- Overlap --------------------------------------------------------------------------------- */

/* The same sums with an exponential function a point and a value. */
static double plain_overlap(const double *a, size_t a_count, const double *b, size_t b_count) {
  const double *sample[] = {a, b};
  const size_t count[] = {a_count, b_count};
  double h[2], widest = 0, low = INFINITY, high = -INFINITY, area = 0;
  for (int s = 0; s < 2; ++s) {
    double mean = 0, square = 0;
    for (size_t i = 0; i < count[s]; ++i) {
      mean += sample[s][i] / (double)count[s];
      square += sample[s][i] * sample[s][i] / (double)count[s];
      low = fmin(low, sample[s][i]);
      high = fmax(high, sample[s][i]);
    }
    const double deviation = fmax(sqrt(fmax(square - mean * mean, 0)), 1e-6);
    h[s] = deviation * pow((double)count[s], -0.2);
    widest = fmax(widest, deviation);
  }
  widest *= pow((double)(a_count < b_count ? a_count : b_count), -0.2);
  const double first = low - 3 * widest, step = (high - low + 6 * widest) / 1999;
  for (int point = 0; point < 2000; ++point) {
    double density[2] = {0, 0};
    for (int s = 0; s < 2; ++s) {
      for (size_t i = 0; i < count[s]; ++i) {
        const double z = (first + point * step - sample[s][i]) / h[s];
        density[s] += exp(-z * z / 2) / ((double)count[s] * h[s] * sqrt(2 * acos(-1)));
      }
    }
    area += fmin(density[0], density[1]) * step;
  }
  return area;
}

static void the_overlap_is_the_area_below_both_densities(void **state) {
  const double a[] = {0.1, 0.2, 0.4, 0.45}, b[] = {0.15, 0.35, 0.5, 0.9, 0.2};
  const double same[] = {0.25, 0.25, 0.25}, wide[] = {0, 1, 5, 100}, far[] = {7, 8};
  const struct {
    const double *values;
    size_t count;
  } samples[] = {{a, 4}, {b, 5}, {same, 3}, {wide, 4}, {far, 2}};
  for (size_t i = 0; i < COUNT(samples); ++i) {
    for (size_t j = 0; j < COUNT(samples); ++j) {
      assert_close(
          rs_overlap(samples[i].values, samples[i].count, samples[j].values, samples[j].count),
          plain_overlap(samples[i].values, samples[i].count, samples[j].values, samples[j].count),
          1e-9);
    }
  }
}

/* By another program. */
static void overlaps_are_those_known(void **state) {
  const double a[] = {0.1, 0.2, 0.4, 0.45}, b[] = {0.15, 0.35, 0.5, 0.9, 0.2};
  assert_close(rs_overlap(a, 4, b, 5), 0.717976716958, 1e-9);
  assert_close(rs_overlap(a, 4, a, 4), 0.999252618905, 1e-9);
}

static void nothing_overlaps_with_no_values(void **state) {
  const double a[] = {1, 2};
  assert_true(isnan(rs_overlap(a, 2, a, 0)));
  assert_true(isnan(rs_overlap(a, 0, a, 2)));
}

static void halves_are_the_same_each_time(void **state) {
  double a[40], b[40], few[] = {1, 2, 3};
  for (int i = 0; i < 40; ++i) {
    a[i] = b[i] = i % 7;
  }
  const double halves = rs_overlap_of_halves(a, 40, 1);
  assert_true(halves > 0.6 && halves < 1);
  assert_true(halves == rs_overlap_of_halves(b, 40, 1));
  assert_true(halves != rs_overlap_of_halves(b, 40, 2));
  assert_true(isnan(rs_overlap_of_halves(few, 3, 1)));
}

/* Five equal values: two against three, whatever the split. */
static void every_value_is_in_one_of_the_halves(void **state) {
  double same[] = {1, 1, 1, 1, 1};
  assert_close(rs_overlap_of_halves(same, 5, 1), plain_overlap(same, 2, same, 3), 1e-9);
}

/* ---- Copies ---------------------------------------------------------------------------------- */

/* Few notes, many repetitions and silences. */
static RsRoll random_roll(uint64_t seed, size_t frames, uint32_t kinds) {
  const RsRng rng = {seed, RS_STREAM_TEST};
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, frames, RS_PLANE_NONE));
  for (size_t f = 0; f < frames; ++f) {
    const uint32_t choice = rs_rng_below(rng, f, kinds);
    if (f && choice < 2) {
      roll.on[f] = roll.on[f - 1];
    } else if (choice != 2) {
      roll.on[f] = choice & 1 ? FRAME(60, 63 + (int)choice / 8) : FRAME(60 + (int)choice);
    }
  }
  return roll;
}

static size_t copied_plain(const RsRoll *roll, const RsSongs *songs, size_t self, size_t length,
                           bool near) {
  size_t copied = 0;
  for (size_t at = 0; at + RS_WINDOW <= roll->frames; at += RS_WINDOW) {
    bool found = false;
    for (size_t i = at; !found && i + length <= at + RS_WINDOW; ++i) {
      const RsFrame *run = roll->on + i;
      for (size_t s = 0; is_run(run, length) && s < songs->count; ++s) {
        found = found || (s != self && stands_in(run, &songs->rolls[s], length, near));
      }
    }
    copied += found;
  }
  return copied;
}

static void the_index_agrees_with_a_plain_search(void **state) {
  static const size_t lengths[] = {4, 5, 7};
  for (uint64_t seed = 0; seed < 24; ++seed) {
    RsRoll rolls[3];
    const RsSongs songs = {rolls, 2, 2};
    const size_t length = lengths[seed % COUNT(lengths)];
    const bool near = seed & 1;
    for (size_t i = 0; i < COUNT(rolls); ++i) {
      rolls[i] = random_roll(3 * seed + i, 150, near ? 40 : 20);
    }
    RsRuns *runs;
    size_t copied, own;
    assert_ok(rs_runs_new(&songs, length, near, &runs));
    assert_ok(rs_runs_copied(runs, &rolls[2], false, &copied));
    assert_ok(rs_runs_copied(runs, &rolls[0], true, &own));
    assert_int_equal(copied, copied_plain(&rolls[2], &songs, SIZE_MAX, length, near));
    assert_int_equal(own, copied_plain(&rolls[0], &songs, 0, length, near));
    rs_runs_free(runs);
    for (size_t i = 0; i < COUNT(rolls); ++i) {
      rs_roll_clear(&rolls[i]);
    }
  }
}

/* The tail of music that goes on agrees with the music as a whole, and forgets at each start. */
static void the_tail_of_music_completes_the_runs_of_the_songs(void **state) {
  static const size_t lengths[] = {2, 3, 5, 90};
  size_t completed = 0;
  for (uint64_t seed = 0; seed < 16; ++seed) {
    RsRoll rolls[2] = {random_roll(seed, 150, 8), random_roll(seed / 2, 150, 8)};
    const RsSongs songs = {rolls, 1, 1};
    const size_t length = lengths[seed % COUNT(lengths)];
    RsRuns *runs;
    RsRunTail *tail;
    assert_ok(rs_runs_new(&songs, length, false, &runs));
    assert_ok(rs_run_tail_new(runs, &tail));
    for (size_t f = 0, from = 0; f < 150; ++f) {
      if (f % 100 == 40) {
        rs_run_tail_start(tail);
        from = f;
      }
      const RsFrame *run = rolls[1].on + f + 1 - length;
      const bool copies =
          f + 1 >= from + length && is_run(run, length) && stands_in(run, &rolls[0], length, 0);
      assert_int_equal(rs_run_tail_copies(tail, &rolls[1].on[f]), copies);
      rs_run_tail_add(tail, &rolls[1].on[f]);
      completed += copies;
    }
    rs_run_tail_free(tail);
    rs_runs_free(runs);
    rs_roll_clear(&rolls[0]);
    rs_roll_clear(&rolls[1]);
  }
  assert_true(completed > 100);
}

/* Three songs of which the second has 20 frames of the first, 3 higher, across a border of windows:
   12 in its first window, 8 in its second; and 40 more in its third, of which two are changed
   then. */
static void shares_of_copied_windows_are_told_for_each_kind(void **state) {
  RsRoll rolls[3];
  const RsSongs songs = {rolls, 1, 1}, music = {rolls + 1, 2, 2};
  RsStyle *style;
  RsCopies copies;
  for (size_t i = 0; i < COUNT(rolls); ++i) {
    assert_ok(rs_roll_init(&rolls[i], NULL, 200, RS_PLANE_NONE));
    for (size_t f = 0; f < 200; ++f) {
      rolls[i].on[f] = FRAME(30 + (int)i, 40 + 7 * (int)i + (int)((f * f + i * f) % 37));
    }
  }
  for (size_t f = 0; f < 60; ++f) {
    const size_t at = f < 20 ? 52 + f : 120 + f;
    rolls[1].on[at] = rs_frame_shift(&rolls[0].on[f], 3);
  }
  assert_ok(rs_style_new(&songs, false, &style));
  assert_ok(rs_style_copies(style, &music, &copies));
  assert_int_equal(copies.windows, 6);
  assert_close(copies.run16, 1.0 / 6, 1e-12);
  assert_close(copies.run32, 1.0 / 6, 1e-12);
  assert_true(isnan(copies.near16));
  rs_style_free(style);
  rolls[1].on[150] = rolls[1].on[165] = FRAME(1);
  assert_ok(rs_style_new(&songs, true, &style));
  assert_ok(rs_style_copies(style, &music, &copies));
  assert_close(copies.run16, 0, 1e-12);
  assert_close(copies.run32, 0, 1e-12);
  assert_close(copies.near16, 1.0 / 6, 1e-12);
  rs_style_free(style);
  for (size_t i = 0; i < COUNT(rolls); ++i) {
    rs_roll_clear(&rolls[i]);
  }
}

/* Of 16 frames that are copied, 5 higher, the first or the last is another chord in the song, or
   silent; what stands beside them is silent, so that no other run of 16 has them. */
static void a_near_copy_may_differ_in_its_first_or_its_last_frame(void **state) {
  for (size_t turn = 0; turn < 4; ++turn) {
    const size_t hole = turn & 1 ? 15 : 0;
    RsRoll rolls[2];
    const RsSongs songs = {rolls, 1, 1}, music = {rolls + 1, 1, 1};
    RsStyle *style;
    RsCopies copies;
    for (size_t i = 0; i < COUNT(rolls); ++i) {
      assert_ok(rs_roll_init(&rolls[i], NULL, 64, RS_PLANE_NONE));
      for (size_t f = 0; f < 16; ++f) {
        const int pitch = 60 + 5 * (int)i;
        rolls[i].on[24 + f] = FRAME(pitch, pitch + 1 + (int)(f * f % 17));
      }
    }
    rolls[0].on[24 + hole] = turn & 2 ? SILENCE : FRAME(30, 90);
    assert_ok(rs_style_new(&songs, true, &style));
    assert_ok(rs_style_copies(style, &music, &copies));
    assert_close(copies.run16, 0, 0);
    assert_close(copies.near16, 1, 0);
    rs_style_free(style);
    rs_roll_clear(&rolls[0]);
    rs_roll_clear(&rolls[1]);
  }
}

/* ---- Styles ---------------------------------------------------------------------------------- */

static RsSongs random_songs(uint64_t seed, size_t count, uint32_t kinds) {
  RsSongs songs = {0};
  for (size_t i = 0; i < count; ++i) {
    RsRoll roll = random_roll(seed + i, 256, kinds);
    assert_ok(rs_songs_add(&songs, &roll));
  }
  return songs;
}

static RsStyleComparison compare(const RsSongs *songs, const RsSongs *music) {
  RsStyle *style;
  RsStyleComparison found;
  assert_ok(rs_style_new(songs, true, &style));
  assert_ok(rs_style_compare(style, music, &found));
  rs_style_free(style);
  return found;
}

static void songs_of_the_same_kind_reach_the_ceiling_and_others_do_not(void **state) {
  RsSongs songs = random_songs(100, 40, 10), alike = random_songs(200, 20, 10),
          other = random_songs(300, 20, 24);
  const RsStyleComparison near = compare(&songs, &alike), far = compare(&songs, &other);
  assert_int_equal(near.songs, 40);
  assert_int_equal(near.compared, 20);
  assert_true(near.of_ceiling > 0.85 && near.of_ceiling < 1.15);
  assert_true(far.of_ceiling < 0.6);
  assert_true(near.ceiling == far.ceiling);
  assert_true(near.of_ceiling == near.overlap / near.ceiling);
  rs_songs_clear(&songs);
  rs_songs_clear(&alike);
  rs_songs_clear(&other);
}

/* Two songs alone are long enough to have an S4_8. */
static void what_is_of_the_ceiling_comes_from_the_statistics_that_have_one(void **state) {
  RsSongs songs = random_songs(600, 8, 10), music = random_songs(700, 4, 10);
  double overlap = 0, ceiling = 0;
  for (size_t s = 2; s < songs.count; ++s) {
    songs.rolls[s].frames = 100;
  }
  const RsStyleComparison found = compare(&songs, &music);
  for (int i = 0; i < RS_SONG_STATISTICS; ++i) {
    overlap += i == RS_SONG_S4_8 ? 0 : found.statistic[i].overlap;
    ceiling += i == RS_SONG_S4_8 ? 0 : found.statistic[i].ceiling;
  }
  assert_true(isnan(found.statistic[RS_SONG_S4_8].ceiling));
  assert_close(found.of_ceiling, overlap / ceiling, 1e-12);
  assert_close(found.overlap, (overlap + found.statistic[RS_SONG_S4_8].overlap) / 12, 1e-12);
  rs_songs_clear(&songs);
  rs_songs_clear(&music);
}

static void a_song_is_no_copy_of_itself_but_of_its_like(void **state) {
  RsSongs songs = random_songs(400, 2, 30), once = {songs.rolls, 1, 1};
  RsSongs twice = {(RsRoll[]){songs.rolls[0], songs.rolls[0], songs.rolls[1]}, 3, 3};
  assert_close(compare(&once, &once).copies_songs.run16, 0, 0);
  assert_close(compare(&once, &once).copies.run16, 1, 0);
  assert_close(compare(&twice, &once).copies_songs.run16, 2.0 / 3, 1e-12);
  rs_songs_clear(&songs);
}

static void what_has_no_value_is_no_number(void **state) {
  RsSongs songs = random_songs(500, 3, 10), few = {songs.rolls, 2, 2}, none = {0};
  const RsStyleComparison found = compare(&songs, &none);
  assert_int_equal(found.compared, 0);
  assert_true(isnan(found.statistic[RS_SONG_LENGTH].model));
  assert_false(isnan(found.statistic[RS_SONG_LENGTH].songs));
  assert_true(isnan(found.overlap) && isnan(found.of_ceiling) && isnan(found.copies.run16));
  assert_true(isnan(compare(&none, &songs).of_ceiling));
  assert_false(isnan(compare(&songs, &few).overlap));
  assert_true(isnan(compare(&songs, &few).ceiling) && isnan(compare(&songs, &few).of_ceiling));
  rs_songs_clear(&songs);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_overlap_is_the_area_below_both_densities),
      cmocka_unit_test(overlaps_are_those_known),
      cmocka_unit_test(nothing_overlaps_with_no_values),
      cmocka_unit_test(halves_are_the_same_each_time),
      cmocka_unit_test(every_value_is_in_one_of_the_halves),
      cmocka_unit_test(a_near_copy_may_differ_in_its_first_or_its_last_frame),
      cmocka_unit_test(what_is_of_the_ceiling_comes_from_the_statistics_that_have_one),
      cmocka_unit_test(the_index_agrees_with_a_plain_search),
      cmocka_unit_test(the_tail_of_music_completes_the_runs_of_the_songs),
      cmocka_unit_test(shares_of_copied_windows_are_told_for_each_kind),
      cmocka_unit_test(songs_of_the_same_kind_reach_the_ceiling_and_others_do_not),
      cmocka_unit_test(a_song_is_no_copy_of_itself_but_of_its_like),
      cmocka_unit_test(what_has_no_value_is_no_number),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
