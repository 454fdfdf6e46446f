#include "model/trainer_internal.h"

#include "base/kernels.h"
#include "base/spread.h"
#include "model/chain.h"
#include "model/filters.h"

#include <math.h>
#include <string.h>

/* The cost is for people to look at: it is taken once in so many updates. */
enum { COST_EVERY = 32 };

/* Parameters that are worked on at a time: the first-level cache holds them a few times. */
enum { NEAR = 1024 };

/* What an update moves; nothing is put back where all of it moves. */
typedef enum { MOVING_ALL, MOVING_VARIANCES, MOVING_THE_REST } RsMoving;

int rs_trainer_gibbs_steps(const RsTrainer *trainer) {
  const RsTrainSettings *settings = &trainer->settings.train;
  const double ramp = settings->cd_k_ramp_epochs;
  const double epoch = (double)trainer->counters.epoch;
  if (epoch >= ramp) {
    return settings->cd_k;
  }
  return settings->cd_k_start + (int)((settings->cd_k - settings->cd_k_start) * epoch / ramp);
}

double rs_trainer_step_size(const RsTrainer *trainer) {
  const double last = 1.0 / 50;
  const RsTrainSettings *settings = &trainer->settings.train;
  const double whole = settings->anneal ? (double)trainer->epochs : 0;
  const double epochs = settings->anneal_epochs ? settings->anneal_epochs : whole;
  const double left = epochs > 0 ? 1 - (double)trainer->counters.epoch / epochs : 1;
  return trainer->counters.learning_rate * fmax(left, last);
}

static bool pretraining(const RsTrainer *trainer) {
  return trainer->counters.epoch < (uint64_t)trainer->settings.train.pretrain_epochs;
}

/* What may move in an epoch of Gaussian units' variances: equation G12 and what stands before. */
static RsMoving moving(const RsTrainer *trainer) {
  const RsTrainSettings *settings = &trainer->settings.train;
  if (rs_rnnrbm_rbm(trainer->model->net)->kind != RS_RBM_GAUSSIAN ||
      settings->variance == RS_VARIANCE_JOINT) {
    return MOVING_ALL;
  }
  const uint64_t every = (uint64_t)settings->variance_every;
  const bool theirs = trainer->counters.epoch % every == every - 1;
  return settings->variance == RS_VARIANCE_SEPARATE && theirs ? MOVING_VARIANCES : MOVING_THE_REST;
}

static bool wants_cost(const RsTrainer *trainer) {
  return trainer->counters.epoch_updates % COST_EVERY == 0;
}

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
    const double place = rs_spread(n);
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
  rs_rnnrbm_hold_variances(group->learner, moving(trainer) == MOVING_THE_REST);
  rs_rnnrbm_set_links(group->learner, &group->in.links);
  const RsStatus status =
      rs_rnnrbm_forward(group->learner, trainer->w, (size_t)trainer->settings.train.block,
                        group->in.x, group->in.starts);
  if (status) {
    return status;
  }
  start_chains(trainer, group, rows);
  run_chains(trainer, group, group->learner, RS_STREAM_GIBBS, rows, group->sample);
  if (wants_cost(trainer)) {
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
  rs_rnnrbm_hold_variances(group->random, moving(trainer) == MOVING_THE_REST);
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

static void work_on_group(void *context, size_t turn) {
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

/* Parameters from `first` on that stay near while they are looked at more than once. */
static size_t some(const RsTrainer *trainer, size_t first) {
  const size_t left = trainer->parameters - first;
  return left < NEAR ? left : NEAR;
}

/* The mean gradient over all rows, summed in the order of the groups, whose own is cleared. */
static RsStatus collect(RsTrainer *trainer) {
  RsStatus status = RS_OK;
  const float share = 1.0f / (float)trainer->rows;
  for (size_t first = 0; first < trainer->parameters; first += NEAR) {
    const size_t count = some(trainer, first);
    float *sum = trainer->g + first;
    rs_scaled(count, share, trainer->groups[0].g + first, sum);
    for (size_t i = 1; i < trainer->group_count; ++i) {
      rs_axpy(count, share, trainer->groups[i].g + first, sum);
    }
    for (size_t i = 0; i < trainer->group_count; ++i) {
      memset(trainer->groups[i].g + first, 0, count * sizeof *sum);
    }
  }
  for (size_t i = 0; i < trainer->group_count; ++i) {
    status = status ? status : trainer->groups[i].status;
  }
  return status;
}

/* While the RBM is trained alone, of the recurrent net only the biases that it puts out may move.
 */
static void hold_recurrent_net(const RsTrainer *trainer) {
  RsRnnRbmTensor part;
  for (size_t i = 0; rs_rnnrbm_tensor(trainer->model->net, i, &part); ++i) {
    if (strcmp(part.name, "rbm.weight") && strcmp(part.name, "output.bias")) {
      memset(trainer->g + part.offset, 0, part.rows * part.columns * sizeof *trainer->g);
    }
  }
}

/* Hold the gradient to the largest norm that is allowed. */
static RsStatus clip(RsTrainer *trainer) {
  const double largest = trainer->settings.train.clip;
  const double norm =
      rs_clip_norm(trainer->parameters, largest > 0 ? (float)largest : INFINITY, trainer->g);
  trainer->counters.norm_sum += norm;
  return isfinite(norm) ? RS_OK : RS_ERR_NONFINITE;
}

/* Whether this value of this part of the parameters sets a log-variance. */
static bool is_variance(const RsRbm *rbm, const RsRnnRbmTensor *part, size_t value) {
  return !strncmp(part->name, "output.", 7) && value / part->columns >= rbm->visible + rbm->hidden;
}

/* Parameters that have to be known after a step: all that may be put back, else W, for centring. */
static void remember_before(RsTrainer *trainer) {
  const bool some_are_held = moving(trainer) != MOVING_ALL;
  const size_t count = some_are_held ? trainer->parameters : rs_rnnrbm_weights(trainer->model->net);
  memcpy(trainer->before, trainer->w, count * sizeof *trainer->w);
}

/*
  Put back what may not move in this epoch. An optimiser has momentum, so a gradient of zero does
  not hold a parameter still.
*/
static void put_back(RsTrainer *trainer) {
  const RsMoving what = moving(trainer);
  RsRnnRbmTensor part;
  for (size_t i = 0; what && rs_rnnrbm_tensor(trainer->model->net, i, &part); ++i) {
    for (size_t k = 0; k < part.rows * part.columns; ++k) {
      const bool variance = is_variance(rs_rnnrbm_rbm(trainer->model->net), &part, k);
      if (variance != (what == MOVING_VARIANCES)) {
        trainer->w[part.offset + k] = trainer->before[part.offset + k];
      }
    }
  }
}

/* A moment that is no number makes its parameter none, unless that is put back. */
static RsStatus check_moments(const RsTrainer *trainer) {
  bool finite = true;
  for (int i = 0; moving(trainer) != MOVING_ALL && i < 2; ++i) {
    RsOptimiser *optimiser = trainer->optimisers[i];
    finite =
        finite && rs_all_finite(rs_optimiser_state_size(optimiser), rs_optimiser_state(optimiser));
  }
  return finite ? RS_OK : RS_ERR_NONFINITE;
}

/* Take a share off the weights, and off no biases: equation S7. */
static void decay(RsTrainer *trainer, double rate) {
  const RsTrainSettings *settings = &trainer->settings.train;
  RsRnnRbmTensor part;
  for (size_t i = 0; rs_rnnrbm_tensor(trainer->model->net, i, &part); ++i) {
    const double rnn = pretraining(trainer) ? 0 : settings->rnn_weight_decay;
    const double share = !i ? settings->weight_decay : rnn;
    const bool decays = strstr(part.name, ".weight") && strcmp(part.name, "shared.weight");
    if (share > 0 && decays) {
      rs_scale(part.rows * part.columns, (float)(1 - rate * share), trainer->w + part.offset);
    }
  }
}

/* Move the parameters. */
static RsStatus step(RsTrainer *trainer) {
  const RsTrainSettings *settings = &trainer->settings.train;
  const size_t weights = rs_rnnrbm_weights(trainer->model->net);
  const double rate = rs_trainer_step_size(trainer);
  const double rates[] = {rate, rate * settings->rnn_learning_rate_factor};
  RsStatus status = RS_OK;
  remember_before(trainer);
  for (int i = 0; !status && i < 2; ++i) {
    const size_t first = i ? weights : 0;
    rs_optimiser_set_rate(trainer->optimisers[i], (float)rates[i]);
    rs_optimiser_set_steps(trainer->optimisers[i], trainer->counters.updates);
    status = rs_optimiser_step(trainer->optimisers[i], trainer->g + first, trainer->w + first);
  }
  decay(trainer, rate);
  put_back(trainer);
  rs_trainer_centre_step(trainer);
  return status ? status : check_moments(trainer);
}

/*
  A running mean of the weights, which forgets its beginning faster while it is young. A step may
  run out of range where the gradient did not: whether the weights are still numbers is seen on the
  way.
*/
static RsStatus average(RsTrainer *trainer) {
  const double updates = (double)trainer->counters.updates;
  const double young = (1 + updates) / (10 + updates);
  const double decay = fmin(trainer->settings.train.average, young);
  bool finite = true;
  for (size_t first = 0; first < trainer->parameters; first += NEAR) {
    const size_t count = some(trainer, first);
    finite = rs_all_finite(count, trainer->w + first) && finite;
    rs_approach(count, (float)(1 - decay), trainer->w + first, trainer->average + first);
  }
  return finite ? RS_OK : RS_ERR_NONFINITE;
}

static void count_update(RsTrainer *trainer) {
  RsTrainCounters *counters = &trainer->counters;
  if (wants_cost(trainer)) {
    double cost = 0;
    for (size_t i = 0; i < trainer->group_count; ++i) {
      cost += trainer->groups[i].cost;
    }
    counters->cost_sum += cost / (double)trainer->rows;
    ++counters->costs;
  }
  ++counters->updates;
  ++counters->epoch_updates;
  counters->frames += trainer->rows;
}

RsStatus rs_trainer_update(RsTrainer *trainer) {
  rs_series_choose(trainer->series, (size_t)trainer->settings.train.block);
  rs_gibbs_set_weights(trainer->gibbs, trainer->w);
  RsStatus status = rs_trainer_go_astray(trainer);
  rs_team_run(trainer->team, trainer->group_count, work_on_group, trainer);
  status = status ? status : collect(trainer);
  if (!status && pretraining(trainer)) {
    hold_recurrent_net(trainer);
  }
  rs_filters_mean(trainer->model, trainer->g);
  rs_trainer_centre_gradient(trainer);
  status = status ? status : clip(trainer);
  status = status ? status : step(trainer);
  status = status ? status : average(trainer);
  if (!status) {
    count_update(trainer);
  }
  return status;
}
