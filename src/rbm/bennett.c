/* SPDX-License-Identifier: ISC */

/* Bennett's acceptance ratio: doc/math.md, equation A12. */

#include "rbm/bennett.h"

#include "base/elementwise.h"

#include <math.h>

/* Newton's steps at most, and their tolerance: far below the sampling error. */
enum { MOST_STEPS = 50 };
#define CLOSE 1e-6

/* Sum of sigmoid(sign (x - shift)); its derivative by shift, without the sign, is added to `slope`.
 */
static double sum_of(size_t count, const rs_scalar *x, double sign, double shift,
                     rs_scalar *scratch, double *slope) {
  double sum = 0;
  for (size_t i = 0; i < count; ++i) {
    scratch[i] = (rs_scalar)(sign * ((double)x[i] - shift));
  }
  rs_sigmoid(count, scratch, scratch);
  for (size_t i = 0; i < count; ++i) {
    const double s = (double)scratch[i];
    sum += s;
    *slope += s * (1 - s);
  }
  return sum;
}

/* The lowest and the highest value of both. */
static void find_range(size_t count, const rs_scalar *low, const rs_scalar *high, double *least,
                       double *most) {
  *least = *most = (double)low[0];
  for (size_t i = 0; i < count; ++i) {
    *least = fmin(*least, fmin((double)low[i], (double)high[i]));
    *most = fmax(*most, fmax((double)low[i], (double)high[i]));
  }
}

double rs_bennett(size_t count, const rs_scalar *low, const rs_scalar *high, rs_scalar *scratch) {
  /* The difference of both sums falls with C, and has its root between these. */
  double least, most;
  find_range(count, low, high, &least, &most);
  double c = 0.5 * (least + most);
  for (int step = 0; step < MOST_STEPS && most - least > CLOSE; ++step) {
    double slope = 0;
    const double gap =
        sum_of(count, low, 1, c, scratch, &slope) - sum_of(count, high, -1, c, scratch, &slope);
    if (gap > 0) {
      least = c;
    } else {
      most = c;
    }
    const double next = slope > 0 ? c + gap / slope : c;
    const double from = c;
    c = next > least && next < most ? next : 0.5 * (least + most);
    if (fabs(c - from) < CLOSE) {
      break;
    }
  }
  return c;
}
