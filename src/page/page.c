/* SPDX-License-Identifier: ISC */

#include "page/page.h"

#include "base/atomic_file.h"
#include "base/open_file.h"
#include "page/template.h"
#include "settings/data_file.h"

#include <rollsmith/model.h>
#include <rollsmith/train_log.h>

#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

/* ---- Files ---- */

/* A whole file, with a zero behind it. @param bytes Output, to be given to free(). */
static RsStatus read_file(const char *path, char **bytes, size_t *size, RsError *error) {
  FILE *stream = NULL;
  RsStatus status = rs_open_regular(path, &stream, error);
  if (status) {
    return status;
  }
  const off_t length = fseeko(stream, 0, SEEK_END) ? -1 : ftello(stream);
  *size = length < 0 ? 0 : (size_t)length;
  *bytes = calloc(*size + 1, 1);
  rewind(stream);
  errno = 0;
  if (!*bytes) {
    status = rs_error(error, RS_ERR_MEMORY, "%s: out of memory", path);
  } else if (fread(*bytes, 1, *size, stream) != *size) {
    status = rs_cannot_read(path, errno, error);
  }
  fclose(stream);
  return status;
}

/* A file in base64. @param text Output, to be given to g_free(). */
static RsStatus read_base64(const char *path, char **text, RsError *error) {
  char *bytes = NULL;
  size_t size = 0;
  const RsStatus status = read_file(path, &bytes, &size, error);
  *text = status ? NULL : g_base64_encode((const guchar *)bytes, size);
  free(bytes);
  return status;
}

static RsStatus write_page(const char *template, const RsPageText *values, const char *output,
                           RsError *error) {
  char *page = NULL;
  size_t size = 0;
  if (rs_page_fill(template, values, &page, &size)) {
    return rs_error(error, RS_ERR_MEMORY, "%s: out of memory", output);
  }
  const RsStatus status = rs_write_file_atomically(output, page, size, error);
  free(page);
  return status;
}

/* ---- The page that plays ---- */

/* Whether the model can be read, and is small enough. */
static RsStatus check_model(const char *path, RsError *error) {
  RsTensorFile *file = NULL;
  RsModel *model = NULL;
  size_t values = 0;
  RsStatus status = rs_tensor_file_load(path, &file, error);
  status = status ? status : rs_model_from_tensors(file, path, &model, error);
  values = status ? 0 : rs_rnnrbm_parameters(model->net);
  rs_model_free(model);
  rs_tensor_file_free(file);
  if (values > RS_PAGE_MODEL_LARGEST / sizeof(float)) {
    return rs_error(error, RS_ERR_FORMAT,
                    "%s: too large for a page: %zu parameters are %zu MB, must be at most %d MB; "
                    "train with fewer units (model.hidden, model.recurrent)",
                    path, values, values * sizeof(float) / 1000000,
                    RS_PAGE_MODEL_LARGEST / 1000000);
  }
  return status;
}

static RsStatus read_module(char **text, RsError *error) {
  char *path = rs_data_file(RS_PAGE_MODULE);
  if (!path) {
    return rs_error(error, RS_ERR_IO,
                    "rollsmith/" RS_PAGE_MODULE " is not installed: build with -Dpage=enabled, "
                    "which needs emscripten, and install");
  }
  const RsStatus status = read_base64(path, text, error);
  g_free(path);
  return status;
}

RsStatus rs_page_write_player(const char *model, const char *title, const char *output,
                              RsError *error) {
  char *module = NULL, *data = NULL, *escaped = rs_page_escape(title);
  RsStatus status = escaped ? RS_OK : rs_error(error, RS_ERR_MEMORY, "out of memory");
  status = status ? status : check_model(model, error);
  status = status ? status : read_module(&module, error);
  status = status ? status : read_base64(model, &data, error);
  if (!status) {
    const RsPageText values[] = {
        {"title", escaped}, {"module", module}, {"model", data}, {NULL, NULL}};
    status = write_page("player.html", values, output, error);
  }
  free(escaped);
  g_free(module);
  g_free(data);
  return status;
}

/* ---- The page of a training log ---- */

/* The log without a last line that is cut short, so that it can stand in a script: "<" is only in
   strings of JSON. @return To be given to free(); NULL where memory is out. */
static char *log_text(char *log) {
  RsStringBuffer text = {.data = NULL};
  char *out = NULL;
  char *end = strrchr(log, '\n');
  if (end) {
    end[1] = '\0';
  }
  for (const char *at = log, *less; at; at = less ? less + 1 : NULL) {
    less = strchr(at, '<');
    rs_string_buffer_append(&text, "%.*s%s", (int)(less ? less - at : (long)strlen(at)), at,
                            less ? "\\u003c" : "");
  }
  return rs_string_buffer_take(&text, &out, NULL) ? NULL : out;
}

static RsStatus check_log(const char *path, RsError *error) {
  RsTrainHistory history;
  const RsStatus status = rs_train_history_read(path, &history, error);
  rs_train_history_clear(&history);
  return status;
}

RsStatus rs_page_write_report(const char *log, const char *title, const char *output,
                              RsError *error) {
  char *bytes = NULL, *text = NULL, *escaped = rs_page_escape(title);
  size_t size = 0;
  RsStatus status = check_log(log, error);
  status = status ? status : read_file(log, &bytes, &size, error);
  text = status ? NULL : log_text(bytes);
  if (!status && !(text && escaped)) {
    status = rs_error(error, RS_ERR_MEMORY, "%s: out of memory", log);
  }
  if (!status) {
    const RsPageText values[] = {
        {"title", escaped}, {"connect", "'none'"}, {"live", ""}, {"log", text}, {NULL, NULL}};
    status = write_page("report.html", values, output, error);
  }
  free(bytes);
  free(text);
  free(escaped);
  return status;
}

RsStatus rs_page_live_report(const char *title, char **out) {
  char *escaped = rs_page_escape(title);
  size_t size = 0;
  const RsPageText values[] = {
      {"title", escaped}, {"connect", "'self'"}, {"live", "events"}, {"log", ""}, {NULL, NULL}};
  const RsStatus status = escaped ? rs_page_fill("report.html", values, out, &size) : RS_ERR_MEMORY;
  free(escaped);
  return status;
}
