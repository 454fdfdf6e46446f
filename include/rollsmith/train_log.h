/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_TRAIN_LOG_H
#define ROLLSMITH_TRAIN_LOG_H

/**
   @file train_log.h The training log: one JSON object a line, as training goes on.

       {"event":"start","settings":{...},"songs":N,"frames":N,"valid_songs":N,"valid_frames":N,
        "parameters":N,"seed":S}
       {"event":"epoch","epoch":E,"updates":U,"frames":F,"seconds":T,"frames_per_second":R,
        "learning_rate":X,"gradient_norm":X,"train_cost":X,"valid_ll":X or null,
        "free_run":X or null,"best":true|false}
       {"event":"end","reason":"epochs|minutes|early-stop|signal","seconds":T,"frames":F}

   `frames` counts the training frames seen since the start, `seconds` the time spent in training
   alone. A number that is not finite is written as null.
*/

#include <rollsmith/trainer.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What training begins with. */
typedef struct {
  const RsSettings *settings; ///< All of them, the seed among them
  uint64_t songs;             ///< Training songs
  uint64_t frames;            ///< Frames in them
  uint64_t valid_songs;       ///< Validation songs
  uint64_t valid_frames;      ///< Frames in them
  uint64_t parameters;        ///< Numbers in the model
} RsTrainStart;

/** A log that is being written. */
typedef struct RsTrainLog RsTrainLog;

/**
   Begin a log.

   @param path    Where; a file that is there is replaced by the first line, or gone on with. NULL:
   its lines go to the listener alone.
   @param append  Whether to go on with a file that is there, as after a resume.
   @param out     Output, to be given to rs_train_log_close().
   @return RS_OK, RS_ERR_IO, RS_ERR_MEMORY.
*/
RsStatus rs_train_log_open(const char *path, bool append, RsTrainLog **out, RsError *error);

/**
   Set when writing is given up: where the reader of a pipe does not read, a line waits for it until
   this function returns true, and the log ends there.

   @param stop     Whether training is to stop; called every tenth of a second while a line waits.
   @param context  Of stop(), borrowed.
*/
void rs_train_log_stop_when(RsTrainLog *log, bool (*stop)(void *context), void *context);

/**
   Call a function for each line of the log as it is written.

   @param callback  Called with each line, without its line feed; the line is borrowed for the call.
   @param context   Its first argument.
*/
void rs_train_log_set_callback(RsTrainLog *log, void (*callback)(void *context, const char *line),
                               void *context);

/** Hold lines back until rs_train_log_release(): until then a file that is there is unchanged. */
void rs_train_log_hold(RsTrainLog *log);

/** Write the lines that were held back, and from now on each at once. @return RS_OK, RS_ERR_IO. */
RsStatus rs_train_log_release(RsTrainLog *log, RsError *error);

/** Write the line of the start. @return RS_OK, RS_ERR_IO, RS_ERR_MEMORY. Each line is flushed. */
RsStatus rs_train_log_start(RsTrainLog *log, const RsTrainStart *start, RsError *error);

/** Write the line of an epoch. @return RS_OK, RS_ERR_IO, RS_ERR_MEMORY. */
RsStatus rs_train_log_epoch(RsTrainLog *log, const RsEpochReport *epoch, RsError *error);

/** Write the line of the end. @return RS_OK, RS_ERR_IO, RS_ERR_MEMORY. */
RsStatus rs_train_log_end(RsTrainLog *log, RsTrainedReason reason, double seconds, uint64_t frames,
                          RsError *error);

/** Close the file. NULL is allowed. */
void rs_train_log_close(RsTrainLog *log);

/** A log that was read. */
typedef struct {
  RsTrainStart start;    ///< Without settings; all zeroes where the line is missing
  uint64_t seed;         ///< Of the start
  RsEpochReport *epochs; ///< `count` epochs, in the order of the file; owned
  size_t count;          ///< Number of epochs
  char reason[16];       ///< Why it ended; empty while it has not
} RsTrainHistory;

/**
   Read a log. A last line that is cut short, as while training goes on, is left out.

   @param history  Output, to be given to rs_train_history_clear(), also after an error.
   @return RS_OK; RS_ERR_READ; RS_ERR_IO; RS_ERR_FORMAT, with the line, where it is not a training
   log; RS_ERR_MEMORY.
*/
RsStatus rs_train_history_read(const char *path, RsTrainHistory *history, RsError *error);

/** Free what it owns. NULL is allowed. */
void rs_train_history_clear(RsTrainHistory *history);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_TRAIN_LOG_H */
