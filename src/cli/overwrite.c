/* SPDX-License-Identifier: ISC */

#include "cli/overwrite.h"

#include "base/open_file.h"
#include "base/plural.h"
#include "cli/console.h"
#include "cli/file_type.h"
#include "cli/output_files.h"
#include "train/trainer_state.h"

#include <rollsmith/model.h>
#include <rollsmith/tensor_file.h>

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

/* Longest description of a file, bytes */
#define TEXT_SIZE 120

bool rs_file_exists(const char *path) {
  struct stat about;
  return !stat(path, &about) && S_ISREG(about.st_mode) && about.st_size > 0;
}

static void describe_model(const char *path, char *text) {
  RsModel *model = NULL;
  if (rs_model_load(path, &model, NULL)) {
    snprintf(text, TEXT_SIZE, "a model that cannot be read");
  } else {
    snprintf(text, TEXT_SIZE,
             "a model after %" PRIu64 " epoch%s with %" PRIu64 " song%s, seed %" PRIu64,
             model->training.epochs, rs_plural(model->training.epochs), model->training.songs,
             rs_plural(model->training.songs), model->settings.train.seed);
  }
  rs_model_free(model);
}

static void describe(const char *path, char *text) {
  RsFileType kind = RS_FILE_SONG;
  if (rs_file_type(path, &kind, NULL)) {
    snprintf(text, TEXT_SIZE, "a file that cannot be read");
  } else if (kind == RS_FILE_MODEL) {
    describe_model(path, text);
  } else {
    snprintf(text, TEXT_SIZE, "%s", kind == RS_FILE_LOG ? "a training log" : "not a model");
  }
}

void rs_report_overwrite(const RsOptions *options, const char *path, const char *until) {
  char text[TEXT_SIZE];
  describe(path, text);
  rs_notice(options, "%s exists (%s); it is replaced when %s", path, text, until);
}

static bool is_state(const char *path) {
  RsTensorFile *file = NULL;
  const char *format =
      rs_tensor_file_load(path, &file, NULL) ? NULL : rs_tensor_file_get(file, "format");
  const bool found = format && !strcmp(format, RS_STATE_FORMAT);
  rs_tensor_file_free(file);
  return found;
}

/* Content of an existing file by its first bytes; a tensor file starts with the length of a header,
   a number of 8 bytes. */
static RsContent content_of(const char *path) {
  char start[12] = "";
  FILE *file = NULL;
  if (rs_open_regular(path, &file, NULL)) {
    return RS_CONTENT_OTHER;
  }
  (void)!fread(start, 1, sizeof(start), file);
  fclose(file);
  if (!memcmp(start, "MThd", 4) || (!memcmp(start, "RIFF", 4) && !memcmp(start + 8, "RMID", 4))) {
    return RS_CONTENT_MIDI;
  }
  if (!memcmp(start, "{\"event\":", 9)) {
    return RS_CONTENT_LOG;
  }
  if (!memcmp(start + 4, "\0\0\0\0{", 5)) {
    return is_state(path) ? RS_CONTENT_STATE : RS_CONTENT_MODEL;
  }
  return RS_CONTENT_OTHER;
}

RsStatus rs_check_replaced(const char *option, const char *path, RsContent by, RsError *error) {
  static const char *const names[] = {
      [RS_CONTENT_MODEL] = "a model",
      [RS_CONTENT_STATE] = "the state of a training",
      [RS_CONTENT_LOG] = "a training log",
      [RS_CONTENT_MIDI] = "a MIDI file",
  };
  const RsContent there = content_of(path);
  return there == RS_CONTENT_OTHER || there == by
             ? RS_OK
             : rs_error(error, RS_ERR_SETTING,
                        "%s %s: is %s, and would be replaced by another type of file; name "
                        "another file, or remove this one first",
                        option, path, names[there]);
}

RsStatus rs_check_state_writable(const char *path, RsError *error) {
  return rs_file_exists(path) && !is_state(path)
             ? rs_error(
                   error, RS_ERR_SETTING,
                   "%s: would be replaced by the state of the training, but is another type of "
                   "file: move it, or name another model",
                   path)
             : rs_check_writable(path, error);
}
