/* SPDX-License-Identifier: ISC */

#include "cli/songs_summary.h"

#include "base/plural.h"
#include "base/printable.h"
#include "cli/console.h"
#include "files/json.h"
#include "music/outliers.h"

#include <glib.h>
#include <string.h>

/* Longest line of a file, bytes */
#define LINE_SIZE 1024

size_t rs_files_reached(const RsIngestReports *reports) {
  size_t count = 0;
  for (size_t i = 0; i < reports->count; ++i) {
    count += reports->files[i].path && !reports->files[i].left_out;
  }
  return count;
}

static void add_line(GString *text, const RsIngestReport *report) {
  char line[LINE_SIZE];
  rs_ingest_report_line(report, line, sizeof(line));
  g_string_append_printf(text, "  %s\n", line);
}

/* Names of the files that were repaired with losses. */
static void add_losses(const RsIngestReports *reports, GString *text) {
  size_t lossy = 0;
  for (size_t i = 0; i < reports->count; ++i) {
    lossy += reports->files[i].lossy && !reports->files[i].error.status;
  }
  if (lossy) {
    const size_t reached = rs_files_reached(reports);
    g_string_append_printf(text,
                           "%zu of %zu file%s repaired with losses (--strict refuses them):\n",
                           lossy, reached, rs_plural(reached));
  }
  for (size_t i = 0; lossy && i < reports->count; ++i) {
    if (reports->files[i].lossy && !reports->files[i].error.status) {
      add_line(text, &reports->files[i]);
    }
  }
}

/* Names of the files with duplicates. */
static void add_duplicates(const RsIngestReports *reports, GString *text) {
  const size_t duplicates = rs_ingest_sum(reports, NULL).duplicates;
  if (duplicates) {
    g_string_append_printf(text,
                           "%zu duplicate song%s left out: equal to another one, except for key "
                           "and start (roll.duplicates keeps them):\n",
                           duplicates, rs_plural(duplicates));
  }
  for (size_t i = 0; duplicates && i < reports->count; ++i) {
    if (reports->files[i].duplicates) {
      add_line(text, &reports->files[i]);
    }
  }
}

/* ---- Outliers ---- */

/* A summary under construction */
typedef struct {
  RsUsualLengths usual;
  GString *lines; /* of the outliers */
  json_t *list;
} Search;

/* A song and its file */
typedef struct {
  const char *path;
  const RsRoll *roll;
  bool alone; /* the only one of its file */
} Song;

/* Add an outlier and the reason. */
static void suspect(Search *search, const Song *song, const char *kind, const char *why) {
  char path[LINE_SIZE], name[LINE_SIZE];
  json_t *json = json_pack("{s:s, s:I}", "kind", kind, "frames", (json_int_t)song->roll->frames);
  json_object_set_new(json, "path", rs_json_text(song->path));
  json_object_set_new(json, "song", rs_json_text(song->roll->name ? song->roll->name : ""));
  json_array_append_new(search->list, json);
  rs_printable(song->path, path, sizeof(path));
  rs_printable(song->roll->name && !song->alone ? song->roll->name : "", name, sizeof(name));
  g_string_append_printf(search->lines, "  %s%s%s: %s\n", path, *name ? ", song " : "", name, why);
}

static void check_length(Search *search, const Song *song) {
  const RsUsualLengths *usual = &search->usual;
  const size_t frames = song->roll->frames;
  char why[200];
  if (rs_is_shorter_than_a_bar(song->roll)) {
    snprintf(why, sizeof(why), "%zu frame%s, less than a bar", frames, rs_plural(frames));
    suspect(search, song, "short", why);
  } else if (frames < usual->lowest || frames > usual->highest) {
    const bool is_short = frames < usual->lowest;
    snprintf(why, sizeof(why),
             "%zu frames, much %s than the other songs, half of which have %zu to %zu", frames,
             is_short ? "fewer" : "more", usual->low, usual->high);
    suspect(search, song, is_short ? "short" : "long", why);
  }
}

static void check_notes(Search *search, const Song *song) {
  const RsHeldNote held = rs_held_note(song->roll);
  const double quarters = (double)held.frames / rs_roll_frames_per_quarter(song->roll);
  char why[200];
  if (quarters > RS_HELD_QUARTERS) {
    snprintf(why, sizeof(why),
             "note %d is held for %zu frames from frame %zu on, more than %d quarter notes",
             held.note, held.frames, held.first, RS_HELD_QUARTERS);
    suspect(search, song, "held", why);
  }
}

/* Check the songs of a file. @return Number of outliers. */
static size_t check_file(Search *search, const RsIngestReport *report, const RsRoll *rolls) {
  size_t count = 0;
  for (size_t i = 0; i < report->songs; ++i) {
    const Song song = {report->path, &rolls[i], report->songs == 1};
    const size_t before = json_array_size(search->list);
    check_length(search, &song);
    check_notes(search, &song);
    count += json_array_size(search->list) > before;
  }
  return count;
}

static void add_outliers(const RsIngestReports *reports, const RsSongs *songs, Search *search,
                         GString *text) {
  size_t count = 0, from = 0;
  for (size_t i = 0; songs->count && i < reports->count; ++i) {
    count += check_file(search, &reports->files[i], songs->rolls + from);
    from += reports->files[i].songs;
  }
  if (count) {
    g_string_append_printf(text, "%zu suspicious song%s, kept:\n", count, rs_plural(count));
    g_string_append(text, search->lines->str);
  }
}

RsStatus rs_songs_summary(const RsIngestReports *reports, const RsSongs *songs,
                          RsSongsSummary *out) {
  *out = (RsSongsSummary){.suspicious = json_array()};
  Search search = {.list = out->suspicious};
  if (!out->suspicious || rs_usual_lengths(songs, &search.usual)) {
    return RS_ERR_MEMORY;
  }
  GString *text = g_string_new(NULL);
  search.lines = g_string_new(NULL);
  add_duplicates(reports, text);
  add_losses(reports, text);
  add_outliers(reports, songs, &search, text);
  g_string_free(search.lines, TRUE);
  out->text = g_string_free(text, FALSE);
  return RS_OK;
}

void rs_songs_summary_report(const RsOptions *options, const RsSongsSummary *summary) {
  char **lines = g_strsplit(summary->text ? summary->text : "", "\n", 0);
  for (char **line = lines; *line && **line; ++line) {
    rs_notice(options, "%s", *line);
  }
  g_strfreev(lines);
}

void rs_songs_summary_clear(RsSongsSummary *summary) {
  g_free(summary->text);
  json_decref(summary->suspicious);
  *summary = (RsSongsSummary){.text = NULL};
}
