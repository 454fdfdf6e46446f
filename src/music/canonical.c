#include "music/canonical.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define DELTA_MAX 0x0FFFFFFFu /* what fits in 4 bytes of 7 bits */

/* ---- Bytes ----------------------------------------------------------------------------------- */

/* Note that something failed where there is no room. */
static bool is_room(RsCanonicalWriter *writer, void *room) {
  writer->failed = writer->failed || !room;
  return room;
}

static void put(RsCanonicalWriter *writer, const void *bytes, size_t size) {
  RsCanonical *files = &writer->files;
  uint8_t *data =
      writer->failed ? NULL : rs_grow(files->data, &writer->room, writer->size + size, 1);
  if (is_room(writer, data)) {
    files->data = data;
    memcpy(data + writer->size, bytes, size);
    writer->size += size;
  }
}

/* Write a big-endian number over bytes that are there already. */
static void patch(RsCanonicalWriter *writer, size_t at, size_t value, size_t size) {
  for (size_t i = 0; i < size && !writer->failed; ++i) {
    writer->files.data[at + i] = (uint8_t)(value >> 8 * (size - 1 - i));
  }
}

/* ---- Files ----------------------------------------------------------------------------------- */

static void begin_file(RsCanonicalWriter *writer) {
  const uint8_t division[] = {(uint8_t)(writer->division >> 8), (uint8_t)writer->division};
  writer->file_at = writer->size;
  writer->events = 0;
  writer->tracks = 0;
  put(writer, "MThd\0\0\0\6\0\1\0\0", 12);
  put(writer, division, 2);
}

static void end_file(RsCanonicalWriter *writer) {
  RsCanonical *files = &writer->files;
  patch(writer, writer->file_at + 10, writer->tracks, 2);
  size_t *ends = rs_grow(files->ends, &writer->end_room, files->count + 1, sizeof *ends);
  if (is_room(writer, ends)) {
    files->ends = ends;
    files->ends[files->count++] = writer->size;
  }
}

/* ---- Events ---------------------------------------------------------------------------------- */

static void put_delta(RsCanonicalWriter *writer, uint32_t delta) {
  uint8_t bytes[4];
  size_t size = 0;
  for (int shift = 21; shift >= 0; shift -= 7) {
    const uint8_t part = delta >> shift & 0x7F;
    if (size || part || !shift) {
      bytes[size++] = shift ? part | 0x80 : part;
    }
  }
  put(writer, bytes, size);
}

/* Go to a time; a gap too long for one delta is bridged by events that mean nothing. */
static void put_time(RsCanonicalWriter *writer, uint32_t tick) {
  static const uint8_t nothing[] = {0xD0, 0};
  for (; tick - writer->tick > DELTA_MAX; writer->tick += DELTA_MAX) {
    put_delta(writer, DELTA_MAX);
    put(writer, nothing, sizeof nothing);
  }
  put_delta(writer, tick - writer->tick);
  writer->tick = tick;
}

/* Begin the track of the song that is open, or go on with it, in the open file. */
static void open_track(RsCanonicalWriter *writer) {
  const uint8_t number[] = {
      0, 0xFF, 0x00, 2, (uint8_t)(writer->track >> 8), (uint8_t)writer->track};
  ++writer->tracks;
  ++writer->events;
  writer->track_at = writer->size;
  writer->tick = 0;
  put(writer, "MTrk\0\0\0\0", 8);
  put(writer, number, sizeof number);
}

static void close_track(RsCanonicalWriter *writer, uint32_t tick) {
  static const uint8_t end[] = {0xFF, 0x2F, 0};
  put_time(writer, tick);
  put(writer, end, sizeof end);
  patch(writer, writer->track_at + 4, writer->size - writer->track_at - 8, 4);
}

static bool is_full(const RsCanonicalWriter *writer) {
  return writer->events >= RS_CANONICAL_EVENTS;
}

void rs_canonical_begin(RsCanonicalWriter *writer, unsigned division) {
  *writer = (RsCanonicalWriter){.division = division};
  begin_file(writer);
}

void rs_canonical_track(RsCanonicalWriter *writer, unsigned track) {
  if (is_full(writer)) {
    end_file(writer);
    begin_file(writer);
  }
  writer->track = track;
  open_track(writer);
}

void rs_canonical_event(RsCanonicalWriter *writer, uint32_t tick, const void *event, size_t size) {
  if (is_full(writer)) {
    close_track(writer, writer->tick);
    end_file(writer);
    begin_file(writer);
    open_track(writer);
  }
  put_time(writer, tick);
  put(writer, event, size);
  ++writer->events;
}

void rs_canonical_end_track(RsCanonicalWriter *writer, uint32_t tick) {
  close_track(writer, tick);
}

RsStatus rs_canonical_end(RsCanonicalWriter *writer, RsCanonical *out) {
  end_file(writer);
  *out = writer->files;
  if (writer->failed) {
    rs_canonical_clear(out);
    return RS_ERR_MEMORY;
  }
  return RS_OK;
}

void rs_canonical_clear(RsCanonical *files) {
  free(files->data);
  free(files->ends);
  *files = (RsCanonical){0};
}
