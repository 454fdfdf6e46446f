/* SPDX-License-Identifier: ISC */

/* Frames as vectors, and songs laid end to end. */

#include "kit.h"
#include "small.h"

#include "base/memory.h"

#include <rollsmith/series.h>

#include <string.h>

static RsIngest range(int low, int high, RsOutside outside) {
  RsSettings settings;
  rs_settings_init(&settings);
  settings.roll.low = low;
  settings.roll.high = high;
  settings.roll.outside = outside;
  settings.roll.articulation = false;
  return settings.roll;
}

static void a_frame_comes_back_from_its_vector(void **state) {
  const RsIngest settings = range(60, 71, RS_OUTSIDE_FOLD);
  const RsEncoding encoding = rs_encoding(&settings);
  RsSongs songs = songs_of("60 64 67\n-\n48 83\n");
  float v[12];
  RsFrame on, onset;
  assert_int_equal(rs_encoding_size(&encoding), 12);
  rs_encode_frame(&encoding, songs.rolls, 0, 0, v);
  rs_decode_frame(&encoding, v, &on, &onset, NULL);
  assert_true(rs_frame_equal(&on, songs.rolls->on));
  rs_encode_frame(&encoding, songs.rolls, 0, 5, v); /* 65 69 72, the last folded to 60 */
  assert_float_equal(v[5] + v[9] + v[0], 3, 0);
  rs_encode_frame(&encoding, songs.rolls, 1, 0, v);
  rs_decode_frame(&encoding, v, &on, &onset, NULL);
  assert_int_equal(rs_frame_count(&on), 0);
  rs_encode_frame(&encoding, songs.rolls, 2, 0, v); /* both far outside: 60 and 71 */
  assert_float_equal(v[0] + v[11], 2, 0);
  rs_songs_clear(&songs);
}

static void dropped_notes_leave_no_trace(void **state) {
  const RsIngest settings = range(60, 71, RS_OUTSIDE_DROP);
  const RsEncoding encoding = rs_encoding(&settings);
  RsSongs songs = songs_of("48 61 83\n");
  float v[12], sum = 0;
  rs_encode_frame(&encoding, songs.rolls, 0, 0, v);
  for (size_t i = 0; i < 12; ++i) {
    sum += v[i];
  }
  assert_float_equal(sum, 1, 0);
  assert_float_equal(v[1], 1, 0);
  rs_songs_clear(&songs);
}

static void onsets_are_a_second_part(void **state) {
  RsIngest settings = range(60, 61, RS_OUTSIDE_DROP);
  settings.articulation = true;
  const RsEncoding encoding = rs_encoding(&settings);
  RsSongs songs = songs_of("60\n60 61\n");
  float v[4];
  RsFrame on, onset;
  rs_encode_frame(&encoding, songs.rolls, 1, 0, v);
  const float wanted[4] = {1, 1, 0, 1};
  assert_memory_equal(v, wanted, sizeof v);
  rs_decode_frame(&encoding, v, &on, &onset, NULL);
  assert_true(rs_frame_has(&on, 60) && !rs_frame_has(&onset, 60) && rs_frame_has(&onset, 61));
  rs_songs_clear(&songs);
}

static void velocities_come_back(void **state) {
  RsIngest settings = range(60, 62, RS_OUTSIDE_DROP);
  settings.velocity = true;
  const RsEncoding encoding = rs_encoding(&settings);
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, 1, RS_PLANE_VELOCITY));
  rs_frame_set(roll.on, 61);
  roll.velocity[61] = 93;
  float v[3];
  uint8_t velocity[RS_NOTES];
  RsFrame on, onset;
  rs_encode_frame(&encoding, &roll, 0, 0, v);
  assert_close(v[1], 0.25 + 0.75 * 93 / 127, 1e-6);
  assert_close(v[0], 0, 0);
  rs_decode_frame(&encoding, v, &on, &onset, velocity);
  assert_true(rs_frame_equal(&on, roll.on));
  assert_int_equal(velocity[61], 93);
  assert_int_equal(velocity[60], 0);
  rs_roll_clear(&roll);
}

/* ---- Series ---- */

enum { NOTES = 12, STREAMS = 3 };

/* Twelve notes, and v(n-1) alone. */
static RsInputs plain_inputs(void) {
  const RsIngest roll = range(60, 71, RS_OUTSIDE_FOLD);
  const RsModelSettings model = {.metre = false};
  return rs_inputs(&roll, &model, 0, NULL);
}

static RsSeriesSpec spec_of(const RsSongs *songs, const RsInputs *inputs, bool carry) {
  return (RsSeriesSpec){.songs = songs,
                        .inputs = inputs,
                        .streams = STREAMS,
                        .seed = 5,
                        .carry = carry,
                        .frames = 400,
                        .groups = 1};
}

/* The next frames of all groups, one group behind the other. */
static void next(RsSeries *series, const RsSeriesSpec *spec, size_t frames, float *x, float *v,
                 unsigned char *starts) {
  const size_t size = rs_encoding_size(&spec->inputs->encoding);
  RsBatch batch;
  assert_ok(rs_batch_init(spec->inputs, frames, spec->streams / spec->groups, &batch));
  const size_t rows = rs_batch_rows(&batch);
  rs_series_choose(series, frames);
  for (size_t group = 0; group < spec->groups; ++group) {
    rs_series_fill(series, group, &batch);
    memcpy(x + group * rows * spec->inputs->size, batch.x, rows * spec->inputs->size * sizeof *x);
    memcpy(v + group * rows * size, batch.v, rows * size * sizeof *v);
    memcpy(starts + group * rows, batch.starts, rows);
  }
  rs_batch_clear(&batch);
}

/* Five songs of different lengths, told apart by their notes. */
static const char FIVE[] =
    "# a\n60\n60\n# b\n61\n# c\n62\n62\n62\n# d\n63\n63\n# e\n64\n64\n64\n64\n";

static int note_of(const float *v) {
  for (int i = 0; i < NOTES; ++i) {
    if (v[i] > 0) {
      return 60 + i;
    }
  }
  return -1;
}

static void every_song_comes_whole_and_once_an_epoch(void **state) {
  RsSongs songs = songs_of(FIVE);
  const RsInputs inputs = plain_inputs();
  const RsSeriesSpec spec = spec_of(&songs, &inputs, false);
  RsSeries *series = NULL;
  assert_ok(rs_series_new(&spec, &series));
  assert_int_equal(rs_series_epoch_frames(series), 12);
  enum { FRAMES = 400 };
  float *x = rs_alloc(FRAMES * STREAMS, NOTES * sizeof *x);
  float *v = rs_alloc(FRAMES * STREAMS, NOTES * sizeof *v);
  unsigned char starts[FRAMES * STREAMS];
  next(series, &spec, FRAMES, x, v, starts);
  int begun[5] = {0};
  for (size_t s = 0; s < STREAMS; ++s) {
    int length = 0;
    for (size_t n = 0; n < FRAMES; ++n) {
      const size_t row = n * STREAMS + s;
      const float *before = v + (row - STREAMS) * NOTES;
      const int song = note_of(v + row * NOTES) - 60;
      assert_in_range(song, 0, 4);
      if (starts[row]) {
        assert_int_equal(note_of(x + row * NOTES), -1);
        assert_true(n == 0 || length == (int)songs.rolls[note_of(before) - 60].frames);
        ++begun[song];
        length = 0;
      } else {
        assert_memory_equal(x + row * NOTES, before, NOTES * sizeof *x);
        assert_int_equal(note_of(before) - 60, song);
      }
      ++length;
    }
  }
  for (size_t i = 0; i < 5; ++i) { /* 1,200 frames are a hundred epochs */
    assert_in_range(begun[i], 97, 103);
  }
  free(x);
  free(v);
  rs_series_free(series);
  rs_songs_clear(&songs);
}

static void carried_borders_show_the_last_song(void **state) {
  RsSongs songs = songs_of(FIVE);
  const RsInputs inputs = plain_inputs();
  const RsSeriesSpec spec = spec_of(&songs, &inputs, true);
  RsSeries *series = NULL;
  assert_ok(rs_series_new(&spec, &series));
  float x[30 * STREAMS * NOTES], v[30 * STREAMS * NOTES];
  unsigned char starts[30 * STREAMS];
  next(series, &spec, 30, x, v, starts);
  for (size_t row = STREAMS; row < 30 * STREAMS; ++row) {
    assert_int_equal(starts[row], 0);
    assert_memory_equal(x + row * NOTES, v + (row - STREAMS) * NOTES, NOTES * sizeof *x);
  }
  rs_series_free(series);
  rs_songs_clear(&songs);
}

static void the_streams_of_a_group_lie_together(void **state) {
  RsSongs songs = songs_of(FIVE);
  const RsInputs inputs = plain_inputs();
  RsSeriesSpec spec = spec_of(&songs, &inputs, false);
  RsSeries *all = NULL, *alone = NULL;
  enum { N = 5 };
  float x[2][STREAMS * N * NOTES], v[2][STREAMS * N * NOTES];
  unsigned char starts[2][STREAMS * N];
  RsSeriesSpec apart = spec;
  apart.groups = STREAMS;
  assert_ok(rs_series_new(&spec, &all));
  assert_ok(rs_series_new(&apart, &alone));
  for (int block = 0; block < 4; ++block) {
    next(all, &spec, N, x[0], v[0], starts[0]);
    next(alone, &apart, N, x[1], v[1], starts[1]);
    for (size_t s = 0; s < STREAMS; ++s) {
      for (size_t n = 0; n < N; ++n) {
        const size_t one = n * STREAMS + s, other = s * N + n;
        assert_memory_equal(x[0] + one * NOTES, x[1] + other * NOTES, NOTES * sizeof **x);
        assert_memory_equal(v[0] + one * NOTES, v[1] + other * NOTES, NOTES * sizeof **v);
        assert_int_equal(starts[0][one], starts[1][other]);
      }
    }
  }
  rs_series_free(all);
  rs_series_free(alone);
  rs_songs_clear(&songs);
}

static void a_position_is_all_there_is_to_go_on(void **state) {
  RsSongs songs = songs_of(FIVE);
  const RsInputs inputs = plain_inputs();
  RsSeriesSpec spec = spec_of(&songs, &inputs, false);
  spec.transpose_low = -3;
  spec.transpose_high = 3;
  enum { N = 7, VALUES = N * STREAMS * NOTES };
  for (size_t before = 0; before < 20; ++before) {
    RsSeries *one = NULL, *two = NULL;
    float x1[VALUES], x2[VALUES], v1[VALUES], v2[VALUES];
    unsigned char starts1[N * STREAMS], starts2[N * STREAMS];
    assert_ok(rs_series_new(&spec, &one));
    assert_ok(rs_series_new(&spec, &two));
    for (size_t i = 0; i < before; ++i) {
      next(one, &spec, 1, x1, v1, starts1);
    }
    uint64_t *position = rs_alloc(rs_series_position_size(one), sizeof *position);
    rs_series_position(one, position);
    assert_ok(rs_series_seek(two, position));
    next(one, &spec, N, x1, v1, starts1);
    next(two, &spec, N, x2, v2, starts2);
    assert_memory_equal(x1, x2, sizeof x1);
    assert_memory_equal(v1, v2, sizeof v1);
    assert_memory_equal(starts1, starts2, sizeof starts1);
    const uint64_t place = position[1];
    position[1] = 99;
    assert_int_equal(rs_series_seek(two, position), RS_ERR_FORMAT);
    position[1] = place;
    position[0] = UINT64_MAX / 5; /* turns that could not be counted */
    assert_int_equal(rs_series_seek(two, position), RS_ERR_FORMAT);
    free(position);
    rs_series_free(one);
    rs_series_free(two);
  }
  rs_songs_clear(&songs);
}

static void songs_without_frames_are_passed_over(void **state) {
  RsSongs songs = songs_of(FIVE);
  const size_t frames = songs.rolls[2].frames;
  const RsInputs inputs = plain_inputs();
  const RsSeriesSpec spec = spec_of(&songs, &inputs, false);
  RsSeries *series = NULL;
  float x[30 * STREAMS * NOTES], v[30 * STREAMS * NOTES];
  unsigned char starts[30 * STREAMS];
  songs.rolls[2].frames = 0;
  assert_ok(rs_series_new(&spec, &series));
  assert_int_equal(rs_series_epoch_frames(series), 9);
  next(series, &spec, 30, x, v, starts);
  for (size_t row = 0; row < 30 * STREAMS; ++row) {
    assert_int_not_equal(note_of(v + row * NOTES), 62);
  }
  rs_series_free(series);
  songs.rolls[2].frames = frames;
  rs_songs_clear(&songs);
}

/* The song begins and ends with a note that is held, and every note that is held is heard wrongly.
 */
static void noise_begins_anew_with_every_reading_of_a_song(void **state) {
  enum { LENGTH = 7, READINGS = 20, ROWS = READINGS * LENGTH * STREAMS };
  RsSongs songs = songs_of("66\n66\n62\n64\n68\n66\n66\n");
  const RsInputs inputs = plain_inputs();
  RsSeriesSpec spec = spec_of(&songs, &inputs, false);
  RsSeries *series = NULL;
  float x[ROWS * NOTES], v[ROWS * NOTES];
  unsigned char starts[ROWS];
  int seen[NOTES + 1] = {0}, kinds = 0;
  spec.noise = 1;
  assert_ok(rs_series_new(&spec, &series));
  next(series, &spec, READINGS * LENGTH, x, v, starts);
  for (size_t reading = 0; reading < READINGS * STREAMS; ++reading) {
    const size_t row = reading / STREAMS * LENGTH * STREAMS + reading % STREAMS;
    assert_int_equal(starts[row], 1);
    assert_int_equal(note_of(v + row * NOTES), 66);
    const int held = note_of(v + (row + STREAMS) * NOTES);
    ++seen[held < 0 ? NOTES : held - 60];
  }
  for (size_t i = 0; i <= NOTES; ++i) {
    kinds += seen[i] > 0;
  }
  assert_int_equal(kinds, 5); /* 62, 64, 66, 68, and not at all */
  rs_series_free(series);
  rs_songs_clear(&songs);
}

static void plans_are_transposed_with_their_songs(void **state) {
  enum { LENGTH = 40, ROWS = LENGTH * STREAMS };
  static RsPlanPrior prior;
  RsSongs songs = songs_of("65\n65\n65\n65\n65\n65\n65\n65\n65\n65\n");
  const RsIngest roll = range(60, 71, RS_OUTSIDE_FOLD);
  const RsModelSettings model = {.metre = true, .plan = true};
  const RsKnownMeter meter = {2, 4, 1};
  RsInputs inputs = rs_inputs(&roll, &model, 1, &meter);
  RsSeriesSpec spec = spec_of(&songs, &inputs, false);
  RsSeries *series = NULL;
  RsSongPlan plan;
  RsBatch batch;
  songs.rolls[0].frames_per_beat = 4;
  assert_ok(rs_roll_add_meter(&songs.rolls[0], 0, 2, 4));
  inputs.plan = &prior;
  spec.transpose_low = -3;
  spec.transpose_high = 3;
  assert_ok(rs_batch_init(&inputs, LENGTH, STREAMS, &batch));
  assert_ok(rs_song_plan(&prior, &songs.rolls[0], &plan));
  assert_ok(rs_series_new(&spec, &series));
  rs_series_choose(series, LENGTH);
  rs_series_fill(series, 0, &batch);
  for (size_t row = 0; row < ROWS; ++row) {
    const RsInputPlace *place = batch.places + row;
    const size_t quarter = rs_inputs_quarter(&inputs, place);
    const RsFramePlan expected = rs_plan_transposed(rs_song_plan_at(&plan, place->bar, quarter),
                                                    note_of(batch.v + row * NOTES) - 65);
    assert_int_equal(place->bar, row / STREAMS % 10 / 8);
    assert_memory_equal(&place->plan, &expected, sizeof expected);
  }
  rs_series_free(series);
  rs_batch_clear(&batch);
  rs_song_plan_clear(&plan);
  rs_songs_clear(&songs);
}

static void transpositions_are_spread_over_their_range(void **state) {
  RsSongs songs = songs_of("# a\n66\n");
  const RsInputs inputs = plain_inputs();
  RsSeriesSpec spec = spec_of(&songs, &inputs, false);
  spec.transpose_low = -2;
  spec.transpose_high = 2;
  RsSeries *series = NULL;
  assert_ok(rs_series_new(&spec, &series));
  int seen[NOTES] = {0};
  for (int i = 0; i < 1000; ++i) {
    float x[STREAMS * NOTES], v[STREAMS * NOTES];
    unsigned char starts[STREAMS];
    next(series, &spec, 1, x, v, starts);
    ++seen[note_of(v) - 60];
  }
  for (int i = 0; i < NOTES; ++i) {
    assert_in_range(seen[i], i >= 4 && i <= 8 ? 150 : 0, i >= 4 && i <= 8 ? 250 : 0);
  }
  rs_series_free(series);
  rs_songs_clear(&songs);
}

static void nothing_to_lay_out_is_an_error(void **state) {
  RsSongs songs = {0};
  const RsInputs inputs = plain_inputs();
  RsSeriesSpec spec = spec_of(&songs, &inputs, false);
  RsSeries *series = NULL;
  assert_int_equal(rs_series_new(&spec, &series), RS_ERR_EMPTY);
  spec.streams = 0;
  assert_int_equal(rs_series_new(&spec, &series), RS_ERR_ARGUMENT);
  spec.streams = 3;
  spec.groups = 2;
  assert_int_equal(rs_series_new(&spec, &series), RS_ERR_ARGUMENT);
  spec.groups = 0;
  spec.transpose_low = 1;
  assert_int_equal(rs_series_new(&spec, &series), RS_ERR_ARGUMENT);
  rs_series_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_frame_comes_back_from_its_vector),
      cmocka_unit_test(dropped_notes_leave_no_trace),
      cmocka_unit_test(onsets_are_a_second_part),
      cmocka_unit_test(velocities_come_back),
      cmocka_unit_test(every_song_comes_whole_and_once_an_epoch),
      cmocka_unit_test(carried_borders_show_the_last_song),
      cmocka_unit_test(the_streams_of_a_group_lie_together),
      cmocka_unit_test(a_position_is_all_there_is_to_go_on),
      cmocka_unit_test(songs_without_frames_are_passed_over),
      cmocka_unit_test(noise_begins_anew_with_every_reading_of_a_song),
      cmocka_unit_test(plans_are_transposed_with_their_songs),
      cmocka_unit_test(transpositions_are_spread_over_their_range),
      cmocka_unit_test(nothing_to_lay_out_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
