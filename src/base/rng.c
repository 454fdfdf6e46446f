/* SPDX-License-Identifier: ISC */

#include <rollsmith/rng.h>

#include "base/portable_math.h"

#include <Random123/philox.h>

#include <math.h>

/* The four words of block `block` of a step. */
static philox4x32_ctr_t words_of(RsRng rng, uint64_t step, uint32_t block) {
  const philox4x32_ctr_t counter = {{block, (uint32_t)step, (uint32_t)(step >> 32), rng.stream}};
  const philox4x32_key_t key = {{(uint32_t)rng.seed, (uint32_t)(rng.seed >> 32)}};
  return philox4x32(counter, key);
}

void rs_rng_words(RsRng rng, uint64_t step, size_t count, uint32_t *words) {
  for (size_t i = 0; i < count; i += 4) {
    const philox4x32_ctr_t four = words_of(rng, step, (uint32_t)(i / 4));
    for (size_t j = 0; j < 4 && i + j < count; ++j) {
      words[i + j] = four.v[j];
    }
  }
}

double rs_rng_uniform(RsRng rng, uint64_t step) {
  return words_of(rng, step, 0).v[0] * 0x1p-32;
}

uint32_t rs_rng_below(RsRng rng, uint64_t step, uint32_t bound) {
  const philox4x32_ctr_t four = words_of(rng, step, 0);
  const uint64_t wide = (uint64_t)four.v[0] << 32 | four.v[1];
  /* The high half of a 64 x 32 bit product; its bias is below 2^-32. */
  return (uint32_t)(((wide >> 32) * bound + (((wide & UINT32_MAX) * bound) >> 32)) >> 32);
}

void rs_rng_normal(RsRng rng, uint64_t step, size_t count, double *out) {
  for (size_t i = 0; i < count; i += 2) {
    const philox4x32_ctr_t four = words_of(rng, step, (uint32_t)(i / 2));
    const double u = ((double)four.v[0] + 1.0) * 0x1p-32; /* in (0, 1], its logarithm is finite */
    const double radius = sqrt(-2.0 * rs_portable_log(u));
    double cosine, sine;
    rs_portable_sincos(four.v[1] * 0x1p-32, &cosine, &sine);
    out[i] = radius * cosine;
    if (i + 1 < count) {
      out[i + 1] = radius * sine;
    }
  }
}
