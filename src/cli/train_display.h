/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_TRAIN_DISPLAY_H
#define RS_CLI_TRAIN_DISPLAY_H

/**
   @file train_display.h The progress of a training on standard error.

   On a terminal there is a progress line that is overwritten; validations, and with --verbose all
   epochs, get a line of their own.
*/

#include "cli/options.h"

#include <rollsmith/trainer.h>

/** The display. */
typedef struct {
  const RsOptions *options;
  double minutes;     ///< Limit of the training; 0: none
  size_t epochs;      ///< Number of epochs, rs_trainer_epochs()
  RsEpochReport last; ///< The last epoch; its number is 0 before the first one
  double valid_ll;    ///< Of the last validation, nats a frame; NaN: none yet
  double free_run;    ///< Of the last validation, 0..1; NaN: none yet
  bool best;          ///< Whether the last validation was the best so far
  double shown_at;    ///< Time of the last line, seconds
  bool line_open;     ///< The progress line is on the screen
} RsTrainDisplay;

/** Set up. @param options Borrowed. @param minutes Limit of the training; 0: none. */
RsTrainDisplay rs_train_display(const RsOptions *options, double minutes);

/** Update the progress line. */
void rs_train_display_progress(RsTrainDisplay *display, const RsTrainProgress *progress);

/** Show a finished epoch. */
void rs_train_display_epoch(RsTrainDisplay *display, const RsEpochReport *report);

/** End the progress line, if there is one. */
void rs_train_display_end(RsTrainDisplay *display);

#endif /* RS_CLI_TRAIN_DISPLAY_H */
