/* SPDX-License-Identifier: ISC */

#include "music/midi_bytes.h"

#include "base/memory.h"
#include "music/midi.h"

#include <string.h>

enum {
  TEXT_MAX = 127,  /* bytes of text that every reader takes, libsmf too */
  META_TEXT = 0x01 /* an empty one, where a delta time is too long */
};

void rs_midi_put(RsMidiBytes *out, const void *bytes, size_t count) {
  uint8_t *data = out->failed ? NULL : rs_grow(out->data, &out->room, out->size + count, 1);
  if (!data) {
    out->failed = true;
    return;
  }
  if (count) {
    memcpy(data + out->size, bytes, count);
  }
  out->data = data;
  out->size += count;
}

static void store_number(uint8_t *bytes, size_t number, int count) {
  for (int i = 0; i < count; ++i) {
    bytes[i] = (uint8_t)(number >> 8 * (count - 1 - i));
  }
}

/* Seven bits a byte, the highest first; all but the last have bit 7. At most RS_MIDI_DELTA_MAX. */
static void put_variable(RsMidiBytes *out, uint32_t number) {
  uint8_t bytes[4];
  size_t first = sizeof bytes - 1;
  bytes[first] = number & 0x7f;
  while (number >>= 7) {
    bytes[--first] = 0x80 | (number & 0x7f);
  }
  rs_midi_put(out, bytes + first, sizeof bytes - first);
}

static void put_delta(RsMidiBytes *out, uint32_t tick) {
  const uint8_t filler[] = {RS_MIDI_META, META_TEXT, 0};
  while (tick - out->tick > RS_MIDI_DELTA_MAX) {
    put_variable(out, RS_MIDI_DELTA_MAX);
    rs_midi_put(out, filler, sizeof filler);
    out->tick += RS_MIDI_DELTA_MAX;
  }
  put_variable(out, tick - out->tick);
  out->tick = tick;
}

void rs_midi_put_head(RsMidiBytes *out, unsigned format, unsigned tracks, unsigned division) {
  uint8_t head[] = {'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, 0, 0, 0, 0, 0};
  store_number(head + 8, format, 2);
  store_number(head + 10, tracks, 2);
  store_number(head + 12, division, 2);
  rs_midi_put(out, head, sizeof head);
}

void rs_midi_begin_track(RsMidiBytes *out) {
  const uint8_t head[] = {'M', 'T', 'r', 'k', 0, 0, 0, 0};
  rs_midi_put(out, head, sizeof head);
  out->length = out->size - 4;
  out->tick = 0;
}

void rs_midi_end_track(RsMidiBytes *out, uint32_t tick) {
  rs_midi_put_meta(out, tick, RS_META_END_OF_TRACK, NULL, 0);
  if (!out->failed) {
    store_number(out->data + out->length, out->size - out->length - 4, 4);
  }
}

void rs_midi_put_event(RsMidiBytes *out, uint32_t tick, const uint8_t *bytes, size_t count) {
  put_delta(out, tick);
  rs_midi_put(out, bytes, count);
}

void rs_midi_put_meta(RsMidiBytes *out, uint32_t tick, uint8_t type, const void *data,
                      size_t size) {
  const uint8_t head[] = {RS_MIDI_META, type};
  put_delta(out, tick);
  rs_midi_put(out, head, sizeof head);
  put_variable(out, (uint32_t)size);
  rs_midi_put(out, data, size);
}

void rs_midi_put_exclusive(RsMidiBytes *out, uint32_t tick, uint8_t status, const void *data,
                           size_t size) {
  put_delta(out, tick);
  rs_midi_put(out, &status, 1);
  put_variable(out, (uint32_t)size);
  rs_midi_put(out, data, size);
}

size_t rs_midi_text_length(const char *text) {
  size_t n = strlen(text);
  if (n > TEXT_MAX) {
    for (n = TEXT_MAX; n && ((unsigned char)text[n] & 0xc0) == 0x80; --n) {
    }
  }
  return n;
}
