/* SPDX-License-Identifier: ISC */

/* Passages of free runs that are outside the songs, doc/math.md, equation X9. */

#include "train/replay_internal.h"

#include "base/memory.h"
#include "train/free_run.h"
#include "train/rolls_gather.h"

#include <stdlib.h>

/* Runs that are generated at a time, their length, and updates from one time to the next: together
 * a tenth of the time of training. */
enum { RUNS = 4, RUN_FRAMES = 256, FIND_EVERY = 64 };

/* Runs that are generated side by side. */
typedef struct {
  const RsReplay *replay;
  const RsModel *model;
  uint64_t updates, found;
  size_t first; /* of this process */
  RsRoll roll[RUNS];
  size_t meter[RUNS]; /* numbers in RsInputs.meters */
  RsStatus status[RUNS];
} Runs;

static RsStatus make_clocks(RsReplay *replay) {
  const RsInputs *inputs = replay->inputs;
  RsStatus status = RS_OK;
  for (size_t i = 0; !status && i < inputs->meter_count; ++i) {
    RsRoll *clock = replay->clocks + i;
    status = rs_roll_init(clock, NULL, 0, RS_PLANE_NONE);
    clock->frames_per_beat = inputs->frames_per_beat;
    status = status ? status
                    : rs_roll_add_meter(clock, 0, inputs->meters[i].beats, inputs->meters[i].unit);
  }
  return status;
}

RsStatus rs_replay_init(const RsInputs *inputs, const RsSongs *songs, RsReplay *replay) {
  *replay = (RsReplay){.inputs = inputs, .context = rs_inputs_frames(inputs)};
  RsStatus status = rs_band(songs, &replay->band);
  status = status ? status : make_clocks(replay);
  replay->frames = rs_alloc((size_t)RS_PASSAGES * (replay->context + RS_WINDOW),
                            rs_replay_visible(replay) * sizeof *replay->frames);
  replay->passages = rs_alloc(RS_PASSAGES, sizeof *replay->passages);
  return replay->frames && replay->passages ? status : RS_ERR_MEMORY;
}

void rs_replay_clear(RsReplay *replay) {
  free(replay->frames);
  free(replay->passages);
  for (size_t i = 0; i <= RS_METERS_MAX; ++i) {
    rs_roll_clear(replay->clocks + i);
  }
}

size_t rs_replay_size(const RsReplay *replay) {
  return replay->frames ? RS_PASSAGES * (replay->context + RS_WINDOW) * rs_replay_visible(replay)
                        : 0;
}

/* A passage as a roll, for a run to follow. */
static RsStatus roll_of(const RsReplay *replay, uint64_t number, RsRoll *roll) {
  const RsEncoding *encoding = &replay->inputs->encoding;
  const RsPassage *of = replay->passages + number % RS_PASSAGES;
  const RsRoll *clock = replay->clocks + of->meter;
  RsStatus status = rs_roll_init(roll, NULL, of->context + RS_WINDOW, rs_encoding_planes(encoding));
  if (!status && clock->meters) {
    roll->frames_per_beat = clock->frames_per_beat;
    status = rs_roll_add_meter(roll, 0, clock->meters->beats, clock->meters->unit);
  }
  for (size_t n = 0; !status && n < roll->frames; ++n) {
    const float *v = rs_replay_frames(replay, number) + n * rs_replay_visible(replay);
    RsFrame onset;
    rs_decode_frame(encoding, v, &roll->on[n], roll->onset ? &roll->onset[n] : &onset,
                    roll->velocity ? roll->velocity + n * RS_NOTES : NULL);
  }
  return status;
}

/* Random numbers of a run. */
static void run_words(const Runs *runs, size_t run, uint32_t words[4]) {
  const RsRng rng = {runs->model->settings.train.seed, RS_STREAM_FREE_RUN};
  rs_rng_words(rng, runs->updates * RUNS + run, 4, words);
}

static bool is_primed(const Runs *runs, size_t run) {
  return run % 2 && rs_replay_count(runs->found);
}

/* The meters of all runs, those of other processes too. */
static void choose_meters(Runs *runs) {
  const RsReplay *replay = runs->replay;
  for (size_t run = 0; run < RUNS; ++run) {
    uint32_t words[4];
    run_words(runs, run, words);
    runs->meter[run] = is_primed(runs, run)
                           ? replay->passages[words[2] % rs_replay_count(runs->found)].meter
                           : rs_free_run_meter(replay->inputs, words[3] * 0x1p-32);
  }
}

/* Every other run follows a passage that was found earlier: does the model come back from it? */
static void generate(void *context, size_t turn) {
  Runs *runs = context;
  const size_t run = runs->first + turn;
  const RsReplay *replay = runs->replay;
  const bool primed = is_primed(runs, run);
  RsRoll before;
  uint32_t words[4];
  run_words(runs, run, words);
  const uint64_t seed = (uint64_t)words[0] << 32 | words[1];
  RsStatus status =
      primed ? roll_of(replay, words[2] % rs_replay_count(runs->found), &before) : RS_OK;
  if (!status) {
    status = rs_free_run_song(runs->model, seed, runs->meter[run], primed ? &before : NULL,
                              RUN_FRAMES, &runs->roll[run]);
  }
  if (primed) {
    rs_roll_clear(&before);
  }
  runs->status[run] = status;
}

/* Frames before a frame of a run that are kept with it, from the beginning of a bar on. */
static size_t context_of(const RsReplay *replay, const RsRoll *roll, size_t start) {
  size_t from = start < replay->context ? 0 : start - replay->context;
  RsBarPlace bar;
  if (rs_roll_bar(roll, from, &bar) && bar.frame_in_bar) {
    from = bar.bar_start + bar.bar_frames;
  }
  return from < start ? start - from : 0;
}

/* Keep a window of a run, with the frames before it that the inputs look back on. */
static void keep(RsReplay *replay, uint64_t number, const RsRoll *roll, size_t start,
                 size_t meter) {
  const size_t context = context_of(replay, roll, start);
  float *to = replay->frames + rs_replay_offset(replay, number);
  for (size_t n = start - context; n < start + RS_WINDOW; ++n, to += rs_replay_visible(replay)) {
    rs_encode_frame(&replay->inputs->encoding, roll, n, 0, to);
  }
  replay->passages[number % RS_PASSAGES] = (RsPassage){context, meter};
}

/* Keep the windows of a run that are outside a band of the songs: equation X9. */
static void collect(RsReplay *replay, const RsRoll *roll, size_t meter, uint64_t *found) {
  for (size_t i = 0; i < rs_windows(roll->frames); ++i) {
    const RsStatistics s = rs_window_statistics(roll, i);
    if (!rs_is_inside(&s, &replay->band, NULL)) {
      keep(replay, (*found)++, roll, i * RS_WINDOW, meter);
    }
  }
}

RsStatus rs_replay_find(RsReplay *replay, const RsModel *model, RsThreadPool *pool,
                        const RsTransport *transport, uint64_t updates, uint64_t *found) {
  const RsPiece own = rs_share_of(transport, transport->rank, RUNS);
  Runs runs = {
      .replay = replay, .model = model, .updates = updates, .found = *found, .first = own.offset};
  if (!replay->frames || updates % FIND_EVERY) {
    return RS_OK;
  }
  choose_meters(&runs);
  rs_thread_pool_run(pool, own.size, generate, &runs);
  RsStatus status = rs_rolls_gather(transport, runs.roll, runs.status, RUNS);
  for (size_t i = 0; i < RUNS; ++i) {
    /* A model whose numbers overflow is found by the update. */
    if (!runs.status[i]) {
      collect(replay, &runs.roll[i], runs.meter[i], found);
      rs_roll_clear(&runs.roll[i]);
    } else if (runs.status[i] == RS_ERR_MEMORY) {
      status = RS_ERR_MEMORY;
    }
  }
  return status;
}
