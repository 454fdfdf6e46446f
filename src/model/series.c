#include <rollsmith/series.h>

#include "base/memory.h"

#include <rollsmith/rng.h>

#include <stdlib.h>
#include <string.h>

/* Place in the endless row of songs: song number `place` of the order of `epoch`. */
typedef struct {
  uint64_t epoch;
  uint64_t place;
} Turn;

typedef struct {
  Turn turn;          /* of the song being read */
  uint64_t frame;     /* next frame of it */
  const RsRoll *song; /* which follows from the turn, as does */
  int transposition;
} Stream;

struct RsSeries {
  RsSeriesSpec spec;
  size_t size;      /* values of a vector */
  size_t group;     /* streams of a group */
  size_t count;     /* songs that have frames */
  size_t *playable; /* their numbers */
  size_t epoch_frames;
  Turn next; /* the first song that no stream has taken */
  Stream *streams;
  uint32_t *order[2];  /* order of an even and of an odd epoch */
  uint64_t ordered[2]; /* which epochs these are, plus one */
  float *last; /* streams x size: the frame before the next one, for the borders of blocks */
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

static const RsRoll *song_of(RsSeries *series, Turn turn) {
  return series->spec.songs->rolls + series->playable[order_of(series, turn.epoch)[turn.place]];
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

static Stream stream_at(RsSeries *series, Turn turn, uint64_t frame) {
  return (Stream){turn, frame, song_of(series, turn), transposition_of(series, turn)};
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
  series->group = spec->streams / groups;
  series->size = rs_encoding_size(&spec->encoding);
  RsStatus status = collect_playable(series);
  series->streams = rs_alloc(spec->streams, sizeof *series->streams);
  series->last = rs_alloc(spec->streams, series->size * sizeof *series->last);
  series->order[0] = rs_alloc(series->count, sizeof **series->order);
  series->order[1] = rs_alloc(series->count, sizeof **series->order);
  if (!series->streams || !series->last || !series->order[0] || !series->order[1]) {
    status = status ? status : RS_ERR_MEMORY;
  }
  if (status) {
    rs_series_free(series);
    return status;
  }
  for (size_t s = 0; s < spec->streams; ++s) {
    series->streams[s] = stream_at(series, take_turn(series), 0);
  }
  *out = series;
  return RS_OK;
}

void rs_series_free(RsSeries *series) {
  if (series) {
    free(series->playable);
    free(series->streams);
    free(series->order[0]);
    free(series->order[1]);
    free(series->last);
    free(series);
  }
}

size_t rs_series_epoch_frames(const RsSeries *series) {
  return series->epoch_frames;
}

/* The next frame of one stream; gives back whether a song begins with it. */
static bool next_frame(RsSeries *series, Stream *stream, float *v) {
  if (stream->frame == stream->song->frames) {
    *stream = stream_at(series, take_turn(series), 0);
  }
  rs_encode_frame(&series->spec.encoding, stream->song, stream->frame, stream->transposition, v);
  return stream->frame++ == 0;
}

/* The row of frame 0 of a stream where so many are asked for; the next frame's is a group further.
 */
static size_t first_row(const RsSeries *series, size_t frames, size_t stream) {
  const size_t in_group = stream % series->group;
  return (stream - in_group) * frames + in_group;
}

void rs_series_next(RsSeries *series, size_t frames, float *x, float *v, unsigned char *starts) {
  const size_t streams = series->spec.streams, size = series->size, step = series->group;
  for (size_t n = 0; n < frames; ++n) {
    for (size_t s = 0; s < streams; ++s) {
      const size_t row = first_row(series, frames, s) + n * step;
      const bool border = next_frame(series, series->streams + s, v + row * size);
      starts[row] = border && !series->spec.carry;
      if (starts[row]) {
        memset(x + row * size, 0, size * sizeof *x);
      } else {
        const float *last = n ? v + (row - step) * size : series->last + s * size;
        memcpy(x + row * size, last, size * sizeof *x);
      }
    }
  }
  for (size_t s = 0; frames && s < streams; ++s) {
    const size_t row = first_row(series, frames, s) + (frames - 1) * step;
    memcpy(series->last + s * size, v + row * size, size * sizeof *v);
  }
}

/* A position: the next turn, then turn and frame of each stream, then the last frames' bits. */
enum { NEXT_NUMBERS = 2, STREAM_NUMBERS = 3 };

/* With carried borders the last frame may be of a song that is over: it is saved as it is. */
static size_t last_numbers(const RsSeries *series) {
  const size_t bytes = series->spec.streams * series->size * sizeof *series->last;
  return (bytes + sizeof(uint64_t) - 1) / sizeof(uint64_t);
}

size_t rs_series_position_size(const RsSeries *series) {
  return NEXT_NUMBERS + STREAM_NUMBERS * series->spec.streams + last_numbers(series);
}

void rs_series_position(const RsSeries *series, uint64_t *position) {
  position[0] = series->next.epoch;
  position[1] = series->next.place;
  uint64_t *at = position + NEXT_NUMBERS;
  for (size_t s = 0; s < series->spec.streams; ++s, at += STREAM_NUMBERS) {
    at[0] = series->streams[s].turn.epoch;
    at[1] = series->streams[s].turn.place;
    at[2] = series->streams[s].frame;
  }
  memset(at, 0, last_numbers(series) * sizeof *at);
  memcpy(at, series->last, series->spec.streams * series->size * sizeof *series->last);
}

static bool is_turn(const RsSeries *series, const uint64_t *numbers) {
  return numbers[1] < series->count && numbers[0] < UINT64_MAX / series->count - 1;
}

RsStatus rs_series_seek(RsSeries *series, const uint64_t *position) {
  const uint64_t *at = position + NEXT_NUMBERS;
  if (!is_turn(series, position)) {
    return RS_ERR_FORMAT;
  }
  for (size_t s = 0; s < series->spec.streams; ++s) {
    const uint64_t *numbers = at + s * STREAM_NUMBERS;
    if (!is_turn(series, numbers) ||
        numbers[2] > song_of(series, (Turn){numbers[0], numbers[1]})->frames) {
      return RS_ERR_FORMAT;
    }
  }
  series->next = (Turn){position[0], position[1]};
  for (size_t s = 0; s < series->spec.streams; ++s, at += STREAM_NUMBERS) {
    series->streams[s] = stream_at(series, (Turn){at[0], at[1]}, at[2]);
  }
  memcpy(series->last, at, series->spec.streams * series->size * sizeof *series->last);
  return RS_OK;
}
