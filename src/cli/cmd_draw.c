/* SPDX-License-Identifier: ISC */

#include "base/open_file.h"
#include "cli/command.h"
#include "cli/file_type.h"
#include "cli/console.h"
#include "cli/output_files.h"
#include "cli/song_file.h"

#include <rollsmith/draw.h>
#include <rollsmith/settings.h>
#include <rollsmith/tensor_file.h>
#include <rollsmith/train_log.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* File name of a path. */
static const char *title_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash && slash[1] ? slash + 1 : path;
}

static RsStatus draw_song(const RsOptions *options, const char *path, RsError *error) {
  const RsIngest settings = rs_ingest_verbatim();
  RsSongs songs;
  RsStatus status = rs_read_song_file(path, &settings, &songs, NULL, error);
  if (!status && songs.count > 1) {
    rs_notice(options, "%s has %zu songs; drawing the first", path, songs.count);
  }
  if (!status) {
    status = rs_draw_roll(&songs.rolls[0], NULL, options->output, error);
  }
  rs_songs_clear(&songs);
  return status;
}

static RsStatus draw_log(const RsOptions *options, const char *path, RsError *error) {
  RsTrainHistory history;
  RsStatus status = rs_train_history_read(path, &history, error);
  if (!status) {
    status = rs_draw_history(&history, title_of(path), options->output, error);
  }
  rs_train_history_clear(&history);
  return status;
}

/* Mark the rows and columns of a model's tensor that are notes: doc/model-format.md. */
static void name_notes(const RsIngest *roll, RsMatrix *matrix) {
  static const struct {
    const char *name;
    bool rows, columns;
  } tensors[] = {
      {"rbm.weight", false, true},  {"rnn.weight", false, true},   {"output.weight", true, false},
      {"output.bias", false, true}, {"direct.weight", true, true},
  };
  const size_t notes = (size_t)(roll->high - roll->low) + 1;
  const size_t units = notes * (roll->articulation ? 2 : 1);
  for (size_t i = 0; i < sizeof(tensors) / sizeof(tensors[0]); ++i) {
    if (!strcmp(matrix->name, tensors[i].name)) {
      matrix->low = roll->low;
      matrix->notes = notes;
      matrix->note_rows = tensors[i].rows && units <= matrix->rows ? units : 0;
      matrix->note_columns = tensors[i].columns && units <= matrix->columns ? units : 0;
    }
  }
}

/* Find the tensors that are matrices or vectors of floats. @return Their number. */
static size_t find_matrices(const RsTensorFile *file, RsMatrix *matrices) {
  size_t count = 0;
  for (size_t i = 0; i < rs_tensor_file_count(file); ++i) {
    const RsTensor *tensor = rs_tensor_file_at(file, i);
    if (tensor->type == RS_TENSOR_F32 && (tensor->rank == 1 || tensor->rank == 2)) {
      const bool flat = tensor->rank == 1;
      matrices[count++] = (RsMatrix){.name = tensor->name,
                                     .data = tensor->data,
                                     .rows = flat ? 1 : tensor->shape[0],
                                     .columns = tensor->shape[flat ? 0 : 1]};
    }
  }
  return count;
}

static RsStatus draw_tensors(const RsOptions *options, const RsTensorFile *file, const char *path,
                             RsError *error) {
  RsMatrix *matrices = calloc(rs_tensor_file_count(file) + 1, sizeof(*matrices));
  if (!matrices) {
    return rs_error(error, RS_ERR_MEMORY, "%s: out of memory", path);
  }
  const size_t count = find_matrices(file, matrices);
  const char *words = rs_tensor_file_get(file, "settings");
  RsSettings settings;
  rs_settings_init(&settings);
  if (words && !rs_settings_from_json(&settings, words, NULL)) {
    for (size_t i = 0; i < count; ++i) {
      name_notes(&settings.roll, &matrices[i]);
    }
  }
  const RsStatus status = rs_draw_matrices(matrices, count, title_of(path), options->output, error);
  free(matrices);
  return status;
}

static RsStatus draw_model(const RsOptions *options, const char *path, RsError *error) {
  RsTensorFile *file = NULL;
  RsStatus status = rs_tensor_file_load(path, &file, error);
  if (!status) {
    status = draw_tensors(options, file, path, error);
  }
  rs_tensor_file_free(file);
  return status;
}

static RsStatus draw(const RsOptions *options, RsFileType kind, RsError *error) {
  switch (kind) {
  case RS_FILE_MODEL:
    return draw_model(options, options->operands[0], error);
  case RS_FILE_LOG:
    return draw_log(options, options->operands[0], error);
  case RS_FILE_SONG:
    break;
  }
  return draw_song(options, options->operands[0], error);
}

/* Whether a path ends in .png or .svg, or is standard output, which is a .png. */
static bool is_picture(const char *path) {
  const char *dot = strrchr(path, '.');
  return !strcmp(path, RS_STANDARD_OUTPUT) ||
         (dot && (!strcasecmp(dot, ".png") || !strcasecmp(dot, ".svg")));
}

static RsStatus run(const RsOptions *options, RsError *error) {
  RsFileType kind = RS_FILE_SONG;
  RsStatus status = rs_check_output(options, "PICTURE.png or PICTURE.svg", error);
  if (!status && !is_picture(options->output)) {
    status = rs_error(error, RS_ERR_SETTING, "-o %s: must end in .png or .svg, or be -",
                      options->output);
  }
  if (!status) {
    status = rs_file_type(options->operands[0], &kind, error);
  }
  if (!status) {
    status = draw(options, kind, error);
  }
  if (!status) {
    rs_notice(options, "wrote %s", options->output);
  }
  return status;
}

const RsCommand rs_command_draw = {
    .name = "draw",
    .bit = RS_FOR_DRAW,
    .operands = "FILE -o PICTURE",
    .fewest = 1,
    .most = 1,
    .summary = "draw a song, a .roll, a training log or a model",
    .description =
        "Draws a song or the first song of a .roll as a piano roll with bar lines and note names, "
        "a "
        "training log as curves, or a model as images of its weights. The type of the file is "
        "detected by its content. The picture is a .png or an .svg, by its name; on standard "
        "output, "
        "- is a .png and -.svg an .svg.",
    .examples = "rollsmith draw song.mid -o song.png\n"
                "rollsmith draw train.jsonl -o train.svg\n"
                "rollsmith draw my.model -o weights.png\n",
    .run = run,
};
