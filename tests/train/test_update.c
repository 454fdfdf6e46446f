/* SPDX-License-Identifier: ISC */

/* One update of a training: the steps of its gradient, its means, and the negative gradient. */

#include "one_update.h"
#include "training.h"

#include "train/trainer_internal.h"
#include "train/update.h"

#include <math.h>
#include <string.h>

/* ---- Steps ---- */

static void weights_and_recurrent_net_have_rates_of_their_own(void **state) {
  RsSettings settings = plain_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.train.rnn_learning_rate_factor = 0.25;
  settings.train.weight_decay = 0.1;
  RsTrainer *trainer = after_an_update(&settings, &songs);
  const size_t weights = rs_rnnrbm_weights(trainer->model->net);
  for (size_t i = 0; i < trainer->parameters.count; ++i) {
    const double rate = i < weights ? 0.5 : 0.125, kept = i < weights ? 1 - 0.5 * 0.1 : 1;
    const double wanted =
        kept * ((double)trainer->model->w[i] - rate * (double)trainer->parameters.g[i]);
    assert_close(trainer->parameters.w[i], wanted, 1e-6);
  }
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

static void the_decay_is_less_where_there_are_more_frames(void **state) {
  RsSettings settings = plain_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.train.weight_decay = 0.1;
  settings.train.weight_decay_frames = 1;
  RsTrainer *trainer = after_an_update(&settings, &songs);
  const double frames = (double)trainer->model->training.song_frames;
  assert_true(frames > 1);
  for (size_t i = 0; i < rs_rnnrbm_weights(trainer->model->net); ++i) {
    const double stepped = (double)trainer->model->w[i] - 0.5 * (double)trainer->parameters.g[i];
    assert_close(trainer->parameters.w[i], (1 - 0.5 * 0.1 / frames) * stepped, 1e-6);
  }
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

static void shared_weights_and_biases_do_not_decay(void **state) {
  RsSettings settings = plain_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.model.note_age = true;
  settings.train.rnn_weight_decay = 0.1;
  RsTrainer *trainer = after_an_update(&settings, &songs);
  RsRnnRbmTensor part;
  int decaying = 0, shared = 0;
  for (size_t i = 0; rs_rnnrbm_tensor(trainer->model->net, i, &part); ++i) {
    const bool is_shared = !strcmp(part.name, "shared.weight");
    const bool decays = i && strstr(part.name, ".weight") && !is_shared;
    for (size_t k = part.offset; k < part.offset + part.rows * part.columns; ++k) {
      const double stepped = (double)trainer->model->w[k] - 0.5 * (double)trainer->parameters.g[k];
      assert_close(trainer->parameters.w[k], (decays ? 1 - 0.5 * 0.1 : 1) * stepped, 1e-6);
    }
    decaying += decays;
    shared += is_shared;
  }
  assert_true(decaying > 0);
  assert_int_equal(shared, 1);
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

/* Units that stay as they are: each hidden one is on where its visible one is. */
static void persistent_chains_go_on_from_where_they_are(void **state) {
  RsSettings settings = plain_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.model.hidden = 12;
  settings.train.learning_rate = 1e-9;
  settings.train.persistent = 1;
  settings.train.loose_chains = false;
  RsTrainer *trainer = trainer_of(&settings, &songs, NULL);
  const size_t weights = (size_t)(part_of(trainer->model, "rbm.weight") - trainer->model->w);
  const size_t biases = visible_biases(trainer);
  memset(trainer->parameters.w, 0, trainer->parameters.count * sizeof *trainer->parameters.w);
  for (size_t i = 0; i < 12; ++i) {
    trainer->parameters.w[weights + i * 12 + i] = 100;
    trainer->parameters.w[biases + i] = trainer->parameters.w[biases + 12 + i] = -50;
  }
  assert_ok(rs_trainer_update(trainer)); /* chains begin at the songs */
  ++trainer->counters.updates;
  float *sample = trainer->groups[0].sample;
  const size_t rows = rows_of(trainer, &trainer->groups[0]);
  for (size_t k = 0; k < rows * 12; ++k) {
    sample[k] = k % 5 == 0;
  }
  assert_ok(rs_trainer_update(trainer));
  for (size_t k = 0; k < rows * 12; ++k) {
    assert_true(sample[k] == (k % 5 == 0));
  }
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

/* Variances are held in the first epoch: they stay numbers whatever their moments are. */
static void moments_out_of_range_are_found_behind_what_is_held(void **state) {
  RsSettings settings = plain_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.model.rbm = RS_RBM_GAUSSIAN;
  settings.train.variance = RS_VARIANCE_SEPARATE;
  settings.train.variance_every = 2;
  for (int optimiser = 0; optimiser < 2; ++optimiser) {
    settings.train.optimiser = optimiser ? RS_OPTIMISER_ADAM : RS_OPTIMISER_SGD;
    RsTrainer *trainer = after_an_update(&settings, &songs);
    const RsRbm *rbm = rs_rnnrbm_rbm(trainer->model->net);
    const size_t variance = visible_biases(trainer) + rbm->visible + rbm->hidden;
    float *moments = rs_optimiser_state(trainer->parameters.optimisers[1]);
    moments[variance - rs_rnnrbm_weights(trainer->model->net)] = INFINITY;
    assert_int_equal(rs_trainer_update(trainer), RS_ERR_NONFINITE);
    assert_int_equal(trainer->counters.updates, 1);
    assert_int_equal(trainer->counters.frames, ROWS);
    rs_trainer_free(trainer);
  }
  rs_songs_clear(&songs);
}

static void a_long_gradient_is_shortened(void **state) {
  RsSettings settings = plain_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.train.clip = 1e-3;
  RsTrainer *trainer = after_an_update(&settings, &songs);
  double square = 0;
  for (size_t i = 0; i < trainer->parameters.count; ++i) {
    square += (double)trainer->parameters.g[i] * (double)trainer->parameters.g[i];
  }
  assert_close(sqrt(square), 1e-3, 1e-8);
  assert_true(trainer->counters.norm_sum > 1e-2); /* what is reported is the length it had */
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

/* With a decay of 0.15, the second update is the first that is not young. */
static void a_running_mean_forgets_its_beginning_faster(void **state) {
  RsSettings settings = plain_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.train.average = 0.15;
  RsTrainer *trainer = trainer_of(&settings, &songs, NULL);
  double *mean = test_calloc(trainer->parameters.count, sizeof *mean);
  for (size_t i = 0; i < trainer->parameters.count; ++i) {
    mean[i] = (double)trainer->parameters.w[i];
  }
  for (int update = 0; update < 3; ++update) {
    const double decay = update ? 0.15 : 0.1;
    assert_ok(rs_trainer_update(trainer));
    for (size_t i = 0; i < trainer->parameters.count; ++i) {
      mean[i] = decay * mean[i] + (1 - decay) * (double)trainer->parameters.w[i];
      assert_close(trainer->parameters.average[i], mean[i], 1e-6);
    }
  }
  test_free(mean);
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

static void gibbs_steps_grow_over_the_epochs_of_the_ramp(void **state) {
  RsSettings settings = plain_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  static const int steps[] = {1, 3, 5, 7, 9, 9};
  settings.train.cd_k_start = 1;
  settings.train.cd_k = 9;
  settings.train.cd_k_ramp_epochs = 4;
  RsTrainer *trainer = trainer_of(&settings, &songs, NULL);
  for (; trainer->counters.epoch < 6; ++trainer->counters.epoch) {
    assert_int_equal(rs_trainer_schedule(trainer).gibbs_steps, steps[trainer->counters.epoch]);
  }
  trainer->model->settings.train.cd_k_ramp_epochs = 0;
  trainer->counters.epoch = 0;
  assert_int_equal(rs_trainer_schedule(trainer).gibbs_steps, 9);
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

/* ---- The gradient and its mean ---- */

/* By how much the free energies of a group's frames are above those of its samples, under the
   parameters that the model had. */
static double gap_of(const RsTrainer *trainer, const RsTrainGroup *group) {
  const RsRbm *rbm = rs_rnnrbm_rbm(trainer->model->net);
  const float *biases = rs_rnnrbm_biases(group->learner);
  const size_t rows = rows_of(trainer, group);
  float energy[2][ROWS];
  double gap = 0;
  rs_rbm_free_energy(rbm, trainer->model->w, rows, biases, group->batch.v, group->work, energy[0]);
  rs_rbm_free_energy(rbm, trainer->model->w, rows, biases, group->sample, group->work, energy[1]);
  for (size_t n = 0; n < rows; ++n) {
    gap += (double)energy[0][n] - (double)energy[1][n];
  }
  return gap;
}

static void gradient_and_cost_are_means_over_the_frames(void **state) {
  const RsSettings settings = plain_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  RsTrainer *trainer = after_an_update(&settings, &songs);
  const size_t a = visible_biases(trainer);
  double cost = 0;
  for (size_t i = 0; i < rs_rnnrbm_rbm(trainer->model->net)->visible; ++i) {
    assert_close(trainer->parameters.g[a + i], pull(trainer, false, i) / ROWS, 1e-6);
  }
  for (size_t i = 0; i < trainer->group_count; ++i) {
    cost += gap_of(trainer, trainer->groups + i);
  }
  assert_close(trainer->counters.cost_sum, cost / ROWS, 1e-6);
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

/* Samples of a model that tosses coins, of two updates, one after the other. */
static void the_chains_of_each_frame_have_random_numbers_of_their_own(void **state) {
  RsSettings settings = plain_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.train.cd_k = 1;
  RsTrainer *trainer = trainer_of(&settings, &songs, NULL);
  float samples[2 * ROWS][12];
  size_t rows = 0;
  assert_true(trainer->group_count > 1);
  for (int update = 0; update < 2; ++update) {
    memset(trainer->parameters.w, 0, trainer->parameters.count * sizeof *trainer->parameters.w);
    assert_ok(rs_trainer_update(trainer));
    for (size_t i = 0; i < trainer->group_count; ++i) {
      const RsTrainGroup *group = trainer->groups + i;
      memcpy(samples[rows], group->sample, rows_of(trainer, group) * sizeof *samples);
      rows += rows_of(trainer, group);
    }
  }
  assert_int_equal(rows, 2 * ROWS);
  for (size_t i = 0; i + 1 < rows; ++i) { /* two frames at a time: one may be equal by chance */
    for (size_t k = 0; k < i; ++k) {
      assert_memory_not_equal(samples[i], samples[k], 2 * sizeof *samples);
    }
  }
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

/* More parameters than are worked on at a time: the gradient of each is its own. */
static void every_parameter_of_a_large_model_has_its_own_gradient(void **state) {
  RsSettings settings = plain_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.model.hidden = 100;
  settings.model.recurrent = 40;
  RsTrainer *trainer = after_an_update(&settings, &songs);
  const size_t a = visible_biases(trainer), visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  assert_true(a > 4096);
  for (size_t i = 0; i < visible; ++i) {
    assert_close(trainer->parameters.g[a + i], pull(trainer, false, i) / ROWS, 1e-6);
  }
  for (size_t i = 0; i < trainer->parameters.count; ++i) {
    assert_close(trainer->parameters.w[i],
                 (double)trainer->model->w[i] - 0.5 * (double)trainer->parameters.g[i], 1e-6);
    const double average =
        0.9 * (double)trainer->parameters.w[i] + 0.1 * (double)trainer->model->w[i];
    assert_close(trainer->parameters.average[i], average, 1e-6);
  }
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

/* ---- Variances that are held ---- */

/* How long the gradient of the recurrent weights is after an update of a Gaussian machine. */
static double length_of_recurrent_gradient(RsVarianceChoice variance, double *of_variances) {
  RsSettings settings = plain_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.model.rbm = RS_RBM_GAUSSIAN;
  settings.train.variance = variance;
  settings.train.variance_every = 2;
  RsTrainer *trainer = trainer_of(&settings, &songs, NULL);
  const RsRbm *rbm = rs_rnnrbm_rbm(trainer->model->net);
  RsRnnRbmTensor state, readout;
  assert_true(rs_rnnrbm_tensor(trainer->model->net, 1, &state));
  assert_true(rs_rnnrbm_tensor(trainer->model->net, 3, &readout));
  const size_t first = readout.offset + (rbm->visible + rbm->hidden) * readout.columns;
  double square = 0;
  memset(trainer->parameters.w + readout.offset, 0,
         readout.rows * readout.columns * sizeof *trainer->parameters.w);
  for (size_t i = 0; i < rbm->visible * readout.columns; ++i) {
    trainer->parameters.w[first + i] = 0.5f; /* only log-variances reach the state */
  }
  assert_ok(rs_trainer_update(trainer));
  *of_variances = 0;
  for (size_t i = 0; i < state.rows * state.columns; ++i) {
    square += pow((double)trainer->parameters.g[state.offset + i], 2);
  }
  for (size_t i = 0; i < rbm->visible * readout.columns; ++i) {
    *of_variances += fabs((double)trainer->parameters.g[first + i]);
  }
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
  return sqrt(square);
}

static void variances_that_are_held_send_nothing_back(void **state) {
  double of_variances = 0;
  assert_true(length_of_recurrent_gradient(RS_VARIANCE_JOINT, &of_variances) > 1e-6);
  assert_true(of_variances > 1e-6);
  for (RsVarianceChoice held = RS_VARIANCE_SEPARATE; held <= RS_VARIANCE_FIXED; ++held) {
    assert_true(length_of_recurrent_gradient(held, &of_variances) == 0);
    assert_true(of_variances == 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(weights_and_recurrent_net_have_rates_of_their_own),
      cmocka_unit_test(the_decay_is_less_where_there_are_more_frames),
      cmocka_unit_test(shared_weights_and_biases_do_not_decay),
      cmocka_unit_test(persistent_chains_go_on_from_where_they_are),
      cmocka_unit_test(moments_out_of_range_are_found_behind_what_is_held),
      cmocka_unit_test(a_long_gradient_is_shortened),
      cmocka_unit_test(a_running_mean_forgets_its_beginning_faster),
      cmocka_unit_test(gibbs_steps_grow_over_the_epochs_of_the_ramp),
      cmocka_unit_test(gradient_and_cost_are_means_over_the_frames),
      cmocka_unit_test(the_chains_of_each_frame_have_random_numbers_of_their_own),
      cmocka_unit_test(every_parameter_of_a_large_model_has_its_own_gradient),
      cmocka_unit_test(variances_that_are_held_send_nothing_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
