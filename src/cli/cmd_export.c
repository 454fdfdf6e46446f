#include "base/plural.h"
#include "cli/command.h"
#include "cli/compose.h"
#include "cli/output.h"
#include "cli/outputs.h"
#include "cli/songs.h"
#include "files/json.h"
#include "music/key.h"

#include <rollsmith/midi_write.h>
#include <rollsmith/statistics.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/// Longest name of a track
#define NAME_SIZE 128

/// Name of a track: the model's without its folder, and the seed
static void name_song(const char *model, uint64_t seed, char *name) {
  const char *slash = strrchr(model, '/');
  snprintf(name, NAME_SIZE, "%.80s, seed %" PRIu64, slash ? slash + 1 : model, seed);
}

/// The key that a song was moved to, or else what it sounds like
static RsStatus find_key(const RsComposition *composition, int index, const RsRoll *roll,
                         RsKeySignature *key) {
  int by = 0;
  if (!rs_composition_is_common(composition)) {
    *key = rs_roll_key(roll);
    return RS_OK;
  }
  const RsStatus status = rs_composition_transposition(composition, index, &by);
  by += rs_composition_key(composition, index);
  *key = rs_roll_mode(roll, by + composition->model->settings.roll.transpose_semitones);
  return status;
}

static RsStatus write_song(const RsComposition *composition, int index, const char *name,
                           const RsRoll *roll, const char *path, RsError *error) {
  const RsGenerateSettings *settings = &composition->settings;
  RsMidiSettings midi = {.name = name,
                         .bpm = composition->bpm,
                         .channel = (unsigned)settings->channel,
                         .program = settings->program,
                         .velocity = (unsigned)settings->velocity,
                         .seed = rs_composition_seed(composition, index),
                         .phrases = true};
  const RsStatus status = find_key(composition, index, roll, &midi.key);
  return status ? status : rs_midi_write(roll, &midi, path, error);
}

/// What a song copies from the training songs
typedef struct {
  bool known;  // Whether the model holds them
  RsCopy copy; // The longest
  double bars; // Its length
} Copied;

static RsStatus find_copy(const RsRoll *roll, const RsSongs *learned, Copied *copied) {
  const double bar =
      rs_meter_bar_frames(roll->meter_beats, roll->meter_unit, rs_roll_frames_per_quarter(roll));
  *copied = (Copied){.known = learned->count};
  const RsStatus status = copied->known ? rs_longest_copy(roll, learned, &copied->copy) : RS_OK;
  copied->bars = (double)copied->copy.frames / bar;
  return status;
}

static json_t *copy_json(const Copied *copied) {
  return copied->known ? json_pack("{s:I, s:f, s:I}", "frames", (json_int_t)copied->copy.frames,
                                   "bars", copied->bars, "at", (json_int_t)copied->copy.at)
                       : json_null();
}

static json_t *song_json(const char *path, uint64_t seed, const RsRoll *roll, double bpm,
                         const Copied *copied) {
  json_t *json = json_pack("{s:I, s:I, s:f, s:o}", "seed", (json_int_t)seed, "frames",
                           (json_int_t)roll->frames, "bpm", bpm, "copy", copy_json(copied));
  json_object_set_new(json, "path", rs_json_text(path));
  return json;
}

static void tell_song(const RsOptions *options, const char *path, uint64_t seed, const RsRoll *roll,
                      double bpm, const Copied *copied) {
  char text[80] = "";
  if (copied->known) {
    snprintf(text, sizeof(text), "longest copy %zu frame%s (%.1f bars), ", copied->copy.frames,
             rs_plural(copied->copy.frames), copied->bars);
  }
  rs_report(options, "%s: %zu frame%s, %g beats a minute, %sseed %" PRIu64, path, roll->frames,
            rs_plural(roll->frames), bpm, text, seed);
}

static RsStatus export_song(const RsOptions *options, const RsComposition *composition,
                            const RsSongs *learned, int index, json_t *list, RsError *error) {
  const uint64_t seed = rs_composition_seed(composition, index);
  char *path = rs_numbered_output(options->output, index, composition->settings.count);
  char name[NAME_SIZE];
  RsRoll roll = {.frames = 0};
  Copied copied;
  name_song(options->operands[0], seed, name);
  RsStatus status = path ? rs_composition_song(composition, index, name, &roll, error)
                         : rs_error(error, RS_ERR_MEMORY, "out of memory");
  if (!status) {
    status = write_song(composition, index, name, &roll, path, error);
  }
  if (!status && find_copy(&roll, learned, &copied)) {
    status = rs_error(error, RS_ERR_MEMORY, "out of memory while looking for copies");
  }
  if (!status) {
    tell_song(options, path, seed, &roll, composition->bpm, &copied);
    json_array_append_new(list, song_json(path, seed, &roll, composition->bpm, &copied));
  }
  rs_roll_clear(&roll);
  free(path);
  return status;
}

/// See that the first song can be written before time is spent on it
static RsStatus try_output(const RsOptions *options, const RsComposition *composition,
                           RsError *error) {
  char *path = rs_numbered_output(options->output, 0, composition->settings.count);
  const RsStatus status =
      path ? rs_try_output(path, error) : rs_error(error, RS_ERR_MEMORY, "out of memory");
  free(path);
  return status;
}

/// Add what is written where -o stands for `count` songs
static RsStatus write_names(const RsOptions *options, int count, RsFiles *files, RsError *error) {
  RsStatus status = RS_OK;
  if (options->to_stdout && count > 1) {
    return rs_error(error, RS_ERR_SETTING,
                    "-o -: %d songs cannot go to standard output: take --count 1, or name a file",
                    count);
  }
  for (int i = 0; i < count && !status; ++i) {
    char *path = rs_numbered_output(options->output, i, count);
    status = path ? rs_files_write(files, "-o", path, error)
                  : rs_error(error, RS_ERR_MEMORY, "out of memory");
    free(path);
  }
  return status;
}

/// As the options have it; how many songs a model makes by itself is known when it is read
static RsStatus outputs(const RsOptions *options, RsFiles *files, RsError *error) {
  RsSettings settings;
  rs_settings_init(&settings);
  rs_options_apply(options, &settings, NULL); // What is wrong with them, run() tells
  return write_names(options, settings.generate.count, files, error);
}

static RsStatus check_names(const RsOptions *options, const RsComposition *composition,
                            RsError *error) {
  RsFiles *files = NULL;
  RsStatus status = rs_files_new(RS_FOR_EXPORT, options, &files, error);
  if (!status) {
    status = write_names(options, composition->settings.count, files, error);
  }
  rs_files_free(files);
  return status;
}

static RsStatus export_songs(const RsOptions *options, const RsComposition *composition,
                             json_t *list, RsError *error) {
  RsSongs learned = {.count = 0};
  RsStatus status = try_output(options, composition, error);
  if (!status && rs_model_songs(composition->model, &learned)) {
    status = rs_error(error, RS_ERR_MEMORY, "out of memory for the training songs");
  }
  for (int i = 0; i < composition->settings.count && !status; ++i) {
    status = export_song(options, composition, &learned, i, list, error);
  }
  rs_songs_clear(&learned);
  return status;
}

static RsStatus run(const RsOptions *options, RsError *error) {
  RsComposition composition = {.model = NULL};
  json_t *list = json_array();
  RsStatus status = rs_require_output(options, "SONG.mid", error);
  if (!status) {
    status = rs_composition_init(options->operands[0], options, &composition, error);
  }
  if (!status) {
    status = check_names(options, &composition, error);
  }
  if (!status) {
    status = export_songs(options, &composition, list, error);
  }
  rs_composition_clear(&composition);
  if (!status && options->json) {
    return rs_put_json(json_pack("{s:o}", "songs", list), error);
  }
  json_decref(list);
  return status;
}

const RsCommand rs_command_export = {
    .name = "export",
    .bit = RS_FOR_EXPORT,
    .operands = "MODEL -o SONG.mid",
    .fewest = 1,
    .most = 1,
    .summary = "generate songs into files",
    .description =
        "Makes songs with a model and writes them as MIDI files. Each is told with its seed: the "
        "same model, options and seed give the same bytes. Several songs have seeds that follow "
        "each other, and go to SONG-001.mid, SONG-002.mid and so on.\n"
        "The temperature is 1 as the model has learned; below, it keeps to what is likely, and "
        "above, it dares more. What is copied most from the training songs is told of each song, "
        "where the "
        "model holds them; with --no-copy 32 no run of 32 frames of theirs is completed, at any "
        "transposition, a prime not counted. With --prime the model hears a song first and goes on "
        "from there, "
        "in its key and meter. Without one each song is in a key as often as the training songs "
        "were, where it learned from MIDI files; --key and "
        "--transpose move it.",
    .examples = "rollsmith export my.model -o song.mid\n"
                "rollsmith export my.model -o song.mid --bars 64 --count 10 --seed 7\n"
                "rollsmith export my.model -o song.mid --prime tune.mid --temperature 0.9\n",
    .outputs = outputs,
    .run = run,
};
