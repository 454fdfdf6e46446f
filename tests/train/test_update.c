/* SPDX-License-Identifier: ISC */

/* One update of a training: the steps of its gradient, its means, and the negative gradient. */

#include "training.h"

#include "train/trainer_internal.h"
#include "train/update.h"

#include <math.h>
#include <string.h>

/* Plain gradient descent, and units that stay where they are. */
static RsSettings plain_settings(void) {
  RsSettings settings = training_settings(1);
  settings.train.optimiser = RS_OPTIMISER_SGD;
  settings.train.momentum = 0;
  settings.train.clip = 0;
  settings.train.learning_rate = 0.5;
  settings.train.rnn_learning_rate_factor = 1;
  settings.train.weight_decay = 0;
  settings.train.negative_weight = 0;
  settings.train.centre = false;
  return settings;
}

static RsTrainer *after_an_update(const RsSettings *settings, const RsSongs *songs) {
  RsTrainer *trainer = trainer_of(settings, songs, NULL);
  assert_ok(rs_trainer_update(trainer));
  return trainer;
}

/* Where the static biases of the visible units are among the parameters. */
static size_t visible_biases(const RsTrainer *trainer) {
  return (size_t)(part_of(trainer->model, "output.bias") - trainer->model->w);
}

static size_t rows_of(const RsTrainer *trainer, const RsTrainGroup *group) {
  return (size_t)trainer->model->settings.train.block * group->batch.streams;
}

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

/* Sum over all rows of sample less frame, of one visible unit: rows times its gradient. */
static double pull(const RsTrainer *trainer, bool random, size_t unit) {
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  double sum = 0;
  for (size_t i = 0; i < trainer->group_count; ++i) {
    const RsTrainGroup *group = trainer->groups + i;
    const float *sample = random ? group->other : group->sample;
    for (size_t n = 0; n < rows_of(trainer, group); ++n) {
      sum += (double)(sample[n * visible + unit] - group->batch.v[n * visible + unit]);
    }
  }
  return sum;
}

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

/* ---- The negative gradient, equations X1 and X6 ---- */

static RsSettings negative_settings(void) {
  RsSettings settings = plain_settings();
  settings.train.block = 64;
  settings.train.negative_weight = 0.25;
  settings.train.negative_p = 0.75;
  settings.train.negative_hinge = 0;
  settings.train.negative_from_epoch = 1;
  return settings;
}

/* Random songs have the probability that was asked for; of the inputs, they have the frame before
   alone. */
static void check_random_songs(const RsTrainer *trainer) {
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  const size_t inputs = trainer->model->inputs.size;
  double on = 0, values = 0;
  for (size_t i = 0; i < trainer->group_count; ++i) {
    const RsTrainGroup *group = trainer->groups + i;
    for (size_t at = 0; at < rows_of(trainer, group) * visible; ++at, ++values) {
      const size_t row = at / visible, before = at - group->batch.streams * visible;
      const bool first = row < group->batch.streams;
      on += (double)group->batch.v[at];
      assert_int_equal(group->batch.starts[row], first);
      assert_true(group->batch.x[row * inputs + at % visible] ==
                  (first ? 0 : group->batch.v[before]));
    }
    for (size_t at = 0; at < rows_of(trainer, group) * inputs; ++at) {
      assert_true(at % inputs < visible || group->batch.x[at] == 0);
    }
  }
  assert_close(on / values, 0.75, 0.025);
}

/* Two values of random songs so far apart are on or off together as often as two coins are. */
static void check_independence(const RsTrainer *trainer, size_t apart) {
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  double same = 0, pairs = 0;
  for (size_t i = 0; i < trainer->group_count; ++i) {
    const RsTrainGroup *group = trainer->groups + i;
    for (size_t at = 0; at + apart < rows_of(trainer, group) * visible; ++at, ++pairs) {
      same += group->batch.v[at] == group->batch.v[at + apart];
    }
  }
  assert_close(same / pairs, 0.75 * 0.75 + 0.25 * 0.25, 0.03);
}

static void the_gradient_of_random_songs_is_subtracted(void **state) {
  RsSettings settings = negative_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  RsTrainer *negative = after_an_update(&settings, &songs);
  settings.train.negative_weight = 0;
  RsTrainer *plain = after_an_update(&settings, &songs);
  const size_t a = visible_biases(plain);
  check_random_songs(negative);
  for (size_t apart = 1; apart <= 24; ++apart) {
    check_independence(negative, apart);
  }
  for (size_t i = 0; i < rs_rnnrbm_rbm(plain->model->net)->visible; ++i) {
    const double wanted =
        -0.25 * pull(negative, true, i) / (double)rs_update_rows(rs_trainer_settings(negative));
    assert_close((double)negative->parameters.g[a + i] - (double)plain->parameters.g[a + i], wanted,
                 1e-6);
  }
  rs_trainer_free(negative);
  rs_trainer_free(plain);
  rs_songs_clear(&songs);
}

static void random_songs_have_no_ages(void **state) {
  RsSettings settings = negative_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.model.note_age = true;
  RsTrainer *trainer = after_an_update(&settings, &songs);
  assert_true(trainer->model->inputs.size > rs_rnnrbm_rbm(trainer->model->net)->visible);
  check_random_songs(trainer);
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

/* What lies above the hinge has both its phases the same; what lies below has not. */
static void check_hinge(const RsTrainer *trainer, double hinge, size_t *above, size_t *below) {
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  for (size_t i = 0; i < trainer->group_count; ++i) {
    const RsTrainGroup *group = trainer->groups + i;
    const size_t rows = rows_of(trainer, group), bytes = visible * sizeof(float);
    for (size_t n = 0; n < rows; ++n) {
      const double gap = (double)group->energy[n] - (double)group->energy[rows + n];
      const bool same = !memcmp(group->other + n * visible, group->batch.v + n * visible, bytes);
      *above += gap > hinge;
      *below += gap <= hinge;
      assert_int_equal(same, gap > hinge);
    }
  }
}

static void a_random_frame_beyond_the_hinge_does_not_push(void **state) {
  RsSettings settings = negative_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.train.negative_hinge = 16;
  RsTrainer *trainer = after_an_update(&settings, &songs);
  size_t above = 0, below = 0;
  check_hinge(trainer, 16, &above, &below);
  print_message("%zu frames beyond the hinge, %zu before it\n", above, below);
  assert_true(above > rs_update_rows(rs_trainer_settings(trainer)) / 10 &&
              below > rs_update_rows(rs_trainer_settings(trainer)) / 10);
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

/* Whether an update in an epoch, the first being 1, differs from one without random songs. */
static bool has_random_songs(const RsSettings *settings, const RsSongs *songs, uint64_t epoch) {
  RsSettings without = *settings;
  without.train.negative_weight = 0;
  RsTrainer *negative = trainer_of(settings, songs, NULL),
            *plain = trainer_of(&without, songs, NULL);
  negative->counters.epoch = plain->counters.epoch = epoch - 1;
  assert_ok(rs_trainer_update(negative));
  assert_ok(rs_trainer_update(plain));
  const bool differ = memcmp(negative->parameters.g, plain->parameters.g,
                             plain->parameters.count * sizeof *plain->parameters.g) != 0;
  rs_trainer_free(negative);
  rs_trainer_free(plain);
  return differ;
}

static void random_songs_begin_with_their_epoch(void **state) {
  RsSettings settings = negative_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.train.negative_from_epoch = 3;
  for (uint64_t epoch = 1; epoch <= 4; ++epoch) {
    assert_int_equal(has_random_songs(&settings, &songs, epoch), epoch >= 3);
  }
  rs_songs_clear(&songs);
}

/* The weight grows by a quarter an epoch, equation X7: so does what it adds to the gradient. */
static void the_weight_of_random_songs_grows_over_its_epochs(void **state) {
  RsSettings settings = negative_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  static const double share[] = {0, 0, 0.25, 0.5, 0.75, 1, 1};
  settings.train.negative_from_epoch = 3;
  settings.train.negative_ramp_epochs = 4;
  for (size_t epoch = 1; epoch <= 7; ++epoch) {
    RsTrainer *negative = trainer_of(&settings, &songs, NULL);
    negative->counters.epoch = epoch - 1;
    assert_ok(rs_trainer_update(negative));
    RsSettings without = settings;
    without.train.negative_weight = 0;
    RsTrainer *plain = after_an_update(&without, &songs);
    const size_t a = visible_biases(plain);
    for (size_t i = 0; share[epoch - 1] > 0 && i < rs_rnnrbm_rbm(plain->model->net)->visible; ++i) {
      const double all =
          -0.25 * pull(negative, true, i) / (double)rs_update_rows(rs_trainer_settings(negative));
      assert_close((double)negative->parameters.g[a + i] - (double)plain->parameters.g[a + i],
                   share[epoch - 1] * all, 1e-6);
    }
    rs_trainer_free(negative);
    rs_trainer_free(plain);
  }
  rs_songs_clear(&songs);
}

/* ---- Random frames after the songs' past, equation X5 ---- */

static RsSettings song_settings(void) {
  RsSettings settings = negative_settings();
  settings.train.negative_past = RS_NEGATIVE_SONG;
  settings.train.negative_hinge = 14;
  return settings;
}

/* A frame that is G below the song's frame, or less than the hinge, is pushed; no chain is run. */
static void a_random_frame_in_place_of_a_songs_is_pushed_up_to_the_hinge(void **state) {
  RsSettings settings = song_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  RsTrainer *negative = after_an_update(&settings, &songs);
  settings.train.negative_weight = 0;
  RsTrainer *plain = after_an_update(&settings, &songs);
  const size_t a = visible_biases(plain), visible = rs_rnnrbm_rbm(plain->model->net)->visible;
  size_t above = 0, below = 0;
  for (size_t i = 0; i < negative->group_count; ++i) {
    const RsTrainGroup *group = negative->groups + i;
    const size_t rows = rows_of(negative, group), bytes = visible * sizeof(float);
    assert_memory_equal(group->batch.v, plain->groups[i].batch.v, rows * bytes);
    for (size_t n = 0; n < rows; ++n) {
      const double gap = (double)group->energy[rows + n] - (double)group->energy[n];
      const bool same = !memcmp(group->other + n * visible, group->batch.v + n * visible, bytes);
      above += gap > 14;
      below += gap <= 14;
      assert_int_equal(same, gap > 14);
    }
  }
  print_message("%zu frames beyond the hinge, %zu before it\n", above, below);
  assert_true(above > rs_update_rows(rs_trainer_settings(negative)) / 10 &&
              below > rs_update_rows(rs_trainer_settings(negative)) / 10);
  for (size_t i = 0; i < visible; ++i) {
    const double wanted =
        0.25 * pull(negative, true, i) / (double)rs_update_rows(rs_trainer_settings(negative));
    assert_close((double)negative->parameters.g[a + i] - (double)plain->parameters.g[a + i], wanted,
                 1e-6);
  }
  rs_trainer_free(negative);
  rs_trainer_free(plain);
  rs_songs_clear(&songs);
}

/* G of equation X4: both free energies under the biases that the songs' past makes. */
static void the_gap_is_one_of_free_energies_after_the_same_past(void **state) {
  RsSettings settings = song_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.train.learning_rate = 1e-30; /* the weights stay those of the gradient */
  settings.train.negative_hinge = 1e6;
  RsTrainer *trainer = after_an_update(&settings, &songs);
  const RsTrainGroup *group = trainer->groups;
  const size_t rows = rows_of(trainer, group);
  float *energy = test_calloc(2 * rows, sizeof *energy);
  const RsRbm *rbm = rs_rnnrbm_rbm(trainer->model->net);
  const float *biases = rs_rnnrbm_biases(group->learner);
  rs_rbm_free_energy(rbm, trainer->parameters.w, rows, biases, group->batch.v, group->work, energy);
  rs_rbm_free_energy(rbm, trainer->parameters.w, rows, biases, group->other, group->work,
                     energy + rows);
  for (size_t n = 0; n < 2 * rows; ++n) {
    assert_close(group->energy[n], energy[n], 1e-3);
  }
  test_free(energy);
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
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
      cmocka_unit_test(the_gradient_of_random_songs_is_subtracted),
      cmocka_unit_test(random_songs_have_no_ages),
      cmocka_unit_test(a_random_frame_beyond_the_hinge_does_not_push),
      cmocka_unit_test(random_songs_begin_with_their_epoch),
      cmocka_unit_test(every_parameter_of_a_large_model_has_its_own_gradient),
      cmocka_unit_test(variances_that_are_held_send_nothing_back),
      cmocka_unit_test(the_weight_of_random_songs_grows_over_its_epochs),
      cmocka_unit_test(a_random_frame_in_place_of_a_songs_is_pushed_up_to_the_hinge),
      cmocka_unit_test(the_gap_is_one_of_free_energies_after_the_same_past),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
