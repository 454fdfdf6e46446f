/* SPDX-License-Identifier: ISC */

#include "base/plural.h"
#include "cli/command.h"
#include "cli/generation.h"
#include "cli/console.h"
#include "cli/output_files.h"
#include "cli/song_format.h"
#include "cli/songs.h"
#include "files/json.h"
#include "music/key.h"

#include <rollsmith/statistics.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Longest name of a track, bytes */
#define NAME_SIZE 128

/* Name of a track: file name of the model, and the seed. */
static void name_song(const char *model, uint64_t seed, char *name) {
  const char *slash = strrchr(model, '/');
  snprintf(name, NAME_SIZE, "%.80s, seed %" PRIu64, slash ? slash + 1 : model, seed);
}

/* Key signature of a song: the known key, or else an estimate. */
static RsStatus find_key(const RsGeneration *generation, int index, const RsRoll *roll,
                         RsKeySignature *key) {
  int by = 0;
  if (!rs_generation_key_is_known(generation)) {
    *key = rs_roll_key(roll);
    return RS_OK;
  }
  const RsStatus status = rs_generation_transposition(generation, index, &by);
  by += rs_generation_key(generation, index);
  *key = rs_roll_mode(roll, by + generation->model->settings.roll.transpose_semitones);
  return status;
}

static RsStatus write_song(const RsGeneration *generation, int index, const char *name,
                           const RsRoll *roll, const char *path, RsError *error) {
  const RsGenerateSettings *settings = &generation->settings;
  RsMidiSettings midi = {.name = name,
                         .bpm = generation->bpm,
                         .channel = (unsigned)settings->channel,
                         .program = settings->program,
                         .parts = generation->parts,
                         .split = generation->split,
                         .velocity = (unsigned)settings->velocity,
                         .seed = rs_generation_seed(generation, index),
                         .phrases = true};
  if (generation->harmony) {
    return rs_harmony_write(generation->harmony, roll, &midi, path, error);
  }
  const RsStatus status = find_key(generation, index, roll, &midi.key);
  return status ? status : rs_song_format(path)->write(roll, &midi, path, error);
}

/* The longest run that a song copies from the training songs */
typedef struct {
  bool known; /* the model contains its training songs */
  RsCopy copy;
  double bars; /* length */
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

/* Result of steering; the penalty is null where it is not known. */
static json_t *steering_json(const RsSteeringReport *steered) {
  return json_pack("{s:f, s:f, s:f, s:o}", "density", steered->density, "register", steered->pitch,
                   "polyphony", steered->polyphony, "penalty",
                   steered->measured ? json_real(steered->penalty) : json_null());
}

static void print_steering(const RsOptions *options, const RsSteeringReport *steered) {
  char penalty[64] = "";
  if (steered->measured) {
    snprintf(penalty, sizeof(penalty), "; penalty %.3f nats a frame", steered->penalty);
  }
  rs_report(options, "steered: %.3f onsets a frame, mean pitch %.1f, %.2f notes at a time%s",
            steered->density, steered->pitch, steered->polyphony, penalty);
}

static json_t *song_json(const char *path, uint64_t seed, const RsRoll *roll, double bpm,
                         const Copied *copied, const RsSteeringReport *steered) {
  json_t *json = json_pack("{s:I, s:I, s:f, s:o}", "seed", (json_int_t)seed, "frames",
                           (json_int_t)roll->frames, "bpm", bpm, "copy", copy_json(copied));
  json_object_set_new(json, "path", rs_json_text(path));
  if (steered->frames) {
    json_object_set_new(json, "steering", steering_json(steered));
  }
  return json;
}

static void print_song(const RsOptions *options, const char *path, uint64_t seed,
                       const RsRoll *roll, double bpm, const Copied *copied) {
  char text[80] = "";
  if (copied->known) {
    snprintf(text, sizeof(text), "longest copy %zu frame%s (%.1f bars), ", copied->copy.frames,
             rs_plural(copied->copy.frames), copied->bars);
  }
  rs_report(options, "%s: %zu frame%s, %g beats a minute, %sseed %" PRIu64, path, roll->frames,
            rs_plural(roll->frames), bpm, text, seed);
}

static RsStatus export_song(const RsOptions *options, const RsGeneration *generation,
                            const RsSongs *learned, int index, json_t *list, RsError *error) {
  const uint64_t seed = rs_generation_seed(generation, index);
  char *path = rs_numbered_output(options->output, index, generation->settings.count);
  char name[NAME_SIZE];
  RsRoll roll = {.frames = 0};
  Copied copied;
  RsSteeringReport steered = {.frames = 0};
  const bool steers = rs_steering_active(&generation->steering);
  name_song(options->operands[0], seed, name);
  RsStatus status =
      path ? rs_generation_song(generation, index, name, &roll, steers ? &steered : NULL, error)
           : rs_error(error, RS_ERR_MEMORY, "out of memory");
  if (!status) {
    status = write_song(generation, index, name, &roll, path, error);
  }
  if (!status && find_copy(&roll, learned, &copied)) {
    status = rs_error(error, RS_ERR_MEMORY, "out of memory while searching for copies");
  }
  if (!status) {
    print_song(options, path, seed, &roll, generation->bpm, &copied);
    if (steers) {
      print_steering(options, &steered);
    }
    json_array_append_new(list, song_json(path, seed, &roll, generation->bpm, &copied, &steered));
  }
  rs_roll_clear(&roll);
  free(path);
  return status;
}

/* Check that the first song can be written. */
static RsStatus try_output(const RsOptions *options, const RsGeneration *generation,
                           RsError *error) {
  char *path = rs_numbered_output(options->output, 0, generation->settings.count);
  const RsStatus status =
      path ? rs_check_writable(path, error) : rs_error(error, RS_ERR_MEMORY, "out of memory");
  free(path);
  return status;
}

/* Add the outputs of -o for `count` songs. */
static RsStatus write_names(const RsOptions *options, int count, RsFiles *files, RsError *error) {
  RsStatus status = RS_OK;
  if (options->to_stdout && count > 1) {
    return rs_error(error, RS_ERR_SETTING,
                    "-o -: %d songs cannot go to standard output: use --count 1, or name a file",
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

/* Outputs by the options alone; run() checks again with the number of songs that is saved in the
   model. */
static RsStatus outputs(const RsOptions *options, RsFiles *files, RsError *error) {
  RsSettings settings;
  rs_settings_init(&settings);
  rs_options_apply(options, &settings, NULL); /* run() reports errors */
  return write_names(options, settings.generate.count, files, error);
}

static RsStatus check_names(const RsOptions *options, const RsGeneration *generation,
                            RsError *error) {
  RsFiles *files = NULL;
  RsStatus status = rs_files_new(RS_FOR_EXPORT, options, &files, error);
  if (!status) {
    status = write_names(options, generation->settings.count, files, error);
  }
  rs_files_free(files);
  return status;
}

static RsStatus export_songs(const RsOptions *options, const RsGeneration *generation, json_t *list,
                             RsError *error) {
  RsSongs learned = {.count = 0};
  RsStatus status = try_output(options, generation, error);
  if (!status && rs_model_songs(generation->model, &learned)) {
    status = rs_error(error, RS_ERR_MEMORY, "out of memory for the training songs");
  }
  for (int i = 0; i < generation->settings.count && !status; ++i) {
    status = export_song(options, generation, &learned, i, list, error);
  }
  rs_songs_clear(&learned);
  return status;
}

static RsStatus run(const RsOptions *options, RsError *error) {
  RsGeneration generation = {.model = NULL};
  json_t *list = json_array();
  RsStatus status = rs_check_output(options, "SONG.mid", error);
  if (!status) {
    status = rs_check_song_format(options, error);
  }
  if (!status) {
    status = rs_generation_init(options->operands[0], options, &generation, error);
  }
  if (!status) {
    status = check_names(options, &generation, error);
  }
  if (!status) {
    status = export_songs(options, &generation, list, error);
  }
  rs_generation_clear(&generation);
  if (!status && options->json) {
    return rs_report_json(json_pack("{s:o}", "songs", list), error);
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
        "Generates songs with a model and writes them as MIDI files. The seed of each song is "
        "reported: the same model, options and seed give the same bytes. Several songs have "
        "consecutive seeds, and are written to SONG-001.mid, SONG-002.mid and so on.\n"
        "Where the name of the output ends in .musicxml, .xml or .abc, sheet music is written: "
        "MusicXML 3.1 or ABC 2.1, with the same notes. It has key signature, meters, tempo and "
        "title; notes of different lengths that overlap are in different voices, and lengths that "
        "no single note value has are written as tied notes. It has no velocities.\n"
        "A temperature below 1 makes likely notes more likely, one above 1 makes the music more "
        "varied. Where the model contains its training songs, the longest copied run of each song "
        "is reported; with --no-copy 32 no run of 32 frames of a training song is completed, at "
        "any transposition, except within the prime.\n"
        "With --prime the model continues a song, in its key and meter. Without it, keys are as "
        "frequent as in the training songs, if these were MIDI files; --key and --transpose "
        "change the key.\n"
        "With --harmonise the notes of a MIDI file are kept and the model adds others. Length, "
        "meters, tempo and key are those of the file. All of its notes are kept, or those that "
        "--keep-track and --keep-range select; the others are left out. Kept notes are written "
        "unchanged, in their tracks; generated notes are in a separate track, on a free channel. "
        "Kept notes whose mean pitch is in the upper half of the model's range are the top voice: "
        "no notes are added above the active one or, in a rest, the last one. Otherwise they are "
        "the bottom voice, and no notes are added below. --keep-as selects top or bottom, or any: "
        "notes are added on both sides. For the model, kept notes outside its range are folded or "
        "dropped, by roll.outside. With --fill 5-8 the notes that begin in bars 5 to 8 are "
        "replaced, and nothing else is changed.",
    .examples = "rollsmith export my.model -o song.mid\n"
                "rollsmith export my.model -o song.mid --bars 64 --count 10 --seed 7\n"
                "rollsmith export my.model -o song.mid --prime tune.mid --temperature 0.9\n"
                "rollsmith export my.model -o song.mid --harmonise tune.mid --keep-track 1\n"
                "rollsmith export my.model -o song.mid --harmonise tune.mid --fill 5-8\n"
                "rollsmith export my.model -o song.musicxml --bars 32\n",
    .outputs = outputs,
    .run = run,
};
