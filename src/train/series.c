/* SPDX-License-Identifier: ISC */

/* Songs end to end, doc/math.md, equation D6. */

#include <rollsmith/series.h>

#include "base/memory.h"
#include "train/note_noise.h"

#include <rollsmith/rng.h>

#include <stdlib.h>
#include <string.h>

/* Place in the endless row of songs: song number `place` of the order of `epoch`. */
typedef struct {
  uint64_t epoch;
  uint64_t place;
} Turn;

/* A song in a stream; song and transposition follow from the turn. */
typedef struct {
  Turn turn;
  const RsRoll *song;
  const RsSongPlan *plan; /* of the song; NULL where there are no plans */
  int transposition;
} Reading;

typedef struct {
  Reading now;             /* the song being read */
  uint64_t frame;          /* next frame of it */
  Reading *next;           /* the songs that were chosen to follow, spec.frames at most */
  size_t chosen, taken;    /* how many of them, and how many have been begun */
  RsInputHistory *history; /* of the song being read */
  RsNoteNoise noise;       /* of the notes that sound */
} Stream;

struct RsSeries {
  RsSeriesSpec spec;
  size_t size;       /* values of a vector */
  size_t count;      /* songs that have frames */
  size_t *playable;  /* their numbers */
  RsSongPlan *plans; /* of all songs; NULL where there are none */
  size_t epoch_frames;
  Turn next; /* the first song that no stream has taken */
  Stream *streams;
  uint32_t *order[2];  /* order of an even and of an odd epoch */
  uint64_t ordered[2]; /* which epochs these are, plus one */
  Reading *chosen;     /* streams x spec.frames: room for the songs that follow */
};

static RsStatus collect_playable(RsSeries *series) {
  const RsSongs *songs = series->spec.songs;
  series->playable = rs_alloc(songs->count, sizeof *series->playable);
  if (!series->playable) {
    return RS_ERR_MEMORY;
  }
  for (size_t i = 0; i < songs->count; ++i) {
    if (songs->rolls[i].frames) {
      series->playable[series->count++] = i;
      series->epoch_frames += songs->rolls[i].frames;
    }
  }
  return series->count ? RS_OK : RS_ERR_EMPTY;
}

/* Make sure that the order of an epoch is at hand: a Fisher-Yates shuffle keyed by the epoch. */
static const uint32_t *order_of(RsSeries *series, uint64_t epoch) {
  uint32_t *order = series->order[epoch % 2];
  if (series->ordered[epoch % 2] != epoch + 1) {
    const RsRng rng = {series->spec.seed, RS_STREAM_ORDER};
    for (uint32_t i = 0; i < series->count; ++i) {
      const uint32_t j = rs_rng_below(rng, epoch * series->count + i, i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    series->ordered[epoch % 2] = epoch + 1;
  }
  return order;
}

static size_t song_of(RsSeries *series, Turn turn) {
  return series->playable[order_of(series, turn.epoch)[turn.place]];
}

static int transposition_of(const RsSeries *series, Turn turn) {
  const RsSeriesSpec *spec = &series->spec;
  const RsRng rng = {spec->seed, RS_STREAM_TRANSPOSE};
  const uint32_t choices = (uint32_t)(spec->transpose_high - spec->transpose_low + 1);
  const uint64_t step = turn.epoch * series->count + turn.place;
  return spec->transpose_low + (int)rs_rng_below(rng, step, choices);
}

static Turn take_turn(RsSeries *series) {
  const Turn mine = series->next;
  if (++series->next.place == series->count) {
    series->next = (Turn){series->next.epoch + 1, 0};
  }
  return mine;
}

static Reading reading_of(RsSeries *series, Turn turn) {
  const size_t song = song_of(series, turn);
  return (Reading){turn, series->spec.songs->rolls + song,
                   series->plans ? series->plans + song : NULL, transposition_of(series, turn)};
}

/* The song of a stream in the form that the noise takes. */
static RsNoisySong noisy_song(const RsSeries *series, const Reading *reading) {
  const RsSeriesSpec *spec = &series->spec;
  return (RsNoisySong){.encoding = &spec->inputs->encoding,
                       .song = reading->song,
                       .transposition = reading->transposition,
                       .share = spec->noise,
                       .held = spec->noise,
                       .rng = {spec->seed, RS_STREAM_INPUT_NOISE},
                       .reading = reading->turn.epoch * series->count + reading->turn.place};
}

/*
  The next frame of a stream's song: what is known before it, and the frame. The history is of
  the noisy frames. @param x  Or NULL. @return Whether it has a place.
*/
static bool read_frame(const RsSeries *series, Stream *stream, float *x, const RsLinks *links,
                       float *v, RsInputPlace *place) {
  const RsInputs *inputs = series->spec.inputs;
  float noisy[2 * RS_NOTES];
  rs_encode_frame(&inputs->encoding, stream->now.song, stream->frame, stream->now.transposition, v);
  const bool placed = rs_input_place(inputs, stream->now.song, stream->frame, place);
  if (placed && stream->now.plan) {
    place->plan = rs_song_plan_at(stream->now.plan, place->bar, rs_inputs_quarter(inputs, place));
    place->plan = rs_plan_transposed(place->plan, stream->now.transposition);
  }
  if (x) {
    rs_input_history_fill(stream->history, placed ? place : NULL, x, *links);
  }
  if (series->spec.noise > 0) {
    float clean[2 * RS_NOTES];
    const RsNoisySong song = noisy_song(series, &stream->now);
    memcpy(clean, v, series->size * sizeof *v);
    rs_note_noise_next(&stream->noise, &song, stream->frame, v, noisy);
    rs_input_history_add(stream->history, placed ? place : NULL, clean, noisy);
  } else {
    rs_input_history_add(stream->history, placed ? place : NULL, v, v);
  }
  ++stream->frame;
  return placed;
}

static void start_song(Stream *stream, Reading reading, const float *before) {
  stream->now = reading;
  stream->frame = 0;
  stream->noise = (RsNoteNoise){.sounds = {false}};
  rs_input_history_start(stream->history, before);
}

/* Go to the first frame of a song, with an empty history. */
static void begin_at(RsSeries *series, Stream *stream, Turn turn) {
  start_song(stream, reading_of(series, turn), NULL);
  stream->chosen = stream->taken = 0;
}

/* Go to a frame of a song: the history is of its noisy frames. @param v  Scratch, a vector. */
static void go_to(RsSeries *series, Stream *stream, Turn turn, uint64_t frame, float *v) {
  begin_at(series, stream, turn);
  while (stream->frame < frame) {
    RsInputPlace place;
    read_frame(series, stream, NULL, NULL, v, &place);
  }
}

/* The plans of all songs, where the inputs have them. */
static RsStatus make_plans(RsSeries *series) {
  const RsSongs *songs = series->spec.songs;
  const RsPlanPrior *prior = series->spec.inputs->plan;
  if (!prior) {
    return RS_OK;
  }
  series->plans = rs_alloc(songs->count, sizeof *series->plans);
  RsStatus status = series->plans ? RS_OK : RS_ERR_MEMORY;
  for (size_t i = 0; !status && i < songs->count; ++i) {
    status = rs_song_plan(prior, songs->rolls + i, series->plans + i);
  }
  return status;
}

static RsStatus make_streams(RsSeries *series) {
  const RsSeriesSpec *spec = &series->spec;
  series->streams = rs_alloc(spec->streams, sizeof *series->streams);
  series->chosen = rs_alloc(spec->streams, spec->frames * sizeof *series->chosen);
  RsStatus status = series->streams && series->chosen ? RS_OK : RS_ERR_MEMORY;
  for (size_t s = 0; !status && s < spec->streams; ++s) {
    series->streams[s].next = series->chosen + s * spec->frames;
    status = rs_input_history_new(spec->inputs, &series->streams[s].history);
  }
  return status;
}

RsStatus rs_series_new(const RsSeriesSpec *spec, RsSeries **out) {
  const size_t groups = spec->groups ? spec->groups : 1;
  if (!spec->streams || spec->streams % groups || spec->transpose_low > spec->transpose_high) {
    return RS_ERR_ARGUMENT;
  }
  RsSeries *series = rs_alloc(1, sizeof *series);
  if (!series) {
    return RS_ERR_MEMORY;
  }
  series->spec = *spec;
  series->size = rs_encoding_size(&spec->inputs->encoding);
  RsStatus status = collect_playable(series);
  status = status ? status : make_plans(series);
  status = status ? status : make_streams(series);
  series->order[0] = rs_alloc(series->count, sizeof **series->order);
  series->order[1] = rs_alloc(series->count, sizeof **series->order);
  if (!series->order[0] || !series->order[1]) {
    status = status ? status : RS_ERR_MEMORY;
  }
  if (status) {
    rs_series_free(series);
    return status;
  }
  for (size_t s = 0; s < spec->streams; ++s) {
    begin_at(series, series->streams + s, take_turn(series));
  }
  *out = series;
  return RS_OK;
}

void rs_series_free(RsSeries *series) {
  if (series) {
    for (size_t s = 0; series->streams && s < series->spec.streams; ++s) {
      rs_input_history_free(series->streams[s].history);
    }
    for (size_t i = 0; series->plans && i < series->spec.songs->count; ++i) {
      rs_song_plan_clear(series->plans + i);
    }
    free(series->plans);
    free(series->playable);
    free(series->streams);
    free(series->chosen);
    free(series->order[0]);
    free(series->order[1]);
    free(series);
  }
}

size_t rs_series_epoch_frames(const RsSeries *series) {
  return series->epoch_frames;
}

void rs_series_choose(RsSeries *series, size_t frames) {
  const size_t streams = series->spec.streams;
  for (size_t n = 0; n < frames; ++n) {
    for (size_t s = 0; s < streams; ++s) {
      Stream *stream = series->streams + s;
      uint64_t end = stream->now.song->frames - stream->frame;
      for (size_t i = 0; i < stream->chosen; ++i) {
        end += stream->next[i].song->frames;
      }
      if (n == end) {
        stream->next[stream->chosen++] = reading_of(series, take_turn(series));
      }
    }
  }
}

/* The next frame of one stream, into one row. */
static void next_frame(const RsSeries *series, Stream *stream, RsBatch *batch, size_t row) {
  if (stream->frame == stream->now.song->frames) {
    const float *last = series->spec.carry ? rs_input_history_last(stream->history) : NULL;
    start_song(stream, stream->next[stream->taken++], last);
  }
  const RsLinks links = rs_links_from(&batch->links, row);
  RsInputPlace place;
  batch->starts[row] = !stream->frame && !series->spec.carry;
  const bool placed = read_frame(series, stream, batch->x + row * series->spec.inputs->size, &links,
                                 batch->v + row * series->size, &place);
  batch->places[row] = placed ? place : (RsInputPlace){.meter = -1};
}

void rs_series_fill(RsSeries *series, size_t group, RsBatch *batch) {
  for (size_t s = 0; s < batch->streams; ++s) {
    Stream *stream = series->streams + group * batch->streams + s;
    for (size_t n = 0; n < batch->frames; ++n) {
      next_frame(series, stream, batch, rs_batch_row(batch, n, s));
    }
    stream->chosen = stream->taken = 0;
  }
}

static void skip(Stream *stream, size_t frames) {
  while (frames) {
    if (stream->frame == stream->now.song->frames) {
      start_song(stream, stream->next[stream->taken++], NULL);
    }
    const size_t left = stream->now.song->frames - stream->frame;
    const size_t step = left < frames ? left : frames;
    stream->frame += step;
    frames -= step;
  }
  stream->chosen = stream->taken = 0;
}

void rs_series_skip(RsSeries *series, size_t group, size_t frames) {
  const RsSeriesSpec *spec = &series->spec;
  const size_t count = spec->streams / (spec->groups ? spec->groups : 1);
  for (size_t s = 0; s < count; ++s) {
    skip(series->streams + group * count + s, frames);
  }
}

/* A position: the next turn, then turn and frame of each stream. */
enum { NEXT_NUMBERS = 2, STREAM_NUMBERS = 3 };

size_t rs_series_position_size(const RsSeries *series) {
  return NEXT_NUMBERS + STREAM_NUMBERS * series->spec.streams;
}

void rs_series_position(const RsSeries *series, uint64_t *position) {
  position[0] = series->next.epoch;
  position[1] = series->next.place;
  uint64_t *at = position + NEXT_NUMBERS;
  for (size_t s = 0; s < series->spec.streams; ++s, at += STREAM_NUMBERS) {
    at[0] = series->streams[s].now.turn.epoch;
    at[1] = series->streams[s].now.turn.place;
    at[2] = series->streams[s].frame;
  }
}

static bool is_turn(const RsSeries *series, const uint64_t *numbers) {
  return numbers[1] < series->count && numbers[0] < UINT64_MAX / series->count - 1;
}

static bool is_position(RsSeries *series, const uint64_t *position) {
  bool good = is_turn(series, position);
  for (size_t s = 0; good && s < series->spec.streams; ++s) {
    const uint64_t *numbers = position + NEXT_NUMBERS + s * STREAM_NUMBERS;
    good = is_turn(series, numbers) &&
           numbers[2] <=
               series->spec.songs->rolls[song_of(series, (Turn){numbers[0], numbers[1]})].frames;
  }
  return good;
}

RsStatus rs_series_seek(RsSeries *series, const uint64_t *position) {
  const uint64_t *at = position + NEXT_NUMBERS;
  if (!is_position(series, position)) {
    return RS_ERR_FORMAT;
  }
  float *v = rs_alloc(series->size, sizeof *v);
  if (!v) {
    return RS_ERR_MEMORY;
  }
  series->next = (Turn){position[0], position[1]};
  for (size_t s = 0; s < series->spec.streams; ++s, at += STREAM_NUMBERS) {
    go_to(series, series->streams + s, (Turn){at[0], at[1]}, at[2], v);
  }
  free(v);
  return RS_OK;
}
