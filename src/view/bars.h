/* SPDX-License-Identifier: ISC */

#ifndef RS_VIEW_BARS_H
#define RS_VIEW_BARS_H

/**
   @file bars.h The bars of a roll: by its meter map or, where it has none, by its time signature.
*/

#include "music/meter.h"

#include <stdbool.h>

/** A bar. */
typedef struct {
  size_t start;  ///< Its first frame
  size_t origin; ///< Frame from which `meter` counts
  RsMeter meter; ///< Its meter
} RsBar;

/** All bars of a roll, the last one perhaps longer than the roll. */
typedef struct {
  RsBar *bars;  ///< `count` bars; owned
  size_t count; ///< At least 1
  size_t end;   ///< The frame after the last bar
} RsBars;

/** The bars of a roll of at least one frame. @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_bars_of(const RsRoll *roll, RsBars *out);

/** Free what they own. */
void rs_bars_clear(RsBars *bars);

/** First frame of a bar; of number `count`: the end. */
size_t rs_bars_start(const RsBars *bars, size_t bar);

/** Weight of a frame of a bar. */
RsPlace rs_bar_place(const RsBar *bar, size_t frame);

#endif /* RS_VIEW_BARS_H */
