/* SPDX-License-Identifier: ISC */

/*
  Centred learning, doc/math.md, equations K10 to K12: steps are those of an RBM whose units are
  measured from offsets near their means. The model stays as it is; what changes is which way is
  short.
*/

#include "train/centring.h"

#include "base/linear_algebra.h"

#include <string.h>

/* A hidden unit of a new model is on half of the time. */
#define HIDDEN_OFFSET 0.5f

static bool is_centred(const RsTrainSettings *settings, const RsParameters *p) {
  return settings->centre && rs_rnnrbm_rbm(p->net)->kind == RS_RBM_BERNOULLI;
}

void rs_centre_gradient(RsParameters *p, const RsTrainSettings *settings) {
  const RsRbm *rbm = rs_rnnrbm_rbm(p->net);
  if (!is_centred(settings, p)) {
    return;
  }
  const float *da = rs_parameters_biases(p->net, p->g);
  const float *db = da + rbm->visible;
  for (size_t j = 0; j < rbm->hidden; ++j) {
    float *dw = p->g + j * rbm->visible;
    for (size_t i = 0; i < rbm->visible; ++i) {
      dw[i] -= HIDDEN_OFFSET * da[i] + db[j] * p->offset[i];
    }
  }
}

void rs_centre_step(RsParameters *p, const RsTrainSettings *settings) {
  const RsRbm *rbm = rs_rnnrbm_rbm(p->net);
  if (!is_centred(settings, p)) {
    return;
  }
  float *a = rs_parameters_biases(p->net, p->w);
  float *b = a + rbm->visible;
  float *back = p->before; /* the step of W, with the other sign */
  rs_axpy(rbm->hidden * rbm->visible, -1, p->w, back);
  rs_gemv(RS_PLAIN, rbm->hidden, rbm->visible, back, rbm->visible, p->offset, 1, b);
  for (size_t j = 0; j < rbm->hidden; ++j) {
    rs_axpy(rbm->visible, HIDDEN_OFFSET, back + j * rbm->visible, a);
  }
}
