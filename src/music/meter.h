/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_METER_H
#define RS_MUSIC_METER_H

/**
   @file meter.h Where the frames of a roll stand in its bars: for accents and for bar lines.

   The first frame is the first of a bar. In a compound meter (6/8, 9/8, 12/16 ...) a beat is three
   units.
*/

#include <rollsmith/roll.h>

#include <stdint.h>

/** The weight of a frame, from the strongest place in the bar to the weakest. */
typedef enum {
  RS_PLACE_BAR,    ///< A bar begins
  RS_PLACE_MIDDLE, ///< The middle of a bar of an even number of beats, four or more, begins
  RS_PLACE_BEAT,   ///< Another beat begins
  RS_PLACE_HALF,   ///< The second half of a simple beat, or a later third of a compound one, begins
  RS_PLACE_BETWEEN, ///< Anything else
} RsPlace;

/** A meter in frames. */
typedef struct {
  double bar_frames;  ///< Length of a bar
  double beat_frames; ///< Length of a beat
  unsigned beats;     ///< Beats a bar
  unsigned divisions; ///< Parts of a beat: 2 or, in a compound meter, 3
} RsMeter;

/**
   A meter.

   @param frames_per_quarter  Frames a quarter note, above 0.
   @param beats               Time signature, upper number, at least 1.
   @param unit                Time signature, lower number, at least 1.
*/
RsMeter rs_meter(double frames_per_quarter, unsigned beats, unsigned unit);

/** The meter of a roll. Where the roll's own makes no sense, 4/4 with 4 frames a quarter note. */
RsMeter rs_meter_of(const RsRoll *roll);

/** Position of a frame. */
RsPlace rs_meter_place(const RsMeter *meter, uint64_t frame);

/** First frame of a bar; bars count from 0. */
uint64_t rs_meter_bar_start(const RsMeter *meter, uint64_t bar);

#endif /* RS_MUSIC_METER_H */
