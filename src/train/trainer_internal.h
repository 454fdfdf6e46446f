#ifndef RS_TRAIN_TRAINER_INTERNAL_H
#define RS_TRAIN_TRAINER_INTERNAL_H

/**
   @file trainer_internal.h The trainer's state, for the files that it is made of:
   trainer_build.c (construction), trainer.c (epochs), update.c (one update), trainer_recovery.c
   (after numbers ran out of range), trainer_songs.c (what is known of the songs), trainer_save.c
   and trainer_resume.c.
*/

#include "base/thread_pool.h"

#include <rollsmith/optimiser.h>
#include <rollsmith/series.h>
#include <rollsmith/statistics.h>
#include <rollsmith/style.h>
#include <rollsmith/trainer.h>

/** A share of the streams that one thread works on; how many there are is no matter of threads. */
typedef struct {
  size_t first;             /**< First stream */
  size_t streams;           /**< Number of streams */
  RsRnnRbmLearner *learner; /**< On the songs */
  RsGibbsChains *chains;    /**< For the songs and for random songs in turn */
  RsRbmWork *work;          /**< For free energies */
  RsSeriesRows in;          /**< The block: what is known before each frame, the frame */
  RsInputHistory *replay;   /**< Of a passage that is replayed, where there are any; or NULL */
  float *sample;            /**< rows x visible: chains of the songs */
  float *other;             /**< rows x visible: chains of random songs, where there are any */
  float *energy;            /**< 2 x rows: free energies at v and at the samples */
  float *g;                 /**< Gradient of this group; zero between updates */
  double cost;              /**< Sum over rows of the gap of free energy; only where asked for */
  RsRnnRbmLearner *random;  /**< On random songs, where there is a negative gradient */
  RsStatus status;          /**< Of this update */
} RsTrainGroup;

/** Numbers that are saved with a training, apart from arrays. */
typedef struct {
  uint64_t epoch;            /**< Epochs that are done */
  uint64_t updates;          /**< Updates done */
  uint64_t frames;           /**< Frames seen */
  uint64_t since_best;       /**< Validations since the best one */
  uint64_t since_decay;      /**< Validations since the best one or the last decay */
  uint64_t recoveries;       /**< How often numbers ran out of range */
  uint64_t costs;            /**< Updates of this epoch whose cost was taken */
  uint64_t epoch_updates;    /**< Updates of this epoch */
  uint64_t epoch_recoveries; /**< How often numbers ran out of range in this epoch */
  double seconds;            /**< Time in training alone */
  double wall;               /**< Time in training and validation */
  double learning_rate;      /**< Step size, before it is annealed */
  double best;               /**< Score of the best validation; meaningful where have_best */
  uint64_t have_best;        /**< Whether there has been a validation */
  double norm_sum;           /**< Sum of gradient norms of this epoch */
  double cost_sum;           /**< Sum of costs of this epoch, nats a frame */
  double epoch_seconds;      /**< seconds when this epoch began */
  uint64_t astray;           /**< Passages gone astray that were found so far */
} RsTrainCounters;

/** Passages gone astray that are kept. */
enum { RS_ASTRAY = 64 };

/** What is known of a passage. It begins with the first frame of a bar. */
typedef struct {
  uint64_t context; /**< Frames of its run before its window that are kept with it */
  uint64_t meter;   /**< Number in RsInputs.meters of the run's meter; RS_METERS_MAX: none */
} RsPassage;

struct RsTrainer {
  RsSettings settings;
  const RsSongs *train;
  const RsSongs *valid;  /**< NULL where there are none */
  RsModel *model;        /**< What is saved: w is the best or the last mean of weights */
  RsTrainingSummary now; /**< What model->training would be of the state at hand */
  RsSeries *series;
  RsThreadPool *team;
  RsGibbs *gibbs;
  size_t group_count;
  RsTrainGroup *groups;
  size_t rows;     /**< Frames of an update */
  uint64_t epochs; /**< Epochs of the whole training, where neither time nor a signal ends it */
  size_t parameters;
  float *w;                   /**< Parameters at hand */
  float *g;                   /**< Gradient */
  RsOptimiser *optimisers[2]; /**< Of W, and of the recurrent net */
  float *average;             /**< Running mean of w */
  float *offset;              /**< visible: the songs' mean frame, from which units are measured */
  RsBand band;                /**< Of the training songs, where free runs are replayed */
  RsStyle *style;             /**< Of the training songs; NULL where free runs are off */
  float *before;              /**< w before a step: W, and all of it where some is held */
  float *good;                /**< w, average and the optimisers' states at the last epoch's end */
  RsTrainCounters counters;
  size_t context;      /**< Frames before a window that are kept with it, at most */
  float *astray;       /**< RS_ASTRAY x (context + RS_WINDOW) x visible: the last passages gone
                          astray; or NULL */
  RsPassage *passages; /**< RS_ASTRAY: of these */
  RsRoll clocks[RS_METERS_MAX + 1]; /**< Rolls without frames: each meter from frame 0, then none */
};

/**
   Tempo, time signature, number and length of the songs, into trainer->now: the median tempo, and
   the time signature that most songs have.
*/
RsStatus rs_trainer_describe_songs(RsTrainer *trainer);

/** Sums over the frames of the songs, of one visible unit. */
typedef struct {
  double frames; /**< How many there are */
  double on;     /**< In how many the unit is not 0 */
  double sum;    /**< Of its values */
  double square; /**< Of its squared values */
} RsUnitSums;

/**
   Sums of every visible unit over the songs in all transpositions from low to high.

   @param sums  Output, one a unit.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_trainer_unit_sums(const RsTrainer *trainer, int low, int high, RsUnitSums *sums);

/**
   Set the parameters that a training begins with, and the mean of its songs.

   @return RS_OK, RS_ERR_MEMORY, RS_ERR_EMPTY where no song has a note in the range.
*/
RsStatus rs_trainer_first_parameters(RsTrainer *trainer, RsError *error);

/** Values of trainer->good. */
size_t rs_trainer_good_size(const RsTrainer *trainer);

/** Take the state at hand as the last good one. */
void rs_trainer_remember(RsTrainer *trainer);

/**
   Numbers ran out of range: go back to the last good state, with half the learning rate.

   @return RS_OK, RS_ERR_NONFINITE where this has happened too often.
*/
RsStatus rs_trainer_recover(RsTrainer *trainer, RsError *error);

/** Make trainer->g the gradient of the centred parameters, where they are: equation K11. */
void rs_trainer_centre_gradient(RsTrainer *trainer);

/** After a step of W, move the biases with the offsets (equation K12); uses up trainer->before. */
void rs_trainer_centre_step(RsTrainer *trainer);

/** Band and style of the training songs, where they are wanted. */
RsStatus rs_trainer_measure_songs(RsTrainer *trainer);

/** What a free run comes to; NaN where it is not known. */
typedef struct {
  double of_ceiling; /**< RsStyleComparison.of_ceiling */
  double copies; /**< Share of windows with a copied run of 16 frames, above that of the songs */
} RsFreeRun;

/**
   Let a model make some songs from nothing, and compare them with the training songs.

   @param w    Parameters.
   @param out  Output; NaN where free runs are off, or where the songs are too short.
   @return RS_OK, RS_ERR_NONFINITE, RS_ERR_MEMORY.
*/
RsStatus rs_trainer_free_run(const RsTrainer *trainer, const float *w, RsFreeRun *out);

/**
   Let a model play alone, undamped.

   @param w       Parameters.
   @param seed    Of its random numbers.
   @param meter   Number in RsInputs.meters of the meter to play in; RS_METERS_MAX for the usual
   one.
   @param prime   What it hears before; NULL to begin as songs begin.
   @param frames  How many.
   @param roll    Output, to be given to rs_roll_clear().
   @return RS_OK, RS_ERR_NONFINITE, RS_ERR_MEMORY.
*/
RsStatus rs_trainer_play_alone(const RsTrainer *trainer, const float *w, uint64_t seed,
                               size_t meter, const RsRoll *prime, size_t frames, RsRoll *roll);

/** A meter to play in, as often as the songs have it. @param place  A number, 0 .. 1. @return Its
 * number in RsInputs.meters; RS_METERS_MAX where none is known. */
size_t rs_trainer_meter(const RsTrainer *trainer, double place);

/** The meters that the songs have, as the model is to know them. @return How many. */
size_t rs_trainer_meters(const RsTrainer *trainer, RsKnownMeter meters[RS_METERS_MAX]);

/**
   Now and then, look for passages that the model plays alone and that no song would hold, and put
   them into trainer->astray: equation X9. @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_trainer_go_astray(RsTrainer *trainer);

/** In some streams of a group, put such passages in place of the past: equation X10. */
void rs_trainer_hear_astray(const RsTrainer *trainer, RsTrainGroup *group);

/** One update of the parameters; moves the series on. @return RS_OK, RS_ERR_NONFINITE. */
RsStatus rs_trainer_update(RsTrainer *trainer);

/** Step size of this epoch: train.learning_rate, as it was lowered on the way, annealed. */
double rs_trainer_step_size(const RsTrainer *trainer);

/** Gibbs steps of this epoch. */
int rs_trainer_gibbs_steps(const RsTrainer *trainer);

#endif /* RS_TRAIN_TRAINER_INTERNAL_H */
