/* SPDX-License-Identifier: ISC */

#include <rollsmith/ingest.h>

#include "base/bom.h"
#include "base/memory.h"
#include "base/plural.h"
#include "music/file.h"
#include "music/file_kind.h"
#include "music/ingest_internal.h"
#include "music/key.h"
#include "music/midi_read.h"
#include "music/notes.h"
#include "music/quantise.h"
#include "music/report.h"
#include "music/roll_text.h"

#include <glib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- A file ---------------------------------------------------------------------------------- */

/* A file that is being read. */
typedef struct {
  const char *path;
  const RsIngest *settings;
  RsSongs songs;         /* of this file alone */
  RsSongRecords records; /* of these */
  RsIngestReport told;   /* the report when the last one was kept */
  RsIngestReport *report;
  RsRepairs repairs;
} Ingest;

/* Name of a song: the last part of the path without ending, numbered where a file holds several. */
static char *song_name(const char *path, size_t number, size_t of) {
  char *shown = g_filename_display_basename(path);
  char *dot = strrchr(shown, '.');
  char *name = NULL;
  if (dot && dot != shown) {
    *dot = 0;
  }
  const int length =
      of > 1 ? asprintf(&name, "%s-%zu", shown, number) : asprintf(&name, "%s", shown);
  g_free(shown);
  return length < 0 ? NULL : name;
}

static RsStatus out_of_memory(Ingest *ingest) {
  return rs_error(&ingest->report->error, RS_ERR_MEMORY, "%s", rs_status_text(RS_ERR_MEMORY));
}

/* What is known of the song that was read last. */
static RsSongRecord record_of(Ingest *ingest, const RsRoll *roll, const RsHash *notes, bool plain) {
  const RsIngestReport *now = ingest->report, *before = &ingest->told;
  RsSongRecord record = {.print = rs_roll_print(roll),
                         .notes = now->notes - before->notes,
                         .drums = now->drums - before->drums,
                         .counts = {now->counts.kept - before->counts.kept,
                                    now->counts.folded - before->counts.folded,
                                    now->counts.dropped - before->counts.dropped}};
  record.print.notes = *notes;
  record.print.plain = plain;
  ingest->told = *now;
  return record;
}

static bool add_record(Ingest *ingest, const RsSongRecord *record) {
  RsSongRecords *all = &ingest->records;
  RsSongRecord *grown = rs_grow(all->records, &all->room, all->count + 1, sizeof *grown);
  if (grown) {
    all->records = grown;
    grown[all->count++] = *record;
  }
  return grown != NULL;
}

/* Keep a roll, taken over in any case. */
static RsStatus keep(Ingest *ingest, RsRoll *roll, const RsHash *notes, bool plain) {
  const size_t frames = roll->frames;
  roll->to_common = ingest->report->transposed - ingest->settings->transpose_semitones;
  const RsSongRecord record = record_of(ingest, roll, notes, plain);
  if (!add_record(ingest, &record) || rs_songs_add(&ingest->songs, roll)) {
    rs_roll_clear(roll);
    return out_of_memory(ingest);
  }
  ++ingest->report->songs;
  ingest->report->frames += frames;
  return RS_OK;
}

/* ---- MIDI ------------------------------------------------------------------------------------ */

static void report_pairing(Ingest *ingest, const RsNotes *notes) {
  ingest->report->notes += notes->replaced;
  ingest->report->counts.dropped += notes->replaced;
  ingest->report->unended += notes->unended;
  if (notes->unended) {
    rs_repairs_lose(&ingest->repairs, "%zu note%s that nobody ends cut to %d quarter notes or less",
                    notes->unended, rs_plural(notes->unended), RS_UNENDED_QUARTERS);
  }
}

static RsStatus quantise_song(Ingest *ingest, const RsMidiSong *song, const char *name) {
  const RsIngest *settings = ingest->settings;
  RsNotes notes;
  RsStatus status = rs_notes_pair(song, settings->pairing, &notes);
  if (!status && settings->pedal) {
    status = rs_notes_hold(song, &notes);
  }
  if (status) {
    free(notes.notes);
    return out_of_memory(ingest);
  }
  report_pairing(ingest, &notes);
  RsRoll roll;
  RsHash hash;
  status =
      rs_quantise(song, &notes, settings, name, &roll, ingest->report, &ingest->repairs, &hash);
  free(notes.notes);
  return status ? status : keep(ingest, &roll, &hash, false);
}

static RsStatus ingest_song(Ingest *ingest, const RsMidiFile *file, size_t number) {
  char *name = song_name(ingest->path, number + 1, file->count);
  const RsStatus status =
      name ? quantise_song(ingest, &file->songs[number], name) : out_of_memory(ingest);
  free(name);
  return status;
}

/* The songs of a MIDI file; those without notes are passed over. */
static RsStatus ingest_midi(Ingest *ingest, const RsBytes *bytes) {
  RsMidiFile file;
  RsError *error = &ingest->report->error;
  RsStatus status = rs_midi_read(bytes->data, bytes->size, &file, &ingest->repairs, error);
  for (size_t i = 0; !status && i < file.count; ++i) {
    status = ingest_song(ingest, &file, i);
    status = status == RS_ERR_EMPTY ? RS_OK : status;
  }
  rs_midi_clear(&file);
  return status;
}

/* ---- .roll ----------------------------------------------------------------------------------- */

/* Add onsets and velocities to a roll read from text: notes begin after silence, at a medium
 * velocity. */
static RsStatus add_planes(const RsIngest *settings, RsRoll *roll) {
  RsRoll planes;
  const unsigned wanted = (settings->articulation ? RS_PLANE_ONSET : 0u) |
                          (settings->velocity ? RS_PLANE_VELOCITY : 0u);
  const RsStatus status = rs_roll_init(&planes, NULL, roll->frames, wanted);
  for (size_t t = 0; !status && t < roll->frames; ++t) {
    if (planes.onset) {
      planes.onset[t] = rs_roll_begins(roll, t);
    }
    for (int n = 0; planes.velocity && n < RS_NOTES; ++n) {
      planes.velocity[t * RS_NOTES + n] = rs_frame_has(&roll->on[t], n) ? 64 : 0;
    }
  }
  roll->onset = planes.onset;
  roll->velocity = planes.velocity;
  planes.onset = NULL;
  planes.velocity = NULL;
  rs_roll_clear(&planes);
  return status;
}

/* A roll of a text has no unit of time: its frames are taken to be those of the settings. */
static void adopt_frames(const RsIngest *settings, RsRoll *roll) {
  roll->frames_per_beat = settings->frame_ms > 0 ? 0 : settings->frames_per_beat;
  roll->frame_ms = settings->frame_ms;
}

static RsStatus explain_fit(Ingest *ingest, RsStatus status) {
  const RsIngest *s = ingest->settings;
  return status == RS_ERR_MEMORY ? out_of_memory(ingest)
                                 : rs_error(&ingest->report->error, status,
                                            "song %zu has notes outside the range %d..%d",
                                            ingest->report->songs + 1, s->low, s->high);
}

static RsStatus ingest_roll(Ingest *ingest, const RsRoll *roll) {
  const RsIngest *s = ingest->settings;
  RsIngestReport *report = ingest->report;
  RsRollCounts counts = {0, 0, 0};
  const bool common = s->transpose == RS_TRANSPOSE_COMMON;
  report->transposed = s->transpose_semitones + (common ? rs_roll_to_common(roll) : 0);
  RsRoll fitted;
  RsStatus status =
      rs_roll_fit(roll, s->low, s->high, s->outside, report->transposed, &fitted, &counts);
  if (status) {
    return explain_fit(ingest, status);
  }
  if (add_planes(s, &fitted)) {
    rs_roll_clear(&fitted);
    return out_of_memory(ingest);
  }
  adopt_frames(s, &fitted);
  report->notes += counts.kept + counts.dropped;
  rs_counts_add(&report->counts, &counts);
  const RsHash hash = rs_runs_hash(roll);
  return keep(ingest, &fitted, &hash, true);
}

static RsStatus name_roll(Ingest *ingest, RsRoll *roll, size_t number, size_t of) {
  if (!roll->name) {
    roll->name = song_name(ingest->path, number, of);
  }
  return roll->name ? RS_OK : out_of_memory(ingest);
}

static RsStatus ingest_text(Ingest *ingest, const RsBytes *bytes) {
  RsSongs songs = {0};
  RsError *error = &ingest->report->error;
  RsStatus status =
      rs_songs_parse((const char *)bytes->data, bytes->size, ingest->path, &songs, error);
  for (size_t i = 0; !status && i < songs.count; ++i) {
    status = name_roll(ingest, &songs.rolls[i], i + 1, songs.count);
    status = status ? status : ingest_roll(ingest, &songs.rolls[i]);
  }
  rs_songs_clear(&songs);
  return status;
}

/* ---- Any file -------------------------------------------------------------------------------- */

/* A .roll text begins with a number, a silence or the name of a song; a MIDI file with a letter. */
static bool is_text(const RsBytes *bytes) {
  const size_t at = rs_bom_size(bytes->data, bytes->size);
  const uint8_t first = at < bytes->size ? bytes->data[at] : 0;
  return first == '#' || first == '-' || first == ' ' || (first >= '0' && first <= '9');
}

/* Why a file without damage gave no song. */
static RsStatus explain_emptiness(RsIngestReport *report) {
  const char *why = !report->notes ? "holds no notes"
                    : report->notes == report->drums
                        ? "holds nothing but drums"
                        : "has no note that is loud and long enough and in the range";
  return rs_error(&report->error, RS_ERR_EMPTY, "%s", why);
}

/* The songs of a file; none after an error. */
static RsStatus ingest_bytes(Ingest *ingest, const RsBytes *bytes) {
  RsIngestReport *report = ingest->report;
  RsStatus status = rs_ingest_check(ingest->settings, &report->error);
  if (!status && !bytes->size) {
    status = rs_error(&report->error, RS_ERR_FORMAT, "is empty");
  } else if (!status) {
    status = is_text(bytes) && !rs_file_kind(bytes->data, bytes->size) ? ingest_text(ingest, bytes)
                                                                       : ingest_midi(ingest, bytes);
  }
  if (!status && !report->songs) {
    status = explain_emptiness(report);
  }
  return status;
}

/* Hand over what was read, and complete the report. */
static RsStatus end_ingest(Ingest *ingest, RsStatus status, RsSongs *songs) {
  RsIngestReport *report = ingest->report;
  if (!status && rs_songs_move(&ingest->songs, songs)) {
    status = out_of_memory(ingest);
  }
  if (status) {
    report->songs = report->frames = 0;
  } else {
    report->error = (RsError){RS_OK, ""};
  }
  report->lossy = ingest->repairs.lossy;
  memcpy(report->repairs, ingest->repairs.text, sizeof report->repairs);
  rs_songs_clear(&ingest->songs);
  return status;
}

static RsStatus begin_ingest(Ingest *ingest, const char *path, const RsIngest *settings,
                             RsIngestReport *report) {
  *ingest = (Ingest){.path = path, .settings = settings, .report = report};
  *report = (RsIngestReport){.path = strdup(path)};
  return report->path ? RS_OK : out_of_memory(ingest);
}

RsStatus rs_ingest_memory(const void *data, size_t size, const char *path, const RsIngest *settings,
                          RsSongs *songs, RsIngestReport *report) {
  Ingest ingest;
  RsStatus status = begin_ingest(&ingest, path, settings, report);
  if (!status) {
    status = ingest_bytes(&ingest, &(RsBytes){(uint8_t *)data, size});
  }
  free(ingest.records.records);
  return end_ingest(&ingest, status, songs);
}

RsStatus rs_ingest_file(const char *path, const RsIngest *settings, RsSongs *songs,
                        RsIngestReport *report) {
  RsSongRecords records;
  const RsStatus status = rs_ingest_file_records(path, settings, songs, &records, report);
  free(records.records);
  return status;
}

RsStatus rs_ingest_file_records(const char *path, const RsIngest *settings, RsSongs *songs,
                                RsSongRecords *records, RsIngestReport *report) {
  Ingest ingest;
  RsBytes bytes = {0};
  RsStatus status = begin_ingest(&ingest, path, settings, report);
  if (!status) {
    status = rs_read_file(path, RS_ROLL_SIZE_MAX, &bytes, &report->error);
  }
  if (!status) {
    status = ingest_bytes(&ingest, &bytes);
  }
  free(bytes.data);
  *records = ingest.records;
  return end_ingest(&ingest, status, songs);
}
