/* Compiled once an instruction set, with RS_KERNEL_NAME as the name of the table of its functions.
 */

#include "rbm/gibbs_kernel.h"
#include "rbm/gibbs_sums.h"

#if defined __AVX512BW__
#include "rbm/gibbs_kernel_whole.h"
#endif

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* What units of a layer are drawn from. */
typedef struct {
  const RsGibbsWeights *weights;
  RsGibbsChain *chain;
  float coupling;
} Draw;

/* Units from `base` on that are on, and those of which the sum is too coarse to tell. */
typedef struct {
  unsigned on, doubtful;
} Drawn;

typedef Drawn DrawUnits(const Draw *d, size_t base, Words words, int half);

ALWAYS_INLINE Drawn draw_hidden_units(const Draw *d, size_t base, Words words, int half) {
  const RsGibbsChain *chain = d->chain;
  const Units x = fields(chain->hidden_bias + base, d->coupling, chain->hidden_sum + base);
  return (Drawn){below_one(throw_dice(x, words, half)), 0};
}

ALWAYS_INLINE Drawn draw_visible_units(const Draw *d, size_t base, Words words, int half) {
  const RsGibbsChain *chain = d->chain;
  const Units x = fields(chain->visible_bias + base, d->coupling, chain->visible_sum + base);
  return (Drawn){below_one(throw_dice(x, words, half)), 0};
}

ALWAYS_INLINE Drawn draw_coarsely(const Draw *d, size_t base, Words words, int half) {
  const RsGibbsWeights *weights = d->weights;
  const RsGibbsChain *chain = d->chain;
  const Units x = coarse_fields(chain->visible_bias + base, d->coupling, weights->scale + base,
                                chain->coarse_sum + base);
  const Units thrown = throw_dice(x, words, half);
  const unsigned on = below(thrown, weights->on_below + base);
  return (Drawn){on, below(thrown, weights->off_above + base) & ~on};
}

/* The sums of those visible units of which they are too coarse, taken exactly. */
ALWAYS_INLINE Drawn draw_doubtful(const Draw *d, size_t base, Words words, int half) {
  RsGibbsChain *chain = d->chain;
  const unsigned doubtful =
      (unsigned)(chain->doubtful[base / RS_GIBBS_WORD] >> base % RS_GIBBS_WORD) & 0xFFFF;
  for (unsigned left = doubtful; left; left &= left - 1) {
    const size_t unit = base + (size_t)__builtin_ctz(left);
    chain->visible_sum[unit] = exact_sum(d->weights, chain, unit);
  }
  const unsigned on = doubtful ? draw_visible_units(d, base, words, half).on & doubtful : 0;
  return (Drawn){on, 0};
}

/* Draw all units of a layer, `state` being that of the generator. Gives back whether some of them
 * are doubtful, which are then in chain->doubtful. */
ALWAYS_INLINE bool sample(DrawUnits *draw_units, const Draw *d, size_t units, Rng *rng,
                          RsGibbsBits *on, RsGibbsBits *doubtful) {
  RsGibbsBits any = 0;
  for (size_t word = 0; word < units; word += RS_GIBBS_WORD) {
    const size_t end = units - word < RS_GIBBS_WORD ? units : word + RS_GIBBS_WORD;
    RsGibbsBits bits = 0;
    RsGibbsBits doubts = 0;
    for (size_t base = word; base < end; base += 2 * RS_GIBBS_PAD) {
      const Words words = next_words(rng);
      const Drawn one = draw_units(d, base, words, 0);
      bits |= (RsGibbsBits)one.on << (base - word);
      doubts |= (RsGibbsBits)one.doubtful << (base - word);
      if (base + RS_GIBBS_PAD < end) {
        const Drawn two = draw_units(d, base + RS_GIBBS_PAD, words, 1);
        bits |= (RsGibbsBits)two.on << (base + RS_GIBBS_PAD - word);
        doubts |= (RsGibbsBits)two.doubtful << (base + RS_GIBBS_PAD - word);
      }
    }
    on[word / RS_GIBBS_WORD] = bits;
    if (doubtful) {
      doubtful[word / RS_GIBBS_WORD] = doubts;
      any |= doubts;
    }
  }
  return any;
}

/* Draw the doubtful ones of the visible units, with the same random numbers. */
__attribute__((noinline, cold)) static void settle(const Draw *d) {
  RsGibbsChain *chain = d->chain;
  Rng rng;
  memcpy(&rng, chain->rng, sizeof rng);
  sample(draw_doubtful, d, d->weights->visible_pad, &rng, chain->doubtful, NULL);
  for (size_t i = 0; i < words_of(d->weights->visible); ++i) {
    chain->visible.on[i] |= chain->doubtful[i];
  }
}

/* Hidden units given what the visible ones sent. */
ALWAYS_INLINE void draw_hidden(const Draw *d) {
  Rng rng;
  memcpy(&rng, d->chain->rng, sizeof rng);
  sample(draw_hidden_units, d, d->weights->hidden_pad, &rng, d->chain->hidden.on, NULL);
  memcpy(d->chain->rng, &rng, sizeof rng);
}

/* Visible units given what the hidden ones sent. */
ALWAYS_INLINE void draw_visible(const Draw *d) {
  RsGibbsChain *chain = d->chain;
  const size_t units = d->weights->visible_pad;
  Rng rng;
  memcpy(&rng, chain->rng, sizeof rng);
  if (!d->weights->groups) {
    sample(draw_visible_units, d, units, &rng, chain->visible.on, NULL);
  } else if (sample(draw_coarsely, d, units, &rng, chain->visible.on, chain->doubtful)) {
    const Draw copy = *d;
    settle(&copy);
  }
  memcpy(chain->rng, &rng, sizeof rng);
}

/* Hidden units given what the visible ones sent, and visible units given those. */
ALWAYS_INLINE void draw_layers(const Draw *d) {
  draw_hidden(d);
  send_down(d->weights, d->chain);
  draw_visible(d);
}

#if !defined __AVX512BW__
enum { TAKES_WHOLE = 0 };

ALWAYS_INLINE bool run_whole(const RsGibbsWeights *weights, RsGibbsChain *chain, size_t steps) {
  (void)weights, (void)chain, (void)steps;
  return false;
}
#endif

static void run(const RsGibbsWeights *weights, RsGibbsChain *chain, float coupling, size_t steps) {
  if (coupling == 1 && run_whole(weights, chain, steps)) {
    return;
  }
  for (size_t step = 0; step < steps; ++step) {
    send_up(weights, chain);
    draw_layers(&(const Draw){weights, chain, coupling});
  }
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

static double anneal(const RsGibbsWeights *weights, RsGibbsChain *chain, size_t betas,
                     int reverse) {
  double log_w = 0;
  for (size_t step = 0; step < betas; ++step) {
    /* The step of the path between couplings low and high, from either side. */
    const size_t k = reverse ? betas - step : step + 1;
    const float high = (float)((double)k / (double)betas);
    const float low = (float)((double)(k - 1) / (double)betas);
    send_up(weights, chain);
    log_w += softplus_gap(weights->hidden_pad, chain->hidden_bias, chain->hidden_sum, low, high);
    draw_layers(&(const Draw){weights, chain, reverse ? low : high});
  }
  return log_w;
}

extern const RsGibbsKernel RS_KERNEL_NAME;
const RsGibbsKernel RS_KERNEL_NAME = {run, anneal, TAKES_WHOLE};
