/* SPDX-License-Identifier: ISC */

/* Replay of passages in place of songs, doc/math.md, equation X10. */

#include "train/replay_internal.h"

#include <string.h>

enum { CLASSES = 12 };

/* How often each pitch class sounds in some vectors, `stride` values apart. */
static void count_classes(const RsEncoding *encoding, const float *v, size_t frames, size_t stride,
                          size_t counts[CLASSES]) {
  const size_t notes = rs_encoding_notes(encoding);
  uint32_t sounds[RS_NOTES] = {0};
  for (size_t n = 0; n < frames; ++n) {
    for (size_t i = 0; i < notes; ++i) {
      sounds[i] += v[n * stride + i] > 0;
    }
  }
  memset(counts, 0, CLASSES * sizeof *counts);
  for (size_t i = 0; i < notes; ++i) {
    counts[((size_t)encoding->low + i) % CLASSES] += sounds[i];
  }
}

/*
  The transposition, of those that songs are learned in, that brings a window nearest to the key of
  the song of a stream: the model is to come back to the song, and not to change the key.
*/
static int nearest_key(const RsEncoding *encoding, const RsTrainSettings *settings,
                       const RsBatch *batch, size_t stream, const float *window) {
  const size_t visible = rs_encoding_size(encoding);
  size_t song[CLASSES], own[CLASSES], best = 0;
  int nearest = 0;
  count_classes(encoding, batch->v + stream * visible, batch->frames, batch->streams * visible,
                song);
  count_classes(encoding, window, RS_WINDOW, visible, own);
  for (int t = settings->transpose_low; t <= settings->transpose_high; ++t) {
    size_t common = 0;
    for (int c = 0; c < CLASSES; ++c) {
      common += own[c] * song[(c + t + 2 * CLASSES) % CLASSES];
    }
    if (common > best) {
      best = common;
      nearest = t;
    }
  }
  return nearest;
}

/* A vector, transposed; what leaves the range is lost. */
static void transpose(const RsEncoding *encoding, const float *from, int semitones, float *to) {
  const int notes = (int)rs_encoding_notes(encoding);
  const int parts = encoding->onsets ? 2 : 1;
  memset(to, 0, (size_t)(parts * notes) * sizeof *to);
  for (int part = 0; part < parts; ++part, from += notes, to += notes) {
    for (int i = 0; i < notes; ++i) {
      if (i + semitones >= 0 && i + semitones < notes) {
        to[i + semitones] = from[i];
      }
    }
  }
}

/* A passage that is replayed to a stream. */
typedef struct {
  const RsInputs *inputs;
  const RsPassage *of;
  const RsRoll *clock; /* its meter, from its first frame on */
  const float *v;      /* its frames */
  int semitones;       /* its transposition */
} Passage;

static bool place_of(const Passage *passage, size_t n, RsInputPlace *place) {
  return rs_input_place(passage->inputs, passage->clock, n, place);
}

/*
  The frame of a passage's window to begin with, `at` or a later one: one after which the place in
  the bar is that of the frame of the song, as far as the meters are the same.
*/
static size_t same_place(const Passage *passage, const RsInputPlace *song, size_t at) {
  for (size_t n = at; n < at + RS_WINDOW; ++n) {
    RsInputPlace place;
    const size_t in_window = n % RS_WINDOW;
    const bool placed = place_of(passage, passage->of->context + in_window + 1, &place);
    if (!placed || place.meter != song->meter || place.frame_in_bar == song->frame_in_bar) {
      return in_window;
    }
  }
  return at;
}

/* Frame n of the passage enters the history. */
static void add_frame(const Passage *passage, size_t n, RsInputHistory *history) {
  float v[2 * RS_NOTES];
  RsInputPlace place;
  const RsEncoding *encoding = &passage->inputs->encoding;
  const bool placed = place_of(passage, n, &place);
  transpose(encoding, passage->v + n * rs_encoding_size(encoding), passage->semitones, v);
  rs_input_history_add(history, placed ? &place : NULL, v, v);
}

/*
  Inputs of a row are those of the passage's frame n + 1, but for the place in the meter: that is
  the song's.
*/
static void fill_inputs(const Passage *passage, size_t n, RsInputHistory *history, RsBatch *batch,
                        size_t row) {
  const RsInputs *inputs = passage->inputs;
  float *x = batch->x + row * inputs->size;
  RsInputPlace place;
  const bool placed = place_of(passage, n + 1, &place);
  place.plan = batch->places[row].plan;
  rs_input_history_fill(history, placed ? &place : NULL, x, rs_links_from(&batch->links, row));
  if (inputs->metre) {
    memset(x + inputs->at.metre, 0, (inputs->at.lookback - inputs->at.metre) * sizeof *x);
    rs_inputs_fill_metre(inputs, batch->places + row, x);
  }
}

/*
  A stream has a passage for its past, from frame `at` of the window and from frame n of the batch
  on, as far as both go. The targets remain the frames of the song: so W learns the distribution of
  a frame where the inputs are uninformative.
*/
static void replay_to(const Passage *passage, RsInputHistory *history, RsBatch *batch,
                      size_t stream, size_t n, size_t at) {
  at = passage->of->context +
       same_place(passage, batch->places + rs_batch_row(batch, n, stream), at);
  rs_input_history_start(history, NULL);
  for (size_t i = 0; i < at; ++i) {
    add_frame(passage, i, history);
  }
  for (; n < batch->frames && at < passage->of->context + RS_WINDOW; ++n, ++at) {
    const size_t row = rs_batch_row(batch, n, stream);
    add_frame(passage, at, history);
    if (!batch->starts[row]) {
      fill_inputs(passage, at, history, batch, row);
    }
  }
}

void rs_replay_apply(const RsReplay *replay, const RsTrainSettings *settings, uint64_t found,
                     uint64_t first, RsInputHistory *history, RsBatch *batch) {
  const RsRng rng = {settings->seed, RS_STREAM_REPLAY};
  const uint64_t count = replay->frames ? rs_replay_count(found) : 0;
  for (size_t s = 0; count && s < batch->streams; ++s) {
    uint32_t words[4];
    rs_rng_words(rng, first + s, 4, words);
    if (words[0] * 0x1p-32 < settings->own_past) {
      const RsPassage *of = replay->passages + words[1] % count;
      Passage passage = {replay->inputs, of, replay->clocks + of->meter,
                         rs_replay_frames(replay, words[1] % count), 0};
      const float *window = passage.v + of->context * rs_replay_visible(replay);
      passage.semitones = nearest_key(&replay->inputs->encoding, settings, batch, s, window);
      replay_to(&passage, history, batch, s, words[2] % batch->frames, words[3] % RS_WINDOW);
    }
  }
}
