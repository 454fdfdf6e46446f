/* SPDX-License-Identifier: ISC */

#include "base/plural.h"
#include "cli/command.h"
#include "cli/file_type.h"
#include "cli/metadata.h"
#include "cli/console.h"
#include "cli/song_file.h"
#include "cli/songs.h"
#include "files/json.h"

#include <rollsmith/tensor_file.h>
#include <rollsmith/train_log.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Songs ---- */

/* Statistics of a roll */
typedef struct {
  size_t notes;     /* number of note onsets */
  int low, high;    /* lowest and highest note, if there are any */
  double polyphony; /* mean over the frames that are not silent */
} Figures;

static Figures measure(const RsRoll *roll) {
  Figures figures = {0, RS_NOTES, -1, 0};
  size_t active = 0, filled = 0;
  for (size_t n = 0; n < roll->frames; ++n) {
    const RsFrame begins = rs_roll_begins(roll, n);
    const int count = rs_frame_count(&roll->on[n]);
    figures.notes += (size_t)rs_frame_count(&begins);
    active += (size_t)count;
    filled += count > 0;
    for (int note = rs_frame_next(&roll->on[n], 0); note < RS_NOTES;
         note = rs_frame_next(&roll->on[n], note + 1)) {
      figures.low = note < figures.low ? note : figures.low;
      figures.high = note > figures.high ? note : figures.high;
    }
  }
  figures.polyphony = filled ? (double)active / (double)filled : 0;
  return figures;
}

/* A note number; null where there is no note. */
static json_t *note_json(const Figures *figures, int note) {
  return figures->notes ? json_integer(note) : json_null();
}

/* The changes of meter, each with its first frame and the number of its first bar, from 1 */
static json_t *meters_json(const RsRoll *roll) {
  json_t *list = json_array();
  RsBarPlace place = {.bar = 0};
  for (size_t i = 0; i < roll->meter_count; ++i) {
    const RsMeterChange *meter = &roll->meters[i];
    rs_roll_bar(roll, meter->frame, &place);
    json_array_append_new(list, json_pack("{s:I, s:I, s:[i, i]}", "frame", (json_int_t)meter->frame,
                                          "bar", (json_int_t)place.bar + 1, "meter",
                                          (int)meter->beats, (int)meter->unit));
  }
  return list;
}

/* Report the changes of meter, if there are any. */
static void print_meters(const RsOptions *options, const RsRoll *roll) {
  RsBarPlace place = {.bar = 0};
  for (size_t i = 0; roll->meter_count > 1 && i < roll->meter_count; ++i) {
    const RsMeterChange *meter = &roll->meters[i];
    rs_roll_bar(roll, meter->frame, &place);
    rs_report(options, "  %u/%u from bar %zu on (frame %zu)", meter->beats, meter->unit,
              place.bar + 1, meter->frame);
  }
}

static json_t *roll_json(const RsRoll *roll, const Figures *figures) {
  json_t *json =
      json_pack("{s:I, s:f, s:I, s:[i, i], s:I, s:o, s:o, s:f}", "frames", (json_int_t)roll->frames,
                "bpm", roll->bpm, "frames_per_beat", (json_int_t)roll->frames_per_beat, "meter",
                (int)roll->meter_beats, (int)roll->meter_unit, "notes", (json_int_t)figures->notes,
                "low", note_json(figures, figures->low), "high", note_json(figures, figures->high),
                "polyphony", figures->polyphony);
  json_object_set_new(json, "name", rs_json_text(roll->name ? roll->name : ""));
  json_object_set_new(json, "meters", meters_json(roll));
  return json;
}

static void print_roll(const RsOptions *options, const RsRoll *roll, const Figures *figures) {
  char notes[80] = "no notes";
  if (figures->notes) {
    snprintf(notes, sizeof(notes), "%zu note%s from %d to %d, %.2f at a time", figures->notes,
             rs_plural(figures->notes), figures->low, figures->high, figures->polyphony);
  }
  rs_report(options, "song %s: %zu frame%s (%u a beat), %g beats a minute, %u/%u, %s",
            roll->name ? roll->name : "without a name", roll->frames, rs_plural(roll->frames),
            roll->frames_per_beat, roll->bpm, roll->meter_beats, roll->meter_unit, notes);
}

static RsStatus show_songs(const RsOptions *options, const char *path, RsError *error) {
  const RsIngest settings = rs_ingest_verbatim();
  RsSongs songs;
  RsIngestReport report;
  const RsStatus status = rs_read_song_file(path, &settings, &songs, &report, error);
  json_t *list = json_array();
  for (size_t i = 0; i < songs.count; ++i) {
    const Figures figures = measure(&songs.rolls[i]);
    print_roll(options, &songs.rolls[i], &figures);
    print_meters(options, &songs.rolls[i]);
    json_array_append_new(list, roll_json(&songs.rolls[i], &figures));
  }
  if (!status && *report.repairs) {
    rs_report(options, "repaired: %s", report.repairs);
  }
  json_t *json = json_pack("{s:s, s:o, s:o}", "kind", "song", "songs", list, "repairs",
                           rs_json_text(report.repairs));
  rs_ingest_report_clear(&report);
  rs_songs_clear(&songs);
  if (status || !options->json) {
    json_decref(json);
    return status;
  }
  return rs_report_json(json, error);
}

/* ---- Models ---- */

static size_t tensor_size(const RsTensor *tensor) {
  size_t size = 1;
  for (size_t i = 0; i < tensor->rank; ++i) {
    size *= tensor->shape[i];
  }
  return size;
}

static json_t *tensor_json(const RsTensor *tensor) {
  json_t *shape = json_array();
  for (size_t i = 0; i < tensor->rank; ++i) {
    json_array_append_new(shape, json_integer((json_int_t)tensor->shape[i]));
  }
  return json_pack("{s:s, s:o}", "name", tensor->name, "shape", shape);
}

static void print_tensor(const RsOptions *options, const RsTensor *tensor) {
  char shape[100] = "";
  size_t used = 0;
  for (size_t i = 0; i < tensor->rank; ++i) {
    used += (size_t)snprintf(shape + used, sizeof(shape) - used, "%s%zu", i ? " x " : "",
                             tensor->shape[i]);
  }
  rs_report(options, "  %-24s %s", tensor->name, tensor->rank ? shape : "1");
}

/* An entry of the metadata: JSON if it is valid JSON, else a string. */
static json_t *string_json(const char *value) {
  json_t *json = json_loads(value, 0, NULL);
  return json ? json : json_string(value);
}

static json_t *model_json(const RsTensorFile *file) {
  json_t *json = json_pack("{s:s}", "kind", "model"), *tensors = json_array();
  const char *key = NULL;
  for (size_t i = 0; (key = rs_tensor_file_key(file, i)); ++i) {
    json_object_set_new(json, key, string_json(rs_tensor_file_get(file, key)));
  }
  for (size_t i = 0; i < rs_tensor_file_count(file); ++i) {
    json_array_append_new(tensors, tensor_json(rs_tensor_file_at(file, i)));
  }
  json_object_set_new(json, "tensors", tensors);
  return json;
}

static void print_model(const RsOptions *options, const RsTensorFile *file) {
  const char *key = NULL;
  size_t numbers = 0;
  rs_report_model_parts(options, rs_tensor_file_get(file, "settings"));
  for (size_t i = 0; (key = rs_tensor_file_key(file, i)); ++i) {
    rs_report_metadata(options, key, rs_tensor_file_get(file, key));
  }
  rs_report(options, "tensors:");
  for (size_t i = 0; i < rs_tensor_file_count(file); ++i) {
    print_tensor(options, rs_tensor_file_at(file, i));
    numbers += tensor_size(rs_tensor_file_at(file, i));
  }
  rs_report(options, "%zu number%s in all", numbers, rs_plural(numbers));
}

static RsStatus show_model(const RsOptions *options, const char *path, RsError *error) {
  RsTensorFile *file = NULL;
  RsStatus status = rs_tensor_file_load(path, &file, error);
  if (!status && options->json) {
    status = rs_report_json(model_json(file), error);
  } else if (!status) {
    print_model(options, file);
  }
  rs_tensor_file_free(file);
  return status;
}

/* ---- Training logs ---- */

/* The best likelihood of all validations; NaN where there was none */
static double best_ll(const RsTrainHistory *history) {
  double best = NAN;
  for (size_t i = 0; i < history->count; ++i) {
    best = fmax(best, history->epochs[i].valid_ll);
  }
  return best;
}

static json_t *log_json(const RsTrainHistory *history, const RsEpochReport *last) {
  return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:s}", "kind", "log", "songs",
                   (json_int_t)history->start.songs, "frames", (json_int_t)history->start.frames,
                   "parameters", (json_int_t)history->start.parameters, "seed",
                   (json_int_t)history->seed, "epochs", (json_int_t)last->epoch, "seconds",
                   rs_json_number(last->seconds), "train_cost", rs_json_number(last->train_cost),
                   "best_valid_ll", rs_json_number(best_ll(history)), "reason", history->reason);
}

static void print_log(const RsOptions *options, const RsTrainHistory *history,
                      const RsEpochReport *last) {
  const double best = best_ll(history);
  const unsigned long long songs = history->start.songs, frames = history->start.frames;
  rs_report(options, "training log: %llu song%s, %llu frame%s, %llu parameters, seed %llu", songs,
            rs_plural(songs), frames, rs_plural(frames),
            (unsigned long long)history->start.parameters, (unsigned long long)history->seed);
  rs_report(options, "%llu epoch%s in %.1f s, cost %.3f; %s%s", (unsigned long long)last->epoch,
            rs_plural(last->epoch), last->seconds, last->train_cost,
            *history->reason ? "ended: " : "not ended", history->reason);
  if (isfinite(best)) {
    rs_report(options, "best validation: %.3f nats a frame", best);
  }
}

static RsStatus show_log(const RsOptions *options, const char *path, RsError *error) {
  RsTrainHistory history;
  RsStatus status = rs_train_history_read(path, &history, error);
  const RsEpochReport none = {.epoch = 0};
  const RsEpochReport *last = history.count ? &history.epochs[history.count - 1] : &none;
  if (!status && options->json) {
    status = rs_report_json(log_json(&history, last), error);
  } else if (!status) {
    print_log(options, &history, last);
  }
  rs_train_history_clear(&history);
  return status;
}

/* ---- The command ---- */

static RsStatus run(const RsOptions *options, RsError *error) {
  const char *path = options->operands[0];
  RsFileType kind = RS_FILE_SONG;
  const RsStatus status = rs_file_type(path, &kind, error);
  if (status) {
    return status;
  }
  switch (kind) {
  case RS_FILE_MODEL:
    return show_model(options, path, error);
  case RS_FILE_LOG:
    return show_log(options, path, error);
  case RS_FILE_SONG:
    break;
  }
  return show_songs(options, path, error);
}

const RsCommand rs_command_info = {
    .name = "info",
    .bit = RS_FOR_INFO,
    .operands = "FILE",
    .fewest = 1,
    .most = 1,
    .summary = "show the contents of a model, a song, a .roll or a training log",
    .description =
        "The type of the file is detected by its content. For a song or a .roll: length, tempo, "
        "meter, notes, range and polyphony, independently of presets. For a model: its settings, "
        "seed and tensors; a damaged file is an error. For a training log: epochs, time, costs and "
        "the best validation.",
    .examples = "rollsmith info song.mid\n"
                "rollsmith info --json my.model\n",
    .run = run,
};
