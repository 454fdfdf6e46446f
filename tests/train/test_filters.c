/* SPDX-License-Identifier: ISC */

/* Filters: hidden units that are the same for all notes, transposed. */

#include "training.h"

#include "train/filters.h"

#include <math.h>
#include <string.h>

enum { NOTES = 12, FILTERS = 2, HIDDEN = FILTERS * NOTES + 5 };

static const RsKnownMeter METERS[] = {{4, 4, 0.7}, {3, 4, 0.3}};

static RsSettings filter_settings(void) {
  RsSettings settings = small_settings(NOTES, HIDDEN, 4);
  settings.roll.articulation = true;
  settings.model.metre = settings.model.lookback = settings.model.plan = true;
  settings.model.note_age = settings.model.counts = true;
  settings.model.filters = FILTERS;
  return settings;
}

/* An input vector with something in each of its parts, moved up by some semitones. */
static void fill_input(const RsInputs *in, size_t by, float *x) {
  const size_t visible = rs_encoding_size(&in->encoding);
  const size_t key = in->at.plan + RS_PLAN_INPUTS - 12;
  memset(x, 0, in->size * sizeof *x);
  x[4 + by] = x[NOTES + 4 + by] = x[6 + by] = 1;
  x[in->at.metre] = x[in->at.place[0] + 3] = 1;
  x[in->at.lookback + 2 * visible + 5 + by] = 1;
  x[in->at.lookback + 2 * visible + NOTES + 5 + by] = 1;
  x[in->at.likeness + 9] = 1;
  x[in->at.plan + 3] = 1;
  x[key + (2 + by) % 12] = 1;
  x[in->at.age + 3 * NOTES + 6 + by] = 1;
  x[in->at.counts + 2] = 1;
}

/* What filter k at note p gets from x, and from a frame with notes 5 and 7 moved up. */
static double field_of(const RsModel *model, size_t k, size_t p, const float *x, size_t by) {
  const RsRbm *rbm = rs_rnnrbm_rbm(model->net);
  const size_t unit = k * NOTES + p, biases = rs_rbm_biases(rbm);
  const float *row = part_of(model, "rbm.weight") + unit * rbm->visible;
  double field = (double)part_of(model, "output.bias")[rbm->visible + unit];
  for (size_t i = 0; i < model->inputs.size; ++i) {
    const float *direct = part_of(model, "direct.weight") + i * biases;
    field += (double)x[i] * (double)direct[rbm->visible + unit];
  }
  return field + (double)row[5 + by] + (double)row[7 + by] + (double)row[NOTES + 7 + by];
}

static void a_transposed_song_moves_what_filters_see(void **state) {
  const RsSettings settings = filter_settings();
  RsModel *model = model_with(&settings, 2, METERS);
  float *x = test_calloc(model->inputs.size, sizeof *x);
  float *moved = test_calloc(model->inputs.size, sizeof *x);
  randomise(model, 1);
  rs_filters_mean(model, model->w);
  for (size_t by = 1; by < 5; ++by) {
    fill_input(&model->inputs, 0, x);
    fill_input(&model->inputs, by, moved);
    for (size_t k = 0; k < FILTERS; ++k) {
      for (size_t p = 0; p + by < NOTES; ++p) {
        const double here = field_of(model, k, p, x, 0);
        assert_close(field_of(model, k, p + by, moved, by), here, 1e-5);
        assert_true(fabs(here) > 1e-6);
      }
    }
  }
  test_free(x);
  test_free(moved);
  rs_model_free(model);
}

/* The means of 12 to 2 x 12 - 1 numbers; all else stays as it is. */
static void the_mean_is_a_projection(void **state) {
  const RsSettings settings = filter_settings();
  RsModel *model = model_with(&settings, 2, METERS);
  const size_t count = rs_rnnrbm_parameters(model->net);
  const size_t visible = rs_rnnrbm_rbm(model->net)->visible;
  float *before = test_calloc(count, sizeof *before), *once = test_calloc(count, sizeof *once);
  randomise(model, 1);
  memcpy(before, model->w, count * sizeof *before);
  rs_filters_mean(model, model->w);
  double sum = 0;
  for (size_t p = 0; p + 3 < NOTES; ++p) {
    sum += (double)before[(NOTES + p) * visible + p + 3]; /* filter 1, three semitones up */
  }
  assert_close(model->w[NOTES * visible + 3], sum / (NOTES - 3), 1e-6);
  for (size_t j = FILTERS * NOTES * visible; j < HIDDEN * visible; ++j) {
    assert_float_equal(model->w[j], before[j], 0);
  }
  memcpy(once, model->w, count * sizeof *once);
  rs_filters_mean(model, model->w);
  for (size_t i = 0; i < count; ++i) {
    assert_close(model->w[i], once[i], 1e-6);
  }
  test_free(before);
  test_free(once);
  rs_model_free(model);
}

/* The means of 9 and of 12 numbers, times 3 and the root of 12. */
static void first_weights_stay_as_large_as_they_were(void **state) {
  const RsSettings settings = filter_settings();
  RsModel *model = model_with(&settings, 2, METERS);
  const size_t count = rs_rnnrbm_parameters(model->net);
  const size_t visible = rs_rnnrbm_rbm(model->net)->visible;
  float *before = test_calloc(count, sizeof *before);
  double three_up = 0, same = 0;
  randomise(model, 1);
  memcpy(before, model->w, count * sizeof *before);
  rs_filters_initialise(model, model->w);
  for (size_t p = 0; p < NOTES; ++p) {
    three_up += p + 3 < NOTES ? (double)before[(NOTES + p) * visible + p + 3] : 0;
    same += (double)before[(NOTES + p) * visible + p];
  }
  assert_close(model->w[NOTES * visible + 3], three_up / 3, 1e-6);
  assert_close(model->w[NOTES * visible], same / sqrt(12), 1e-6);
  test_free(before);
  rs_model_free(model);
}

static void training_keeps_filters_equal(void **state) {
  RsSongs train = songs_of(TRAIN_TEXT);
  RsSettings settings = training_settings(3);
  settings.model.hidden = HIDDEN;
  settings.model.filters = FILTERS;
  settings.train.centre = false;
  RsTrainer *trainer = trainer_of(&settings, &train, NULL);
  run(trainer, -1);
  const RsModel *model = rs_trainer_model(trainer);
  const float *w = part_of(model, "rbm.weight");
  double change = 0;
  for (size_t k = 0; k < FILTERS; ++k) {
    for (size_t p = 1; p < NOTES; ++p) {
      assert_float_equal(w[(k * NOTES + p) * NOTES + p], w[k * NOTES * NOTES], 1e-6);
      change += fabs((double)w[(FILTERS * NOTES) * NOTES + p] - (double)w[p]);
    }
  }
  assert_true(change > 0.1);
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_transposed_song_moves_what_filters_see),
      cmocka_unit_test(the_mean_is_a_projection),
      cmocka_unit_test(first_weights_stay_as_large_as_they_were),
      cmocka_unit_test(training_keeps_filters_equal),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
