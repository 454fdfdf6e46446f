/* SPDX-License-Identifier: ISC */

#include "music/given_song.h"

#include "base/memory.h"
#include "music/describe.h"
#include "music/file_kind.h"
#include "music/meter_map.h"
#include "music/quantise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Reading --------------------------------------------------------------------------------- */

/* The first song with notes, and its notes. */
static RsStatus find_song(RsGivenSong *out) {
  RsStatus status = RS_OK;
  for (size_t i = 0; !status && i < out->file.count && !out->notes.count; ++i) {
    free(out->notes.notes);
    out->song = &out->file.songs[i];
    status = rs_notes_pair(out->song, RS_PAIRING_CHANNEL, &out->notes);
  }
  return status;
}

/* Notes are in the order of the events that begin them. */
static RsStatus find_begins(RsGivenSong *out) {
  out->begins = rs_alloc(out->notes.count, sizeof *out->begins);
  out->given = rs_alloc(out->notes.count, sizeof *out->given);
  if (!out->begins || !out->given) {
    return RS_ERR_MEMORY;
  }
  for (size_t i = 0, note = 0; i < out->song->event_count && note < out->notes.count; ++i) {
    if (rs_midi_begins_note(&out->song->events[i])) {
      out->given[note] = true;
      out->begins[note++] = (uint32_t)i;
    }
  }
  return RS_OK;
}

/* Put the name of the file before an error. */
static RsStatus name_error(const char *path, RsStatus status, const RsError *detail,
                           RsError *error) {
  return rs_error(error, status, "%s: %s", path, detail->message);
}

static RsStatus read_bytes(const char *path, RsGivenSong *out, RsError *error) {
  RsRepairs repairs = {.lossy = false}, again = {.lossy = false};
  RsError detail = {RS_OK, ""};
  RsStatus status = rs_midi_read(out->bytes.data, out->bytes.size, &out->file, &repairs, &detail);
  if (!status) {
    status = rs_chunks_read(out->bytes.data, out->bytes.size, &out->chunks, &again, &detail);
  }
  if (status) {
    return name_error(path, status, &detail, error);
  }
  out->lossy = repairs.lossy;
  memcpy(out->repairs, repairs.text, sizeof out->repairs);
  status = find_song(out);
  if (!status && !out->notes.count) {
    return rs_error(error, RS_ERR_EMPTY, "%s: holds no notes", path);
  }
  status = status ? status : find_begins(out);
  return status ? rs_error(error, status, "%s: %s", path, rs_status_text(status)) : RS_OK;
}

RsStatus rs_given_song_read(const char *path, RsGivenSong *out, RsError *error) {
  *out = (RsGivenSong){.song = NULL};
  const RsStatus status = rs_read_file(path, RS_MIDI_SIZE_MAX, &out->bytes, error);
  return status ? status : read_bytes(path, out, error);
}

void rs_given_song_clear(RsGivenSong *song) {
  free(song->bytes.data);
  rs_chunks_clear(&song->chunks);
  rs_midi_clear(&song->file);
  free(song->notes.notes);
  free(song->begins);
  free(song->given);
  *song = (RsGivenSong){.song = NULL};
}

size_t rs_given_song_track(const RsGivenSong *song, size_t note) {
  return song->song->events[song->begins[note]].track + (size_t)1;
}

/* ---- Frames ---------------------------------------------------------------------------------- */

size_t rs_given_song_frame(const RsGivenSong *song, size_t note, const RsIngest *settings) {
  return (size_t)rs_quantise_tick(song->song, settings, song->notes.notes[note].on);
}

/* The tick of a time in seconds. */
static double tick_of_seconds(const RsMidiSong *song, double seconds) {
  size_t at = 0;
  while (at + 1 < song->tempo_count && song->tempos[at + 1].seconds <= seconds) {
    ++at;
  }
  const RsTempo *tempo = &song->tempos[at];
  return tempo->tick + (seconds - tempo->seconds) / tempo->tick_seconds;
}

uint32_t rs_given_song_tick(const RsGivenSong *song, size_t frame, const RsIngest *settings) {
  const double tick = settings->frame_ms > 0
                          ? tick_of_seconds(song->song, (double)frame * settings->frame_ms / 1000)
                          : (double)frame * song->song->ticks_per_beat / settings->frames_per_beat;
  return (uint32_t)llround(fmin(tick, INT32_MAX));
}

/* Notes by frames; `given`: those that are given alone. An empty roll of no frames where none is
 * left. */
static RsStatus quantise(const RsGivenSong *song, const RsIngest *settings, bool given, RsRoll *out,
                         RsIngestReport *report) {
  RsRepairs repairs = {.lossy = false};
  RsHash hash;
  RsNotes notes = {.notes = rs_alloc(song->notes.count, sizeof *notes.notes)};
  *out = (RsRoll){.frames = 0};
  if (!notes.notes) {
    return rs_error(&report->error, RS_ERR_MEMORY, "%s", rs_status_text(RS_ERR_MEMORY));
  }
  for (size_t i = 0; i < song->notes.count; ++i) {
    if (song->given[i] || !given) {
      notes.notes[notes.count++] = song->notes.notes[i];
    }
  }
  RsStatus status = settings->pedal ? rs_notes_hold(song->song, &notes) : RS_OK;
  status = status ? status
                  : rs_quantise(song->song, &notes, settings, NULL, out, report, &repairs, &hash);
  free(notes.notes);
  return status == RS_ERR_EMPTY ? RS_OK : status;
}

/* The whole song, for its length and meters, whatever its notes are. */
static RsIngest settings_of_whole(const RsIngest *settings) {
  RsIngest whole = *settings;
  whole.low = 0;
  whole.high = RS_NOTES - 1;
  whole.drums = true;
  whole.min_velocity = 1;
  whole.min_frames = settings->min_frames ? settings->min_frames : 1;
  whole.transpose = RS_TRANSPOSE_NONE;
  whole.transpose_semitones = 0;
  whole.articulation = whole.velocity = false;
  return whole;
}

/* A roll of the length and meters of one, with the notes of another that is not longer. */
static RsStatus lengthen(const RsRoll *whole, const RsRoll *given, unsigned planes, RsRoll *out) {
  RsStatus status = rs_roll_init(out, NULL, whole->frames, planes);
  status = status ? status : rs_meters_copy(whole, out);
  if (status) {
    return status;
  }
  out->bpm = whole->bpm;
  out->frames_per_beat = whole->frames_per_beat;
  out->frame_ms = whole->frame_ms;
  out->meter_beats = whole->meter_beats;
  out->meter_unit = whole->meter_unit;
  const size_t frames = given->frames < whole->frames ? given->frames : whole->frames;
  if (frames) {
    memcpy(out->on, given->on, frames * sizeof *out->on);
  }
  if (frames && out->onset && given->onset) {
    memcpy(out->onset, given->onset, frames * sizeof *out->onset);
  }
  if (frames && out->velocity && given->velocity) {
    memcpy(out->velocity, given->velocity, frames * RS_NOTES);
  }
  return RS_OK;
}

RsStatus rs_given_song_roll(const RsGivenSong *song, const RsIngest *settings, RsRoll *out,
                            RsIngestReport *report, RsError *error) {
  RsIngest exact = *settings;
  RsIngestReport unused = {.path = NULL};
  RsRoll whole = {.frames = 0}, given = {.frames = 0};
  exact.start = RS_START_KEEP;
  exact.max_silence = 0;
  *out = (RsRoll){.frames = 0};
  *report = (RsIngestReport){.path = NULL};
  const RsIngest all = settings_of_whole(&exact);
  RsStatus status = quantise(song, &all, false, &whole, &unused);
  if (status) {
    report->error = unused.error;
  } else {
    status = quantise(song, &exact, true, &given, report);
  }
  if (status) {
    rs_error(error, status, "%s", report->error.message);
  } else {
    const unsigned planes =
        (exact.articulation ? RS_PLANE_ONSET : 0u) | (exact.velocity ? RS_PLANE_VELOCITY : 0u);
    status = lengthen(&whole, &given, planes, out);
    out->to_common = report->transposed - exact.transpose_semitones;
    if (status) {
      rs_error(error, status, "%s", rs_status_text(status));
    }
  }
  rs_roll_clear(&whole);
  rs_roll_clear(&given);
  return status;
}
