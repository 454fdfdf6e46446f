/* SPDX-License-Identifier: ISC */

#include "base/plural.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/output_files.h"
#include "cli/overwrite.h"
#include "cli/signals.h"
#include "cli/songs.h"
#include "cli/train_display.h"
#include "cli/train_page.h"
#include "cli/train_processes.h"
#include "cli/train_settings.h"
#include "files/json.h"
#include "train/seconds.h"
#include "train/trainer_state.h"

#include <rollsmith/train_log.h>
#include <rollsmith/trainer.h>

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

/* Least seconds between two saves; the first epoch is saved at once */
#define SAVE_INTERVAL 2.0

/* The same as a multiple of the duration of a save: at most 5 % of the time is spent on saving */
#define SAVE_FACTOR 20

/* A training in progress */
typedef struct {
  const RsOptions *options;
  const RsTransport *transport; /* to the other processes */
  RsSettings settings;
  RsSongs train;
  RsSongs valid;
  RsTrainer *trainer;
  RsTrainLog *log;      /* NULL: none */
  RsPageServer *server; /* of the report; NULL: none */
  RsTrainDisplay display;
  bool replaces; /* the output exists and is not resumed */
  bool has_kept; /* there is a state worth keeping */
  bool saved;
  double saved_at;  /* monotonic time of the last save, seconds */
  double save_took; /* its duration, seconds */
  RsSongsSummary summary, valid_summary;
  RsError *error;
} Training;

static size_t count_frames(const RsSongs *songs) {
  size_t frames = 0;
  for (size_t i = 0; i < songs->count; ++i) {
    frames += songs->rolls[i].frames;
  }
  return frames;
}

/* ---- Songs ---- */

static RsStatus read_valid(Training *training) {
  char *const paths[2] = {training->options->train.valid, NULL};
  RsError why = {RS_OK, ""};
  const RsStatus status = rs_read_songs_together(
      training->transport, training->options, &training->settings, paths, RS_REPORT_REFUSED,
      &training->valid, &training->valid_summary, NULL, &why);
  return status ? rs_error(training->error, status, "--valid %s: %.300s",
                           training->options->train.valid, why.message)
                : RS_OK;
}

static RsStatus read_songs(Training *training) {
  const RsTrainSettings *train = &training->settings.train;
  RsSongs all;
  RsStatus status = rs_read_songs_together(
      training->transport, training->options, &training->settings, training->options->operands,
      RS_REPORT_REFUSED, &all, &training->summary, NULL, training->error);
  if (!status && training->options->train.valid) {
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

static void print_songs(const Training *training) {
  const size_t songs = training->train.count, frames = count_frames(&training->train);
  const size_t held = training->valid.count, held_frames = count_frames(&training->valid);
  rs_notice(training->options,
            "%zu song%s, %zu frame%s; validation: %zu song%s, %zu frame%s; %zu parameters; "
            "seed %" PRIu64,
            songs, rs_plural(songs), frames, rs_plural(frames), held, rs_plural(held), held_frames,
            rs_plural(held_frames), rs_trainer_parameters(training->trainer),
            training->settings.train.seed);
  if (!held_frames) {
    rs_notice(training->options, "no songs for validation: the model is the last state; add songs "
                                 "with --valid PATH");
  }
}

static void on_progress(void *context, const RsTrainProgress *progress) {
  rs_train_display_progress(&((Training *)context)->display, progress);
}

/* ---- While it trains ---- */

/* All processes end where one fails. */
static RsStatus agree(Training *training, RsStatus status) {
  return rs_agree(training->transport, status, training->error);
}

static bool on_stop(void *context) {
  return rs_signal_received() != 0;
}

/* Decisions by the clock and by files are those of process 0. */
static RsStatus decide(const Training *training, bool *decision) {
  return rs_broadcast(training->transport, 0, decision, sizeof(*decision));
}

/* Remove the state of a model that is being replaced. */
static void remove_old_state(const Training *training) {
  char *state = rs_state_path(training->options->output);
  if (state) {
    remove(state);
  }
  free(state);
}

static RsStatus save(Training *training) {
  const double began = rs_seconds();
  if (!training->saved && training->replaces && !training->transport->rank) {
    remove_old_state(training);
  }
  training->saved = true;
  RsStatus status = rs_trainer_save(training->trainer, training->options->output, training->error);
  if (!status && training->log) {
    status = rs_train_log_release(training->log, training->error);
  }
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
  training->has_kept = training->has_kept || report->best || !count_frames(&training->valid);
  rs_train_display_epoch(&training->display, report);
  RsStatus status =
      training->log ? rs_train_log_epoch(training->log, report, training->error) : RS_OK;
  bool saves = !status && is_time_to_save(training);
  const RsStatus sent = decide(training, &saves);
  status = status ? status : sent;
  return !status && saves ? save(training) : status;
}

/* ---- Beginning and end ---- */

static RsStatus begin_log(Training *training) {
  const RsOptions *options = training->options;
  const RsTrainStart start = {.settings = &training->settings,
                              .songs = training->train.count,
                              .frames = count_frames(&training->train),
                              .valid_songs = training->valid.count,
                              .valid_frames = count_frames(&training->valid),
                              .parameters = rs_trainer_parameters(training->trainer)};
  if (!options->train.log && !training->server) {
    return RS_OK;
  }
  const bool hold = training->replaces && options->train.log &&
                    rs_file_exists(options->train.log); /* as the old model */
  RsStatus status =
      rs_train_log_open(options->train.log, options->train.resume, &training->log, training->error);
  if (!status) {
    rs_train_log_stop_when(training->log, on_stop, NULL);
  }
  if (!status && training->server) {
    rs_train_page_follow(training->server, training->log);
  }
  if (!status && hold) {
    rs_train_log_hold(training->log);
  }
  if (!status && !options->train.resume) {
    status = rs_train_log_start(training->log, &start, training->error);
  }
  return status;
}

static json_t *result_json(const Training *training, RsTrainedReason reason) {
  json_t *json = json_pack(
      "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "reason",
      rs_trained_reason_name(reason), "seed", (json_int_t)training->settings.train.seed, "songs",
      (json_int_t)training->train.count, "frames", (json_int_t)count_frames(&training->train),
      "valid_songs", (json_int_t)training->valid.count, "epochs",
      (json_int_t)training->display.last.epoch, "parameters",
      (json_int_t)rs_trainer_parameters(training->trainer), "seconds",
      rs_json_number(training->display.last.seconds), "train_cost",
      rs_json_number(training->display.last.train_cost), "valid_ll",
      rs_json_number(training->display.valid_ll));
  json_object_set_new(json, "model",
                      training->saved ? rs_json_text(training->options->output) : json_null());
  return json;
}

static const char *closing_words(const Training *training, RsTrainedReason reason) {
  return reason != RS_TRAINED_SIGNAL ? "wrote %s"
         : training->saved ? "stopped; saved %s; continue with: rollsmith train ... --resume"
                           : "stopped; %s is unchanged";
}

/* Save, unless training was stopped before it had a state worth replacing a file with. */
static RsStatus finish(Training *training, RsTrainedReason reason) {
  const bool too_early = reason == RS_TRAINED_SIGNAL && training->replaces && !training->has_kept;
  RsStatus status = rs_train_processes_signal(training->transport);
  status = status || too_early ? status : save(training);
  if (!status && training->log) {
    status = rs_train_log_end(training->log, reason, training->display.last.seconds,
                              training->display.last.frames, training->error);
  }
  if (!status) {
    rs_notice(training->options, closing_words(training, reason), training->options->output);
  }
  if (!status && training->options->json) {
    status = rs_report_json(result_json(training, reason), training->error);
  }
  return status ? status : reason == RS_TRAINED_SIGNAL ? RS_ERR_STOPPED : RS_OK;
}

static RsStatus print_replaced(Training *training) {
  const RsOptions *options = training->options;
  training->replaces = !options->train.resume && rs_file_exists(options->output);
  const RsStatus status = decide(training, &training->replaces);
  if (training->replaces) {
    rs_report_overwrite(options, options->output,
                        count_frames(&training->valid)
                            ? "the new one is validated for the first time"
                            : "the first epoch is done");
  }
  return status;
}

static RsStatus train(Training *training) {
  const RsOptions *options = training->options;
  const RsTrainHooks hooks = {on_stop, on_progress, on_epoch, training};
  RsTrainedReason reason = RS_TRAINED_EPOCHS;
  RsStatus status = rs_trainer_new(&training->settings, &training->train, &training->valid,
                                   &training->trainer, training->error);
  status = agree(training, status);
  if (!status) {
    status =
        rs_train_processes_join(options, training->transport, training->trainer, training->error);
  }
  if (!status && options->train.resume) {
    status = rs_trainer_resume(training->trainer, options->output, training->error);
    status = agree(training, status);
  }
  if (!status) {
    print_songs(training);
    status = print_replaced(training);
    status = status ? status : begin_log(training); /* which may wait for a reader */
    rs_signals_defer(0);                            /* from now on a signal saves first */
    status = agree(training, status);
  }
  if (!status) {
    training->display = rs_train_display(options, training->settings.train.minutes);
    training->display.epochs = (size_t)rs_trainer_epochs(training->trainer);
    status = rs_trainer_run(training->trainer, &hooks, &reason, training->error);
    rs_train_display_end(&training->display);
  }
  return status ? status : finish(training, reason);
}

/* Check that model and state can be written; what is resumed from is checked as it is read. */
static RsStatus try_outputs(Training *training) {
  const char *model = training->options->output;
  char *state = rs_state_path(model);
  RsStatus status = state ? rs_check_writable(model, training->error)
                          : rs_error(training->error, RS_ERR_MEMORY, "out of memory");
  if (!status) {
    status = training->options->train.resume ? rs_check_writable(state, training->error)
                                             : rs_check_state_writable(state, training->error);
  }
  free(state);
  return status;
}

static RsStatus check(Training *training) {
  RsStatus status = rs_check_output_file(training->options, "MODEL", training->error);
  if (!status) {
    status = rs_train_settings(training->options, &training->settings, training->error);
  }
  if (!status && !training->transport->rank) {
    status = try_outputs(training);
  }
  status = agree(training, status);
  return status ? status
                : rs_train_processes_settings(training->transport, &training->settings,
                                              training->error);
}

/* Add the model, and the file of its training state. */
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

static RsStatus run_process(Training *training) {
  RsStatus status = check(training);
  if (!status) {
    status = rs_train_page_begin(training->options, &training->server, training->error);
    status = agree(training, status);
  }
  if (!status) {
    status = read_songs(training);
    status = agree(training, status);
  }
  return status ? status : train(training);
}

static RsStatus run(const RsOptions *options, RsError *error) {
  Training training = {.error = error};
  RsStatus status = rs_train_processes_begin(options, &training.transport, error);
  const RsOptions own = rs_train_processes_options(options, training.transport);
  training.options = &own;
  status = status ? status : run_process(&training);
  rs_train_log_close(training.log);
  rs_page_server_free(training.server);
  rs_trainer_free(training.trainer);
  rs_songs_clear(&training.train);
  rs_songs_clear(&training.valid);
  rs_songs_summary_report(&own, &training.summary);
  rs_songs_summary_report(&own, &training.valid_summary);
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
    .summary = "train a model on files and folders",
    .description =
        "Trains a model on the songs. A share of them, or those of --valid, is held out for "
        "validation: the state with the best validation is kept, and with train.patience training "
        "ends after this number of validations without improvement.\n"
        "The model is saved during training. Ctrl-C saves it and exits; a second Ctrl-C exits at "
        "once. --resume continues, and ends with the same model as an uninterrupted training; "
        "settings are taken from the model, and only the length of training may be changed. An "
        "existing file, and an existing log with it, is replaced after the first validation of "
        "the new model.\n"
        "The same songs, settings and seed give the same bytes for any number of threads, unless "
        "the time is limited.\n"
        "With --mpi, all processes that mpirun has started train together, on one machine or on "
        "several with the same files: each reads a share of these, and the groups of series "
        "(train.groups) are distributed over them. The model has the same bytes for any number of "
        "processes, and --resume continues with another number.",
    .examples = "rollsmith train songs/ -o my.model\n"
                "rollsmith train songs/ -o my.model -p quick --minutes 1 --log train.jsonl\n"
                "rollsmith train songs/ --valid other-songs/ -o my.model --set model.hidden=200\n"
                "rollsmith train songs/ -o my.model --resume\n"
                "rollsmith train songs/ -o my.model --page 8080\n"
                "mpirun -n 4 rollsmith train songs/ -o my.model --mpi --set train.groups=4\n",
    .outputs = outputs,
    .run = run,
};
