/* SPDX-License-Identifier: ISC */

/* The discriminator that is fitted when training ends. */

#include "training.h"

#include "train/discriminator_fit.h"

#include <rollsmith/generator.h>
#include <rollsmith/trainer.h>

#include <math.h>

enum { SONGS = 12, BARS = 30, BAR = 4, LOW = 60 };

static const RsStop never = {NULL, NULL};

/* Songs of two notes that alternate, in bars of a quarter note; one note differs from song to song.
 */
static RsSongs even_songs(size_t bars) {
  RsSongs songs = {0};
  for (int song = 0; song < SONGS; ++song) {
    RsRoll roll;
    assert_ok(rs_roll_init(&roll, NULL, bars * BAR, RS_PLANE_NONE));
    assert_ok(rs_roll_add_meter(&roll, 0, 1, 4));
    roll.meter_beats = 1;
    for (size_t n = 0; n < roll.frames; ++n) {
      rs_frame_set(&roll.on[n], LOW + (n % 4 < 2 ? 0 : 2 + song % 3));
    }
    assert_ok(rs_songs_add(&songs, &roll));
  }
  return songs;
}

static RsSettings settings_of_meters(void) {
  RsSettings settings = small_settings(6, 3, 3);
  settings.model.metre = true;
  settings.generate.gibbs_steps = 2;
  settings.train.transpose_low = settings.train.transpose_high = 0;
  return settings;
}

static RsModel *model_of_meters(void) {
  const RsSettings settings = settings_of_meters();
  RsModel *model = model_with(&settings, 1, &(RsKnownMeter){1, 4, 1});
  randomise(model, 0.3);
  return model;
}

static double mean_log_odds(const RsDiscriminator *discriminator, const RsBarPairs *pairs) {
  double sum = 0;
  for (size_t n = 0; n < pairs->count; ++n) {
    const float *row = pairs->rows + n * RS_DISCRIMINATOR_INPUTS;
    sum += rs_discriminator_log_odds(discriminator, row, row + RS_BAR_FEATURES);
  }
  return sum / (double)pairs->count;
}

static void songs_are_told_from_what_the_model_generates(void **state) {
  RsModel *model = model_of_meters();
  RsSongs songs = even_songs(BARS);
  RsBarPairs pairs[2] = {[0] = {.count = 0}};
  assert_ok(rs_discriminator_fit(model, &songs, NULL, &never));
  assert_non_null(model->discriminator);
  assert_ok(rs_bar_pairs_generate(model, 4, NULL, &never, pairs));
  for (size_t i = 0; i < songs.count; ++i) {
    assert_ok(rs_bar_pairs_add(songs.rolls + i, 0, 0, pairs + 1));
  }
  assert_int_equal(pairs[0].count, 4 * (RS_BAR_PAIRS_BARS - 1));
  assert_int_equal(pairs[1].count, SONGS * (BARS - 1));
  assert_true(mean_log_odds(model->discriminator, pairs) < -2);
  assert_true(mean_log_odds(model->discriminator, pairs + 1) > 2);
  rs_bar_pairs_clear(pairs);
  rs_bar_pairs_clear(pairs + 1);
  rs_songs_clear(&songs);
  rs_model_free(model);
}

static void threads_do_not_change_it(void **state) {
  RsModel *models[2] = {model_of_meters(), model_of_meters()};
  RsSongs songs = even_songs(BARS);
  RsThreadPool *pool = NULL;
  assert_ok(rs_thread_pool_new(3, &pool));
  assert_ok(rs_discriminator_fit(models[0], &songs, NULL, &never));
  assert_ok(rs_discriminator_fit(models[1], &songs, pool, &never));
  assert_memory_equal(models[0]->discriminator, models[1]->discriminator, sizeof(RsDiscriminator));
  rs_thread_pool_free(pool);
  rs_songs_clear(&songs);
  rs_model_free(models[0]);
  rs_model_free(models[1]);
}

/* A bar that the song's end cuts short is left out. */
static void whole_bars_are_taken(void **state) {
  RsSongs songs = even_songs(3);
  RsBarPairs pairs = {.count = 0};
  songs.rolls[0].frames -= 1;
  assert_ok(rs_bar_pairs_add(&songs.rolls[0], 0, 0, &pairs));
  assert_int_equal(pairs.count, 1);
  songs.rolls[0].frames += 1;
  assert_ok(rs_bar_pairs_add(&songs.rolls[0], 0, 0, &pairs));
  assert_int_equal(pairs.count, 3);
  rs_bar_pairs_clear(&pairs);
  rs_songs_clear(&songs);
}

/* A song whose bars have one note in each frame, then two, then three. */
static RsRoll growing_song(int lowest) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, (size_t)3 * BAR, RS_PLANE_NONE));
  assert_ok(rs_roll_add_meter(&roll, 0, 1, 4));
  for (size_t n = 0; n < roll.frames; ++n) {
    for (size_t i = 0; i <= n / BAR; ++i) {
      rs_frame_set(&roll.on[n], lowest + 4 * (int)i + (int)(n % 3));
    }
  }
  return roll;
}

static void a_pair_is_a_bar_behind_the_one_before_it(void **state) {
  RsRoll roll = growing_song(60);
  RsBarPairs pairs = {.count = 0};
  assert_ok(rs_bar_pairs_add(&roll, 0, 0, &pairs));
  assert_int_equal(pairs.count, 2);
  for (size_t i = 0; i < 4; ++i) {
    assert_close(pairs.rows[i * RS_BAR_FEATURES + RS_FEATURE_POLYPHONY], 1 + (i + 1) / 2, 1e-6);
  }
  rs_bar_pairs_clear(&pairs);
  rs_roll_clear(&roll);
}

static void a_song_is_taken_in_its_own_key(void **state) {
  RsRoll roll = growing_song(60), moved = growing_song(65);
  RsBarPairs pairs[2] = {[0] = {.count = 0}};
  assert_ok(rs_bar_pairs_add(&roll, 5, 5, pairs));
  assert_ok(rs_bar_pairs_add(&moved, 0, 5, pairs + 1));
  assert_memory_equal(pairs[0].rows, pairs[1].rows,
                      2 * RS_DISCRIMINATOR_INPUTS * sizeof *pairs[0].rows);
  rs_bar_pairs_clear(pairs);
  rs_bar_pairs_clear(pairs + 1);
  rs_roll_clear(&roll);
  rs_roll_clear(&moved);
}

/* The pairs of a song that a model generates with a seed, in a meter of beats of quarter notes. */
static void add_generated(const RsModel *model, uint64_t seed, int beats, RsBarPairs *pairs) {
  RsGenerateSettings settings = {.gibbs_steps = 2, .temperature = 1, .candidates = 1};
  RsGenerator *generator = NULL;
  RsRoll song;
  settings.song_keys = true;
  settings.meter_beats = beats;
  settings.meter_unit = 4;
  assert_ok(rs_generator_new(model, &settings, seed, &generator, NULL));
  assert_ok(
      rs_generator_song(generator, NULL, (size_t)RS_BAR_PAIRS_BARS * BAR * (size_t)beats, &song));
  assert_ok(rs_bar_pairs_add(&song, 0, rs_generator_key(model, &settings, seed), pairs));
  rs_generator_free(generator);
  rs_roll_clear(&song);
}

static void songs_are_generated_in_the_keys_and_meters_of_the_training_songs(void **state) {
  RsSettings settings = settings_of_meters();
  RsBarPairs pairs[2] = {[0] = {.count = 0}};
  settings.model.plan = true;
  settings.train.transpose_low = -6;
  settings.train.transpose_high = 5;
  settings.train.seed = 5;
  RsModel *model = model_with(&settings, 2, (RsKnownMeter[]){{1, 4, 0.5}, {2, 4, 0.5}});
  randomise(model, 0.3);
  for (size_t i = 0; i < RS_PLAN_KEYS; ++i) {
    model->plan.key[i] = 1.0f / RS_PLAN_KEYS;
  }
  assert_ok(rs_bar_pairs_generate(model, 4, NULL, &never, pairs));
  for (uint64_t i = 0; i < 4; ++i) {
    add_generated(model, 1005 + i, i < 2 ? 1 : 2, pairs + 1);
  }
  assert_int_equal(pairs[0].count, pairs[1].count);
  assert_memory_equal(pairs[0].rows, pairs[1].rows,
                      pairs[0].count * RS_DISCRIMINATOR_INPUTS * sizeof *pairs[0].rows);
  rs_bar_pairs_clear(pairs);
  rs_bar_pairs_clear(pairs + 1);
  rs_model_free(model);
}

static void songs_of_few_bars_have_none(void **state) {
  RsModel *model = model_of_meters();
  RsSongs songs = even_songs(8);
  assert_ok(rs_discriminator_fit(model, &songs, NULL, &never));
  assert_null(model->discriminator);
  rs_songs_clear(&songs);
  rs_model_free(model);
}

/* Bars of a constant length say nothing; what an input that says nothing is multiplied with decays.
 */
static void constant_features_have_no_weight(void **state) {
  RsModel *model = model_of_meters();
  RsSongs songs = even_songs(BARS);
  assert_ok(rs_discriminator_fit(model, &songs, NULL, &never));
  const RsDiscriminator *d = model->discriminator;
  for (size_t i = RS_FEATURE_LENGTH; i < RS_DISCRIMINATOR_INPUTS; i += RS_BAR_FEATURES) {
    assert_close(d->mean[i], BAR / 16.0, 1e-6);
    assert_true(d->scale[i] == 0);
    for (size_t j = 0; j < RS_DISCRIMINATOR_HIDDEN; ++j) {
      assert_close(d->hidden[j * RS_DISCRIMINATOR_INPUTS + i], 0, 1e-2);
    }
  }
  rs_songs_clear(&songs);
  rs_model_free(model);
}

/* Songs that were moved down by three semitones stand in their own keys three semitones higher. */
static void songs_are_compared_in_their_own_keys(void **state) {
  RsModel *models[2] = {model_of_meters(), model_of_meters()};
  RsSongs songs = even_songs(BARS);
  for (size_t k = 0; k < 2; ++k) {
    assert_ok(rs_discriminator_fit(models[k], &songs, NULL, &never));
    for (size_t i = 0; i < songs.count; ++i) {
      songs.rolls[i].to_common = -3;
    }
  }
  const float *common = models[0]->discriminator->mean, *own = models[1]->discriminator->mean;
  for (size_t i = 0; i < RS_BAR_FEATURES; ++i) { /* songs have half of the weight */
    const bool absolute = i == RS_FEATURE_REGISTER || i == RS_FEATURE_REGISTER + 1;
    assert_close(own[i], (double)common[i] + (absolute ? 0.5 * 3 / 12 : 0), 1e-5);
  }
  rs_songs_clear(&songs);
  rs_model_free(models[0]);
  rs_model_free(models[1]);
}

static void pairs_of_256_bars_are_enough(void **state) {
  RsModel *model = model_of_meters();
  RsSongs songs = even_songs(33);
  songs.count = 8;
  songs.rolls[0].frames -= BAR;
  assert_ok(rs_discriminator_fit(model, &songs, NULL, &never));
  assert_null(model->discriminator);
  songs.rolls[0].frames += BAR;
  assert_ok(rs_discriminator_fit(model, &songs, NULL, &never));
  assert_non_null(model->discriminator);
  songs.count = SONGS;
  rs_songs_clear(&songs);
  rs_model_free(model);
}

static bool at_once(void *context) {
  return true;
}

static void a_fit_can_be_stopped(void **state) {
  RsModel *model = model_of_meters();
  RsSongs songs = even_songs(BARS);
  const RsStop stop = {at_once, NULL};
  assert_int_equal(rs_discriminator_fit(model, &songs, NULL, &stop), RS_ERR_STOPPED);
  assert_null(model->discriminator);
  rs_songs_clear(&songs);
  rs_model_free(model);
}

/* ---- At the end of a training ---- */

static bool has_discriminator(const RsSettings *settings, const RsTrainHooks *hooks,
                              RsTrainedReason wanted) {
  RsSongs songs = even_songs(BARS);
  RsTrainer *trainer = NULL;
  RsTrainedReason reason;
  assert_ok(rs_trainer_new(settings, &songs, NULL, &trainer, NULL));
  assert_ok(rs_trainer_run(trainer, hooks, &reason, NULL));
  assert_int_equal(reason, wanted);
  const bool has = rs_trainer_model(trainer)->discriminator;
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
  return has;
}

/* Stops when the second epoch is over. */
static bool after_two_epochs(void *context) {
  return *(int *)context >= 2;
}

static RsStatus count_epoch(void *context, const RsEpochReport *report) {
  ++*(int *)context;
  return RS_OK;
}

static void a_training_ends_with_it(void **state) {
  RsSettings settings = settings_of_meters();
  const RsTrainHooks none = {.stop = NULL};
  settings.train.epochs = 2;
  settings.train.free_run_frames = 0;
  assert_true(has_discriminator(&settings, &none, RS_TRAINED_EPOCHS));
  settings.train.discriminator = false;
  assert_false(has_discriminator(&settings, &none, RS_TRAINED_EPOCHS));
}

/* A signal that comes while it is fitted ends the training as a signal does: it is resumed. */
static void a_signal_ends_the_fit(void **state) {
  RsSettings settings = settings_of_meters();
  int epochs = 0;
  const RsTrainHooks hooks = {.stop = after_two_epochs, .epoch = count_epoch, .context = &epochs};
  settings.train.epochs = 2;
  settings.train.free_run_frames = 0;
  assert_false(has_discriminator(&settings, &hooks, RS_TRAINED_SIGNAL));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(songs_are_told_from_what_the_model_generates),
      cmocka_unit_test(threads_do_not_change_it),
      cmocka_unit_test(whole_bars_are_taken),
      cmocka_unit_test(a_pair_is_a_bar_behind_the_one_before_it),
      cmocka_unit_test(a_song_is_taken_in_its_own_key),
      cmocka_unit_test(songs_are_generated_in_the_keys_and_meters_of_the_training_songs),
      cmocka_unit_test(songs_of_few_bars_have_none),
      cmocka_unit_test(constant_features_have_no_weight),
      cmocka_unit_test(songs_are_compared_in_their_own_keys),
      cmocka_unit_test(pairs_of_256_bars_are_enough),
      cmocka_unit_test(a_fit_can_be_stopped),
      cmocka_unit_test(a_training_ends_with_it),
      cmocka_unit_test(a_signal_ends_the_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
