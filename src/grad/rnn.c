/* SPDX-License-Identifier: ISC */

/* Recurrent nets, and one step of them, doc/math.md, equations R1 and R7. */

#include "grad/rnn_internal.h"
#include "base/linear_algebra.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static RsStatus check_spec(const RsRnnSpec *spec, RsError *error) {
  if (!spec->net) {
    return rs_error(error, RS_ERR_ARGUMENT, "a recurrent net needs a net to be made of");
  }
  const size_t layers = rs_net_layers(spec->net), k = spec->state_layer;
  if (!k || k > layers) {
    return rs_error(error, RS_ERR_ARGUMENT, "the state is layer %zu, the net has layers 1 to %zu",
                    k, layers);
  }
  const size_t units = rs_net_layer_size(spec->net, k);
  if (!spec->state_size || spec->state_first > units ||
      spec->state_size > units - spec->state_first) {
    return rs_error(error, RS_ERR_ARGUMENT,
                    "a state of %zu units from unit %zu on: layer %zu has %zu units",
                    spec->state_size, spec->state_first, k, units);
  }
  if (spec->state_size >= rs_net_inputs(spec->net)) {
    return rs_error(
        error, RS_ERR_ARGUMENT,
        "a state of %zu units and at least one input: the net takes only %zu inputs in all",
        spec->state_size, rs_net_inputs(spec->net));
  }
  if (spec->net->layer[k - 1].activation == RS_SOFTMAX) {
    return rs_error(error, RS_ERR_ARGUMENT, "the state cannot be of layer %zu, a softmax", k);
  }
  return RS_OK;
}

RsStatus rs_rnn_new(const RsRnnSpec *spec, RsRnn **out, RsError *error) {
  const RsStatus status = check_spec(spec, error);
  if (status) {
    return status;
  }
  RsRnn *rnn = rs_alloc(1, sizeof *rnn);
  if (!rnn) {
    return rs_error(error, RS_ERR_MEMORY, "no memory for a recurrent net");
  }
  rnn->references = 1;
  rnn->net = rs_net_share(spec->net);
  rnn->state_layer = spec->state_layer;
  rnn->state_first = spec->state_first;
  rnn->state_size = spec->state_size;
  rnn->learned_start = spec->learned_start;
  rnn->inputs = rs_net_inputs(spec->net) - spec->state_size;
  *out = rnn;
  return RS_OK;
}

RsRnn *rs_rnn_share(const RsRnn *rnn) {
  RsRnn *shared = (RsRnn *)rnn; /* all of it is constant but the count of its owners */
  __atomic_add_fetch(&shared->references, 1, __ATOMIC_RELAXED);
  return shared;
}

void rs_rnn_free(RsRnn *rnn) {
  if (rnn && !__atomic_sub_fetch(&rnn->references, 1, __ATOMIC_ACQ_REL)) {
    rs_net_free(rnn->net);
    free(rnn);
  }
}

size_t rs_rnn_inputs(const RsRnn *rnn) {
  return rnn->inputs;
}

size_t rs_rnn_outputs(const RsRnn *rnn) {
  return rs_net_outputs(rnn->net);
}

size_t rs_rnn_state_size(const RsRnn *rnn) {
  return rnn->state_size;
}

size_t rs_rnn_parameters(const RsRnn *rnn) {
  return rs_net_parameters(rnn->net) + (rnn->learned_start ? rnn->state_size : 0);
}

struct RsRnnStep {
  RsNetWork *work;       /* of one row */
  rs_scalar *in;         /* x and r */
  const rs_scalar *held; /* parameters that are packed, or NULL */
};

RsStatus rs_rnn_step_new(const RsRnn *rnn, RsRnnStep **out) {
  RsRnnStep *step = rs_alloc(1, sizeof *step);
  if (!step) {
    return RS_ERR_MEMORY;
  }
  step->in = rs_alloc(rs_net_inputs(rnn->net), sizeof *step->in);
  if (!step->in || rs_net_work_new(rnn->net, 1, &step->work, NULL) ||
      rs_net_work_add_packed(step->work, NULL, false)) {
    rs_rnn_step_free(step);
    return RS_ERR_MEMORY;
  }
  *out = step;
  return RS_OK;
}

void rs_rnn_step_free(RsRnnStep *step) {
  if (step) {
    rs_net_work_free(step->work);
    free(step->in);
    free(step);
  }
}

void rs_rnn_start(const RsRnn *rnn, const rs_scalar *w, rs_scalar *state) {
  if (rnn->learned_start) {
    memcpy(state, w + rs_net_parameters(rnn->net), rnn->state_size * sizeof *state);
  } else {
    memset(state, 0, rnn->state_size * sizeof *state);
  }
}

RsStatus rs_rnn_step_hold(const RsRnn *rnn, const rs_scalar *w, RsRnnStep *step) {
  const RsStatus status = w ? rs_check_parameters(rnn->net, w, NULL) : RS_OK;
  step->held = status ? NULL : w;
  for (size_t k = 1; k <= rnn->net->layers; ++k) {
    rs_net_work_pack(step->work, w, k, step->held, false);
  }
  return status;
}

/* The net, by whatever parameters are held or, once, by others. */
static RsStatus forward(const RsRnn *rnn, const rs_scalar *w, RsRnnStep *step) {
  if (step->held == w) {
    return rs_net_forward_checked(rnn->net, w, 1, step->in, step->work, NULL);
  }
  const RsStatus status = rs_rnn_step_hold(rnn, NULL, step);
  return status ? status : rs_net_forward(rnn->net, w, 1, step->in, step->work, NULL);
}

RsStatus rs_rnn_step(const RsRnn *rnn, const rs_scalar *w, const rs_scalar *x, rs_scalar *state,
                     rs_scalar *y, RsRnnStep *step) {
  memcpy(step->in, x, rnn->inputs * sizeof *x);
  memcpy(step->in + rnn->inputs, state, rnn->state_size * sizeof *state);
  const RsStatus status = forward(rnn, w, step);
  if (status) {
    return status;
  }
  const rs_scalar *units = rs_net_layer_output(step->work, rnn->state_layer) + rnn->state_first;
  if (!rs_all_finite(rnn->state_size, units)) {
    return RS_ERR_NONFINITE;
  }
  memcpy(state, units, rnn->state_size * sizeof *state);
  memcpy(y, rs_net_output(step->work), rs_net_outputs(rnn->net) * sizeof *y);
  return RS_OK;
}
