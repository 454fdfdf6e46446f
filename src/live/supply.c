#include "live/supply.h"

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

bool rs_supply_ask(RsSupply *supply, const RsSourceChange *change, RsRoll *phrase,
                   unsigned generation) {
  const Request request = {
      .change = change ? *change : (RsSourceChange){RS_SOURCE_SEED, {0}},
      .phrase = phrase,
      .generation = generation,
  };
  return rs_ring_push(&supply->requests, &request);
}

static void forget(const Request *request) {
  if (request->phrase) {
    rs_roll_clear(request->phrase);
    free(request->phrase);
  }
}

static void serve(RsSupply *supply, const Request *request) {
  RsFrameSource *source = supply->source;
  if (request->phrase) {
    if (source->hear) {
      source->hear(source, request->phrase);
    }
    forget(request);
  } else if (source->set) {
    source->set(source, &request->change);
  }
  supply->generation = request->generation;
  supply->status = RS_OK; // It may have begun anew
}

/* ---- Frames ---- */

static size_t most_ahead(const RsSupply *supply) {
  const size_t most = MOST_TIMES_AHEAD * supply->ahead_at_first;
  return most < MOST_AHEAD ? most : MOST_AHEAD;
}

/// A machine that lets the source wait for too long gets more of a store; so much later is what the
/// source is told heard
static void look_after_store(RsSupply *supply) {
  const unsigned missed =
      atomic_load_explicit(&supply->output->shared.seen_missed, memory_order_relaxed);
  if (atomic_load_explicit(&supply->output->shared.slow, memory_order_relaxed)) {
    supply->ahead = most_ahead(supply);
  } else if (missed != supply->missed &&
             supply->ahead < MOST_TIMES_AHEAD * supply->ahead_at_first) {
    supply->ahead = 2 * supply->ahead < MOST_AHEAD ? 2 * supply->ahead : MOST_AHEAD;
  }
  supply->missed = missed;
}

static bool make_frame(RsSupply *supply) {
  RsQueuedFrame queued = {.generation = supply->generation, .rewound = supply->rewound};
  RsRing *frames = &supply->output->shared.frames;
  if (supply->status || rs_ring_count(frames) >= supply->ahead) {
    return false;
  }
  supply->status = queued.status = supply->source->next(supply->source, &queued.frame);
  const bool pushed = rs_ring_push(frames, &queued);
  atomic_store(&supply->output->shared.ended, supply->status != RS_OK);
  return pushed && !supply->status;
}

/// Go back to the beginning, or where it has none to the place that the clock has
static void rewind_source(RsSupply *supply) {
  const unsigned wanted = atomic_load(&supply->output->shared.rewound);
  if (wanted != supply->rewound) {
    supply->rewound = wanted;
    if (supply->source->rewind) {
      supply->source->rewind(supply->source);
    } else {
      supply->source->place(supply->source, atomic_load(&supply->output->shared.song_frame));
    }
    supply->status = RS_OK;
  }
}

bool rs_supply_step(RsSupply *supply) {
  Request request;
  while (rs_ring_pop(&supply->requests, &request)) {
    serve(supply, &request);
  }
  rewind_source(supply);
  look_after_store(supply);
  return make_frame(supply);
}

/* ---- Life ---- */

static size_t frames_ahead(const RsTimeline *timeline) {
  const int64_t frame = rs_timeline_due(timeline, timeline->pulses_a_frame);
  const int64_t wanted = AHEAD / (frame > 0 ? frame : 1);
  return wanted < FEWEST_AHEAD ? FEWEST_AHEAD : wanted > MOST_AHEAD ? MOST_AHEAD : (size_t)wanted;
}

RsStatus rs_supply_init(RsSupply *supply, RsFrameSource *source, RsOutput *output) {
  *supply = (RsSupply){.source = source, .output = output};
  output->queue.rewinds = source->rewind != NULL;
  output->queue.places = !source->rewind && source->place;
  supply->ahead = supply->ahead_at_first = frames_ahead(&output->transport.timeline);
  output->queue.enough = supply->ahead < ENOUGH ? supply->ahead : ENOUGH;
  return rs_ring_init(&supply->requests, REQUESTS_IN_QUEUE, sizeof(Request));
}

void rs_supply_clear(RsSupply *supply) {
  Request request;
  while (supply->requests.items && rs_ring_pop(&supply->requests, &request)) {
    forget(&request);
  }
  rs_ring_clear(&supply->requests);
}
