/* SPDX-License-Identifier: ISC */

#include "cli/train_display.h"

#include "cli/console.h"
#include "train/seconds.h"

#include <rollsmith/progress.h>

#include <math.h>
#include <unistd.h>

/* Seconds between two updates of the progress line: short enough to seem continuous */
#define LINE_INTERVAL 0.1

RsTrainDisplay rs_train_display(const RsOptions *options, double minutes) {
  return (RsTrainDisplay){.options = options, .minutes = minutes, .valid_ll = NAN, .free_run = NAN};
}

static double seconds_left(const RsTrainDisplay *display, double epochs_done, double seconds) {
  const double by_epochs =
      epochs_done > 0 ? seconds / epochs_done * ((double)display->epochs - epochs_done) : NAN;
  const double by_time = display->minutes > 0 ? 60 * display->minutes - seconds : NAN;
  return fmax(0, fmin(by_epochs, by_time));
}

/* Write a line. @param final Whether it stays on the screen. */
static void show_line(RsTrainDisplay *display, const RsProgress *progress, bool final) {
  char line[RS_PROGRESS_SIZE];
  const bool terminal = isatty(STDERR_FILENO);
  if (display->options->quiet || (!final && !terminal)) {
    return;
  }
  rs_progress_format(progress, line, sizeof(line));
  if (terminal) {
    rs_progress_line("%s", line);
  } else {
    rs_notice(display->options, "%s", line);
  }
  if (terminal && final) {
    rs_end_progress_line();
  }
  display->line_open = !final;
  display->shown_at = rs_seconds();
}

void rs_train_display_end(RsTrainDisplay *display) {
  if (display->line_open) {
    rs_end_progress_line();
    display->line_open = false;
  }
}

void rs_train_display_progress(RsTrainDisplay *display, const RsTrainProgress *progress) {
  if (rs_seconds() - display->shown_at < LINE_INTERVAL) {
    return;
  }
  const double epochs_done = (double)progress->epoch - 1 + progress->share;
  const RsProgress line = {.epoch = progress->epoch,
                           .epochs = display->epochs,
                           .cost = display->last.epoch ? display->last.train_cost : NAN,
                           .valid = display->valid_ll,
                           .free_run = display->free_run,
                           .best = display->best,
                           .frames_per_second = progress->frames_per_second,
                           .seconds = progress->seconds,
                           .seconds_left = seconds_left(display, epochs_done, progress->wall)};
  show_line(display, &line, false);
}

void rs_train_display_epoch(RsTrainDisplay *display, const RsEpochReport *report) {
  const bool validated = isfinite(report->valid_ll);
  display->last = *report;
  if (validated) {
    display->valid_ll = report->valid_ll;
    display->free_run = report->free_run;
    display->best = report->best;
  }
  const RsProgress line = {.epoch = report->epoch,
                           .epochs = display->epochs,
                           .cost = report->train_cost,
                           .valid = report->valid_ll,
                           .free_run = report->free_run,
                           .best = report->best,
                           .frames_per_second = report->frames_per_second,
                           .seconds = report->seconds,
                           .seconds_left =
                               seconds_left(display, (double)report->epoch, report->wall)};
  if (report->recovered) {
    rs_notice(display->options,
              "NaN or infinity: restarted from the last finite state with a smaller step size");
  }
  show_line(display, &line, validated || display->options->verbose);
}
