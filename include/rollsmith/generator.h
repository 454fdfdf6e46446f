/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_GENERATOR_H
#define ROLLSMITH_GENERATOR_H

/**
   @file generator.h New music from a model, frame by frame.

   Frame n is a sample of the model's RBM of that frame, drawn by Gibbs steps that begin at the
   frame before. What comes depends on the model, the settings and the seed alone. Nothing is
   allocated while frames are made, and the model is only read, so that several generators may share
   it.
*/

#include <rollsmith/model.h>
#include <rollsmith/steering.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct RsGenerator RsGenerator; ///< A generator

/**
   A generator at the beginning of a song.

   @param model     Model, borrowed for the generator's life.
   @param settings  gibbs_steps, burn_in, temperature, max_polyphony, the meter and no_copy are
   used; copied. With no_copy, rs_model_index_runs() has indexed runs of as many frames: a frame
   that would complete one is drawn again, at most 16 times, and then changed by a note (equation
   T31).
   @param seed      Of the random numbers.
   @param out       Output, to be given to rs_generator_free().
   @param error     Detail of a failure, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_NONFINITE where the model holds a NaN or an infinity;
   RS_ERR_SETTING for a meter that was not learned, or runs that are not indexed.
*/
RsStatus rs_generator_new(const RsModel *model, const RsGenerateSettings *settings, uint64_t seed,
                          RsGenerator **out, RsError *error);

/**
   The key of the first song of a generator, unless another one is set.

   @param settings  song_keys is used.
   @param seed      Of the generator.
   @return Semitones above C major or A minor. Keys outside train.transpose_low and transpose_high
   are not drawn.
*/
int rs_generator_key(const RsModel *model, const RsGenerateSettings *settings, uint64_t seed);

/**
   Give a generator the state of another one: it then makes the same frames. Nothing is allocated
   where their meters are the same.

   @param to    Generator of the same model and settings, but for temperature, polyphony cap and
   seed.
   @param from  Generator, unchanged.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_generator_copy(RsGenerator *to, const RsGenerator *from);

/** Free a generator. NULL is allowed. */
void rs_generator_free(RsGenerator *generator);

/** Change temperature (equation T12) and polyphony cap while it runs; the other settings stay. */
void rs_generator_set(RsGenerator *generator, double temperature, int max_polyphony);

/**
   Steer the frames to come (doc/math.md, section V); the polyphony cap of the settings holds
   besides.

   @param steering  Copied; NULL: nothing is steered.
*/
void rs_generator_steer(RsGenerator *generator, const RsSteering *steering);

/** What the generator steers to. */
const RsSteering *rs_generator_steering(const RsGenerator *generator);

/**
   Measure what steering costs from the next frame on, which takes eight times as long as making it.
   The frames stay the same. Of a Gaussian machine, it is the penalty of frames as they are drawn,
   before they are made velocities and notes.

   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_generator_measure_steering(RsGenerator *generator);

/** Result of steering since the last rs_generator_steer(). */
RsSteeringReport rs_generator_steering_report(const RsGenerator *generator);

/**
   Prime the generator: reset its state, and continue after the given song. With no_copy, the prime
   does not count as part of a run.

   @param roll  Song; notes outside the model's range are treated as in training.
   @return RS_OK, RS_ERR_NONFINITE.
*/
RsStatus rs_generator_prime(RsGenerator *generator, const RsRoll *roll);

/** What is given of a song that is followed. */
typedef enum {
  RS_PART_WHOLE,  ///< All of its notes
  RS_PART_TOP,    ///< Its highest voices
  RS_PART_BOTTOM, ///< Its lowest voices
  RS_PART_ANY,    ///< Some of its voices
} RsPart;

/**
   Follow a song of which some notes are given: start anew at its first frame, in its meters and
   with its plan. With no_copy, frames of the song do not count as part of a run.

   @param roll   The notes that are given, in the model's range, over all frames of the song.
   @param part   What they are. Where others are to be added, the texture is drawn such that it has
                 room for them; the bars that return are those in which the given notes do.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_generator_follow(RsGenerator *generator, const RsRoll *roll, RsPart part);

/**
   Take the next frame from a song, in place of making it.

   @param roll   Song, in the model's range.
   @param frame  Its frame, below roll->frames.
   @return RS_OK, RS_ERR_NONFINITE.
*/
RsStatus rs_generator_prime_frame(RsGenerator *generator, const RsRoll *roll, size_t frame);

/**
   Set the position of the next frame within the song, for a clock that is followed; its meter is
   counted from the beginning of the song. The recurrent state is kept, but frames of earlier bars
   are no longer inputs. Without effect where the position is unchanged, or the model has no meter.

   @param frame  Number of the frame, from the song's beginning.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_generator_go_to(RsGenerator *generator, size_t frame);

/** Notes of a frame that are given, on or off; all others are drawn. */
typedef struct {
  RsFrame known;           ///< Notes that are given
  RsFrame on;              ///< Of these, those that sound; the others are silent
  RsFrame begins;          ///< Of those that sound, those that begin; the others are held, or begin
                           ///< where they did not sound in the frame before
  const uint8_t *velocity; ///< RS_NOTES values, for models that have learned velocities; borrowed
                           ///< until the frame is made; NULL: 64
} RsGivenNotes;

/**
   Clamp notes of the next frame: it is drawn from the conditional distribution of all others. They
   come out as they are given: polyphony cap and no_copy leave them alone.

   @param given  Copied; notes outside the model's range are ignored. NULL: none.
*/
void rs_generator_clamp(RsGenerator *generator, const RsGivenNotes *given);

/**
   Make the next frame.

   @param on        Output: notes that sound.
   @param onset     Output: of these, the ones that begin, where the model has learned articulation;
   else those that did not sound in the frame before. May be NULL.
   @param velocity  Output, RS_NOTES values where the model has learned velocities; else untouched.
   May be NULL.
   @return RS_OK, RS_ERR_NONFINITE where the model has run out of the range of numbers.
*/
RsStatus rs_generator_next(RsGenerator *generator, RsFrame *on, RsFrame *onset, uint8_t *velocity);

/**
   Describe the frames to come: tempo, frames and meters, the rest of a bar that was begun before
   them as a first short bar.

   @param roll  Output: a roll without a meter map; gets one, to be given to rs_roll_clear().
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_generator_describe(const RsGenerator *generator, RsRoll *roll);

/**
   A whole song.

   @param name    Its name, copied.
   @param frames  Length, at least 1.
   @param roll    Output, to be given to rs_roll_clear(): tempo, meter and frames are the model's.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_NONFINITE.
*/
RsStatus rs_generator_song(RsGenerator *generator, const char *name, size_t frames, RsRoll *roll);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_GENERATOR_H */
