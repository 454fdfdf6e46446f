/* SPDX-License-Identifier: ISC */

/* libFuzzer's entry: any text as a .roll; what is read is the same when it has been written. See
   tests/fuzz/meson.build. */

#include <rollsmith/roll.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const RsSongs *a, const RsSongs *b) {
  if (a->count != b->count) {
    abort();
  }
  for (size_t i = 0; i < a->count; ++i) {
    const size_t frames = a->rolls[i].frames;
    if (frames != b->rolls[i].frames ||
        memcmp(a->rolls[i].on, b->rolls[i].on, frames * sizeof(*a->rolls[i].on)) != 0) {
      abort();
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  RsSongs songs = {0}, again = {0};
  RsError error;
  char *text = NULL;
  size_t length = 0;
  if (!rs_songs_parse((const char *)data, size, "input", &songs, &error) &&
      !rs_songs_format(&songs, &text, &length)) {
    if (rs_songs_parse(text, length, "output", &again, &error)) {
      abort();
    }
    check_same(&songs, &again);
  }
  rs_songs_clear(&songs);
  rs_songs_clear(&again);
  free(text);
  return 0;
}
