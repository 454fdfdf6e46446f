#include "live/prefetch.h"

#include <stdlib.h>

enum {
  FEWEST_AHEAD = 4,
  MOST_AHEAD = 512,
  ENOUGH = 8,           // Before the first one is played
  MOST_TIMES_AHEAD = 8, // As far as at first
  REQUESTS_IN_QUEUE = 256,
};

#define AHEAD (RS_SECOND / 2) // Music that is ready

/// What the source is asked for
typedef struct {
  RsSourceChange change;
  RsRoll *phrase; // Owned: what it shall hear, in place of a change
  unsigned generation;
} Request;

/* ---- Requests ---- */

bool rs_prefetch_ask(RsPrefetch *prefetch, const RsSourceChange *change, RsRoll *phrase,
                     unsigned generation) {
  const Request request = {
      .change = change ? *change : (RsSourceChange){RS_SOURCE_SEED, {0}},
      .phrase = phrase,
      .generation = generation,
  };
  return rs_ring_push(&prefetch->requests, &request);
}

static void forget(const Request *request) {
  if (request->phrase) {
    rs_roll_clear(request->phrase);
    free(request->phrase);
  }
}

static void serve(RsPrefetch *prefetch, const Request *request) {
  RsFrameSource *source = prefetch->source;
  if (request->phrase) {
    if (source->hear) {
      source->hear(source, request->phrase);
    }
    forget(request);
  } else if (source->set) {
    source->set(source, &request->change);
  }
  prefetch->generation = request->generation;
  prefetch->status = RS_OK; // It may have begun anew
}

/* ---- Frames ---- */

static size_t most_ahead(const RsPrefetch *prefetch) {
  const size_t most = MOST_TIMES_AHEAD * prefetch->ahead_at_first;
  return most < MOST_AHEAD ? most : MOST_AHEAD;
}

/// A machine that lets the source wait for too long gets more of a store; so much later is what the
/// source is told heard
static void look_after_store(RsPrefetch *prefetch) {
  const unsigned missed =
      atomic_load_explicit(&prefetch->output->shared.seen_missed, memory_order_relaxed);
  if (atomic_load_explicit(&prefetch->output->shared.slow, memory_order_relaxed)) {
    prefetch->ahead = most_ahead(prefetch);
  } else if (missed != prefetch->missed &&
             prefetch->ahead < MOST_TIMES_AHEAD * prefetch->ahead_at_first) {
    prefetch->ahead = 2 * prefetch->ahead < MOST_AHEAD ? 2 * prefetch->ahead : MOST_AHEAD;
  }
  prefetch->missed = missed;
}

static bool make_frame(RsPrefetch *prefetch) {
  RsQueuedFrame queued = {.generation = prefetch->generation, .rewound = prefetch->rewound};
  RsRing *frames = &prefetch->output->shared.frames;
  if (prefetch->status || rs_ring_count(frames) >= prefetch->ahead) {
    return false;
  }
  prefetch->status = queued.status = prefetch->source->next(prefetch->source, &queued.frame);
  const bool pushed = rs_ring_push(frames, &queued);
  atomic_store(&prefetch->output->shared.ended, prefetch->status != RS_OK);
  return pushed && !prefetch->status;
}

/// Go back to the beginning, or where it has none to the place that the clock has
static void rewind_source(RsPrefetch *prefetch) {
  const unsigned wanted = atomic_load(&prefetch->output->shared.rewound);
  if (wanted != prefetch->rewound) {
    prefetch->rewound = wanted;
    if (prefetch->source->rewind) {
      prefetch->source->rewind(prefetch->source);
    } else {
      prefetch->source->place(prefetch->source, atomic_load(&prefetch->output->shared.song_frame));
    }
    prefetch->status = RS_OK;
  }
}

bool rs_prefetch_step(RsPrefetch *prefetch) {
  Request request;
  while (rs_ring_pop(&prefetch->requests, &request)) {
    serve(prefetch, &request);
  }
  rewind_source(prefetch);
  look_after_store(prefetch);
  return make_frame(prefetch);
}

/* ---- Life ---- */

static size_t frames_ahead(const RsTimeline *timeline) {
  const int64_t frame = rs_timeline_due(timeline, timeline->pulses_a_frame);
  const int64_t wanted = AHEAD / (frame > 0 ? frame : 1);
  return wanted < FEWEST_AHEAD ? FEWEST_AHEAD : wanted > MOST_AHEAD ? MOST_AHEAD : (size_t)wanted;
}

RsStatus rs_prefetch_init(RsPrefetch *prefetch, RsFrameSource *source, RsOutput *output) {
  *prefetch = (RsPrefetch){.source = source, .output = output};
  output->queue.rewinds = source->rewind != NULL;
  output->queue.places = !source->rewind && source->place;
  prefetch->ahead = prefetch->ahead_at_first = frames_ahead(&output->transport.timeline);
  output->queue.enough = prefetch->ahead < ENOUGH ? prefetch->ahead : ENOUGH;
  return rs_ring_init(&prefetch->requests, REQUESTS_IN_QUEUE, sizeof(Request));
}

void rs_prefetch_clear(RsPrefetch *prefetch) {
  Request request;
  while (prefetch->requests.items && rs_ring_pop(&prefetch->requests, &request)) {
    forget(&request);
  }
  rs_ring_clear(&prefetch->requests);
}
