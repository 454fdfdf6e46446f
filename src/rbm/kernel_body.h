/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_KERNEL_BODY_H
#define RS_RBM_KERNEL_BODY_H

/**
   @file kernel_body.h Functions of a kernel that are built on kernel_vector.h.
*/

#include "rbm/annealed_path.h"
#include "rbm/kernel_noise.h"
#include "rbm/kernel_states.h"

#include <math.h>

/* What a sweep works on. */
typedef struct {
  const RsGibbsWeights *weights;
  RsGibbsChain *chain;
  float coupling;
  const float *noise; /* rs_gibbs_noise_size() */
} Sweep;

/* Units from `base` on that are on, and those of which the sum is too coarse to decide. */
typedef struct {
  unsigned on, ambiguous;
} Drawn;

typedef Drawn DrawUnits(const Sweep *s, size_t base);

ALWAYS_INLINE const float *visible_noise(const Sweep *s) {
  return s->noise + s->weights->hidden_pad;
}

ALWAYS_INLINE Drawn draw_hidden_units(const Sweep *s, size_t base) {
  const RsGibbsChain *chain = s->chain;
  const Units x = fields(chain->hidden_bias + base, s->coupling, chain->hidden_sum + base);
  return (Drawn){above(x, s->noise + base), 0};
}

ALWAYS_INLINE Drawn draw_visible_units(const Sweep *s, size_t base) {
  const RsGibbsChain *chain = s->chain;
  const Units x = fields(chain->visible_bias + base, s->coupling, chain->visible_sum + base);
  return (Drawn){above(x, visible_noise(s) + base), 0};
}

ALWAYS_INLINE Drawn draw_coarsely(const Sweep *s, size_t base) {
  const RsGibbsWeights *weights = s->weights;
  const RsGibbsChain *chain = s->chain;
  const Units x = coarse_fields(chain->visible_bias + base, s->coupling, weights->scale + base,
                                chain->coarse_sum + base);
  const float *noise = visible_noise(s) + base;
  const unsigned on = above(moved(x, -s->coupling, weights->error + base), noise);
  const unsigned maybe = above(moved(x, s->coupling, weights->error + base), noise);
  return (Drawn){on, maybe & ~on};
}

/* The sums of those visible units of which they are too coarse, taken exactly. */
ALWAYS_INLINE Drawn draw_ambiguous(const Sweep *s, size_t base) {
  RsGibbsChain *chain = s->chain;
  const unsigned ambiguous =
      (unsigned)(chain->ambiguous[base / RS_GIBBS_WORD] >> base % RS_GIBBS_WORD) & 0xFFFF;
  for (unsigned left = ambiguous; left; left &= left - 1) {
    const size_t unit = base + (size_t)__builtin_ctz(left);
    chain->visible_sum[unit] = exact_sum(s->weights, chain, unit);
  }
  return (Drawn){ambiguous ? draw_visible_units(s, base).on & ambiguous : 0, 0};
}

/* Draw all units of a layer. Returns whether some of them are ambiguous, which are then in
 * chain->ambiguous. */
ALWAYS_INLINE bool sample(DrawUnits *draw_units, const Sweep *s, size_t units, RsGibbsBits *on,
                          RsGibbsBits *ambiguous) {
  RsGibbsBits any = 0;
  for (size_t word = 0; word < units; word += RS_GIBBS_WORD) {
    const size_t end = units - word < RS_GIBBS_WORD ? units : word + RS_GIBBS_WORD;
    RsGibbsBits bits = 0;
    RsGibbsBits ambiguities = 0;
    for (size_t base = word; base < end; base += RS_GIBBS_PAD) {
      const Drawn drawn = draw_units(s, base);
      bits |= (RsGibbsBits)drawn.on << (base - word);
      ambiguities |= (RsGibbsBits)drawn.ambiguous << (base - word);
    }
    on[word / RS_GIBBS_WORD] = bits;
    if (ambiguous) {
      ambiguous[word / RS_GIBBS_WORD] = ambiguities;
      any |= ambiguities;
    }
  }
  return any;
}

/* Draw the ambiguous ones of the visible units, with the same numbers. */
__attribute__((noinline, cold)) static void resolve(const Sweep *s) {
  RsGibbsChain *chain = s->chain;
  sample(draw_ambiguous, s, s->weights->visible_pad, chain->ambiguous, NULL);
  for (size_t i = 0; i < rs_gibbs_words(s->weights->visible); ++i) {
    chain->visible.on[i] |= chain->ambiguous[i];
  }
}

/* Visible units without potentials on counts. */
ALWAYS_INLINE void draw_independent(const Sweep *s) {
  RsGibbsChain *chain = s->chain;
  const size_t units = s->weights->visible_pad;
  if (!s->weights->groups) {
    sample(draw_visible_units, s, units, chain->visible.on, NULL);
  } else if (sample(draw_coarsely, s, units, chain->visible.on, chain->ambiguous)) {
    const Sweep copy = *s;
    resolve(&copy);
  }
}

/* Visible units given what the hidden ones sent. */
ALWAYS_INLINE void draw_visible(const Sweep *s) {
  if (!s->weights->planes) {
    draw_independent(s);
    if (s->chain->states) {
      restrict_units(s->weights, s->chain);
    }
  } else if (s->chain->states) {
    draw_states(s->weights, s->chain, s->coupling, visible_noise(s));
  } else {
    draw_counts(s->weights, s->chain, s->coupling, visible_noise(s));
  }
}

/* Hidden units given what the visible ones sent, and visible units given those. */
ALWAYS_INLINE void draw_layers(const Sweep *s) {
  sample(draw_hidden_units, s, s->weights->hidden_pad, s->chain->hidden.on, NULL);
  send_down(s->weights, s->chain);
  draw_visible(s);
}

/* Make a chain ready: no rows stand in its sums. */
static void open_run(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  pad_biases(weights, chain);
  if (weights->planes) {
    open_counts(weights, chain);
  }
  if (chain->states) {
    open_states(weights, chain);
  }
  read_frame(weights, chain);
  memset(chain->visible.summed, 0, rs_gibbs_words(weights->visible_pad) * sizeof(RsGibbsBits));
  memset(chain->hidden.summed, 0, rs_gibbs_words(weights->hidden_pad) * sizeof(RsGibbsBits));
  memset(chain->hidden_sum, 0, weights->hidden_pad * sizeof *chain->hidden_sum);
  memset(chain->visible_sum, 0, weights->visible_pad * sizeof *chain->visible_sum);
}

static void run(const RsGibbsWeights *weights, RsGibbsChain *chain, float coupling, size_t steps) {
  if (!chain->states && run_fixed16(weights, chain, coupling, steps)) {
    return;
  }
  open_run(weights, chain);
  for (size_t step = 0; step < steps; ++step) {
    send_up(weights, chain);
    draw_layers(&(const Sweep){weights, chain, coupling,
                               chain->noise + step * rs_gibbs_noise_size(weights)});
  }
  write_frame(weights, chain);
}

/*
  Sum of softplus(b + high s) - softplus(b + low s). With z = e^-|x|, softplus(x) is max(x, 0) +
  log(1 + z); the logarithms are taken of products, whose factors lie between 1/2 and 2.
*/
ALWAYS_INLINE double softplus_gap(size_t units, const float *bias, const float *sum, float low,
                                  float high) {
  double gap = 0;
  double product = 1;
  for (size_t begin = 0; begin < units; begin += 64 * RS_GIBBS_PAD) {
    const size_t end = units < begin + 64 * RS_GIBBS_PAD ? units : begin + 64 * RS_GIBBS_PAD;
    float linear[RS_GIBBS_PAD] = {0};
    float ratio[RS_GIBBS_PAD];
    for (int i = 0; i < RS_GIBBS_PAD; ++i) {
      ratio[i] = 1;
    }
    for (size_t base = begin; base < end; base += RS_GIBBS_PAD) {
      for (int i = 0; i < RS_GIBBS_PAD; ++i) {
        const float x = bias[base + (size_t)i] + low * sum[base + (size_t)i];
        const float y = bias[base + (size_t)i] + high * sum[base + (size_t)i];
        linear[i] += (y > 0 ? y : 0) - (x > 0 ? x : 0);
        ratio[i] *= (1 + exp_minus(y > 0 ? y : -y)) / (1 + exp_minus(x > 0 ? x : -x));
      }
    }
    for (int i = 0; i < RS_GIBBS_PAD; ++i) {
      gap += (double)linear[i];
      product *= (double)ratio[i];
    }
    gap += log(product);
    product = 1;
  }
  return gap;
}

static double anneal(const RsGibbsWeights *weights, RsGibbsChain *chain, const RsGibbsPath *path) {
  const float *noise = chain->noise;
  double log_w = 0;
  open_run(weights, chain);
  for (size_t step = path->from; step < path->to; ++step) {
    const RsAnnealedStep at = rs_annealed_step(path->betas, path->reverse, step);
    send_up(weights, chain);
    log_w += softplus_gap(weights->hidden_pad, chain->hidden_bias, chain->hidden_sum, (float)at.low,
                          (float)at.high);
    draw_layers(&(const Sweep){weights, chain, (float)at.next, noise});
    noise += rs_gibbs_noise_size(weights);
  }
  write_frame(weights, chain);
  return log_w;
}

#endif /* RS_RBM_KERNEL_BODY_H */
