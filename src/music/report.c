/* SPDX-License-Identifier: ISC */

#include "music/report.h"

#include "base/plural.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void rs_counts_add(RsRollCounts *sum, const RsRollCounts *counts) {
  sum->kept += counts->kept;
  sum->folded += counts->folded;
  sum->dropped += counts->dropped;
}

/* ---- The line of a file ---------------------------------------------------------------------- */

/* A text that is truncated to its room, with its untruncated length */
typedef struct {
  char *text;
  size_t room, length;
} Line;

static void add(Line *line, const char *format, ...) RS_PRINTF_LIKE(2, 3);

static void add(Line *line, const char *format, ...) {
  const bool full = line->length >= line->room;
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(full ? NULL : line->text + line->length,
                               full ? 0 : line->room - line->length, format, arguments);
  va_end(arguments);
  line->length += length > 0 ? (size_t)length : 0;
}

/* Append an untrusted text with control characters escaped. */
static void add_text(Line *line, const char *text) {
  for (const char *at = text; *at; ++at) {
    const unsigned char c = (unsigned char)*at;
    if (c == '\n') {
      add(line, "\\n");
    } else if (c < ' ' || c == 0x7f) {
      add(line, "\\%03o", c);
    } else {
      add(line, "%c", c);
    }
  }
}

/* A number and what it counts. */
static void add_count(Line *line, const char *before, size_t count, const char *one) {
  add(line, "%s%zu %s%s", before, count, one, rs_plural(count));
}

/* A message without the path at its beginning. */
static const char *without_path(const char *message, const char *path) {
  const size_t length = strlen(path);
  const bool named = !strncmp(message, path, length) && strchr(":,", message[length]);
  return named && message[length] ? message + length + 2 : message;
}

/* The songs that are equal to others. */
static void add_duplicates(Line *line, const RsIngestReport *report) {
  if (report->songs) {
    add_count(line, "; ", report->duplicates, "song");
    add(line, " ");
  }
  add(line, "left out: the same as ");
  add_text(line, report->same_as ? report->same_as : "(no name)");
}

static void add_success(Line *line, const RsIngestReport *report) {
  add_count(line, "", report->songs, "song");
  add_count(line, ", ", report->frames, "frame");
  add_count(line, ", ", report->counts.kept, "note");
  add(line, " kept");
  if (report->counts.folded) {
    add(line, " (%zu folded)", report->counts.folded);
  }
  if (report->counts.dropped) {
    add(line, ", %zu dropped", report->counts.dropped);
  }
  if (report->drums) {
    add_count(line, ", ", report->drums, "drum note");
    add(line, " left out");
  }
}

size_t rs_ingest_report_line(const RsIngestReport *report, char *text, size_t size) {
  Line line = {text, size, 0};
  const char *path = report->path ? report->path : "(no name)";
  add_text(&line, path);
  add(&line, ": ");
  if (report->left_out) {
    add(&line, "left out: ingest wrote it; name the file itself to have it read");
  } else if (report->error.status) {
    add(&line, report->error.status == RS_ERR_READ ? "" : "refused: ");
    add_text(&line, without_path(report->error.message, path));
  } else if (report->songs || !report->duplicates) {
    add_success(&line, report);
  }
  if (report->duplicates) {
    add_duplicates(&line, report);
  }
  if (report->repairs[0]) {
    add(&line, "; %s", report->repairs);
  }
  return line.length;
}

/* ---- Several reports ------------------------------------------------------------------------- */

RsIngestReport rs_ingest_sum(const RsIngestReports *reports, size_t *refused) {
  RsIngestReport sum = {0};
  size_t bad = 0;
  for (size_t i = 0; i < reports->count; ++i) {
    const RsIngestReport *file = &reports->files[i];
    bad += file->error.status != RS_OK;
    sum.left_out += file->left_out;
    sum.duplicates += file->duplicates;
    if (!file->error.status) {
      sum.songs += file->songs;
      sum.frames += file->frames;
      sum.notes += file->notes;
      sum.drums += file->drums;
      rs_counts_add(&sum.counts, &file->counts);
    }
  }
  if (refused) {
    *refused = bad;
  }
  return sum;
}

void rs_ingest_report_clear(RsIngestReport *report) {
  if (report) {
    free(report->path);
    free(report->same_as);
    *report = (RsIngestReport){0};
  }
}

void rs_ingest_reports_clear(RsIngestReports *reports) {
  if (reports) {
    for (size_t i = 0; i < reports->count; ++i) {
      rs_ingest_report_clear(&reports->files[i]);
    }
    free(reports->files);
    *reports = (RsIngestReports){0};
  }
}
