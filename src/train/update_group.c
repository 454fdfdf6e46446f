/* SPDX-License-Identifier: ISC */

/*
  Contrastive divergence (doc/math.md, equations K4, K5, E10 to E13) and the negative gradient
  (X1 to X7).
*/

#include "train/update.h"

#include "base/low_discrepancy.h"
#include "model/chain.h"

#include <math.h>
#include <string.h>

static const RsTrainSettings *settings_of(const RsUpdate *update) {
  return &update->model->settings.train;
}

static size_t visible_of(const RsUpdate *update) {
  return rs_rnnrbm_rbm(update->model->net)->visible;
}

/*
  Where chains begin: at the song's frame (equation E11), for a share of them at the frame before it
  (E13), and for another at their last state (E12), once they have been somewhere.
*/
static void start_chains(const RsUpdate *update, RsTrainGroup *group) {
  const size_t visible = visible_of(update), inputs = update->model->inputs.size;
  const RsTrainSettings *settings = settings_of(update);
  const double persistent = update->counters.updates ? settings->persistent : 0;
  const double past = persistent + settings->from_past;
  for (size_t n = 0; n < rs_batch_rows(&group->batch); ++n) {
    const double place = rs_low_discrepancy(n);
    if (place >= persistent) {
      const float *from = place < past ? group->batch.x + n * inputs : group->batch.v + n * visible;
      memcpy(group->sample + n * visible, from, visible * sizeof *from);
    }
  }
}

/* States that notes may be in, where frames are restricted. */
static void fill_states(const RsUpdate *update, const RsTrainGroup *group) {
  const RsInputs *inputs = &update->model->inputs;
  const RsBatch *batch = &group->batch;
  const size_t visible = visible_of(update), notes = rs_encoding_notes(&inputs->encoding);
  for (size_t n = 0; group->states && n < rs_batch_rows(batch); ++n) {
    rs_inputs_states(inputs, batch->x + n * inputs->size, batch->v + n * visible,
                     group->states + n * notes);
  }
}

static void run_chains(const RsUpdate *update, RsTrainGroup *group, const RsRnnRbmLearner *learner,
                       RsRngStream stream, float *sample) {
  const RsTrainSettings *settings = settings_of(update);
  const RsRng rng = {settings->seed, stream};
  const size_t rows = rs_batch_rows(&group->batch);
  const uint64_t number =
      update->counters.updates * rs_update_rows(settings) + group->first * group->batch.frames;
  rs_gibbs_seed(group->chains, rows, rng, number);
  fill_states(update, group);
  const RsGibbsRun run = {.count = rows,
                          .biases = rs_rnnrbm_biases(learner),
                          .stride = rs_rbm_biases(rs_rnnrbm_rbm(update->model->net)),
                          .coupling = 1,
                          .steps = update->now.gibbs_steps,
                          .v = sample,
                          .states = group->states};
  if (settings->loose_chains) {
    rs_chain_run(update->gibbs, group->chains, &run);
  } else {
    rs_gibbs_run(update->gibbs, group->chains, &run);
  }
}

/* Free energies at v and at the samples, into the two halves of group->energy. */
static void energies(const RsUpdate *update, RsTrainGroup *group, const RsRnnRbmLearner *learner,
                     const float *sample) {
  const RsRbm *rbm = rs_rnnrbm_rbm(update->model->net);
  const float *biases = rs_rnnrbm_biases(learner);
  const size_t rows = rs_batch_rows(&group->batch);
  rs_rbm_free_energy(rbm, update->w, rows, biases, group->batch.v, group->work, group->energy);
  rs_rbm_free_energy(rbm, update->w, rows, biases, sample, group->work, group->energy + rows);
}

/* Random frames: each note on with the same probability (equation X1). */
static void fill_random(const RsUpdate *update, const RsTrainGroup *group, float *to) {
  const RsTrainSettings *settings = settings_of(update);
  const RsRng rng = {settings->seed, RS_STREAM_NOISE};
  const size_t values = rs_batch_rows(&group->batch) * visible_of(update);
  const uint64_t groups = rs_group_count(settings);
  const uint64_t block = update->counters.updates * groups + (uint64_t)(group - update->groups);
  uint32_t words[4];
  for (size_t at = 0; at < values; ++at) {
    if (at % 4 == 0) {
      rs_rng_words(rng, block * values + at, 4, words);
    }
    to[at] = words[at % 4] * 0x1p-32 < settings->negative_p;
  }
}

/* A random frame has been pushed far enough where its free energy is above the other one's by more
 * than the hinge: group->other becomes the batch's v there, so that the two phases cancel. */
static void hold_back(const RsUpdate *update, RsTrainGroup *group, const float *of_random,
                      const float *of_other) {
  const size_t visible = visible_of(update);
  const double hinge = settings_of(update)->negative_hinge;
  for (size_t n = 0; hinge > 0 && n < rs_batch_rows(&group->batch); ++n) {
    if ((double)of_random[n] - (double)of_other[n] > hinge) {
      memcpy(group->other + n * visible, group->batch.v + n * visible,
             visible * sizeof *group->other);
    }
  }
}

/* Push random frames away that follow the songs' past: the second term of equation X5. */
static void push_from_songs(const RsUpdate *update, RsTrainGroup *group) {
  const float weight = (float)update->now.negative_weight;
  fill_random(update, group, group->other);
  energies(update, group, group->learner, group->other);
  hold_back(update, group, group->energy + rs_batch_rows(&group->batch), group->energy);
  rs_rnnrbm_add_phase(group->learner, update->w, group->batch.v, weight, group->g);
  rs_rnnrbm_add_phase(group->learner, update->w, group->other, -weight, group->g);
}

/* The gap of free energy between the songs and the chains, over all rows. */
static double cost_of(const RsUpdate *update, RsTrainGroup *group) {
  const size_t rows = rs_batch_rows(&group->batch);
  double cost = 0;
  energies(update, group, group->learner, group->sample);
  for (size_t n = 0; n < rows; ++n) {
    cost += (double)group->energy[n] - (double)group->energy[rows + n];
  }
  return cost;
}

/* The biases of the RBMs of a batch. */
static RsStatus forward(const RsUpdate *update, RsRnnRbmLearner *learner, const RsBatch *batch) {
  rs_rnnrbm_hold_variances(learner, update->now.moving == RS_MOVING_ALL_BUT_VARIANCES);
  return rs_rnnrbm_forward(learner, update->w, batch->frames, batch->x, batch->starts);
}

static bool has_negative(const RsUpdate *update, RsNegativeChoice past) {
  return settings_of(update)->negative_past == past && update->now.negative_weight > 0;
}

/* The gradient of -log p of the songs, by contrastive divergence: equations K4, K5 and E10. */
static RsStatus learn_songs(const RsUpdate *update, RsTrainGroup *group) {
  RsRnnRbmLearner *learner = group->learner;
  const RsBatch *batch = &group->batch;
  rs_rnnrbm_set_links(learner, &batch->links);
  const RsStatus status = forward(update, learner, batch);
  if (status) {
    return status;
  }
  start_chains(update, group);
  run_chains(update, group, learner, RS_STREAM_GIBBS, group->sample);
  if (update->now.cost) {
    group->cost = cost_of(update, group);
  }
  if (rs_rnnrbm_rbm(update->model->net)->kind == RS_RBM_GAUSSIAN) {
    const float *hidden = rs_gibbs_hidden(group->chains);
    rs_rnnrbm_add_phase(learner, update->w, batch->v, 1, group->g);
    rs_rnnrbm_add_hidden_phase(learner, update->w, hidden, -1, group->g);
  } else {
    rs_rnnrbm_contrast(learner, update->w, batch->v, group->sample, 1, group->g);
  }
  if (has_negative(update, RS_NEGATIVE_SONG)) {
    push_from_songs(update, group);
  }
  return rs_rnnrbm_backward(learner, update->w, group->g);
}

/* Songs of noise in place of the songs. */
static void fill_noise_songs(const RsUpdate *update, RsTrainGroup *group) {
  const size_t visible = visible_of(update), inputs = update->model->inputs.size;
  RsBatch *batch = &group->batch;
  const size_t rows = rs_batch_rows(batch);
  fill_random(update, group, batch->v);
  memset(batch->x, 0, rows * inputs * sizeof *batch->x);
  for (size_t n = batch->streams; n < rows; ++n) {
    memcpy(batch->x + n * inputs, batch->v + (n - batch->streams) * visible,
           visible * sizeof *batch->x);
  }
  memset(batch->starts, 0, rows);
  memset(batch->starts, 1, batch->streams);
}

/*
  Subtract the gradient of -log p of songs of noise (equation X6). A frame whose free energy is
  above that of the chain by more than the hinge has been pushed far enough: its two phases are made
  the same and cancel.
*/
static RsStatus unlearn_noise(const RsUpdate *update, RsTrainGroup *group) {
  const RsBatch *batch = &group->batch;
  const size_t rows = rs_batch_rows(batch);
  const float weight = (float)update->now.negative_weight;
  fill_noise_songs(update, group);
  const RsStatus status = forward(update, group->noise_learner, batch);
  if (status) {
    return status;
  }
  memcpy(group->other, batch->v, rows * visible_of(update) * sizeof *batch->v);
  run_chains(update, group, group->noise_learner, RS_STREAM_NEGATIVE, group->other);
  energies(update, group, group->noise_learner, group->other);
  hold_back(update, group, group->energy, group->energy + rows);
  rs_rnnrbm_contrast(group->noise_learner, update->w, batch->v, group->other, -weight, group->g);
  return rs_rnnrbm_backward(group->noise_learner, update->w, group->g);
}

void rs_update_group(void *context, size_t turn) {
  const RsUpdate *update = context;
  const RsTrainSettings *settings = settings_of(update);
  const size_t number = update->first + turn;
  RsTrainGroup *group = update->groups + number;
  rs_series_fill(update->series, number, &group->batch);
  rs_replay_apply(update->replay, settings, update->counters.passages,
                  update->counters.updates * (uint64_t)settings->streams + group->first,
                  group->replay, &group->batch);
  group->status = learn_songs(update, group);
  if (!group->status && has_negative(update, RS_NEGATIVE_NOISE)) {
    group->status = unlearn_noise(update, group);
  }
}
