/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_INPUTS_H
#define ROLLSMITH_INPUTS_H

/**
   @file inputs.h The input vector x(n) of the recurrent net: doc/math.md, section I.

   x(n) holds what is known before frame n: the frame before, and, as the settings have it, the
   place of frame n in the meter, the frames some bars ago, and how long each note has sounded.
   All but velocities is 0 or 1, and most of it is 0.
*/

#include <rollsmith/encoding.h>
#include <rollsmith/links.h>
#include <rollsmith/plan.h>
#include <rollsmith/rbm.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Most meters of a model. */
#define RS_METERS_MAX 12

/** Lookback: frames at so many distances, of 1, 2, 4 and 8 bars. */
#define RS_LOOKBACKS 4

/** Classes of how much the last 16 frames are like those some bars before them. */
#define RS_LIKENESSES 8

/** Classes of note age: 1, 2, 3, 4, 5 to 8, 9 to 16, 17 and more frames. */
#define RS_NOTE_AGES 7

/** A time signature that a model has learned. */
typedef struct {
  unsigned beats; ///< Upper number
  unsigned unit;  ///< Lower number
  double share;   ///< Share of the training frames that have a learned meter, 0..1
} RsKnownMeter;

/** Number of the first value of each part of x(n). */
typedef struct {
  size_t place[RS_METERS_MAX]; ///< Of each meter's places in the bar
  size_t beat[RS_METERS_MAX];  ///< Of each meter's places in the beat
  size_t metre;                ///< Of metre: which meter, then phrase, places
  size_t lookback;             ///< Of lookback
  size_t likeness;             ///< Of likenesses, RS_LIKENESSES a distance
  size_t plan;                 ///< Of the plan: one for each class
  size_t age;                  ///< Of note ages
  size_t counts;               ///< Of how many notes sounded, RS_COUNT_CLASSES
  size_t melody;               ///< Of the last note of the melody
  size_t contour;              ///< Of the last step of the melody, one for each class
} RsInputPlaces;

/** Number of the first shared weight of each part. */
typedef struct {
  size_t lookback;  ///< Of lookback
  size_t intervals; ///< Of intervals
  size_t melody;    ///< Of the melody
  size_t contour;   ///< Of its last step
  size_t counts;    ///< Of counts
} RsSharedPlaces;

/** The layout of x(n). A plain value; parts that are switched off have no values. */
typedef struct {
  RsEncoding encoding;                ///< How frames become vectors
  unsigned frames_per_beat;           ///< Frames a quarter note; 0 where frames are of time
  size_t meter_count;                 ///< Meters that are known; 0: no metre and no lookback
  RsKnownMeter meters[RS_METERS_MAX]; ///< The most frequent first
  RsInputPlaces at;                   ///< First values of the parts
  RsSharedPlaces shared_at;           ///< First shared weights of the parts
  size_t size;                        ///< Values in all
  size_t shared;                      ///< Shared weights
  size_t links;                       ///< Links of a frame at most
  size_t potentials_at;               ///< Place of the potentials of counts among the biases
  bool metre;                         ///< Whether metre is there
  bool lookback;                      ///< Whether lookback is there
  bool note_age;                      ///< Whether note ages are there
  bool intervals;                     ///< Whether intervals have shared weights
  bool melody;                        ///< Whether the last note of the melody is there
  bool contour;                       ///< Whether its last step is there
  bool counts;                        ///< Whether the number of notes that sounded is there
  bool planned;                       ///< Whether the plan is there
  bool joint_onsets;                  ///< Whether frames are restricted by rs_inputs_states()
  const RsPlanPrior *plan; ///< Distribution of plans, borrowed; NULL where it is not known
} RsInputs;

/** The place of a frame in the meter. */
typedef struct {
  int meter;           ///< Number in RsInputs.meters; -1 where the meter was not learned
  size_t bar;          ///< Bars that began before this one
  size_t phrase;       ///< Bars since the meter began
  size_t frame_in_bar; ///< Frames since the bar began
  RsFramePlan plan;    ///< What is planned for the bar
} RsInputPlace;

/**
   The layout for some settings and meters.

   @param roll    low, high, outside, articulation, velocity, frames_per_beat and frame_ms are used.
   @param model   metre, lookback, plan and note_age are used.
   @param count   Meters, at most RS_METERS_MAX; none are taken where frames are of time.
   @param meters  `count` of them, borrowed for the call.
*/
RsInputs rs_inputs(const RsIngest *roll, const RsModelSettings *model, size_t count,
                   const RsKnownMeter *meters);

/** Values of the plan. */
#define RS_PLAN_INPUTS                                                                             \
  (RS_PLAN_LABELS + 2 * RS_PLAN_CLASSES + RS_PLAN_RETURNS + RS_PLAN_PITCHES + 12)

/** Number of a song's main meter for its plan: as rs_inputs_meter(), RS_PLAN_METERS - 1 where it
 * was not learned. */
unsigned rs_inputs_plan_meter(const RsInputs *inputs, unsigned beats, unsigned unit);

/** Number of a time signature in inputs->meters, -1 where it was not learned. */
int rs_inputs_meter(const RsInputs *inputs, unsigned beats, unsigned unit);

/**
   The place of a frame of a song.

   @param roll   Song.
   @param frame  Frame; may lie beyond the end, where the last meter goes on.
   @param place  Output, with nothing planned.
   @return false where the song has no meter map; `place` is then untouched.
*/
bool rs_input_place(const RsInputs *inputs, const RsRoll *roll, size_t frame, RsInputPlace *place);

/**
   Set the shared weights that a model begins with: the notes of a bar that returns as it was are
   likely to be those of the bar then.

   @param size  Of these weights.
   @param q     Shared weights, others are left as they are.
*/
void rs_inputs_first_shared(const RsInputs *inputs, float size, float *q);

/**
   States that each note may be in after a frame (RsGibbsRun.states): a note that sounded is off, on
   or begins anew, any other one is off or begins (equation T32).

   @param before  Frame, rs_encoding_size() values.
   @param v       The frame after it, of which it is known that a song has it, so that a note that
   is on in it sounded; NULL where it is to be drawn.
   @param states  Output, rs_encoding_notes() values.
*/
void rs_inputs_states(const RsInputs *inputs, const float *before, const float *v,
                      unsigned char *states);

/** Number of the quarter note of its bar that a frame stands in. */
size_t rs_inputs_quarter(const RsInputs *inputs, const RsInputPlace *place);

/** Frames before frame n that x(n) depends on, apart from the places of bars. */
size_t rs_inputs_frames(const RsInputs *inputs);

/** The frames of a song so far, from which x(n) is made. */
typedef struct RsInputHistory RsInputHistory;

/**
   A history, at the start of a song.

   @param inputs  Layout, borrowed for the history's life.
   @param out     Output, to be given to rs_input_history_free().
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_input_history_new(const RsInputs *inputs, RsInputHistory **out);

/** Free a history. NULL is allowed. */
void rs_input_history_free(RsInputHistory *history);

/** Copy the frames of one history into another of the same layout. */
void rs_input_history_copy(RsInputHistory *to, const RsInputHistory *from);

/**
   Start a song.

   @param before  Frame that counts as the one before the first, rs_encoding_size() values; NULL for
   silence.
*/
void rs_input_history_start(RsInputHistory *history, const float *before);

/** The next frame stands in another place of the song: lookback does not reach the frames before
 * it. */
void rs_input_history_jump(RsInputHistory *history);

/** The last frame, rs_encoding_size() values. Borrowed, valid until the history changes. */
const float *rs_input_history_last(const RsInputHistory *history);

/**
   Add the next frame.

   @param place  Its place; NULL where none is known.
   @param v      Frame, rs_encoding_size() values, for lookback.
   @param noisy  The same with input noise, as x(n + 1) is to have it; may be v.
*/
void rs_input_history_add(RsInputHistory *history, const RsInputPlace *place, const float *v,
                          const float *noisy);

/**
   The input vector of the next frame: equations I1 to I4.

   @param place  Its place in the meter; NULL where none is known.
   @param x      Output, inputs->size values.
   @param links  Output: its links are those of row 0.
*/
void rs_input_history_fill(const RsInputHistory *history, const RsInputPlace *place, float *x,
                           RsLinks links);

/** The part of rs_input_history_fill() that comes from the place alone: equation I2. */
void rs_inputs_fill_metre(const RsInputs *inputs, const RsInputPlace *place, float *x);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_INPUTS_H */
