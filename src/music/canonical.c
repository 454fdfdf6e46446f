#include "music/canonical.h"

#include <stdlib.h>
#include <string.h>

#define DELTA_MAX 0x0FFFFFFFu /* what fits in 4 bytes of 7 bits */
#define PIECES_MAX 65535u     /* what fits in the header */

/* Room for `size` more bytes; NULL where there is none. */
static uint8_t *take_room(RsCanonical *file, size_t size) {
  RsBytes *bytes = &file->bytes;
  if (size > file->capacity - bytes->size) {
    const size_t capacity = 2 * file->capacity + 4096 + size;
    uint8_t *data = capacity > file->capacity ? realloc(bytes->data, capacity) : NULL;
    if (!data) {
      file->failed = true;
      return NULL;
    }
    bytes->data = data;
    file->capacity = capacity;
  }
  uint8_t *room = bytes->data + bytes->size;
  bytes->size += size;
  return room;
}

static void put(RsCanonical *file, const void *data, size_t size) {
  uint8_t *room = file->failed ? NULL : take_room(file, size);
  if (room) {
    memcpy(room, data, size);
  }
}

/* Write a big-endian number over bytes that are there already. */
static void patch(RsCanonical *file, size_t at, uint32_t value, size_t size) {
  for (size_t i = 0; i < size && !file->failed; ++i) {
    file->bytes.data[at + i] = (uint8_t)(value >> 8 * (size - 1 - i));
  }
}

void rs_canonical_begin(RsCanonical *file, unsigned division) {
  static const uint8_t header[] = {'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, 1, 0, 0, 0, 0};
  *file = (RsCanonical){0};
  put(file, header, sizeof header);
  patch(file, 12, division, 2);
}

static void put_delta(RsCanonical *file, uint32_t delta) {
  uint8_t bytes[4];
  size_t size = 0;
  for (int shift = 21; shift >= 0; shift -= 7) {
    const uint8_t part = delta >> shift & 0x7F;
    if (size || part || !shift) {
      bytes[size++] = shift ? part | 0x80 : part;
    }
  }
  put(file, bytes, size);
}

/* Go to a time; a gap too long for one delta is bridged by events that mean nothing. */
static void put_time(RsCanonical *file, uint32_t tick) {
  static const uint8_t nothing[] = {0xD0, 0};
  for (; tick - file->tick > DELTA_MAX; file->tick += DELTA_MAX) {
    put_delta(file, DELTA_MAX);
    put(file, nothing, sizeof nothing);
  }
  put_delta(file, tick - file->tick);
  file->tick = tick;
}

static void begin_piece(RsCanonical *file) {
  static const uint8_t header[] = {'M', 'T', 'r', 'k', 0, 0, 0, 0};
  const uint8_t number[] = {0, 0xFF, 0x00, 2, (uint8_t)(file->track >> 8), (uint8_t)file->track};
  file->failed = file->failed || file->pieces == PIECES_MAX;
  ++file->pieces;
  file->piece = file->bytes.size;
  file->events = 0;
  file->tick = 0;
  put(file, header, sizeof header);
  put(file, number, sizeof number);
}

void rs_canonical_track(RsCanonical *file, unsigned track) {
  file->track = track;
  begin_piece(file);
}

void rs_canonical_end_track(RsCanonical *file, uint32_t tick) {
  static const uint8_t end[] = {0xFF, 0x2F, 0};
  put_time(file, tick);
  put(file, end, sizeof end);
  patch(file, file->piece + 4, (uint32_t)(file->bytes.size - file->piece - 8), 4);
}

void rs_canonical_event(RsCanonical *file, uint32_t tick, const uint8_t *event, size_t size) {
  if (file->events == RS_PIECE_EVENTS) {
    rs_canonical_end_track(file, file->tick);
    begin_piece(file);
  }
  put_time(file, tick);
  put(file, event, size);
  ++file->events;
}

RsStatus rs_canonical_end(RsCanonical *file) {
  patch(file, 10, file->pieces, 2);
  if (file->failed) {
    free(file->bytes.data);
    file->bytes = (RsBytes){0};
    return RS_ERR_MEMORY;
  }
  return RS_OK;
}
