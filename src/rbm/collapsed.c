/* SPDX-License-Identifier: ISC */

/* Gaussian machines without their visible units, doc/math.md, equation G13. */

#include "rbm/collapsed.h"

#include "base/linear_algebra.h"
#include "base/portable_math.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

void rs_collapsed_exchange(const RsCollapsed *machine, const rs_scalar *h, rs_scalar *sum) {
  memset(sum, 0, machine->hidden * sizeof *sum);
  for (size_t j = 0; j < machine->hidden; ++j) {
    if (h[j] > 0) {
      rs_axpy(machine->hidden, 1, machine->gram + j * machine->hidden, sum);
    }
  }
}

/* log(x) within 0.03, from the bits of the number: straight lines between powers of 2. */
static float coarse_log(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return ((float)bits * 0x1p-23f - 126.957f) * 0.69314718f;
}

/*
  Whether a unit with this field is on: whether it is above a number of the logistic distribution,
  log(u / (1 - u)), which has to be known exactly only where it is close.
*/
static bool is_on(double field, uint32_t word) {
  const double coarse = (double)(coarse_log((float)word + 0.5f) - coarse_log((float)~word + 0.5f));
  if (fabs(field - coarse) > 0.1) {
    return field > coarse;
  }
  const double u = (word + 0.5) * 0x1p-32;
  return field > rs_portable_log(u / (1 - u));
}

void rs_collapsed_pass(const RsCollapsed *machine, const uint32_t *words, rs_scalar *h,
                       rs_scalar *sum) {
  for (size_t j = 0; j < machine->hidden; ++j) {
    const rs_scalar *row = machine->gram + j * machine->hidden;
    const double others = machine->others * (double)(sum[j] - row[j] * h[j]);
    const double field = (double)machine->given[j] + machine->own * 0.5 * (double)row[j] + others;
    const rs_scalar on = is_on(field, words[j]) ? 1 : 0;
    if (on < h[j] || on > h[j]) {
      rs_axpy(machine->hidden, on - h[j], row, sum);
      h[j] = on;
    }
  }
}

void rs_collapsed_draw(const RsCollapsed *machine, const uint32_t *words, rs_scalar *h,
                       rs_scalar *sum) {
  RsCollapsed alone = *machine;
  alone.others = 0;
  rs_collapsed_exchange(machine, h, sum);
  rs_collapsed_pass(&alone, words, h, sum);
}

double rs_collapsed_bond(const RsCollapsed *machine, const rs_scalar *h, const rs_scalar *sum) {
  double bond = 0;
  for (size_t j = 0; j < machine->hidden; ++j) {
    const double self = (double)machine->gram[j * machine->hidden + j];
    bond += 0.5 * (double)h[j] * ((double)sum[j] - self);
  }
  return bond;
}
