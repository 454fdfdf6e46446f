/* SPDX-License-Identifier: ISC */

#include "live/prefetch.h"

#include <stdlib.h>

enum {
  FEWEST_AHEAD = 4, /* frames in advance; covers scheduling delays for long frames */
  MOST_AHEAD = 512, /* half of the queue of frames */
  PREBUFFER = 8,    /* frames before the first one is played */
  FOLLOW_AHEAD = 2, /* frames in advance where a person is accompanied: each note discards them */
  MOST_TIMES_AHEAD = 8, /* growth of the number of frames in advance on a busy machine */
  REQUESTS_IN_QUEUE = 256,
};

#define AHEAD (RS_SECOND / 2) /* music in advance: a change takes effect after this time */

/* A request to the source */
typedef struct {
  RsSourceChange change;
  RsRoll *prime; /* owned: roll to prime it with, in place of a change; or NULL */
  unsigned generation;
} Request;

/* ---- Requests ---- */

bool rs_prefetch_request(RsPrefetch *prefetch, const RsSourceChange *change, RsRoll *prime,
                         unsigned generation) {
  const Request request = {
      .change = change ? *change : (RsSourceChange){RS_SOURCE_SEED, {0}},
      .prime = prime,
      .generation = generation,
  };
  return rs_ring_push(&prefetch->requests, &request);
}

static void free_request(const Request *request) {
  if (request->prime) {
    rs_roll_clear(request->prime);
    free(request->prime);
  }
}

static void apply(RsPrefetch *prefetch, const Request *request) {
  RsFrameSource *source = prefetch->source;
  if (request->prime) {
    if (source->prime) {
      source->prime(source, request->prime);
    }
    free_request(request);
  } else if (source->set) {
    source->set(source, &request->change);
  }
  prefetch->generation = request->generation;
  prefetch->status = RS_OK; /* the source may have restarted */
}

/* ---- Frames ---- */

static size_t most_ahead(const RsPrefetch *prefetch) {
  const size_t most = MOST_TIMES_AHEAD * prefetch->ahead_at_first;
  return most < MOST_AHEAD ? most : MOST_AHEAD;
}

/* Make more frames in advance after late frames; changes of the source then take effect later. */
static void adapt_to_load(RsPrefetch *prefetch) {
  const unsigned missed =
      atomic_load_explicit(&prefetch->output->shared.missed_frames, memory_order_relaxed);
  if (atomic_load_explicit(&prefetch->output->shared.slow, memory_order_relaxed)) {
    prefetch->ahead = most_ahead(prefetch);
  } else if (missed != prefetch->missed &&
             prefetch->ahead < MOST_TIMES_AHEAD * prefetch->ahead_at_first) {
    prefetch->ahead = 2 * prefetch->ahead < MOST_AHEAD ? 2 * prefetch->ahead : MOST_AHEAD;
  }
  prefetch->missed = missed;
}

/* Make the next frame, or the one that sounds again. */
static bool put_frame(RsPrefetch *prefetch, bool again) {
  RsQueuedFrame queued = {.generation = prefetch->generation,
                          .rewound = prefetch->rewound,
                          .number = prefetch->made++,
                          .held = prefetch->held,
                          .again = again};
  prefetch->status = queued.status = prefetch->source->next(prefetch->source, &queued.frame);
  const bool pushed = rs_ring_push(&prefetch->output->shared.frames, &queued);
  atomic_store(&prefetch->output->shared.ended, prefetch->status != RS_OK);
  return pushed && !prefetch->status;
}

static bool make_frame(RsPrefetch *prefetch) {
  RsRing *frames = &prefetch->output->shared.frames;
  return !prefetch->status && rs_ring_count(frames) < prefetch->ahead && put_frame(prefetch, false);
}

/* Go back to the first frame that other held notes change: the one that sounds, where a note is
 * pressed, else the next one. @return Whether the one that sounds is to be made. */
static bool go_back(RsPrefetch *prefetch, const RsHeldNotes *held) {
  const bool pressed = rs_frame_count(&held->pressed) > 0;
  const uint64_t frame = held->frame + !pressed;
  if (!held->sounds || frame >= prefetch->made ||
      !prefetch->source->back(prefetch->source, frame)) {
    return false;
  }
  prefetch->made = frame;
  return pressed;
}

/* Make the music go on with the notes that a person holds now. */
static void take_held(RsPrefetch *prefetch) {
  RsHeldNotes held;
  while (rs_ring_pop(&prefetch->output->shared.held, &held)) {
    if (prefetch->status || !prefetch->source->set_held) {
      continue;
    }
    const bool again = go_back(prefetch, &held);
    prefetch->held = held.change;
    prefetch->source->set_held(prefetch->source, &held.notes, &held.pressed);
    if (again) {
      put_frame(prefetch, true);
    }
  }
}

/* Rewind the source, or locate it where it cannot be rewound. */
static void rewind_source(RsPrefetch *prefetch) {
  const unsigned wanted = atomic_load(&prefetch->output->shared.rewound);
  if (wanted != prefetch->rewound) {
    prefetch->rewound = wanted;
    if (prefetch->source->rewind) {
      prefetch->source->rewind(prefetch->source);
    } else {
      prefetch->source->locate(prefetch->source, atomic_load(&prefetch->output->shared.song_frame));
    }
    prefetch->status = RS_OK;
  }
}

bool rs_prefetch_step(RsPrefetch *prefetch) {
  Request request;
  while (rs_ring_pop(&prefetch->requests, &request)) {
    apply(prefetch, &request);
  }
  rewind_source(prefetch);
  take_held(prefetch);
  adapt_to_load(prefetch);
  return make_frame(prefetch);
}

/* ---- Construction ---- */

static size_t frames_ahead(const RsTimeline *timeline) {
  const int64_t frame = rs_timeline_due(timeline, timeline->pulses_a_frame);
  const int64_t wanted = AHEAD / (frame > 0 ? frame : 1);
  return wanted < FEWEST_AHEAD ? FEWEST_AHEAD : wanted > MOST_AHEAD ? MOST_AHEAD : (size_t)wanted;
}

RsStatus rs_prefetch_init(RsPrefetch *prefetch, RsFrameSource *source, RsOutput *output) {
  *prefetch = (RsPrefetch){.source = source, .output = output};
  output->queue.can_rewind = source->rewind != NULL;
  output->queue.can_locate = !source->rewind && source->locate;
  prefetch->ahead = prefetch->ahead_at_first =
      source->set_held ? FOLLOW_AHEAD : frames_ahead(&output->transport.timeline);
  output->queue.prebuffer = prefetch->ahead < PREBUFFER ? prefetch->ahead : PREBUFFER;
  return rs_ring_init(&prefetch->requests, REQUESTS_IN_QUEUE, sizeof(Request));
}

void rs_prefetch_clear(RsPrefetch *prefetch) {
  Request request;
  while (prefetch->requests.items && rs_ring_pop(&prefetch->requests, &request)) {
    free_request(&request);
  }
  rs_ring_clear(&prefetch->requests);
}
