/* SPDX-License-Identifier: ISC */

#include "view/axis.h"

#include <math.h>
#include <stdio.h>

/* Numbers beyond the first are drawn as little as infinity, ranges below the second are one number:
   sums and quotients of what is between have neither overflow nor underflow. */
static const double largest = 1e300, narrowest = 1e-300;

static bool is_drawn(double value) {
  return fabs(value) <= largest;
}

static void find_range(RsAxis *axis, const double *values, size_t count) {
  axis->low = INFINITY;
  axis->high = -INFINITY;
  for (size_t i = 0; i < count; ++i) {
    if (is_drawn(values[i])) {
      axis->low = fmin(axis->low, values[i]);
      axis->high = fmax(axis->high, values[i]);
    }
  }
  if (axis->low > axis->high) {
    axis->low = 0;
    axis->high = 1;
  }
}

/* The smallest of 1, 2, 5, 10, 20, ... times a power of ten that is not below a number. */
static double round_up(double number) {
  const double power = pow(10, floor(log10(number)));
  const double lead = number / power;
  return power * (lead <= 1.0000001 ? 1 : lead <= 2.0000001 ? 2 : lead <= 5.0000001 ? 5 : 10);
}

static void set_linear(RsAxis *axis) {
  const double widest = fmax(fabs(axis->low), fabs(axis->high));
  if (axis->high - axis->low <= fmax(1e-9 * widest, narrowest)) { /* all values alike */
    const double margin = widest > narrowest ? 0.1 * widest : 1;
    axis->low -= margin;
    axis->high += margin;
  }
  const double step = round_up((axis->high - axis->low) / 5);
  axis->low = step * floor(axis->low / step + 1e-9);
  axis->high = step * ceil(axis->high / step - 1e-9);
  const double first = rint(axis->low / step);
  while (axis->count < RS_TICKS_MAX &&
         (first + (double)axis->count) * step <= axis->high + step / 2) {
    axis->ticks[axis->count] = (first + (double)axis->count) * step;
    ++axis->count;
  }
}

/* Ticks at 1, 2 and 5 of each power of ten or, over many powers, at every so many of them. */
static void set_logarithmic(RsAxis *axis) {
  static const double leads[] = {1, 2, 5};
  axis->low /= 1.1;
  axis->high *= 1.1;
  const double first = floor(log10(axis->low)), last = ceil(log10(axis->high));
  const bool fine = last - first <= 3;
  const double every = fmax(ceil((last - first) / (RS_TICKS_MAX - 2)), 1);
  for (double power = every * floor(first / every); power <= last; power += every) {
    for (int i = 0; i < (fine ? 3 : 1); ++i) {
      const double tick = leads[i] * pow(10, power);
      if (tick >= axis->low && tick <= axis->high && axis->count < RS_TICKS_MAX) {
        axis->ticks[axis->count++] = tick;
      }
    }
  }
}

RsAxis rs_axis(const double *values, size_t count, bool logarithmic) {
  RsAxis axis = {0};
  find_range(&axis, values, count);
  axis.logarithmic = logarithmic && axis.low > 0;
  if (axis.logarithmic) {
    set_logarithmic(&axis);
  }
  if (axis.count <
      2) { /* a short stretch may have no 1, 2 or 5 in it, and a tick alone is not a scale */
    axis = (RsAxis){0};
    find_range(&axis, values, count);
    set_linear(&axis);
  }
  return axis;
}

double rs_axis_place(const RsAxis *axis, double value) {
  if (!axis->logarithmic) {
    return is_drawn(value) ? (value - axis->low) / (axis->high - axis->low) : NAN;
  }
  const double span = log(axis->high) - log(axis->low); /* their ratio may be infinite */
  return is_drawn(value) && value > 0 ? (log(value) - log(axis->low)) / span : NAN;
}

void rs_axis_label(const RsAxis *axis, double tick, char *text, size_t size) {
  const double widest = fmax(fabs(axis->low), fabs(axis->high));
  if (!axis->logarithmic && fabs(tick) < 1e-9 * widest) {
    tick = 0;
  }
  snprintf(text, size, "%.6g", tick);
  if (text[0] == '-' && size > 4) { /* a true minus sign is as wide as a digit */
    snprintf(text, size, "\xe2\x88\x92%.6g", -tick);
  }
}
