/* SPDX-License-Identifier: ISC */

#ifndef RS_MODEL_INPUT_LINKS_H
#define RS_MODEL_INPUT_LINKS_H

/**
   @file input_links.h Links from the shared weights of intervals, the plan, the melody and counts:
   equations I6, I7, I9 and I10 of doc/math.md.

   All of them add to the links of row 0.
*/

#include "model/input_layout.h"

/** Links from a pair of shared weights to the two values of a note, whether it sounds and begins.
 */
void rs_link_note(const RsInputs *inputs, RsLinks links, size_t pair, size_t note);

/** Intervals from the notes that sound in the last frame. @param place  Or NULL. */
void rs_link_intervals(const RsInputs *inputs, const RsInputPlace *place, const float *last,
                       RsLinks links);

/** Degrees of the plan's key, and distances from its register. */
void rs_link_plan(const RsInputs *inputs, const RsInputPlace *place, RsLinks links);

/** Distances from the last note of the melody. @param sounds  Whether it sounds in the last frame.
 */
void rs_link_melody(const RsInputs *inputs, const RsInputPlace *place, size_t note, bool sounds,
                    RsLinks links);

/** Distances from the last note of the melody likewise. @param step  Class of its last step. */
void rs_link_contour(const RsInputs *inputs, size_t step, size_t note, RsLinks links);

/**
   The potentials of counts, by their difference from how many notes some frame has.

   @param number     Number of the case.
   @param sounding   Notes that sound in that frame.
   @param beginning  Notes whose number is that of those that begin; not read without onsets.
*/
void rs_link_counts(const RsInputs *inputs, RsLinks links, size_t number, const float *sounding,
                    const float *beginning);

#endif /* RS_MODEL_INPUT_LINKS_H */
