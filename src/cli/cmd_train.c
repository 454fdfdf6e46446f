#include "base/plural.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/outputs.h"
#include "cli/replaced.h"
#include "cli/signals.h"
#include "cli/songs.h"
#include "cli/train_settings.h"
#include "files/json.h"
#include "train/seconds.h"
#include "train/trainer_state.h"

#include <rollsmith/progress.h>
#include <rollsmith/train_log.h>
#include <rollsmith/trainer.h>

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

/// Seconds between two saves at least; the first epoch is saved at once
#define SAVE_INTERVAL 2.0

/// The same as a multiple of the time that saving takes
#define SAVE_FACTOR 20

/// Seconds between two changes of the progress line
#define LINE_INTERVAL 0.1

/// A training that is under way
typedef struct {
  const RsOptions *options;
  RsSettings settings;
  RsSongs train;
  RsSongs valid;
  RsTrainer *trainer;
  RsTrainLog *log;      // NULL: none
  RsEpochReport last;   // Epoch 0: none yet
  double last_valid_ll; // Of the last validation; NaN: none yet
  double last_free_run; // The same
  bool last_was_best;
  bool replaces; // Whether another file stands where the model will
  bool has_kept; // Whether there is a state that is better than nothing
  bool saved;
  double saved_at; // Monotonic time, seconds
  double save_took;
  double told_at;
  RsSongsSummary summary, valid_summary;
  bool line_open; // Whether the progress line stands on the screen
  RsError *error;
} Training;

static size_t frames_of(const RsSongs *songs) {
  size_t frames = 0;
  for (size_t i = 0; i < songs->count; ++i) {
    frames += songs->rolls[i].frames;
  }
  return frames;
}

/* ---- Songs ---- */

static RsStatus read_valid(Training *training) {
  char *const paths[2] = {training->options->valid, NULL};
  RsError why = {RS_OK, ""};
  const RsStatus status =
      rs_read_songs(training->options, &training->settings, paths, RS_TELL_REFUSED,
                    &training->valid, &training->valid_summary, NULL, &why);
  return status ? rs_error(training->error, status, "--valid %s: %.300s", training->options->valid,
                           why.message)
                : RS_OK;
}

static RsStatus read_songs(Training *training) {
  const RsTrainSettings *train = &training->settings.train;
  RsSongs all;
  RsStatus status =
      rs_read_songs(training->options, &training->settings, training->options->operands,
                    RS_TELL_REFUSED, &all, &training->summary, NULL, training->error);
  if (!status && training->options->valid) {
    training->train = all;
    return read_valid(training);
  }
  if (!status) {
    status =
        rs_songs_split(&all, train->valid_share, train->seed, &training->train, &training->valid);
  }
  rs_songs_clear(&all);
  return status;
}

static void tell_songs(const Training *training) {
  const size_t songs = training->train.count, frames = frames_of(&training->train);
  const size_t held = training->valid.count, held_frames = frames_of(&training->valid);
  rs_say(training->options,
         "%zu song%s, %zu frame%s; validation: %zu song%s, %zu frame%s; %zu parameters; "
         "seed %" PRIu64,
         songs, rs_plural(songs), frames, rs_plural(frames), held, rs_plural(held), held_frames,
         rs_plural(held_frames), rs_trainer_parameters(training->trainer),
         training->settings.train.seed);
  if (!held_frames) {
    rs_say(training->options, "no song is left to validate with: the last state becomes the model; "
                              "--valid PATH names songs for that");
  }
}

/* ---- What the user sees ---- */

static double seconds_left(const Training *training, double done, double seconds) {
  const RsTrainSettings *train = &training->settings.train;
  const double by_epochs =
      done > 0 ? seconds / done * ((double)rs_trainer_epochs(training->trainer) - done) : NAN;
  const double by_time = train->minutes > 0 ? 60 * train->minutes - seconds : NAN;
  return fmax(0, fmin(by_epochs, by_time));
}

/// Put the progress line on the screen; on a terminal it is written over and over
static void tell_line(Training *training, const RsProgress *progress, bool final) {
  char line[RS_PROGRESS_SIZE];
  const bool terminal = isatty(STDERR_FILENO);
  if (training->options->quiet || (!final && !terminal)) {
    return;
  }
  rs_progress_format(progress, line, sizeof(line));
  if (terminal) {
    rs_over_line("%s", line);
  } else {
    rs_say(training->options, "%s", line);
  }
  if (terminal && final) {
    rs_end_line();
  }
  training->line_open = !final;
  training->told_at = rs_seconds();
}

static void end_line(Training *training) {
  if (training->line_open) {
    rs_end_line();
    training->line_open = false;
  }
}

static void on_progress(void *context, const RsTrainProgress *progress) {
  Training *training = context;
  if (rs_seconds() - training->told_at < LINE_INTERVAL) {
    return;
  }
  const double done = (double)progress->epoch - 1 + progress->share;
  const RsProgress line = {.epoch = progress->epoch,
                           .epochs = (size_t)rs_trainer_epochs(training->trainer),
                           .cost = training->last.epoch ? training->last.train_cost : NAN,
                           .valid = training->last_valid_ll,
                           .free_run = training->last_free_run,
                           .best = training->last_was_best,
                           .frames_per_second = progress->frames_per_second,
                           .seconds = progress->seconds,
                           .seconds_left = seconds_left(training, done, progress->wall)};
  tell_line(training, &line, false);
}

/// A line that stays: of each validation, and of all epochs with --verbose
static void tell_epoch(Training *training, const RsEpochReport *report) {
  const RsProgress line = {.epoch = report->epoch,
                           .epochs = (size_t)rs_trainer_epochs(training->trainer),
                           .cost = report->train_cost,
                           .valid = report->valid_ll,
                           .free_run = report->free_run,
                           .best = report->best,
                           .frames_per_second = report->frames_per_second,
                           .seconds = report->seconds,
                           .seconds_left =
                               seconds_left(training, (double)report->epoch, report->wall)};
  if (report->recovered) {
    rs_say(training->options,
           "numbers ran out of range: back to the last good state, smaller steps");
  }
  tell_line(training, &line, isfinite(report->valid_ll) || training->options->verbose);
}

/* ---- While it trains ---- */

static bool on_stop(void *context) {
  return rs_signal_received() != 0;
}

/// A state that belongs to the model that is about to be replaced
static void remove_old_state(const Training *training) {
  char *state = rs_state_path(training->options->output);
  if (state) {
    remove(state);
  }
  free(state);
}

static RsStatus save(Training *training) {
  const double began = rs_seconds();
  if (!training->saved && training->replaces) {
    remove_old_state(training);
  }
  training->saved = true;
  const RsStatus status =
      rs_trainer_save(training->trainer, training->options->output, training->error);
  training->saved_at = rs_seconds();
  training->save_took = training->saved_at - began;
  return status;
}

static bool is_time_to_save(const Training *training) {
  if (!training->saved) {
    return training->has_kept || !training->replaces;
  }
  return rs_seconds() - training->saved_at > fmax(SAVE_INTERVAL, SAVE_FACTOR * training->save_took);
}

static RsStatus on_epoch(void *context, const RsEpochReport *report) {
  Training *training = context;
  training->last = *report;
  training->has_kept = training->has_kept || report->best || !frames_of(&training->valid);
  if (isfinite(report->valid_ll)) {
    training->last_valid_ll = report->valid_ll;
    training->last_free_run = report->free_run;
    training->last_was_best = report->best;
  }
  tell_epoch(training, report);
  RsStatus status =
      training->log ? rs_train_log_epoch(training->log, report, training->error) : RS_OK;
  if (!status && is_time_to_save(training)) {
    status = save(training);
  }
  return status;
}

/* ---- Beginning and end ---- */

static RsStatus begin_log(Training *training) {
  const RsOptions *options = training->options;
  const RsTrainStart start = {.settings = &training->settings,
                              .songs = training->train.count,
                              .frames = frames_of(&training->train),
                              .valid_songs = training->valid.count,
                              .valid_frames = frames_of(&training->valid),
                              .parameters = rs_trainer_parameters(training->trainer)};
  if (!options->log) {
    return RS_OK;
  }
  RsStatus status =
      rs_train_log_open(options->log, options->resume, &training->log, training->error);
  if (!status && !options->resume) {
    status = rs_train_log_start(training->log, &start, training->error);
  }
  return status;
}

static json_t *result_json(const Training *training, RsTrainedReason reason) {
  json_t *json = json_pack(
      "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "reason",
      rs_trained_reason_name(reason), "seed", (json_int_t)training->settings.train.seed, "songs",
      (json_int_t)training->train.count, "frames", (json_int_t)frames_of(&training->train),
      "valid_songs", (json_int_t)training->valid.count, "epochs", (json_int_t)training->last.epoch,
      "parameters", (json_int_t)rs_trainer_parameters(training->trainer), "seconds",
      rs_json_number(training->last.seconds), "train_cost",
      rs_json_number(training->last.train_cost), "valid_ll",
      rs_json_number(training->last_valid_ll));
  json_object_set_new(json, "model",
                      training->saved ? rs_json_text(training->options->output) : json_null());
  return json;
}

static const char *closing_words(const Training *training, RsTrainedReason reason) {
  return reason != RS_TRAINED_SIGNAL ? "wrote %s"
         : training->saved           ? "stopped; saved %s, --resume goes on"
                                     : "stopped; %s is as it was";
}

/// What was stopped before it was better than nothing leaves the file that it would replace alone
static RsStatus finish(Training *training, RsTrainedReason reason) {
  const bool too_early = reason == RS_TRAINED_SIGNAL && training->replaces && !training->has_kept;
  RsStatus status = too_early ? RS_OK : save(training);
  if (!status && training->log) {
    status = rs_train_log_end(training->log, reason, training->last.seconds, training->last.frames,
                              training->error);
  }
  if (!status) {
    rs_say(training->options, closing_words(training, reason), training->options->output);
  }
  if (!status && training->options->json) {
    status = rs_put_json(result_json(training, reason), training->error);
  }
  return status ? status : reason == RS_TRAINED_SIGNAL ? RS_ERR_STOPPED : RS_OK;
}

static void tell_replaced(Training *training) {
  const RsOptions *options = training->options;
  training->replaces = !options->resume && rs_is_replaced(options->output);
  if (training->replaces) {
    rs_tell_replaced(options, options->output,
                     frames_of(&training->valid) ? "the new one is validated for the first time"
                                                 : "the first epoch is done");
  }
}

static RsStatus train(Training *training) {
  const RsOptions *options = training->options;
  const RsTrainHooks hooks = {on_stop, on_progress, on_epoch, training};
  RsTrainedReason reason = RS_TRAINED_EPOCHS;
  RsStatus status = rs_trainer_new(&training->settings, &training->train, &training->valid,
                                   &training->trainer, training->error);
  if (!status && options->resume) {
    status = rs_trainer_resume(training->trainer, options->output, training->error);
  }
  if (!status) {
    tell_songs(training);
    tell_replaced(training);
    rs_signals_note(0); // From now on there is something to save
    status = begin_log(training);
  }
  if (!status) {
    status = rs_trainer_run(training->trainer, &hooks, &reason, training->error);
    end_line(training);
  }
  return status ? status : finish(training, reason);
}

/// See that model and state can be written before time is spent on them
static RsStatus try_outputs(Training *training) {
  const char *model = training->options->output;
  char *state = rs_state_path(model);
  RsStatus status = state ? rs_try_output(model, training->error)
                          : rs_error(training->error, RS_ERR_MEMORY, "out of memory");
  if (!status) {
    status = rs_try_output(state, training->error);
  }
  free(state);
  return status;
}

static RsStatus check(Training *training) {
  RsStatus status = rs_require_output_file(training->options, "MODEL", training->error);
  if (!status) {
    status = rs_train_settings(training->options, &training->settings, training->error);
  }
  return status ? status : try_outputs(training);
}

/// The model, and beside it the state of its training
static RsStatus outputs(const RsOptions *options, RsFiles *files, RsError *error) {
  char *state = rs_state_path(options->output);
  RsStatus status = state ? rs_files_write(files, "-o", options->output, error)
                          : rs_error(error, RS_ERR_MEMORY, "out of memory");
  if (!status) {
    status = rs_files_write(files, "the state of training", state, error);
  }
  free(state);
  return status;
}

static RsStatus run(const RsOptions *options, RsError *error) {
  Training training = {
      .options = options, .last_valid_ll = NAN, .last_free_run = NAN, .error = error};
  RsStatus status = check(&training);
  if (!status) {
    status = read_songs(&training);
  }
  if (!status) {
    status = train(&training);
  }
  rs_train_log_close(training.log);
  rs_trainer_free(training.trainer);
  rs_songs_clear(&training.train);
  rs_songs_clear(&training.valid);
  rs_songs_summary_say(options, &training.summary);
  rs_songs_summary_say(options, &training.valid_summary);
  rs_songs_summary_clear(&training.summary);
  rs_songs_summary_clear(&training.valid_summary);
  return status;
}

const RsCommand rs_command_train = {
    .name = "train",
    .bit = RS_FOR_TRAIN,
    .operands = "PATH... -o MODEL",
    .fewest = 1,
    .most = RS_ANY_NUMBER,
    .summary = "learn a model from files and folders",
    .description =
        "Learns the style of the songs. A share of them, or those of --valid, is held out to see "
        "how "
        "likely the model finds music that it has not learned from; the best model by that measure "
        "is "
        "the one that stays, and training ends when it has become no better for long.\n"
        "The model is saved while training goes on. Ctrl-C saves it and ends, and --resume goes on "
        "from there, in the end with the same model as if it never had been stopped: settings come "
        "from the model, and only how long to train may be said anew. The second "
        "Ctrl-C ends at once. A file that stands there already is replaced when the new model has "
        "been validated for the first time, not before.\n"
        "The same songs, settings and seed give the same bytes, whatever the number of threads, "
        "unless "
        "the time is limited.",
    .examples = "rollsmith train songs/ -o my.model\n"
                "rollsmith train songs/ -o my.model -p quick --minutes 1 --log train.jsonl\n"
                "rollsmith train songs/ --valid other-songs/ -o my.model --set model.hidden=200\n"
                "rollsmith train songs/ -o my.model --resume\n",
    .outputs = outputs,
    .run = run,
};
