#include "model/trainer_internal.h"

#include "base/parallel.h"

#include <string.h>

/* Runs of a look, their length, and updates from one look to the next: a tenth of the time. */
enum { RUNS = 4, RUN_FRAMES = 256, LOOK_EVERY = 64 };

/* A look: runs that are played side by side. */
typedef struct {
  const RsTrainer *trainer;
  RsRoll roll[RUNS];
  RsStatus status[RUNS];
} Look;

static size_t visible_of(const RsTrainer *trainer) {
  return rs_rnnrbm_rbm(trainer->model->net)->visible;
}

static float *passage(const RsTrainer *trainer, uint64_t number) {
  return trainer->astray + number % RS_ASTRAY * RS_WINDOW * visible_of(trainer);
}

static uint64_t passages(const RsTrainer *trainer) {
  return trainer->counters.astray < RS_ASTRAY ? trainer->counters.astray : RS_ASTRAY;
}

/* One of the passages as a roll, for a run to begin with. */
static RsStatus roll_of(const RsTrainer *trainer, uint64_t number, RsRoll *roll) {
  const RsEncoding *encoding = &trainer->model->encoding;
  const RsStatus status = rs_roll_init(roll, NULL, RS_WINDOW, rs_encoding_planes(encoding));
  for (size_t n = 0; !status && n < RS_WINDOW; ++n) {
    const float *v = passage(trainer, number) + n * visible_of(trainer);
    RsFrame onset;
    rs_decode_frame(encoding, v, &roll->on[n], roll->onset ? &roll->onset[n] : &onset,
                    roll->velocity ? roll->velocity + n * RS_NOTES : NULL);
  }
  return status;
}

/* Every other run begins where an earlier one went astray: does the model come back? */
static void play(void *context, size_t run) {
  Look *look = context;
  const RsTrainer *trainer = look->trainer;
  const RsRng rng = {trainer->settings.train.seed, RS_STREAM_FREE_RUN};
  const uint64_t count = passages(trainer);
  RsRoll before;
  RsStatus status = RS_OK;
  uint32_t words[3];
  rs_rng_words(rng, trainer->counters.updates * RUNS + run, 3, words);
  const uint64_t seed = (uint64_t)words[0] << 32 | words[1];
  const bool primed = run % 2 && count;
  if (primed) {
    status = roll_of(trainer, words[2] % count, &before);
  }
  if (!status) {
    status = rs_trainer_play_alone(trainer, trainer->w, seed, primed ? &before : NULL, RUN_FRAMES,
                                   &look->roll[run]);
  }
  if (primed) {
    rs_roll_clear(&before);
  }
  look->status[run] = status;
}

/* Keep the windows of a run that are outside a band of the songs: equation X9. */
static void collect(RsTrainer *trainer, const RsRoll *roll) {
  for (size_t i = 0; i < rs_windows(roll->frames); ++i) {
    const RsStatistics s = rs_window_statistics(roll, i);
    if (rs_is_inside(&s, &trainer->band, NULL)) {
      continue;
    }
    float *to = passage(trainer, trainer->counters.astray++);
    for (size_t n = 0; n < RS_WINDOW; ++n) {
      rs_encode_frame(&trainer->model->encoding, roll, i * RS_WINDOW + n, 0,
                      to + n * visible_of(trainer));
    }
  }
}

RsStatus rs_trainer_go_astray(RsTrainer *trainer) {
  Look look = {.trainer = trainer};
  RsStatus status = RS_OK;
  if (!trainer->astray || trainer->counters.updates % LOOK_EVERY) {
    return RS_OK;
  }
  rs_team_run(trainer->team, RUNS, play, &look);
  for (size_t i = 0; i < RUNS; ++i) {
    /* A model whose numbers overflow is mended elsewhere. */
    if (!look.status[i]) {
      collect(trainer, &look.roll[i]);
      rs_roll_clear(&look.roll[i]);
    } else if (look.status[i] == RS_ERR_MEMORY) {
      status = RS_ERR_MEMORY;
    }
  }
  return status;
}

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
  The transposition, of those that songs are learned in, that brings a passage nearest to the key of
  the song: what is astray shall lead back, and not to another key.
*/
static int nearest_key(const RsTrainer *trainer, const RsTrainGroup *group, size_t stream,
                       const float *heard) {
  const RsTrainSettings *settings = &trainer->settings.train;
  const RsEncoding *encoding = &trainer->model->encoding;
  const size_t visible = visible_of(trainer);
  size_t song[CLASSES], own[CLASSES], best = 0;
  int nearest = 0;
  count_classes(encoding, group->v + stream * visible, (size_t)settings->block,
                group->streams * visible, song);
  count_classes(encoding, heard, RS_WINDOW, visible, own);
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

/*
  A stream hears a passage from its frame `at` and from frame n of the block, as far as both go.
  What is to be predicted stays the song, in every frame: so W learns what a frame is like where the
  past tells nothing.
*/
static void hear(const RsTrainer *trainer, RsTrainGroup *group, size_t stream, const float *heard,
                 size_t n, size_t at) {
  const size_t visible = visible_of(trainer);
  const int semitones = nearest_key(trainer, group, stream, heard);
  for (; n < (size_t)trainer->settings.train.block && at < RS_WINDOW; ++n, ++at) {
    const size_t row = n * group->streams + stream;
    if (!group->starts[row]) {
      transpose(&trainer->model->encoding, heard + at * visible, semitones,
                group->x + row * visible);
    }
  }
}

void rs_trainer_hear_astray(const RsTrainer *trainer, RsTrainGroup *group) {
  const RsTrainSettings *settings = &trainer->settings.train;
  const RsRng rng = {settings->seed, RS_STREAM_ASTRAY};
  const uint64_t count = trainer->astray ? passages(trainer) : 0;
  const uint64_t first = trainer->counters.updates * (uint64_t)settings->streams + group->first;
  for (size_t s = 0; count && s < group->streams; ++s) {
    uint32_t words[4];
    rs_rng_words(rng, first + s, 4, words);
    if (words[0] * 0x1p-32 < settings->own_past) {
      hear(trainer, group, s, passage(trainer, words[1] % count),
           words[2] % (size_t)settings->block, words[3] % RS_WINDOW);
    }
  }
}
