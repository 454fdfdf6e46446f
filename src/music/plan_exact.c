/* SPDX-License-Identifier: ISC */

#include "music/plan_exact.h"

#include "music/plan_labels.h"

#include <math.h>
#include <string.h>

/* Number of the case of quarter note q, and whether it returns as it was. */
static size_t case_of(unsigned exact, size_t q) {
  const size_t place = q < RS_PLAN_QUARTER_PLACES ? q : RS_PLAN_QUARTER_PLACES - 1;
  return 2 * place + (q ? exact >> (q - 1) & 1 : 0);
}

void rs_plan_learn_exact(size_t count, const RsSongPlan *plans, RsPlanPrior *out) {
  float of[RS_PLAN_LEVELS - 1][2 * RS_PLAN_QUARTER_PLACES] = {{0}};
  memset(out->exact, 0, sizeof out->exact);
  for (size_t i = 0; i < count; ++i) {
    for (size_t b = 0; b < plans[i].bars; ++b) {
      const RsBarPlan *bar = plans[i].bar + b;
      for (size_t q = 0; rs_plan_is_partial(bar->label) && q < bar->quarters; ++q) {
        const size_t level = rs_plan_level(bar->label) - 1, c = case_of(bar->exact, q);
        ++of[level][c];
        out->exact[level][c] += (float)(bar->exact >> q & 1);
      }
    }
  }
  for (size_t level = 0; level < RS_PLAN_LEVELS - 1; ++level) {
    for (size_t c = 0; c < 2 * RS_PLAN_QUARTER_PLACES; ++c) {
      out->exact[level][c] = (out->exact[level][c] + 0.5f) / (of[level][c] + 1);
    }
  }
}

static double exact_probability(const RsPlanPrior *prior, unsigned char label, unsigned exact,
                                size_t q) {
  return (double)prior->exact[rs_plan_level(label) - 1][case_of(exact, q)];
}

/* The probability that all quarter notes from q on return as they were, where all before do; 0 of
 * bars with some that are not told apart, whose rest may be new. */
static double all_exact(const RsPlanPrior *prior, unsigned char label, size_t q, size_t quarters) {
  double p = quarters < RS_PLAN_QUARTERS;
  for (; q < quarters; ++q) {
    p *= exact_probability(prior, label, (1U << q) - 1, q);
  }
  return p;
}

/* Equation P9. */
static double exact_given_not_all(const RsPlanPrior *prior, unsigned char label, unsigned exact,
                                  size_t q, size_t quarters) {
  const double p = exact_probability(prior, label, exact, q);
  const bool all_before = exact == (1U << q) - 1;
  return all_before ? p * (1 - all_exact(prior, label, q + 1, quarters)) /
                          (1 - all_exact(prior, label, q, quarters))
                    : p;
}

double rs_plan_exact_log_probability(const RsPlanPrior *prior, const RsBarPlan *bar) {
  double sum = 0;
  for (size_t q = 0; rs_plan_is_partial(bar->label) && q < bar->quarters; ++q) {
    const unsigned before = bar->exact & ((1U << q) - 1);
    const double p = exact_given_not_all(prior, bar->label, before, q, bar->quarters);
    sum += log(bar->exact >> q & 1 ? p : 1 - p);
  }
  return sum;
}

uint16_t rs_plan_draw_exact(const RsPlanPrior *prior, unsigned char label, size_t quarters,
                            const double places[RS_PLAN_QUARTERS]) {
  const size_t count = quarters < RS_PLAN_QUARTERS ? quarters : RS_PLAN_QUARTERS;
  unsigned exact = 0;
  for (size_t q = 0; rs_plan_is_partial(label) && q < count; ++q) {
    exact |= (unsigned)(places[q] < exact_given_not_all(prior, label, exact, q, count)) << q;
  }
  return (uint16_t)exact;
}

unsigned char rs_plan_label_at(unsigned char label, unsigned exact, size_t quarter) {
  const bool returns = quarter < RS_PLAN_QUARTERS && exact >> quarter & 1;
  return (unsigned char)(returns && rs_plan_is_partial(label)
                             ? label + RS_PLAN_LEVELS - rs_plan_level(label)
                             : label);
}
