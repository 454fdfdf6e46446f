/* SPDX-License-Identifier: ISC */

#include "music/chunks.h"

#include "base/memory.h"
#include "base/plural.h"
#include "music/events.h"
#include "music/file_kind.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Rest of a file */
typedef struct {
  const uint8_t *at, *end;
} Rest;

static size_t left(const Rest *rest) {
  return (size_t)(rest->end - rest->at);
}

static unsigned big16(const uint8_t *at) {
  return (unsigned)at[0] << 8 | at[1];
}

static uint32_t big32(const uint8_t *at) {
  return (uint32_t)big16(at) << 16 | big16(at + 2);
}

static uint32_t little32(const uint8_t *at) {
  return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static bool is_chunk_id(const uint8_t *id) {
  for (int i = 0; i < 4; ++i) {
    if (id[i] < 0x20 || id[i] > 0x7E) {
      return false;
    }
  }
  return true;
}

static bool begins_with(const Rest *rest, const char *id) {
  return left(rest) >= 8 && !memcmp(rest->at, id, 4);
}

static void skip(Rest *rest, size_t bytes) {
  rest->at += bytes < left(rest) ? bytes : left(rest);
}

/* ---- RIFF ---------------------------------------------------------------------------------- */

/* Whether nothing or a whole chunk stands at a place, whose size is little-endian. */
static bool is_riff_chunk(const uint8_t *at, const uint8_t *end) {
  const Rest rest = {at, end};
  return at == end || (left(&rest) >= 8 && is_chunk_id(at) && little32(at + 4) <= left(&rest) - 8);
}

/* A RIFF file holds the MIDI file in its chunk "data"; its numbers are little-endian. A size of 0,
   or one that does not end before another chunk, stands for all that is left. */
static Rest look_into_riff(Rest file) {
  if (!begins_with(&file, "RIFF") || left(&file) < 12 || memcmp(file.at + 8, "RMID", 4) != 0) {
    return file;
  }
  Rest rest = {file.at + 12, file.end};
  while (left(&rest) >= 8) {
    const size_t size = little32(rest.at + 4);
    if (begins_with(&rest, "data")) {
      skip(&rest, 8);
      const bool ends =
          size && size < left(&rest) && is_riff_chunk(rest.at + size + size % 2, rest.end);
      return (Rest){rest.at, ends ? rest.at + size : rest.end};
    }
    skip(&rest, 8);
    skip(&rest, size + size % 2);
  }
  /* A chunk that is not padded, or that is longer than its length field, hides those behind it. */
  const uint8_t *found = memmem(file.at, left(&file), "MThd", 4);
  return found ? (Rest){found, file.end} : file;
}

/* ---- MacBinary ----------------------------------------------------------------------------- */

/* A MacBinary file holds the MIDI file behind a header, and perhaps more behind that. */
static Rest look_into_macbinary(Rest file, RsRepairs *repairs) {
  Rest rest = {file.at + (left(&file) < RS_MACBINARY_HEADER ? left(&file) : RS_MACBINARY_HEADER),
               file.end};
  if (!rs_is_macbinary(file.at, left(&file)) || !begins_with(&rest, "MThd")) {
    return file;
  }
  const size_t size = big32(file.at + 83);
  if (size && size < left(&rest)) {
    rest.end = rest.at + size;
  }
  rs_repairs_add(repairs, "read from within a MacBinary file");
  return rest;
}

/* ---- Header -------------------------------------------------------------------------------- */

/* Ticks of time: -24, -25, -29 (30 with dropped numbers) or -30 pictures a second, of so many
 * ticks. */
static void read_time_division(unsigned division, RsChunks *out, RsRepairs *repairs) {
  const unsigned pictures = 256 - (division >> 8);
  const unsigned ticks = (division & 0xFF) ? division & 0xFF : 1;
  const unsigned rate = pictures == 29 ? 30 : pictures;
  out->division = rate * ticks;
  out->usec_per_quarter = pictures == 29 ? 1001000 : 1000000;
  out->ticks_per_beat = 0.5e6 / out->usec_per_quarter * out->division;
  if (!(division & 0xFF)) {
    rs_repairs_add(repairs, "no ticks a picture: taken as 1");
  }
}

static void read_division(unsigned division, RsChunks *out, RsRepairs *repairs) {
  if (division & 0x8000) {
    read_time_division(division, out, repairs);
    return;
  }
  if (!division) {
    division = 480;
    rs_repairs_add(repairs, "no ticks a quarter note: taken as 480");
  }
  out->division = division;
  out->ticks_per_beat = division;
}

/* The fields of the header that are there; the others get their most common value. */
static void read_fields(const uint8_t *fields, size_t size, RsChunks *out, RsRepairs *repairs) {
  const unsigned format = size >= 2 ? big16(fields) : 1;
  out->format = format <= 2 ? format : 1;
  out->counted = size >= 4;
  out->declared = out->counted ? big16(fields + 2) : 0;
  if (format > 2) {
    rs_repairs_add(repairs, "format %u: read as 1", format);
  }
  if (size < 6) {
    rs_repairs_add(repairs, "the header is too short");
  }
  read_division(size >= 6 ? big16(fields + 4) : 480, out, repairs);
}

/* Where the chunks after the header begin: its length may be wrong, its usual length is 6. */
static void skip_header(Rest *rest, size_t declared) {
  const Rest usual = {rest->at + (left(rest) < 6 ? left(rest) : 6), rest->end};
  skip(rest, declared);
  if (!begins_with(rest, "MTrk") && begins_with(&usual, "MTrk")) {
    *rest = usual;
  }
}

/* Whether a header of the usual length begins here. */
static bool is_usual_header(const Rest *rest) {
  return begins_with(rest, "MThd") && left(rest) >= 14 && big32(rest->at + 4) == 6 &&
         big16(rest->at + 8) <= 2;
}

/* Go to a header that begins behind something that is no file of another kind. */
static void skip_to_header(Rest *rest, RsRepairs *repairs) {
  enum { FARTHEST = 4096 }; /* more than the lines that a transfer or a mail puts before a file */
  if (begins_with(rest, "MThd") || rs_file_kind(rest->at, left(rest))) {
    return;
  }
  Rest found = *rest;
  for (size_t before = 1; before <= FARTHEST && left(&found); ++before) {
    skip(&found, 1);
    if (is_usual_header(&found)) {
      *rest = found;
      rs_repairs_add(repairs, "%zu byte%s before the header left out", before, rs_plural(before));
      return;
    }
  }
}

static RsStatus read_header(Rest *rest, RsChunks *out, RsRepairs *repairs, RsError *error) {
  skip_to_header(rest, repairs);
  if (!begins_with(rest, "MThd")) {
    const char *kind = rs_file_kind(rest->at, left(rest));
    return kind ? rs_error(error, RS_ERR_FORMAT, "not a MIDI file, but %s", kind)
                : rs_error(error, RS_ERR_FORMAT, "not a MIDI file: it does not begin with MThd");
  }
  const size_t declared = big32(rest->at + 4);
  skip(rest, 8);
  read_fields(rest->at, declared < left(rest) ? declared : left(rest), out, repairs);
  skip_header(rest, declared);
  return RS_OK;
}

/* ---- Tracks -------------------------------------------------------------------------------- */

/* The next place at or behind `at` where a track begins; NULL where there is none. */
static const uint8_t *next_track(const uint8_t *at, const uint8_t *end) {
  const uint8_t *found = memmem(at, (size_t)(end - at), "MTrk", 4);
  return found && end - found >= 8 ? found : NULL;
}

/* A chunk of another kind, which ends with the file or before another chunk. */
static bool is_foreign_chunk(const Rest *rest) {
  if (left(rest) < 8 || !is_chunk_id(rest->at)) {
    return false;
  }
  const size_t size = big32(rest->at + 4), room = left(rest) - 8;
  return size == room || (size + 8 <= room && is_chunk_id(rest->at + 8 + size));
}

/* Where the events of a track end by its end-of-track event; NULL where it has none. */
static const uint8_t *end_of_events(const RsTrackBytes *track) {
  RsWalk walk = rs_walk_begin(track);
  RsMidiEvent event;
  const char *damage = NULL;
  RsStep step;
  while ((step = rs_walk_next(&walk, &event, &damage)) == RS_WALK_EVENT) {
  }
  return step == RS_WALK_END && event.status == RS_MIDI_META ? walk.at : NULL;
}

/* A length that reaches over the beginning of another track is wrong: the track ends with its
   events. */
static void shorten(RsTrackBytes *track, const uint8_t *end_of_file, RsRepairs *repairs) {
  const size_t header = 7; /* of which at least the first letter is in the track */
  const uint8_t *end = track->data + track->size;
  end += header < (size_t)(end_of_file - end) ? header : (size_t)(end_of_file - end);
  if (!next_track(track->data, end)) {
    return;
  }
  const uint8_t *last = end_of_events(track);
  if (last && next_track(last, end)) {
    track->size = (size_t)(last - track->data);
    rs_repairs_add(repairs, "a track is shorter than its length says");
  }
}

/* Whether something that is not a chunk stands behind a track that has not ended. */
static bool is_cut_short(const RsTrackBytes *track, const Rest *behind) {
  return left(behind) && !begins_with(behind, "MTrk") && !is_foreign_chunk(behind) &&
         !end_of_events(track);
}

/* Where the events of a track go on behind its length, up to an end-of-track event before the next
   track, take them: false where they do not. */
static bool lengthen(RsTrackBytes *track, Rest *behind) {
  const uint8_t *next = next_track(behind->at, behind->end);
  const RsTrackBytes longer = {track->data, (size_t)((next ? next : behind->end) - track->data)};
  const uint8_t *last = end_of_events(&longer);
  if (last) {
    track->size = (size_t)(last - track->data);
    behind->at = last;
  }
  return last != NULL;
}

/* Take the track that begins here. */
static RsTrackBytes take_track(Rest *rest, RsRepairs *repairs) {
  const size_t declared = big32(rest->at + 4);
  skip(rest, 8);
  RsTrackBytes track = {rest->at, declared < left(rest) ? declared : left(rest)};
  shorten(&track, rest->end, repairs);
  const bool shortened = track.size < declared && track.size < left(rest);
  skip(rest, track.size);
  if (declared > track.size && !shortened) {
    rs_repairs_lose(repairs, "the file ends within a track");
  } else if (is_cut_short(&track, rest)) {
    if (lengthen(&track, rest)) {
      rs_repairs_add(repairs, "a track is longer than its length says");
    } else {
      rs_repairs_lose(repairs, "a track has no End of Track where its length says");
    }
  }
  return track;
}

/* Name of a track, an event before its notes; no bytes without one. */
static RsTrackBytes name_of(const RsTrackBytes *track) {
  RsWalk walk = rs_walk_begin(track);
  RsMidiEvent event;
  const char *damage = NULL;
  while (rs_walk_next(&walk, &event, &damage) == RS_WALK_EVENT && event.status >= RS_MIDI_SYSEX) {
    if (event.status == RS_MIDI_META && event.type == RS_META_TRACK_NAME) {
      return (RsTrackBytes){event.bytes, event.size};
    }
  }
  return (RsTrackBytes){NULL, 0};
}

/* Whether a track that stands behind junk, in a file that has all of its tracks, is what is left of
   a longer file that was written over: it then has the name of a track that was read. */
static bool is_left_over(const RsChunks *chunks, const uint8_t *at, const uint8_t *end) {
  const bool complete = chunks->declared && chunks->count >= chunks->declared;
  const RsTrackBytes track = {at + 8, (size_t)(end - at) - 8};
  const RsTrackBytes name = complete ? name_of(&track) : (RsTrackBytes){NULL, 0};
  for (size_t i = 0; name.size && i < chunks->count; ++i) {
    const RsTrackBytes other = name_of(&chunks->tracks[i]);
    if (other.size == name.size && !memcmp(other.data, name.data, name.size)) {
      return true;
    }
  }
  return false;
}

/* Whether another MIDI file begins behind one that has all of its tracks. */
static bool is_other_file(const RsChunks *chunks, const Rest *rest) {
  return begins_with(rest, "MThd") && chunks->count && chunks->count >= chunks->declared;
}

/* Go to the next track: false where there is none. */
static bool find_track(Rest *rest, const RsChunks *chunks, RsTrackBytes *track,
                       RsRepairs *repairs) {
  while (!begins_with(rest, "MTrk")) {
    if (is_other_file(chunks, rest)) {
      rs_repairs_lose(repairs, "another MIDI file behind the first left out");
      return false;
    }
    if (is_foreign_chunk(rest)) {
      skip(rest, 8 + (size_t)big32(rest->at + 4));
      continue;
    }
    const uint8_t *next = next_track(rest->at, rest->end);
    next = next && is_left_over(chunks, next, rest->end) ? NULL : next;
    if (left(rest)) {
      const size_t bytes = (size_t)((next ? next : rest->end) - rest->at);
      rs_repairs_add(repairs, "%zu byte%s %s left out", bytes, rs_plural(bytes),
                     next ? "before a track" : "after the last track");
    }
    if (!next) {
      return false;
    }
    rest->at = next;
  }
  *track = take_track(rest, repairs);
  return true;
}

static RsStatus read_tracks(Rest rest, RsChunks *out, RsRepairs *repairs, RsError *error) {
  size_t room = 0;
  RsTrackBytes track;
  while (find_track(&rest, out, &track, repairs)) {
    if (out->count == RS_TRACKS_MAX) {
      rs_repairs_lose(repairs, "what follows the first %d tracks left out", RS_TRACKS_MAX);
      return RS_OK;
    }
    RsTrackBytes *tracks = rs_grow(out->tracks, &room, out->count + 1, sizeof *tracks);
    if (!tracks) {
      return rs_error(error, RS_ERR_MEMORY, "%s", rs_status_text(RS_ERR_MEMORY));
    }
    out->tracks = tracks;
    tracks[out->count++] = track;
  }
  return RS_OK;
}

RsStatus rs_chunks_read(const uint8_t *data, size_t size, RsChunks *out, RsRepairs *repairs,
                        RsError *error) {
  *out = (RsChunks){0};
  Rest rest = look_into_riff((Rest){data, data + size});
  rest = look_into_macbinary(rest, repairs);
  RsStatus status = read_header(&rest, out, repairs, error);
  status = status ? status : read_tracks(rest, out, repairs, error);
  if (!status && out->counted && out->count != out->declared) {
    rs_repairs_add(repairs, "the header counts %u track%s, found %zu", out->declared,
                   rs_plural(out->declared), out->count);
    repairs->lossy = repairs->lossy || out->count < out->declared;
  }
  return status;
}

void rs_chunks_clear(RsChunks *chunks) {
  free(chunks->tracks);
  *chunks = (RsChunks){0};
}
