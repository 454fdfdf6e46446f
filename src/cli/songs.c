/* SPDX-License-Identifier: ISC */

#include "cli/songs.h"

#include "base/thread_pool.h"
#include "base/plural.h"
#include "cli/console.h"
#include "cli/signals.h"
#include "files/json.h"
#include "train/seconds.h"
#include "train/songs_read.h"

#include <glib.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Longest line of the report, bytes */
#define LINE_SIZE 1024

static json_t *counts_json(const RsIngestReport *report) {
  return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "songs", (json_int_t)report->songs,
                   "frames", (json_int_t)report->frames, "notes", (json_int_t)report->notes, "kept",
                   (json_int_t)report->counts.kept, "folded", (json_int_t)report->counts.folded,
                   "dropped", (json_int_t)report->counts.dropped, "drums",
                   (json_int_t)report->drums);
}

static json_t *file_json(const RsIngestReport *report) {
  json_t *json = counts_json(report);
  json_object_set_new(json, "path", rs_json_text(report->path));
  json_object_set_new(json, "transposed", json_integer(report->transposed));
  json_object_set_new(json, "refused",
                      report->error.status ? rs_json_text(report->error.message) : json_null());
  json_object_set_new(json, "repairs", rs_json_text(report->repairs));
  json_object_set_new(json, "lossy", json_boolean(report->lossy));
  json_object_set_new(json, "left_out", json_boolean(report->left_out));
  json_object_set_new(json, "duplicates", json_integer((json_int_t)report->duplicates));
  json_object_set_new(json, "same_as",
                      report->same_as ? rs_json_text(report->same_as) : json_null());
  json_object_set_new(json, "unended", json_integer((json_int_t)report->unended));
  return json;
}

static json_t *reports_json(const RsIngestReports *reports, const RsSongsSummary *summary) {
  size_t refused = 0;
  const RsIngestReport sum = rs_ingest_sum(reports, &refused);
  json_t *json = counts_json(&sum), *files = json_array();
  for (size_t i = 0; i < reports->count; ++i) {
    if (reports->files[i].path) {
      json_array_append_new(files, file_json(&reports->files[i]));
    }
  }
  json_object_set_new(json, "refused", json_integer((json_int_t)refused));
  json_object_set_new(json, "duplicates", json_integer((json_int_t)sum.duplicates));
  json_object_set(json, "suspicious", summary->suspicious);
  json_object_set_new(json, "files", files);
  return json;
}

static void print_files(const RsOptions *options, const RsIngestReports *reports,
                        RsReportDetail detail) {
  char line[LINE_SIZE];
  for (size_t i = 0; i < reports->count; ++i) {
    if (!reports->files[i].path) {
      continue;
    }
    rs_ingest_report_line(&reports->files[i], line, sizeof(line));
    if (detail == RS_REPORT_ALL) {
      rs_report(options, "%s", line);
    } else if (reports->files[i].error.status || reports->files[i].left_out) {
      rs_notice(options, "%s", line);
    } else {
      rs_verbose(options, "%s", line);
    }
  }
}

/* Without a report: a notice where more than a tenth of the notes is outside the model's range. */
static void print_range(const RsOptions *options, const RsIngest *roll,
                        const RsRollCounts *counts) {
  const size_t notes = counts->kept + counts->dropped;
  if (10 * (counts->folded + counts->dropped) > notes) {
    rs_notice(options,
              "of %zu note%s, %zu %s transposed by octaves into the range %d to %d, and %zu "
              "dropped; change this with roll.low, roll.high and roll.outside",
              notes, rs_plural(notes), counts->folded, counts->folded == 1 ? "was" : "were",
              roll->low, roll->high, counts->dropped);
  }
}

/* After a signal: report the files that were not read. */
static void print_unread(const RsOptions *options, size_t count) {
  if (count) {
    rs_report(options, "stopped: %zu file%s not read", count, count == 1 ? " was" : "s were");
  }
}

static void print_sum(const RsOptions *options, const RsIngest *roll,
                      const RsIngestReports *reports, RsReportDetail detail) {
  size_t refused = 0;
  const RsIngestReport sum = rs_ingest_sum(reports, &refused);
  const size_t reached = rs_files_reached(reports);
  if (detail == RS_REPORT_ALL) {
    rs_report(options,
              "%zu song%s, %zu frame%s, %zu note%s kept (%zu folded), %zu dropped, %zu of drums "
              "left out; %zu of %zu file%s refused",
              sum.songs, rs_plural(sum.songs), sum.frames, rs_plural(sum.frames), sum.counts.kept,
              rs_plural(sum.counts.kept), sum.counts.folded, sum.counts.dropped, sum.drums, refused,
              reached, rs_plural(reached));
    print_unread(options, reports->count - sum.left_out - reached);
  } else {
    print_range(options, roll, &sum.counts);
  }
}

/* With --strict: an error for the first file that was refused, or read with losses. */
static RsStatus check_strict(const RsOptions *options, const RsIngestReports *reports,
                             RsError *error) {
  for (size_t i = 0; options->strict && i < reports->count; ++i) {
    const RsIngestReport *file = &reports->files[i];
    if (file->error.status || file->lossy) {
      char line[LINE_SIZE];
      rs_ingest_report_line(file, line, sizeof(line));
      return rs_error(error, RS_ERR_FORMAT, "%s (with --strict)", line);
    }
  }
  return RS_OK;
}

/* Seconds before the first progress line, and between two of them: short enough to seem continuous
 */
#define PROGRESS_DELAY 0.5
#define PROGRESS_INTERVAL 0.1

/* A reading in progress */
typedef struct {
  const RsOptions *options;
  const RsIngest *roll;
  RsReportDetail detail;
  bool has_progress;       /* on a terminal, without --quiet */
  bool line_open;          /* the progress line is on the screen */
  double due_at;           /* monotonic time of the next progress line, seconds */
  RsIngestReports reports; /* of all files, some of which are being read */
  pthread_mutex_t mutex;   /* for `read` */
  bool *read;              /* whether each file has been read; NULL before the first one */
} Reading;

static void note_file(Reading *reading, const RsIngestReport *file) {
  pthread_mutex_lock(&reading->mutex);
  if (!reading->read) {
    reading->read = calloc(reading->reports.count, sizeof(*reading->read));
  }
  if (reading->read) {
    reading->read[file - reading->reports.files] = true;
  }
  pthread_mutex_unlock(&reading->mutex);
}

/* Reports of the files that have been read; those of others are empty. */
static RsIngestReports reports_of_read(const Reading *reading) {
  RsIngestReports read = {NULL, reading->read ? reading->reports.count : 0};
  read.files = calloc(read.count, sizeof(*read.files));
  read.count = read.files ? read.count : 0;
  for (size_t i = 0; i < read.count; ++i) {
    if (reading->read[i]) {
      read.files[i] = reading->reports.files[i];
    }
  }
  return read;
}

/* Called where a file takes too long after a signal; the program ends afterwards. */
static void print_read(void *context) {
  Reading *reading = context;
  pthread_mutex_lock(&reading->mutex);
  const RsIngestReports read = reports_of_read(reading);
  print_files(reading->options, &read, reading->detail);
  print_sum(reading->options, reading->roll, &read, reading->detail);
  if (!read.count) {
    rs_report(reading->options, "stopped: no file was read");
  }
  if (reading->options->json) {
    const RsSongsSummary none = {.suspicious = json_array()};
    rs_report_json(reports_json(&read, &none), NULL);
  }
  fflush(stdout);
}

static bool on_file(void *context, const RsIngestReport *file, size_t done, size_t files) {
  Reading *reading = context;
  note_file(reading, file);
  if (reading->has_progress && rs_seconds() >= reading->due_at) {
    rs_progress_line("read %zu of %zu file%s", done, files, rs_plural(files));
    reading->line_open = true;
    reading->due_at = rs_seconds() + PROGRESS_INTERVAL;
  }
  return !rs_signal_received();
}

static RsStatus read_all(const RsTransport *transport, Reading *reading, size_t threads,
                         char *const *paths, RsSongs *songs, RsError *error) {
  RsThreadPool *pool = NULL;
  if (rs_thread_pool_new(threads, &pool) || rs_signals_set_timeout_call(print_read, reading)) {
    rs_thread_pool_free(pool);
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  const RsStatus status = rs_songs_read_together(transport, (const char *const *)paths,
                                                 g_strv_length((char **)paths), reading->roll, pool,
                                                 on_file, reading, songs, &reading->reports, error);
  rs_signals_clear_timeout_call();
  rs_thread_pool_free(pool);
  free(reading->read);
  if (reading->line_open) {
    rs_progress_line("%s", "");
  }
  return status;
}

RsStatus rs_read_songs_together(const RsTransport *transport, const RsOptions *options,
                                const RsSettings *settings, char *const *paths,
                                RsReportDetail detail, RsSongs *songs, RsSongsSummary *summary,
                                json_t **report, RsError *error) {
  Reading reading = {.options = options,
                     .roll = &settings->roll,
                     .detail = detail,
                     .has_progress = !options->quiet && isatty(STDERR_FILENO),
                     .due_at = rs_seconds() + PROGRESS_DELAY,
                     .mutex = PTHREAD_MUTEX_INITIALIZER};
  RsIngestReports *reports = &reading.reports;
  *songs = (RsSongs){NULL, 0, 0};
  RsStatus status =
      read_all(transport, &reading, (size_t)settings->train.threads, paths, songs, error);
  print_files(options, reports, detail);
  print_sum(options, &settings->roll, reports, detail);
  if (rs_songs_summary(reports, songs, summary) && !status) {
    status = rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  if (report) {
    *report = reports_json(reports, summary);
  }
  if (!status) {
    status = check_strict(options, reports, error);
  }
  rs_ingest_reports_clear(reports);
  return status;
}

RsStatus rs_read_songs(const RsOptions *options, const RsSettings *settings, char *const *paths,
                       RsReportDetail detail, RsSongs *songs, RsSongsSummary *summary,
                       json_t **report, RsError *error) {
  return rs_read_songs_together(rs_transport_alone(), options, settings, paths, detail, songs,
                                summary, report, error);
}
