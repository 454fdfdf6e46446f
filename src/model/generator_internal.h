/* SPDX-License-Identifier: ISC */

#ifndef RS_MODEL_GENERATOR_INTERNAL_H
#define RS_MODEL_GENERATOR_INTERNAL_H

/**
   @file generator_internal.h What the files of the generator share: its state, the meter and plan
   of the frames to come, and the draw of a frame.
*/

#include <rollsmith/generator.h>
#include <rollsmith/likelihood.h>
#include <rollsmith/tempered.h>

#include "music/bar_features.h"

/** Prevents that a run of a training song is completed. */
typedef struct RsCopyGuard RsCopyGuard;

/** Measures what steering costs. */
typedef struct RsSteeringMeter RsSteeringMeter;

/** How likely the given notes of frames are. */
typedef struct RsGivenWeight RsGivenWeight;

/** The frame that is being made. */
typedef struct {
  float *x;              /* what is known before the current frame */
  RsLinks links;         /* of the current frame */
  float *v;              /* the frame before, then the current frame, as a vector */
  float *biases;         /* of the current frame */
  unsigned char *states; /* of the notes of the current frame: rs_generator_restrict() */
  float coupling;        /* W is multiplied by this: of the temperature */
  RsGivenNotes given;    /* of the current frame */
  RsFrame before;        /* the frame before, as notes */
} RsGeneratedFrame;

/** The plan so far. */
typedef struct {
  RsFramePlan now; /* of the current bar */
  size_t bars;     /* whose labels are drawn or known */
  unsigned exact;  /* RsBarPlan.exact of the last of them */
  uint64_t seed;   /* of the song's texture, register and key, and of its candidates */
  RsSongPlan song; /* plan of the song that is followed; without bars: none is */
} RsGeneratedPlan;

/** The bars so far, as the discriminator takes them. */
typedef struct {
  RsBarFeatures features;        /* of the current bar */
  float before[RS_BAR_FEATURES]; /* of the bar before */
  bool known;                    /* whether `before` is */
} RsGeneratedBars;

/** A generator at the frame that comes next. */
struct RsGenerator {
  const RsModel *model;
  RsGenerateSettings settings;
  RsRng rng;      /* of the draws of frames */
  uint64_t frame; /* number of the next frame, burn-in included */
  RsRnnRbmStep *step;
  RsGibbs *gibbs;
  RsGibbsChains *chain;
  RsTempered *tempered; /* NULL: frames are drawn by one chain */
  RsInputHistory *history;
  RsRoll clock;    /* a roll without frames: the meter map from the song's first frame on */
  size_t position; /* number of the next frame of the song, its place on the clock */
  RsGeneratedFrame now;
  RsGeneratedPlan plan;
  float *state;           /* recurrent state */
  RsCopyGuard *guard;     /* NULL where copies are allowed */
  RsGenerator *candidate; /* makes candidates; NULL: bars are generated once */
  RsGeneratedBars bars;   /* where there are candidates */
  RsSteerer *steerer;
  RsSteeringMeter *meter; /* NULL: the penalty is not measured */
  RsGivenWeight *weight;  /* NULL where given notes are not weighed */
};

/** The time signature that the settings ask for must have been learned. @return RS_OK,
 * RS_ERR_SETTING. */
RsStatus rs_generator_check_meter(const RsModel *model, const RsGenerateSettings *settings,
                                  RsError *error);

/** The meter that is chosen, or the usual one, from the first frame on. @return RS_OK,
 * RS_ERR_MEMORY. */
RsStatus rs_generator_start_clock(RsGenerator *generator);

/** Start a song: with the state that songs begin with, and no frame before. */
void rs_generator_start_song(RsGenerator *generator);

/** The biases of the next frame, from the frames so far and the state, which is advanced. @param
 * place Its place; NULL where there is no meter. @return As rs_rnnrbm_step(). */
RsStatus rs_generator_next_biases(RsGenerator *generator, const RsInputPlace *place);

/** Add frame v to the past, and advance to the next one. */
void rs_generator_add_frame(RsGenerator *generator, const RsInputPlace *place);

/** As rs_generator_next(), without candidates. */
RsStatus rs_generator_make_frame(RsGenerator *generator, RsFrame *on, RsFrame *onset,
                                 uint8_t *velocity);

/** A texture and register for a song of which `given` is the texture of a part: drawn, with as many
 * bars that return, and no fewer notes. */
RsFramePlan rs_generator_draw_around(const RsGenerator *generator, RsFramePlan given, RsPart part);

/** Draw texture, register and key of the song to come; no bar has a label yet. */
void rs_generator_draw_plan(RsGenerator *generator);

/** The place of the next frame, with what is planned for it. @return false where there is no
 * meter. */
bool rs_generator_next_place(RsGenerator *generator, RsInputPlace *place);

/** Continue in the meter of the primer, unless another one is set. @return RS_OK,
 * RS_ERR_MEMORY. */
RsStatus rs_generator_go_on_in_meter(RsGenerator *generator, const RsRoll *roll);

/** Continue the plan of the primer; of a short one, only what returns is known. */
void rs_generator_go_on_in_plan(RsGenerator *generator, const RsSongPlan *plan);

/**
   Draw the next frame, by a chain that begins at generator->now.v, the frame before.

   @param generator  Its biases, scaled by rs_generator_heat(), are those of the frame; v becomes
   the frame.
   @param rng, step  Which random numbers.
   @param on         Output: notes that sound.
   @param begins     Output: of these, those that begin, by the onsets of the model.
   @param velocity   Output where the model has learned velocities; may be NULL.
*/
void rs_generator_draw(RsGenerator *generator, RsRng rng, uint64_t step, RsFrame *on,
                       RsFrame *begins, uint8_t *velocity);

/** Restrict the current frame to what can follow the frame before, and to the notes that are given:
 * fills in generator->now.states; units of real value are put into generator->now.v. @return
 * Whether there is any restriction. */
bool rs_generator_restrict(RsGenerator *generator);

/** Turn the biases of the frame into those at the temperature of the settings: equation T12. */
void rs_generator_heat(RsGenerator *generator);

/**
   Let a generator of a binary model weigh its given notes.

   @param betas  Annealed steps; 0: enumeration.
   @param out    Output, to be given to rs_given_weight_free(), or to a generator, which owns it.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_given_weight_new(const RsGenerator *generator, size_t betas, RsGivenWeight **out);

/** Free it. NULL is allowed. */
void rs_given_weight_free(RsGivenWeight *weight);

/** log of the probability of the last frame's given notes, given all frames before: equation T35.
 */
double rs_given_weight_log(const RsGivenWeight *weight);

/** Weigh the given notes of the current frame, where the generator does so: its biases are those of
 * the frame, and not heated. Allocates nothing. */
RsStatus rs_generator_weigh(RsGenerator *generator);

/** A guard for a model whose runs are indexed. @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_copy_guard_new(const RsModel *model, RsCopyGuard **out);

/** Free a guard. NULL is allowed. */
void rs_copy_guard_free(RsCopyGuard *guard);

/** Give a guard of the same model the frames that came to another one. */
void rs_copy_guard_copy(RsCopyGuard *to, const RsCopyGuard *from);

/** Begin a song, or continue after a primer: no run reaches back. */
void rs_copy_guard_start(RsCopyGuard *guard);

/** As rs_generator_draw(), with the generator's random numbers; a frame that would complete a run
 * is drawn again, and in the end changed: equation T31. */
void rs_copy_guard_draw(RsGenerator *generator, RsFrame *on, RsFrame *begins, uint8_t *velocity);

/** A song begins, or goes on in another place: no bar is known. */
void rs_generated_bars_start(RsGeneratedBars *bars);

/** Where a bar begins, the one before it is over. */
void rs_generated_bars_end(RsGeneratedBars *bars, size_t frame_in_bar);

/** Add a frame of the generator's song to features of its bar. @param frame_in_bar  Its number. */
void rs_generated_bars_add(const RsGenerator *generator, const RsBarPlace *bar, size_t frame_in_bar,
                           const RsFrame *on, const RsFrame *begins, RsBarFeatures *features);

/** Notes that begin: those that the model says, where it has onsets, and all that did not sound
 * before. @param begins  Onsets of the model; output. */
static inline void rs_complete_begins(bool onsets, const RsFrame *before, const RsFrame *on,
                                      RsFrame *begins) {
  for (int i = 0; i < 2; ++i) {
    const uint64_t fresh = on->bits[i] & ~before->bits[i];
    begins->bits[i] = onsets ? begins->bits[i] | fresh : fresh;
  }
}

/** Frame v was made or taken from a song. @param place  Its place; NULL where there is no meter. */
void rs_generated_bars_observe(RsGenerator *generator, const RsInputPlace *place);

/** Where a bar of no given notes begins with the next frame: generate it
 * RsGenerateSettings.candidates times, choose one, and draw label and frames to come as its were.
 * @return As rs_generator_next(). */
RsStatus rs_candidates_choose(RsGenerator *generator);

/** A meter of the penalty of a generator's steering. @return RS_OK, RS_ERR_MEMORY, RS_ERR_OVERFLOW.
 */
RsStatus rs_steering_meter_new(const RsGenerator *generator, RsSteeringMeter **out);

/** Free a meter. NULL is allowed. */
void rs_steering_meter_free(RsSteeringMeter *meter);

/** The plan of the current bar, with the classes that come nearest to what is steered to: equation
 * V7. */
RsFramePlan rs_generator_steered_plan(const RsGenerator *generator);

/** Add the offsets of the frame to its biases. With a meter, what it needs of the frame is kept. */
void rs_generator_steer_biases(RsGenerator *generator);

/** With a meter, keep frame v of a Gaussian machine as it was drawn: its penalty is that of real
 * numbers. */
void rs_generator_keep_drawn(RsGenerator *generator);

/** Take the frame into account, and measure its penalty. @param on, begun  As
 * rs_steerer_observe(). */
void rs_generator_steered(RsGenerator *generator, const RsFrame *on, const RsFrame *begun);

#endif /* RS_MODEL_GENERATOR_INTERNAL_H */
