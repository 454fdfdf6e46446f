/*
  Centred learning, doc/math.md, equations K10 to K12: steps are those of an RBM whose units are
  measured from offsets near their means. The model stays as it is; what changes is which way is
  short.
*/

#include "train/trainer_internal.h"

#include "base/linear_algebra.h"

#include <string.h>

/* A hidden unit of a new model is on half of the time. */
#define HIDDEN_OFFSET 0.5f

static bool is_centred(const RsTrainer *trainer) {
  return trainer->settings.train.centre &&
         rs_rnnrbm_rbm(trainer->model->net)->kind == RS_RBM_BERNOULLI;
}

/* The part of an array of parameters that the static biases a and b take. */
static float *biases_in(const RsTrainer *trainer, float *parameters) {
  RsRnnRbmTensor part;
  size_t i = 0;
  while (rs_rnnrbm_tensor(trainer->model->net, i, &part) && strcmp(part.name, "output.bias")) {
    ++i;
  }
  return parameters + part.offset;
}

void rs_trainer_centre_gradient(RsTrainer *trainer) {
  const RsRbm *rbm = rs_rnnrbm_rbm(trainer->model->net);
  if (!is_centred(trainer)) {
    return;
  }
  const float *da = biases_in(trainer, trainer->g);
  const float *db = da + rbm->visible;
  for (size_t j = 0; j < rbm->hidden; ++j) {
    float *dw = trainer->g + j * rbm->visible;
    for (size_t i = 0; i < rbm->visible; ++i) {
      dw[i] -= HIDDEN_OFFSET * da[i] + db[j] * trainer->offset[i];
    }
  }
}

void rs_trainer_centre_step(RsTrainer *trainer) {
  const RsRbm *rbm = rs_rnnrbm_rbm(trainer->model->net);
  if (!is_centred(trainer)) {
    return;
  }
  float *a = biases_in(trainer, trainer->w);
  float *b = a + rbm->visible;
  float *back = trainer->before; /* the way back, where W was before */
  rs_axpy(rbm->hidden * rbm->visible, -1, trainer->w, back);
  rs_gemv(RS_PLAIN, rbm->hidden, rbm->visible, back, rbm->visible, trainer->offset, 1, b);
  for (size_t j = 0; j < rbm->hidden; ++j) {
    rs_axpy(rbm->visible, HIDDEN_OFFSET, back + j * rbm->visible, a);
  }
}
