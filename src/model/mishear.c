/*
  A past that is misheard, doc/math.md, equation X8. Few notes are, so random numbers are not thrown
  for every note, but for how many stay before the next one that moves.
*/

#include "model/trainer_internal.h"

#include "base/sparse.h"

#include <math.h>

/* Units of a frame at most: whether each note sounds, and whether it begins. */
enum { UNITS_MAX = 2 * RS_NOTES };

typedef struct {
  uint32_t from, to;
  float value;
} Move;

/* A walk over the notes of a group's frames, from one that moves to the next. */
typedef struct {
  RsRng rng;
  uint64_t step;     /* of the next random numbers */
  double log_stay;   /* logarithm of the probability that a note stays */
  double staying;    /* notes before the one that moves */
  uint32_t where_to; /* it goes, on the scale of random words */
} Walk;

static void next_move(Walk *walk) {
  uint32_t words[2];
  rs_rng_words(walk->rng, walk->step++, 2, words);
  walk->staying = floor(log((words[0] + 0.5) * 0x1p-32) / walk->log_stay);
  walk->where_to = words[1];
}

static size_t notes_of(size_t visible, const float *x) {
  uint64_t on[UNITS_MAX / 64];
  size_t count = 0;
  rs_bits_of(visible, x, on);
  for (size_t i = 0; i < visible; i += 64) {
    count += (size_t)__builtin_popcountll(on[i / 64]);
  }
  return count;
}

/* Which of the notes of a frame move, and where to. */
static size_t choose(Walk *walk, size_t visible, const float *x, Move *moves) {
  uint32_t on[UNITS_MAX];
  const size_t count = rs_list_nonzero(visible, x, on);
  size_t moving = 0, at = 0;
  for (; walk->staying < (double)(count - at); next_move(walk)) {
    at += (size_t)walk->staying;
    const uint32_t to = (uint32_t)((uint64_t)walk->where_to * visible >> 32);
    moves[moving++] = (Move){on[at], to, x[on[at]]};
    ++at;
  }
  walk->staying -= (double)(count - at);
  return moving;
}

/* All of them leave before one arrives: what has moved stays. */
static void move(size_t count, const Move *moves, float *x) {
  for (size_t k = 0; k < count; ++k) {
    x[moves[k].from] = 0;
  }
  for (size_t k = 0; k < count; ++k) {
    x[moves[k].to] = moves[k].value;
  }
}

void rs_trainer_mishear(const RsTrainer *trainer, RsTrainGroup *group) {
  const RsTrainSettings *settings = &trainer->settings.train;
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  const size_t frames = (size_t)settings->block;
  const uint64_t first = trainer->counters.updates * trainer->rows + group->first * frames;
  Walk walk = {.rng = {settings->seed, RS_STREAM_PAST},
               .step = first * visible, /* there are fewer moves than units */
               .log_stay = log1p(-settings->past_noise)};
  if (!(settings->past_noise > 0)) {
    return;
  }
  next_move(&walk);
  for (size_t n = 0; n < frames * group->streams; ++n) {
    Move moves[UNITS_MAX];
    float *x = group->x + n * visible;
    const size_t notes = notes_of(visible, x);
    if (walk.staying < (double)notes) {
      move(choose(&walk, visible, x, moves), moves, x);
    } else {
      walk.staying -= (double)notes;
    }
  }
}
