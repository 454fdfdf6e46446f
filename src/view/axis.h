/* SPDX-License-Identifier: ISC */

#ifndef RS_VIEW_AXIS_H
#define RS_VIEW_AXIS_H

/**
   @file axis.h Scales for curves: from values to places, with round numbers at the ticks.
*/

#include <stdbool.h>
#include <stddef.h>

enum { RS_TICKS_MAX = 12 };

/** A scale. */
typedef struct {
  bool logarithmic;           ///< Places go by the logarithm
  double low, high;           ///< Values at place 0 and at place 1
  double ticks[RS_TICKS_MAX]; ///< Values that get a mark, ascending, within the scale
  size_t count;               ///< How many
} RsAxis;

/**
   A scale for some values.

   It begins and ends a little beyond them, or at ticks where those are near. It is logarithmic
   where that is asked for and all values are above 0.

   @param values       `count` values; NaN and infinities do not count.
   @param count        Number of values.
   @param logarithmic  Whether places may go by the logarithm.
*/
RsAxis rs_axis(const double *values, size_t count, bool logarithmic);

/** Place of a value, 0 at the low end, 1 at the high one; NaN for what has none. */
double rs_axis_place(const RsAxis *axis, double value);

/** Text of a tick, as short as it can be. @param size Room; 24 is enough. */
void rs_axis_label(const RsAxis *axis, double tick, char *text, size_t size);

#endif /* RS_VIEW_AXIS_H */
