/* SPDX-License-Identifier: ISC */

#include "rbm/noise_pool.h"

#include "base/multiversion.h"
#include "base/memory.h"
#include "rbm/fixed16.h"

#include <math.h>
#include <stdlib.h>

/*
  Numbers of a pool, chains that share it, and numbers of it that a chain takes at most. Where one
  begins is one of 12,288 places, so of 512 chains some eleven pairs begin together; where others
  meet, at different sweeps or units, they have nothing in common that a mean over chains would see.
*/
enum { POOL = 16384, SHARERS = 512, MOST = POOL / 4 };

/* Sweeps for which a chain draws numbers of its own at a time. */
enum { OWN_SWEEPS = 16 };

/* Steps of the generator that no chain has, chains being fewer than 2^40. */
#define POOLS (UINT64_C(1) << 41)
#define PLACES (UINT64_C(1) << 42)

typedef struct {
  float *noise;
  int16_t *fixed;
} Logistic;

struct RsNoisePool {
  const RsGibbsKernel *kernel;
  bool wanted; /* to be shared from the next seeding on */
  bool share;
  RsRng rng;
  uint64_t first;  /* number of chain 0 */
  uint32_t *state; /* count x RS_GIBBS_RNG_WORDS, of chains that have numbers of their own */
  uint32_t *place; /* count: where chains begin to read their pools */
  Logistic own;    /* of the current chain, for OWN_SWEEPS */
  Logistic pool;   /* POOL, where chains share */
  RsRng pool_rng;  /* what stands in it: */
  uint64_t pool_number;
  float pool_unit; /* -1: nothing */
};

static bool logistic_new(size_t count, Logistic *logistic) {
  logistic->noise = rs_alloc(count, sizeof *logistic->noise);
  logistic->fixed = rs_alloc(count, sizeof *logistic->fixed);
  return logistic->noise && logistic->fixed;
}

RsNoisePool *rs_noise_pool_new(const RsGibbsKernel *kernel, const RsGibbsWeights *weights,
                               size_t count) {
  RsNoisePool *numbers = rs_alloc(1, sizeof *numbers);
  if (!numbers) {
    return NULL;
  }
  numbers->kernel = kernel;
  numbers->pool_unit = -1;
  numbers->state = rs_alloc(count, RS_GIBBS_RNG_WORDS * sizeof *numbers->state);
  numbers->place = rs_alloc(count, sizeof *numbers->place);
  const bool own = logistic_new(OWN_SWEEPS * rs_gibbs_noise_size(weights), &numbers->own);
  const bool pool = logistic_new(POOL, &numbers->pool);
  if (!numbers->state || !numbers->place || !own || !pool) {
    rs_noise_pool_free(numbers);
    return NULL;
  }
  return numbers;
}

void rs_noise_pool_free(RsNoisePool *numbers) {
  if (numbers) {
    free(numbers->state);
    free(numbers->place);
    free(numbers->own.noise);
    free(numbers->own.fixed);
    free(numbers->pool.noise);
    free(numbers->pool.fixed);
    free(numbers);
  }
}

void rs_noise_pool_share(RsNoisePool *numbers, bool share) {
  numbers->wanted = share;
}

/* The finaliser of MurmurHash3: a bijection of 32 bits in which every bit of x reaches every other.
 */
RS_ALWAYS_INLINE uint32_t mix(uint32_t x) {
  x = (x ^ x >> 16) * 0x85EBCA6Bu;
  x = (x ^ x >> 13) * 0xC2B2AE35u;
  return x ^ x >> 16;
}

/* Four words, spread over the lanes of a generator. */
RS_MULTIVERSION static void spread(const uint32_t *words, uint32_t *state) {
  for (uint32_t i = 0; i < RS_GIBBS_RNG_WORDS; ++i) {
    state[i] = mix(words[i / RS_GIBBS_PAD] + i * 0x9E3779B9u);
  }
}

static void seed_state(RsRng rng, uint64_t step, uint32_t *state) {
  uint32_t words[4];
  rs_rng_words(rng, step, 4, words);
  spread(words, state);
}

static uint32_t *state_of(const RsNoisePool *numbers, size_t n) {
  return numbers->state + n * RS_GIBBS_RNG_WORDS;
}

/* Where chains begin to read their pools: a word each, four to a step. */
static void find_places(RsNoisePool *numbers, size_t count) {
  uint32_t words[4];
  for (size_t n = 0; n < count; ++n) {
    const uint64_t chain = numbers->first + n;
    if (!n || chain % 4 == 0) {
      rs_rng_words(numbers->rng, PLACES | chain / 4, 4, words);
    }
    numbers->place[n] = (uint32_t)((uint64_t)words[chain % 4] * (POOL - MOST) >> 32);
  }
}

void rs_noise_pool_seed(RsNoisePool *numbers, size_t count, RsRng rng, uint64_t first) {
  numbers->rng = rng;
  numbers->first = first;
  numbers->share = numbers->wanted;
  if (numbers->share) {
    find_places(numbers, count);
    return;
  }
  for (size_t n = 0; n < count; ++n) {
    seed_state(rng, first + n, state_of(numbers, n));
  }
}

/* Have the pool of a chain in memory. */
static void open_pool(RsNoisePool *numbers, uint64_t number, float unit) {
  const RsRng rng = numbers->rng;
  const bool same = numbers->pool_rng.seed == rng.seed && numbers->pool_rng.stream == rng.stream;
  if (same && numbers->pool_number == number && fabsf(numbers->pool_unit - unit) < 0.5f) {
    return;
  }
  uint32_t state[RS_GIBBS_RNG_WORDS];
  seed_state(rng, POOLS | number, state);
  numbers->kernel->draw_noise(state, POOL, unit, numbers->pool.noise, numbers->pool.fixed);
  numbers->pool_rng = rng;
  numbers->pool_number = number;
  numbers->pool_unit = unit;
}

static void give(const Logistic *logistic, size_t at, RsGibbsChain *chain) {
  chain->noise = logistic->noise + at;
  chain->fixed_noise = logistic->fixed + at;
}

size_t rs_noise_pool_next(RsNoisePool *numbers, const RsGibbsWeights *weights, size_t n,
                          uint64_t sweeps, size_t wanted, RsGibbsChain *chain) {
  const size_t a_sweep = rs_gibbs_noise_size(weights);
  const float unit = rs_fixed16_unit(weights->fixed16);
  const size_t shared = numbers->share ? MOST / a_sweep : 0;
  const uint64_t number = numbers->first + n;
  if (sweeps < shared) {
    const size_t left = shared - (size_t)sweeps;
    open_pool(numbers, number / SHARERS, unit);
    give(&numbers->pool, numbers->place[n] + (size_t)sweeps * a_sweep, chain);
    return wanted < left ? wanted : left;
  }
  /* Nothing is left of the pool, or it had too little from the beginning. */
  if (numbers->share && sweeps == shared) {
    seed_state(numbers->rng, number, state_of(numbers, n));
  }
  const size_t count = wanted < OWN_SWEEPS ? wanted : OWN_SWEEPS;
  numbers->kernel->draw_noise(state_of(numbers, n), count * a_sweep, unit, numbers->own.noise,
                              numbers->own.fixed);
  give(&numbers->own, 0, chain);
  return count;
}
