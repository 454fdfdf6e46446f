/* SPDX-License-Identifier: ISC */

/* Where a training begins, doc/math.md, equations K9, K13, K16 and I8. */

#include "train/parameters.h"

#include "base/memory.h"
#include "train/filters.h"
#include "train/songs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static RsStatus no_note(const RsIngest *roll, RsError *error) {
  return rs_error(error, RS_ERR_EMPTY,
                  "the songs have no note from %d to %d: where they are not silent, choose another "
                  "range with --set roll.low=N and --set roll.high=N",
                  roll->low, roll->high);
}

/* A unit that is on in fewer frames begins with the mean of all units. */
enum { FEW = 16 };

/* Statistics of the visible units, of each that is on often enough, else of all of them. */
static void describe_units(size_t visible, const RsUnitSums *sums, RsRnnRbmUnit *units) {
  RsUnitSums all = {0};
  for (size_t i = 0; i < visible; ++i) {
    all.on += sums[i].on;
    all.sum += sums[i].sum;
    all.square += sums[i].square;
  }
  const double mean = all.sum / all.on;
  const double deviation = sqrt(fmax(all.square / all.on - mean * mean, 0));
  for (size_t i = 0; i < visible; ++i) {
    const double own = (sums[i].sum + FEW * mean) / (sums[i].on + FEW);
    units[i] = (RsRnnRbmUnit){(sums[i].on + 0.5) / (sums[i].frames + 1), own, deviation};
  }
}

/* Gaussian units begin as gates: a mixture of silence and of what they are where they sound. */
static void open_gates(RsParameters *p, const RsUnitSums *sums, RsRnnRbmUnit *units) {
  describe_units(rs_rnnrbm_rbm(p->net)->visible, sums, units);
  rs_rnnrbm_open_gates(p->net, units, p->w);
}

/* The mean of each unit, into p->offset. @return The sum of all values. */
static double mean_frame(RsParameters *p, const RsUnitSums *sums) {
  double total = 0;
  for (size_t i = 0; i < rs_rnnrbm_rbm(p->net)->visible; ++i) {
    p->offset[i] = (float)(sums[i].sum / sums[i].frames);
    total += sums[i].sum;
  }
  return total;
}

/* What shared weights of notes that return as they were begin with, equation I8: with the factor on
 * shared weights, 12 nats each, more than all else that is learned adds up to. */
#define FIRST_RETURN 3.0f

/* Shared weights of bars that return as they were: equation I8. */
static void first_shared(RsParameters *p, const RsInputs *inputs) {
  RsRnnRbmTensor part;
  for (size_t i = 0; inputs->planned && rs_rnnrbm_tensor(p->net, i, &part); ++i) {
    if (!strcmp(part.name, "shared.weight")) {
      rs_inputs_first_shared(inputs, FIRST_RETURN, p->w + part.offset);
    }
  }
}

/* Biases of notes that sound and begin together: each note is held, and begins, as often as in the
 * songs, equation K16. */
static void pair_biases(RsParameters *p, const RsUnitSums *sums) {
  const size_t notes = rs_rbm_notes(rs_rnnrbm_rbm(p->net));
  float *a = rs_parameters_biases(p->net, p->w);
  for (size_t i = 0; i < notes; ++i) {
    const double on = sums[i].on, begun = sums[notes + i].on, frames = sums[i].frames;
    const double held = log((on - begun + 0.5) / (begun + 0.5));
    a[i] = (float)held;
    a[notes + i] = (float)(log((begun + 0.5) / (frames - on + 0.5)) - held);
  }
}

/* The probability that each unit begins with, equation K9, into the mean that it is given. */
static void initialise(RsParameters *p, const RsModel *model, const RsUnitSums *sums, float *mean) {
  for (size_t i = 0; i < rs_rnnrbm_rbm(p->net)->visible; ++i) {
    mean[i] = (float)((sums[i].on + 0.5) / (sums[i].frames + 1));
  }
  rs_rnnrbm_initialise(p->net, model->settings.train.seed, mean, p->w);
  if (model->inputs.joint_onsets) {
    pair_biases(p, sums);
  }
  rs_filters_initialise(model, p->w);
  first_shared(p, &model->inputs);
}

RsStatus rs_parameters_begin(RsParameters *p, const RsModel *model, const RsSongs *songs,
                             RsError *error) {
  const RsTrainSettings *settings = &model->settings.train;
  const RsEncoding *encoding = &model->inputs.encoding;
  const RsRbm *rbm = rs_rnnrbm_rbm(p->net);
  const bool gaussian = rbm->kind == RS_RBM_GAUSSIAN;
  RsUnitSums *sums = rs_alloc(rbm->visible, sizeof *sums);
  RsRnnRbmUnit *units = rs_alloc(rbm->visible, sizeof *units);
  float *mean = rs_alloc(rbm->visible, sizeof *mean);
  double total = 0;
  RsStatus status =
      sums && units && mean ? rs_songs_unit_sums(songs, encoding, 0, 0, sums) : RS_ERR_MEMORY;
  if (!status) {
    total = mean_frame(p, sums);
    initialise(p, model, sums, mean);
  }
  if (!status && gaussian) {
    status = rs_songs_unit_sums(songs, encoding, settings->transpose_low, settings->transpose_high,
                                sums);
  }
  if (!status && gaussian && total > 0) {
    open_gates(p, sums, units);
  }
  free(sums);
  free(units);
  free(mean);
  if (status) {
    return rs_error(error, status, "out of memory for the mean of the songs");
  }
  memcpy(p->average, p->w, p->count * sizeof *p->w);
  return total > 0 ? RS_OK : no_note(&model->settings.roll, error);
}
