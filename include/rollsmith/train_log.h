#ifndef ROLLSMITH_TRAIN_LOG_H
#define ROLLSMITH_TRAIN_LOG_H

/**
   @file train_log.h The training log: one JSON object a line, as training goes on.

       {"event":"start","settings":{...},"songs":N,"frames":N,"valid_songs":N,"valid_frames":N,
        "parameters":N,"seed":S}
       {"event":"epoch","epoch":E,"updates":U,"frames":F,"seconds":T,"frames_per_second":R,
        "learning_rate":X,"gradient_norm":X,"train_cost":X,"valid_ll":X or null,"best":true|false}
       {"event":"end","reason":"epochs|minutes|early-stop|signal","seconds":T,"frames":F}

   `frames` counts the training frames seen since the start, `seconds` the time spent in training
   alone. A number that is not finite is written as null.
*/

#include <rollsmith/settings.h>
#include <rollsmith/status.h>

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

/** One epoch. */
typedef struct {
  uint64_t epoch;           ///< Counted from 1
  uint64_t updates;         ///< Updates since the start
  uint64_t frames;          ///< Training frames since the start
  double seconds;           ///< Time in training since the start
  double frames_per_second; ///< Of this epoch
  double learning_rate;     ///< In this epoch
  double gradient_norm;     ///< Mean over the updates, before the clip
  double train_cost;        ///< Mean over the frames
  double valid_ll;          ///< Nats a frame; NaN where there was no validation
  bool best;                ///< Whether the model is the best so far
} RsTrainEpoch;

/** Why training ended. */
typedef enum {
  RS_END_EPOCHS,     ///< All epochs are done
  RS_END_MINUTES,    ///< The time is over
  RS_END_EARLY_STOP, ///< It has become no better for long
  RS_END_SIGNAL,     ///< The user asked to stop
} RsTrainEnd;

/** The word of an end, as in the log. */
const char *rs_train_end_text(RsTrainEnd end);

/** A log that is being written. */
typedef struct RsTrainLog RsTrainLog;

/**
   Begin a log.

   @param path    Where; a new file, or one that is gone on with.
   @param append  Whether to go on with a file that is there, as after a resume.
   @param out     Output, to be given to rs_train_log_close().
   @return RS_OK, RS_ERR_IO, RS_ERR_MEMORY.
*/
RsStatus rs_train_log_open(const char *path, bool append, RsTrainLog **out, RsError *error);

/** Write the line of the start. @return RS_OK, RS_ERR_IO, RS_ERR_MEMORY. Each line is flushed. */
RsStatus rs_train_log_start(RsTrainLog *log, const RsTrainStart *start, RsError *error);

/** Write the line of an epoch. @return RS_OK, RS_ERR_IO, RS_ERR_MEMORY. */
RsStatus rs_train_log_epoch(RsTrainLog *log, const RsTrainEpoch *epoch, RsError *error);

/** Write the line of the end. @return RS_OK, RS_ERR_IO, RS_ERR_MEMORY. */
RsStatus rs_train_log_end(RsTrainLog *log, RsTrainEnd end, double seconds, uint64_t frames,
                          RsError *error);

/** Close the file. NULL is allowed. */
void rs_train_log_close(RsTrainLog *log);

/** A log that was read. */
typedef struct {
  RsTrainStart start;   ///< Without settings; all zeroes where the line is missing
  uint64_t seed;        ///< Of the start
  RsTrainEpoch *epochs; ///< `count` epochs, in the order of the file; owned
  size_t count;
  char reason[16]; ///< Why it ended; empty while it has not
} RsTrainHistory;

/**
   Read a log. A last line that is cut short, as while training goes on, is left out.

   @param history  Output, to be given to rs_train_history_clear(), also after an error.
   @return RS_OK; RS_ERR_IO; RS_ERR_FORMAT, with the line, where it is no training log;
   RS_ERR_MEMORY.
*/
RsStatus rs_train_history_read(const char *path, RsTrainHistory *history, RsError *error);

/** Free what it owns. NULL is allowed. */
void rs_train_history_clear(RsTrainHistory *history);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_TRAIN_LOG_H */
