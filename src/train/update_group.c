#include "train/update_internal.h"

#include "base/low_discrepancy.h"
#include "model/chain.h"

#include <math.h>
#include <string.h>

/*
  Where chains begin: at the song's frame (equation E11), for a share of them at the frame before it
  (E13), and for another at their last state (E12), once they have been somewhere.
*/
static void start_chains(const RsTrainer *trainer, RsTrainGroup *group, size_t rows) {
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  const size_t inputs = trainer->model->inputs.size;
  const double persistent = trainer->counters.updates ? trainer->settings.train.persistent : 0;
  const double past = persistent + trainer->settings.train.from_past;
  for (size_t n = 0; n < rows; ++n) {
    const double place = rs_low_discrepancy(n);
    if (place >= persistent) {
      const float *from = place < past ? group->in.x + n * inputs : group->in.v + n * visible;
      memcpy(group->sample + n * visible, from, visible * sizeof *from);
    }
  }
}

static void run_chains(const RsTrainer *trainer, RsTrainGroup *group,
                       const RsRnnRbmLearner *learner, RsRngStream stream, size_t rows,
                       float *sample) {
  const RsRbm *rbm = rs_rnnrbm_rbm(trainer->model->net);
  const RsRng rng = {trainer->settings.train.seed, stream};
  const uint64_t number = trainer->counters.updates * trainer->rows +
                          group->first * (size_t)trainer->settings.train.block;
  rs_gibbs_seed(group->chains, rows, rng, number);
  const RsGibbsRun run = {rows,
                          rs_rnnrbm_biases(learner),
                          rs_rbm_biases(rbm),
                          1,
                          (size_t)rs_trainer_gibbs_steps(trainer),
                          sample};
  if (trainer->settings.train.loose_chains) {
    rs_chain_run(trainer->gibbs, group->chains, &run);
  } else {
    rs_gibbs_run(trainer->gibbs, group->chains, &run);
  }
}

/* Free energies at v and at the samples, into the two halves of group->energy. */
static void energies(const RsTrainer *trainer, RsTrainGroup *group, const RsRnnRbmLearner *learner,
                     size_t rows, const float *sample) {
  const RsRbm *rbm = rs_rnnrbm_rbm(trainer->model->net);
  const float *biases = rs_rnnrbm_biases(learner);
  rs_rbm_free_energy(rbm, trainer->w, rows, biases, group->in.v, group->work, group->energy);
  rs_rbm_free_energy(rbm, trainer->w, rows, biases, sample, group->work, group->energy + rows);
}

/* The weight of the negative gradient in this epoch: equation X7. */
static double negative_weight(const RsTrainer *trainer) {
  const RsTrainSettings *settings = &trainer->settings.train;
  const double epochs = (double)trainer->counters.epoch + 2 - settings->negative_from_epoch;
  const double share = settings->negative_ramp_epochs ? epochs / settings->negative_ramp_epochs : 1;
  return epochs > 0 ? settings->negative_weight * fmin(share, 1) : 0;
}

/* Random frames: each note on with the same probability (equation X1). */
static void fill_random(const RsTrainer *trainer, const RsTrainGroup *group, size_t rows,
                        float *to) {
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  const RsRng rng = {trainer->settings.train.seed, RS_STREAM_NOISE};
  const double p = trainer->settings.train.negative_p;
  uint32_t words[4];
  for (size_t at = 0; at < rows * visible; ++at) {
    if (at % 4 == 0) {
      const uint64_t block =
          trainer->counters.updates * trainer->group_count + (uint64_t)(group - trainer->groups);
      rs_rng_words(rng, block * rows * visible + at, 4, words);
    }
    to[at] = words[at % 4] * 0x1p-32 < p;
  }
}

/* A random frame has been pushed far enough where its free energy is above the other one's by more
 * than the hinge: group->other becomes group->in.v there, so that the two phases cancel. */
static void hold_back(const RsTrainer *trainer, RsTrainGroup *group, size_t rows,
                      const float *of_random, const float *of_other) {
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  const double hinge = trainer->settings.train.negative_hinge;
  for (size_t n = 0; hinge > 0 && n < rows; ++n) {
    if ((double)of_random[n] - (double)of_other[n] > hinge) {
      memcpy(group->other + n * visible, group->in.v + n * visible, visible * sizeof *group->in.v);
    }
  }
}

/* Push random frames away that follow the songs' past: the second term of equation X5. */
static void push_from_songs(const RsTrainer *trainer, RsTrainGroup *group, size_t rows) {
  const float weight = (float)negative_weight(trainer);
  fill_random(trainer, group, rows, group->other);
  energies(trainer, group, group->learner, rows, group->other);
  hold_back(trainer, group, rows, group->energy + rows, group->energy);
  rs_rnnrbm_add_phase(group->learner, trainer->w, group->in.v, weight, group->g);
  rs_rnnrbm_add_phase(group->learner, trainer->w, group->other, -weight, group->g);
}

/* The gradient of -log p of the songs, by contrastive divergence: equations K4, K5 and E10. */
static RsStatus learn_songs(const RsTrainer *trainer, RsTrainGroup *group, size_t rows) {
  rs_rnnrbm_hold_variances(group->learner, rs_trainer_moving(trainer) == MOVING_THE_REST);
  rs_rnnrbm_set_links(group->learner, &group->in.links);
  const RsStatus status =
      rs_rnnrbm_forward(group->learner, trainer->w, (size_t)trainer->settings.train.block,
                        group->in.x, group->in.starts);
  if (status) {
    return status;
  }
  start_chains(trainer, group, rows);
  run_chains(trainer, group, group->learner, RS_STREAM_GIBBS, rows, group->sample);
  if (rs_trainer_wants_cost(trainer)) {
    energies(trainer, group, group->learner, rows, group->sample);
    group->cost = 0;
    for (size_t n = 0; n < rows; ++n) {
      group->cost += (double)group->energy[n] - (double)group->energy[rows + n];
    }
  }
  if (rs_rnnrbm_rbm(trainer->model->net)->kind == RS_RBM_GAUSSIAN) {
    rs_rnnrbm_add_phase(group->learner, trainer->w, group->in.v, 1, group->g);
    const float *hidden = rs_gibbs_hidden(group->chains);
    rs_rnnrbm_add_hidden_phase(group->learner, trainer->w, hidden, -1, group->g);
  } else {
    rs_rnnrbm_contrast(group->learner, trainer->w, group->in.v, group->sample, 1, group->g);
  }
  if (trainer->settings.train.negative_past == RS_NEGATIVE_SONG && negative_weight(trainer) > 0) {
    push_from_songs(trainer, group, rows);
  }
  return rs_rnnrbm_backward(group->learner, trainer->w, group->g);
}

/* A random song, in place of the block of songs. */
static void fill_random_song(const RsTrainer *trainer, RsTrainGroup *group, size_t rows) {
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  const size_t inputs = trainer->model->inputs.size;
  fill_random(trainer, group, rows, group->in.v);
  memset(group->in.x, 0, rows * inputs * sizeof *group->in.x);
  for (size_t n = group->streams; n < rows; ++n) {
    memcpy(group->in.x + n * inputs, group->in.v + (n - group->streams) * visible,
           visible * sizeof *group->in.x);
  }
  memset(group->in.starts, 0, rows);
  memset(group->in.starts, 1, group->streams);
}

/*
  Subtract the gradient of -log p of random songs (equation X6). A frame whose free energy is
  above that of the chain by more than the hinge has been pushed far enough: its two phases are made
  the same and cancel.
*/
static RsStatus unlearn_random(const RsTrainer *trainer, RsTrainGroup *group, size_t rows) {
  const RsTrainSettings *settings = &trainer->settings.train;
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  const float weight = (float)negative_weight(trainer);
  fill_random_song(trainer, group, rows);
  rs_rnnrbm_hold_variances(group->random, rs_trainer_moving(trainer) == MOVING_THE_REST);
  const RsStatus status = rs_rnnrbm_forward(group->random, trainer->w, (size_t)settings->block,
                                            group->in.x, group->in.starts);
  if (status) {
    return status;
  }
  memcpy(group->other, group->in.v, rows * visible * sizeof *group->in.v);
  run_chains(trainer, group, group->random, RS_STREAM_NEGATIVE, rows, group->other);
  energies(trainer, group, group->random, rows, group->other);
  hold_back(trainer, group, rows, group->energy, group->energy + rows);
  rs_rnnrbm_contrast(group->random, trainer->w, group->in.v, group->other, -weight, group->g);
  return rs_rnnrbm_backward(group->random, trainer->w, group->g);
}

/* Whether random songs are unlearned in this epoch, apart from the songs. */
static bool wants_random_songs(const RsTrainer *trainer) {
  return trainer->settings.train.negative_past == RS_NEGATIVE_NOISE && negative_weight(trainer) > 0;
}

void rs_trainer_work_on_group(void *context, size_t turn) {
  const RsTrainer *trainer = context;
  RsTrainGroup *group = trainer->groups + turn;
  const size_t frames = (size_t)trainer->settings.train.block;
  const size_t rows = frames * group->streams;
  rs_series_fill(trainer->series, turn, frames, &group->in);
  rs_trainer_hear_astray(trainer, group);
  group->status = learn_songs(trainer, group, rows);
  if (!group->status && wants_random_songs(trainer)) {
    group->status = unlearn_random(trainer, group, rows);
  }
}
