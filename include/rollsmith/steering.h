/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_STEERING_H
#define ROLLSMITH_STEERING_H

/**
   @file steering.h Steering of generated music: density, register, polyphony and key.

   Targets become offsets of a frame's visible biases and potentials of counts, which a
   controller changes from frame to frame so that the means reach the targets: doc/math.md, section
   V. Offsets depend on the frames that were made alone; IEEE additions, multiplications and
   divisions in one order make them the same everywhere.
*/

#include <rollsmith/encoding.h>
#include <rollsmith/rbm.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Pitch classes, from C on. */
#define RS_STEERING_CLASSES 12

/** What music is steered to. All zeroes: nothing. */
typedef struct {
  double density;     ///< Notes that begin, a frame (T23); 0: as the model plays
  double pitch;       ///< Mean MIDI number of the notes that begin; 0: as the model plays
  int polyphony_low;  ///< Fewest notes at a time; 0: any number
  int polyphony_high; ///< Most notes at a time; 0: any number
  double key_weights[RS_STEERING_CLASSES]; ///< By which the odds that a note begins are multiplied,
                                           ///< a pitch class; all 0: as the model plays
} RsSteering;

/** Whether anything is steered. */
bool rs_steering_active(const RsSteering *steering);

/** The targets of music that is transposed by `semitones` after it is made, so that the result is
 * as asked. */
RsSteering rs_steering_before(const RsSteering *steering, int semitones);

/** What came of it, in the frames since the last change of targets. */
typedef struct {
  uint64_t frames;   ///< Frames made
  double density;    ///< Notes that began, a frame (T23)
  double pitch;      ///< Mean MIDI number of the notes that began; 0 without any
  double polyphony;  ///< Mean number of notes in the frames that are not silent (T24)
  uint64_t measured; ///< Frames of which the penalty is known
  double penalty;    ///< Mean over these: equation V6, nats a frame; 0 without any
} RsSteeringReport;

/** The controller: targets, offsets and what it has seen. */
typedef struct RsSteerer RsSteerer;

/**
   A controller that steers nothing.

   @param encoding  Of the frames, copied.
   @param rbm       Shape of the machine of a frame, copied.
   @param out       Output, to be given to rs_steerer_free().
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_steerer_new(const RsEncoding *encoding, const RsRbm *rbm, RsSteerer **out);

/** Free a controller. NULL is allowed. */
void rs_steerer_free(RsSteerer *steerer);

/** Give a controller the state of another one of the same shape. */
void rs_steerer_copy(RsSteerer *to, const RsSteerer *from);

/**
   Steer to other targets from the next frame on: equations V4 and V5 begin anew at the offset that
   was found.

   @param steering  Copied. Targets that are not finite, or out of range, are taken as 0.
   @param usual     Notes that begin a frame as the model plays (T23), from which the first offset
   of a density is guessed; 0: not known.
*/
void rs_steerer_set(RsSteerer *steerer, const RsSteering *steering, double usual);

/** What it steers to. */
const RsSteering *rs_steerer_target(const RsSteerer *steerer);

/**
   Add the offsets of a frame: equations V1 to V3.

   @param before  Notes that sounded in the frame before.
   @param biases  Row of biases of the frame, changed; unchanged bit by bit where nothing is
   steered.
*/
void rs_steerer_apply(RsSteerer *steerer, const RsFrame *before, float *biases);

/** Add a share of the offsets of the last rs_steerer_apply() to a row of biases: equation V1. */
void rs_steerer_add_offsets(const RsSteerer *steerer, float share, float *biases);

/** The log-weight of a frame by these offsets: equation V1. @param v  Visible units. */
double rs_steerer_log_weight(const RsSteerer *steerer, const float *v);

/**
   Take a frame into account, and change the offsets of the next: equations V4 and V5.

   @param on     Notes that sound.
   @param begun  Of these, the ones that begin.
*/
void rs_steerer_observe(RsSteerer *steerer, const RsFrame *on, const RsFrame *begun);

/** The log-weight of a candidate for a bar: of a normal distribution of its density and mean pitch
 * about their targets, equation V9; 0 where they are not steered. */
double rs_steerer_bar_log_weight(const RsSteerer *steerer);

/** What came of it so far; the penalty is left out. */
RsSteeringReport rs_steerer_report(const RsSteerer *steerer);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_STEERING_H */
