/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_TRAINER_H
#define ROLLSMITH_TRAINER_H

/**
   @file trainer.h Training of a model on songs.

   A trainer is a state that moves on update by update. The state can be saved at any update and
   taken up again, and what follows is the same bit for bit as if it had never been interrupted;
   neither the number of threads nor the clock changes a result, other than by when training ends.
*/

#include <rollsmith/model.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct RsTrainer RsTrainer; ///< A training

/** Why training ended. */
typedef enum {
  RS_TRAINED_EPOCHS,     ///< All epochs are done
  RS_TRAINED_MINUTES,    ///< The time is up
  RS_TRAINED_EARLY_STOP, ///< No improvement for as many validations as settings allow
  RS_TRAINED_SIGNAL,     ///< The caller asked to stop
} RsTrainedReason;

/** The word for a reason in the training log: "epochs", "minutes", "early-stop", "signal". */
const char *rs_trained_reason_name(RsTrainedReason reason);

/**
   Results of an epoch. `free_run` is the similarity of 24 songs that the model
   generated without a prime to the training songs: the overlap of twelve statistics as a share of
   what halves of the training songs have in common (RsStyleComparison.of_ceiling). Values that are
   not known are NaN.
*/
typedef struct {
  uint64_t epoch;           ///< Number, from 1
  uint64_t updates;         ///< Updates since the start
  uint64_t frames;          ///< Training frames seen since the start
  double seconds;           ///< Time in training alone since the start
  double wall;              ///< Time in training and validation since the start
  double frames_per_second; ///< Of this epoch
  double learning_rate;     ///< Step size
  double gradient_norm;     ///< Mean over the epoch's updates, before the clip
  double train_cost;        ///< Mean gap of free energy between songs and chains, nats a frame
  double valid_ll;          ///< Log-likelihood of the validation songs, nats a frame
  double free_run; ///< How like the songs the model's music is, 1: as they are to each other
  bool best;       ///< Whether this is the best state so far
  bool recovered;  ///< Whether numbers ran out of range and the last good state was restored
} RsEpochReport;

/** How far an epoch is. */
typedef struct {
  uint64_t epoch;           ///< Number, from 1
  double share;             ///< Of it that is done, 0..1
  double frames_per_second; ///< Of this epoch so far
  double seconds;           ///< Time in training alone since the start
  double wall;              ///< Time in training and validation since the start
} RsTrainProgress;

/** Callbacks; any may be NULL. */
typedef struct {
  bool (*stop)(void *context);                                      ///< Called before each update
  void (*progress)(void *context, const RsTrainProgress *progress); ///< After each update
  RsStatus (*epoch)(void *context,
                    const RsEpochReport *report); ///< After each epoch; an error ends training
  void *context;                                  ///< Handed to each
} RsTrainHooks;

/**
   A trainer at the beginning.

   @param settings  Copied.
   @param train     Songs to learn, borrowed for the trainer's life.
   @param valid     Songs for validation, borrowed likewise; NULL or empty: none, and then training
   never stops early and the last state is the model.
   @param out       Output, to be given to rs_trainer_free().
   @param error     Detail of a failure, or NULL.
   @return RS_OK, RS_ERR_SETTING, RS_ERR_EMPTY where no song has a frame or no note falls into the
   range, RS_ERR_OVERFLOW, RS_ERR_MEMORY.
*/
RsStatus rs_trainer_new(const RsSettings *settings, const RsSongs *train, const RsSongs *valid,
                        RsTrainer **out, RsError *error);

/** Free a trainer. NULL is allowed. */
void rs_trainer_free(RsTrainer *trainer);

/**
   Train until there is a reason to end.

   @param reason  Output: why it ended.
   @return RS_OK; RS_ERR_NONFINITE where numbers ran out of range again and again; what a hook
   returned.
*/
RsStatus rs_trainer_run(RsTrainer *trainer, const RsTrainHooks *hooks, RsTrainedReason *reason,
                        RsError *error);

/**
   The model as it would be saved now: the best state where there are validation songs, else the
   last. Borrowed, valid until the trainer is used again.
*/
const RsModel *rs_trainer_model(RsTrainer *trainer);

/** Epochs of the whole training: train.epochs, or those that train.updates come to. */
uint64_t rs_trainer_epochs(const RsTrainer *trainer);

/** Parameters of the model. */
size_t rs_trainer_parameters(const RsTrainer *trainer);

/**
   Write the model, and beside it, with ".state" added to its name, all that resuming needs.

   @param path  Of the model.
   @return RS_OK, RS_ERR_IO, RS_ERR_MEMORY.
*/
RsStatus rs_trainer_save(RsTrainer *trainer, const char *path, RsError *error);

/**
   The settings of the training that rs_trainer_save() wrote, for a trainer that takes it up.

   @param path      Of the model.
   @param settings  Output.
   @return RS_OK; RS_ERR_READ where there is no model or no state; RS_ERR_FORMAT where the model is
   damaged; RS_ERR_MEMORY.
*/
RsStatus rs_trainer_saved_settings(const char *path, RsSettings *settings, RsError *error);

/**
   Take up the training that rs_trainer_save() wrote.

   The trainer must have been made with the same songs and the same settings, but for train.epochs,
   train.minutes, train.patience, train.threads, train.keep_songs and the sections generate and
   evaluate. Settings that the files do not have, written by an earlier version, count as their
   defaults.

   @param path  Of the model.
   @return RS_OK; RS_ERR_READ where there is no state; RS_ERR_FORMAT where it is damaged or of other
   songs or settings; RS_ERR_MEMORY. The trainer is then as it was.
*/
RsStatus rs_trainer_resume(RsTrainer *trainer, const char *path, RsError *error);

/**
   Divide songs into those to learn and those to validate with, at random.

   @param songs  Songs; the rolls move out of it.
   @param share  Share of the songs to hold out, 0..1; at least one song stays in either part where
   there are two songs and a share above 0.
   @param seed   Of the choice.
   @param train  Output.
   @param valid  Output.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_songs_split(RsSongs *songs, double share, uint64_t seed, RsSongs *train,
                        RsSongs *valid);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_TRAINER_H */
