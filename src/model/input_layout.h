/* SPDX-License-Identifier: ISC */

#ifndef RS_MODEL_INPUT_LAYOUT_H
#define RS_MODEL_INPUT_LAYOUT_H

/**
   @file input_layout.h Numbers of places and shared weights, for the files that make inputs.
*/

#include <rollsmith/inputs.h>

/** Classes of one kind of likeness, and its kinds: of all notes, and of the highest one. */
enum { RS_LIKE_CLASSES = 4, RS_LIKE_ALL = 0, RS_LIKE_TOP, RS_LIKE_KINDS };

/** What a note did some bars ago, and in the last frame: held or begun then, and sounding last or
 * not; silent then, and sounding last or not. */
enum { RS_LOOKBACK_STATES = 6 };

/** What is planned of a bar at one distance: nothing, or one of the levels of a label. */
enum { RS_GATE_LEVELS = 1 + RS_PLAN_LEVELS };

/** Places of a frame for lookback: the first one with its label of the plan, another one in the
 * first quarter note of a bar, and elsewhere. */
enum { RS_GATE_FIRST, RS_GATE_BEGINNING, RS_GATE_LATER, RS_GATE_PLACES };

/** Cases in which lookback has shared weights of its own. */
enum { RS_GATES = RS_GATE_LEVELS * RS_LIKE_CLASSES * RS_GATE_PLACES };

/** The largest interval from a sounding note that has shared weights, in semitones. */
enum { RS_INTERVAL_MAX = 12, RS_INTERVALS = 2 * RS_INTERVAL_MAX + 1 };

/** Sounding notes whose intervals count, from the highest down. */
enum { RS_INTERVAL_SOURCES = 6 };

/** Sounding notes: the only one, the highest, the lowest, and those between. */
enum { RS_VOICE_ONLY, RS_VOICE_TOP, RS_VOICE_BOTTOM, RS_VOICE_INNER, RS_VOICES };

/** Places in a beat: its first frame, its middle, and elsewhere. */
enum { RS_BEAT_PLACES = 3 };

/** The largest distance from the plan's register that has weights of its own, in semitones. */
enum { RS_REGISTER_MAX = 20, RS_REGISTERS = 2 * RS_REGISTER_MAX + 1 };

/** Pairs of shared weights of intervals, of degrees of the scale, and of distances from the mean
 * highest and lowest notes. */
enum {
  RS_REGISTER_PAIRS = 2 * RS_REGISTERS,
  RS_INTERVAL_PAIRS = RS_VOICES * RS_BEAT_PLACES * RS_INTERVALS,
  RS_DEGREE_PAIRS = RS_PLAN_PITCHES * RS_BEAT_PLACES * 12
};

/** Pairs of shared weights of distances from the last note of the melody: where it still sounds and
 * where it is silent, each place in the beat, distances as from the register. */
enum { RS_MELODY_PAIRS = 2 * RS_BEAT_PLACES * RS_REGISTERS };

/** Classes of the last step of the melody, 0 before its second note, and pairs of shared weights of
 * distances from its last note after each. */
enum { RS_MELODY_STEPS = 8, RS_CONTOUR_PAIRS = RS_MELODY_STEPS * RS_REGISTERS };

/** Differences of a number of notes from another one: -3 or less, ... 3 or more. */
enum { RS_COUNT_CHANGE_MAX = 3, RS_COUNT_CHANGES = 2 * RS_COUNT_CHANGE_MAX + 1 };

/** Shared weights of one case of counts: changes, of the notes that sound and of those that begin.
 */
enum { RS_COUNT_WEIGHTS = 2 * RS_COUNT_CHANGES };

/** Places in all bars, and one more for frames whose place is not known. */
size_t rs_inputs_places(const RsInputs *inputs);

/** Place in the beat, of RS_BEAT_PLACES. @param place  Or NULL. */
size_t rs_inputs_beat_place(const RsInputs *inputs, const RsInputPlace *place);

/** Number of a place among them, 0 where it is not known. @param place  Or NULL. */
size_t rs_inputs_place(const RsInputs *inputs, const RsInputPlace *place);

/** The part of the inputs that comes from the plan: equation P5. */
void rs_inputs_fill_plan(const RsInputs *inputs, const RsFramePlan *plan, float *x);

#endif /* RS_MODEL_INPUT_LAYOUT_H */
