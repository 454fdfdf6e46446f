/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_LOOK_AHEAD_H
#define ROLLSMITH_LOOK_AHEAD_H

/**
   @file look_ahead.h Music around given notes, of which later ones decide what comes before them.

   Several generators (particles) go on side by side from the same state. Each frame weighs them by
   how likely its given notes were; those of little weight are replaced by copies of others, and a
   frame is decided when so many frames after it have been weighed: a particle filter with a fixed
   lag, doc/math.md, equations T35 to T37. Binary models only.
*/

#include <rollsmith/generator.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How far and how well. */
typedef struct {
  size_t frames;    ///< Later frames by which a frame is decided, at least 1
  size_t particles; ///< Generators, 2 to RS_PARTICLES_MAX
  size_t betas; ///< Annealed steps by which the likelihood of given notes is estimated; 0: it is
                ///< enumerated, for models of at most RS_EXACT_HIDDEN_MAX hidden units
} RsLookAheadSettings;

/** The most particles. */
#define RS_PARTICLES_MAX 256

/** Particles at a frame. */
typedef struct RsLookAhead RsLookAhead;

/**
   Particles at the state of a generator.

   @param model     Model, borrowed.
   @param generate  Settings of the generator.
   @param settings  Copied.
   @param start     Generator of this model and settings, unchanged; its seed decides all.
   @param out       Output, to be given to rs_look_ahead_free().
   @param error     Detail of a failure, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_SETTING for a number of particles that cannot be, a Gaussian
   model, or one that is too large to be enumerated; what rs_generator_new() returns.
*/
RsStatus rs_look_ahead_new(const RsModel *model, const RsGenerateSettings *generate,
                           const RsLookAheadSettings *settings, const RsGenerator *start,
                           RsLookAhead **out, RsError *error);

/** Free it. NULL is allowed. */
void rs_look_ahead_free(RsLookAhead *ahead);

/** Make the next frame in each particle. @param given  As for rs_generator_clamp(). @return RS_OK,
 * RS_ERR_NONFINITE, RS_ERR_MEMORY. */
RsStatus rs_look_ahead_next(RsLookAhead *ahead, const RsGivenNotes *given);

/** Take the next frame from a song, as rs_generator_prime_frame() does; it weighs the particles.
 * @return As rs_look_ahead_next(). */
RsStatus rs_look_ahead_prime(RsLookAhead *ahead, const RsRoll *roll, size_t frame);

/**
   Decide the first frame that is not decided.

   @param now   Whether to decide it although not all later frames have been made, as at the end of
   a song.
   @param on, onset, velocity  Output, as of rs_generator_next(); also of a frame that was primed.
   @return Whether there was such a frame.
*/
bool rs_look_ahead_take(RsLookAhead *ahead, bool now, RsFrame *on, RsFrame *onset,
                        uint8_t *velocity);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_LOOK_AHEAD_H */
