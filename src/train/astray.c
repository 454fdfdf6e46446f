#include "train/trainer_internal.h"

#include "base/thread_pool.h"

#include <string.h>

/* Runs of a look, their length, and updates from one look to the next: a tenth of the time. */
enum { RUNS = 4, RUN_FRAMES = 256, LOOK_EVERY = 64 };

/* A look: runs that are played side by side. */
typedef struct {
  const RsTrainer *trainer;
  RsRoll roll[RUNS];
  size_t meter[RUNS]; /* numbers in RsInputs.meters */
  RsStatus status[RUNS];
} Look;

static size_t visible_of(const RsTrainer *trainer) {
  return rs_rnnrbm_rbm(trainer->model->net)->visible;
}

/* Vectors of a passage: its context, then its window. */
static float *passage(const RsTrainer *trainer, uint64_t number) {
  const size_t frames = trainer->context + RS_WINDOW;
  return trainer->astray + number % RS_ASTRAY * frames * visible_of(trainer);
}

static uint64_t passages(const RsTrainer *trainer) {
  return trainer->counters.astray < RS_ASTRAY ? trainer->counters.astray : RS_ASTRAY;
}

/* The meter of a passage from its first frame on. */
static const RsRoll *clock_of(const RsTrainer *trainer, const RsPassage *of) {
  return trainer->clocks + of->meter;
}

/* One of the passages as a roll, for a run to begin with. */
static RsStatus roll_of(const RsTrainer *trainer, uint64_t number, RsRoll *roll) {
  const RsEncoding *encoding = &trainer->model->inputs.encoding;
  const RsPassage *of = trainer->passages + number % RS_ASTRAY;
  RsStatus status = rs_roll_init(roll, NULL, of->context + RS_WINDOW, rs_encoding_planes(encoding));
  const RsMeterChange *meter = clock_of(trainer, of)->meters;
  if (!status && meter) {
    roll->frames_per_beat = clock_of(trainer, of)->frames_per_beat;
    status = rs_roll_add_meter(roll, 0, meter->beats, meter->unit);
  }
  for (size_t n = 0; !status && n < roll->frames; ++n) {
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
  uint32_t words[4];
  rs_rng_words(rng, trainer->counters.updates * RUNS + run, 4, words);
  const uint64_t seed = (uint64_t)words[0] << 32 | words[1];
  const bool primed = run % 2 && count;
  look->meter[run] = rs_trainer_meter(trainer, words[3] * 0x1p-32);
  if (primed) {
    look->meter[run] = trainer->passages[words[2] % count].meter;
    status = roll_of(trainer, words[2] % count, &before);
  }
  if (!status) {
    status = rs_trainer_play_alone(trainer, trainer->w, seed, look->meter[run],
                                   primed ? &before : NULL, RUN_FRAMES, &look->roll[run]);
  }
  if (primed) {
    rs_roll_clear(&before);
  }
  look->status[run] = status;
}

/* Frames before a frame of a run that are kept with it, from the beginning of a bar on. */
static size_t context_of(const RsTrainer *trainer, const RsRoll *roll, size_t start) {
  size_t from = start < trainer->context ? 0 : start - trainer->context;
  RsBarPlace bar;
  if (rs_roll_bar(roll, from, &bar) && bar.frame_in_bar) {
    from = bar.bar_start + bar.bar_frames;
  }
  return from < start ? start - from : 0;
}

/* Keep a window of a run, with the frames before it that the inputs look back on. */
static void keep(RsTrainer *trainer, const RsRoll *roll, size_t start, size_t meter) {
  const uint64_t number = trainer->counters.astray++;
  const size_t context = context_of(trainer, roll, start);
  float *to = passage(trainer, number);
  for (size_t n = start - context; n < start + RS_WINDOW; ++n, to += visible_of(trainer)) {
    rs_encode_frame(&trainer->model->inputs.encoding, roll, n, 0, to);
  }
  trainer->passages[number % RS_ASTRAY] = (RsPassage){context, meter};
}

/* Keep the windows of a run that are outside a band of the songs: equation X9. */
static void collect(RsTrainer *trainer, const RsRoll *roll, size_t meter) {
  for (size_t i = 0; i < rs_windows(roll->frames); ++i) {
    const RsStatistics s = rs_window_statistics(roll, i);
    if (!rs_is_inside(&s, &trainer->band, NULL)) {
      keep(trainer, roll, i * RS_WINDOW, meter);
    }
  }
}

RsStatus rs_trainer_go_astray(RsTrainer *trainer) {
  Look look = {.trainer = trainer};
  RsStatus status = RS_OK;
  if (!trainer->astray || trainer->counters.updates % LOOK_EVERY) {
    return RS_OK;
  }
  rs_thread_pool_run(trainer->team, RUNS, play, &look);
  for (size_t i = 0; i < RUNS; ++i) {
    /* A model whose numbers overflow is mended elsewhere. */
    if (!look.status[i]) {
      collect(trainer, &look.roll[i], look.meter[i]);
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
  const RsEncoding *encoding = &trainer->model->inputs.encoding;
  const size_t visible = visible_of(trainer);
  size_t song[CLASSES], own[CLASSES], best = 0;
  int nearest = 0;
  count_classes(encoding, group->in.v + stream * visible, (size_t)settings->block,
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
  The frame of a passage's window to begin with, `at` or a later one: one after which the place in
  the bar is that of the frame of the song, as far as the meters are the same.
*/
static size_t same_place(const RsTrainer *trainer, const RsInputPlace *song, const RsPassage *of,
                         size_t at) {
  for (size_t n = at; n < at + RS_WINDOW; ++n) {
    RsInputPlace place;
    const size_t in_window = n % RS_WINDOW, next = of->context + in_window + 1;
    const bool placed =
        rs_input_place(&trainer->model->inputs, clock_of(trainer, of), next, &place);
    if (!placed || place.meter != song->meter || place.frame_in_bar == song->frame_in_bar) {
      return in_window;
    }
  }
  return at;
}

/* A passage that is replayed to a stream. */
typedef struct {
  const RsPassage *of;
  const float *v; /* its vectors */
  int semitones;
} Replay;

/* Frame n of the passage is heard. */
static void replay_frame(const RsTrainer *trainer, RsTrainGroup *group, const Replay *replay,
                         size_t n) {
  float v[2 * RS_NOTES];
  RsInputPlace place;
  const RsInputs *inputs = &trainer->model->inputs;
  const bool placed = rs_input_place(inputs, clock_of(trainer, replay->of), n, &place);
  transpose(&inputs->encoding, replay->v + n * visible_of(trainer), replay->semitones, v);
  rs_input_history_add(group->replay, placed ? &place : NULL, v, v);
}

/*
  Inputs of frame `row` are those of the passage's frame n + 1, but for the place in the meter: that
  is the song's.
*/
static void take_inputs(const RsTrainer *trainer, RsTrainGroup *group, const Replay *replay,
                        size_t n, size_t row) {
  const RsInputs *inputs = &trainer->model->inputs;
  float *x = group->in.x + row * inputs->size;
  RsInputPlace place;
  const bool placed = rs_input_place(inputs, clock_of(trainer, replay->of), n + 1, &place);
  place.plan = group->in.places[row].plan;
  rs_input_history_fill(group->replay, placed ? &place : NULL, x,
                        rs_links_from(&group->in.links, row));
  if (inputs->metre) {
    memset(x + inputs->metre_at, 0, (inputs->lookback_at - inputs->metre_at) * sizeof *x);
    rs_inputs_fill_metre(inputs, group->in.places + row, x);
  }
}

/*
  A stream hears a passage from its frame `at` and from frame n of the block, as far as both go.
  What is to be predicted stays the song, in every frame: so W learns what a frame is like where the
  past tells nothing.
*/
static void hear(const RsTrainer *trainer, RsTrainGroup *group, size_t stream, uint64_t number,
                 size_t n, size_t at) {
  Replay replay = {.of = trainer->passages + number, .v = passage(trainer, number)};
  const float *window = replay.v + replay.of->context * visible_of(trainer);
  replay.semitones = nearest_key(trainer, group, stream, window);
  const RsInputPlace *first = group->in.places + n * group->streams + stream;
  at = replay.of->context + same_place(trainer, first, replay.of, at);
  rs_input_history_start(group->replay, NULL);
  for (size_t i = 0; i < at; ++i) {
    replay_frame(trainer, group, &replay, i);
  }
  for (; n < (size_t)trainer->settings.train.block && at < replay.of->context + RS_WINDOW;
       ++n, ++at) {
    const size_t row = n * group->streams + stream;
    replay_frame(trainer, group, &replay, at);
    if (!group->in.starts[row]) {
      take_inputs(trainer, group, &replay, at, row);
    }
  }
}

void rs_trainer_hear_astray(const RsTrainer *trainer, RsTrainGroup *group) {
  const RsTrainSettings *settings = &trainer->settings.train;
  const RsRng rng = {settings->seed, RS_STREAM_REPLAY};
  const uint64_t count = trainer->astray ? passages(trainer) : 0;
  const uint64_t first = trainer->counters.updates * (uint64_t)settings->streams + group->first;
  for (size_t s = 0; count && s < group->streams; ++s) {
    uint32_t words[4];
    rs_rng_words(rng, first + s, 4, words);
    if (words[0] * 0x1p-32 < settings->own_past) {
      hear(trainer, group, s, words[1] % count, words[2] % (size_t)settings->block,
           words[3] % RS_WINDOW);
    }
  }
}
