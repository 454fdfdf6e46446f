/* SPDX-License-Identifier: ISC */

#include <rollsmith/train_log.h>

#include "base/memory.h"
#include "base/open_file.h"
#include "files/json.h"
#include "files/wait_writable.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Writing ---- */

struct RsTrainLog {
  int descriptor; /* -1: there is no file */
  char *path;     /* For messages */
  bool (*stop)(void *context);
  void *context;
  void (*callback)(void *context, const char *line);
  void *callback_context;
  bool ended;    /* the reader of a pipe has not read, and training is to stop */
  bool empties;  /* what is in the file is removed before the first line */
  GString *held; /* lines that wait for rs_train_log_release(); NULL: none are to wait */
};

/* Open the file of a log, as it is. A descriptor by its name, such as /dev/stdout, is written to
   where it stands. */
static int open_log(const char *path, bool append) {
  const int descriptor = rs_path_descriptor(path);
  return descriptor >= 0
             ? fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
             : open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : 0), 0666);
}

RsStatus rs_train_log_open(const char *path, bool append, RsTrainLog **out, RsError *error) {
  RsTrainLog *log = calloc(1, sizeof(*log));
  *out = NULL;
  const char *name = path ? path : "the log";
  if (!log || !(log->path = strdup(name))) {
    free(log);
    return rs_error(error, RS_ERR_MEMORY, "%s: out of memory", name);
  }
  log->descriptor = path ? open_log(path, append) : -1;
  if (path && log->descriptor < 0) {
    const int reason = errno;
    rs_train_log_close(log);
    return rs_error(error, RS_ERR_IO, "cannot write %s: %s", path, strerror(reason));
  }
  log->empties = path && !append && rs_path_descriptor(path) < 0;
  *out = log;
  return RS_OK;
}

void rs_train_log_hold(RsTrainLog *log) {
  log->held = log->held ? log->held : g_string_new(NULL);
}

void rs_train_log_stop_when(RsTrainLog *log, bool (*stop)(void *context), void *context) {
  log->stop = stop;
  log->context = context;
}

void rs_train_log_set_callback(RsTrainLog *log, void (*callback)(void *context, const char *line),
                               void *context) {
  log->callback = callback;
  log->callback_context = context;
}

void rs_train_log_close(RsTrainLog *log) {
  if (log) {
    if (log->descriptor >= 0) {
      close(log->descriptor);
    }
    if (log->held) {
      g_string_free(log->held, TRUE);
    }
    free(log->path);
    free(log);
  }
}

/* Write a text in parts that do not block, unless the log has ended. */
static bool write_text(RsTrainLog *log, const char *text) {
  if (log->empties && ftruncate(log->descriptor, 0) && errno != EINVAL) { /* as of a pipe */
    return false;
  }
  log->empties = false;
  for (size_t left = strlen(text); left && log->descriptor >= 0 && !log->ended;) {
    const ssize_t n = rs_wait_writable(log->descriptor, log->stop, log->context)
                          ? write(log->descriptor, text, MIN(left, RS_PIPE_ROOM))
                          : 0;
    if (n < 0 && errno != EINTR) {
      return false;
    }
    log->ended = n == 0;
    text += n > 0 ? n : 0;
    left -= n > 0 ? (size_t)n : 0;
  }
  return true;
}

/* Write a text, or hold it back. */
static RsStatus put_text(RsTrainLog *log, const char *text, RsError *error) {
  if (log->held) {
    g_string_append(log->held, text);
    return RS_OK;
  }
  return write_text(log, text)
             ? RS_OK
             : rs_error(error, RS_ERR_IO, "cannot write %s: %s", log->path, strerror(errno));
}

/* Write an object as a line, and free it; NULL means that memory was out when it was made */
static RsStatus put_line(RsTrainLog *log, json_t *line, RsError *error) {
  if (!line) {
    return rs_error(error, RS_ERR_MEMORY, "%s: out of memory", log->path);
  }
  char *object = rs_json_dump(line, JSON_COMPACT);
  json_decref(line);
  if (!object) {
    return rs_error(error, RS_ERR_MEMORY, "%s: out of memory", log->path);
  }
  if (log->callback) {
    log->callback(log->callback_context, object);
  }
  char *text = g_strconcat(object, "\n", (char *)NULL);
  const RsStatus status = put_text(log, text, error);
  g_free(text);
  g_free(object);
  return status;
}

RsStatus rs_train_log_release(RsTrainLog *log, RsError *error) {
  GString *held = log->held;
  if (!held) {
    return RS_OK;
  }
  log->held = NULL;
  const RsStatus status = put_text(log, held->str, error);
  g_string_free(held, TRUE);
  return status;
}

RsStatus rs_train_log_start(RsTrainLog *log, const RsTrainStart *start, RsError *error) {
  char *text = NULL;
  if (rs_settings_to_json(start->settings, &text)) {
    return rs_error(error, RS_ERR_MEMORY, "%s: out of memory", log->path);
  }
  json_t *settings = json_loads(text, 0, NULL);
  free(text);
  return put_line(
      log,
      json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "event", "start", "settings", settings,
                "songs", (json_int_t)start->songs, "frames", (json_int_t)start->frames,
                "valid_songs", (json_int_t)start->valid_songs, "valid_frames",
                (json_int_t)start->valid_frames, "parameters", (json_int_t)start->parameters,
                "seed", (json_int_t)start->settings->train.seed),
      error);
}

RsStatus rs_train_log_epoch(RsTrainLog *log, const RsEpochReport *epoch, RsError *error) {
  return put_line(
      log,
      json_pack("{s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "event", "epoch",
                "epoch", (json_int_t)epoch->epoch, "updates", (json_int_t)epoch->updates, "frames",
                (json_int_t)epoch->frames, "seconds", rs_json_number(epoch->seconds),
                "frames_per_second", rs_json_number(epoch->frames_per_second), "learning_rate",
                rs_json_number(epoch->learning_rate), "gradient_norm",
                rs_json_number(epoch->gradient_norm), "train_cost",
                rs_json_number(epoch->train_cost), "valid_ll", rs_json_number(epoch->valid_ll),
                "free_run", rs_json_number(epoch->free_run), "best", (int)epoch->best),
      error);
}

RsStatus rs_train_log_end(RsTrainLog *log, RsTrainedReason reason, double seconds, uint64_t frames,
                          RsError *error) {
  return put_line(log,
                  json_pack("{s:s, s:s, s:o, s:I}", "event", "end", "reason",
                            rs_trained_reason_name(reason), "seconds", rs_json_number(seconds),
                            "frames", (json_int_t)frames),
                  error);
}

/* ---- Reading ---- */

static uint64_t count_of(const json_t *line, const char *name) {
  return (uint64_t)json_integer_value(json_object_get(line, name));
}

static double number_of(const json_t *line, const char *name) {
  const json_t *value = json_object_get(line, name);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

static void take_start(RsTrainHistory *history, const json_t *line) {
  history->start = (RsTrainStart){.songs = count_of(line, "songs"),
                                  .frames = count_of(line, "frames"),
                                  .valid_songs = count_of(line, "valid_songs"),
                                  .valid_frames = count_of(line, "valid_frames"),
                                  .parameters = count_of(line, "parameters")};
  history->seed = count_of(line, "seed");
}

/* `room` counts for how many epochs there is room */
static RsStatus take_epoch(RsTrainHistory *history, const json_t *line, size_t *room) {
  RsEpochReport *epochs =
      rs_grow(history->epochs, room, history->count + 1, sizeof(*history->epochs));
  if (!epochs) {
    return RS_ERR_MEMORY;
  }
  history->epochs = epochs;
  epochs[history->count++] = (RsEpochReport){
      .epoch = count_of(line, "epoch"),
      .updates = count_of(line, "updates"),
      .frames = count_of(line, "frames"),
      .seconds = number_of(line, "seconds"),
      .frames_per_second = number_of(line, "frames_per_second"),
      .learning_rate = number_of(line, "learning_rate"),
      .gradient_norm = number_of(line, "gradient_norm"),
      .train_cost = number_of(line, "train_cost"),
      .valid_ll = number_of(line, "valid_ll"),
      .free_run = number_of(line, "free_run"),
      .best = json_is_true(json_object_get(line, "best")),
  };
  return RS_OK;
}

static RsStatus take_line(RsTrainHistory *history, const json_t *line, size_t *room) {
  const char *event = json_string_value(json_object_get(line, "event"));
  const char *reason = json_string_value(json_object_get(line, "reason"));
  history->reason[0] = '\0'; /* The training has not ended */
  if (!event) {
    return RS_ERR_FORMAT;
  }
  if (!strcmp(event, "start")) {
    take_start(history, line);
  } else if (!strcmp(event, "epoch")) {
    return take_epoch(history, line, room);
  } else if (!strcmp(event, "end")) {
    snprintf(history->reason, sizeof(history->reason), "%s", reason ? reason : "unknown");
  }
  return RS_OK;
}

static RsStatus read_lines(FILE *stream, const char *path, RsTrainHistory *history,
                           RsError *error) {
  char *text = NULL;
  size_t room = 0, epochs_room = 0, number_of_line = 0;
  ssize_t length = 0;
  RsStatus status = RS_OK;
  while (!status && (length = getline(&text, &room, stream)) > 0) {
    json_error_t detail;
    json_t *line = json_loadb(text, (size_t)length, 0, &detail);
    ++number_of_line;
    if (line || text[length - 1] == '\n' || number_of_line == 1) {
      status = take_line(history, line, &epochs_room);
    }
    json_decref(line);
  }
  free(text);
  if (status == RS_ERR_FORMAT) {
    return rs_error(error, status, "%s:%zu: not a line of a training log", path, number_of_line);
  }
  return status ? rs_error(error, status, "%s: out of memory", path) : RS_OK;
}

RsStatus rs_train_history_read(const char *path, RsTrainHistory *history, RsError *error) {
  FILE *stream = NULL;
  *history = (RsTrainHistory){.count = 0};
  RsStatus status = rs_open_regular(path, &stream, error);
  if (status) {
    return status;
  }
  status = read_lines(stream, path, history, error);
  if (!status && ferror(stream)) {
    status = rs_cannot_read(path, errno, error);
  }
  fclose(stream);
  return status;
}

void rs_train_history_clear(RsTrainHistory *history) {
  if (history) {
    free(history->epochs);
    *history = (RsTrainHistory){.count = 0};
  }
}
