/* SPDX-License-Identifier: ISC */

#include <rollsmith/sink.h>

#include "base/memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

void rs_sink_free(RsSink *sink) {
  if (sink) {
    sink->free(sink);
  }
}

/* ---- No output ---- */

static RsStatus null_send(RsSink *sink, int64_t due, const RsMessage *messages, size_t count) {
  return RS_OK;
}

static void null_free(RsSink *sink) {
  free(sink);
}

RsStatus rs_sink_null_new(RsSink **out) {
  RsSink *sink = calloc(1, sizeof(*sink));
  if (sink) {
    *sink = (RsSink){.send = null_send, .free = null_free};
  }
  *out = sink;
  return sink ? RS_OK : RS_ERR_MEMORY;
}

/* ---- A recording ---- */

enum { ARRIVALS = 64 };

typedef struct {
  RsSink sink;
  RsClock *clock;
  RsRecorded *kept;
  size_t capacity;
  size_t count; /* of all messages sent, including those that were not kept */
  atomic_bool disconnected;
  RsReceivedMessage arrived[ARRIVALS];
  size_t arrivals;
} Recorder;

static RsStatus record_send(RsSink *sink, int64_t due, const RsMessage *messages, size_t count) {
  Recorder *recorder = (Recorder *)sink;
  const int64_t sent = recorder->clock->now(recorder->clock);
  if (atomic_load(&recorder->disconnected)) {
    return RS_ERR_PORT;
  }
  sink->delivered = sent > due ? sent : due;
  for (size_t i = 0; i < count; ++i, ++recorder->count) {
    if (recorder->count < recorder->capacity) {
      recorder->kept[recorder->count] = (RsRecorded){due, sent, messages[i]};
    }
  }
  return RS_OK;
}

static size_t record_receive(RsSink *sink, RsReceivedMessage *messages, size_t room) {
  Recorder *recorder = (Recorder *)sink;
  const size_t count = recorder->arrivals < room ? recorder->arrivals : room;
  memcpy(messages, recorder->arrived, count * sizeof(*messages));
  recorder->arrivals -= count;
  memmove(recorder->arrived, recorder->arrived + count, recorder->arrivals * sizeof(*messages));
  return count;
}

static RsStatus record_reopen(RsSink *sink) {
  return atomic_load(&((Recorder *)sink)->disconnected) ? RS_ERR_PORT : RS_OK;
}

static void record_free(RsSink *sink) {
  free(((Recorder *)sink)->kept);
  free(sink);
}

RsStatus rs_sink_record_new(RsClock *clock, size_t capacity, RsSink **out) {
  Recorder *recorder = calloc(1, sizeof(*recorder));
  RsRecorded *kept = rs_alloc(capacity, sizeof(*kept));
  *out = NULL;
  if (!recorder || !kept) {
    free(recorder);
    free(kept);
    return RS_ERR_MEMORY;
  }
  *recorder = (Recorder){.sink = {.send = record_send,
                                  .receive = record_receive,
                                  .reopen = record_reopen,
                                  .free = record_free},
                         .clock = clock,
                         .kept = kept,
                         .capacity = capacity};
  *out = &recorder->sink;
  return RS_OK;
}

const RsRecorded *rs_sink_recorded(const RsSink *sink, size_t *count) {
  const Recorder *recorder = (const Recorder *)sink;
  *count = recorder->count < recorder->capacity ? recorder->count : recorder->capacity;
  return recorder->kept;
}

void rs_sink_record_disconnect(RsSink *sink, bool disconnected) {
  atomic_store(&((Recorder *)sink)->disconnected, disconnected);
}

void rs_sink_record_inject(RsSink *sink, const RsReceivedMessage *messages, size_t count) {
  Recorder *recorder = (Recorder *)sink;
  for (size_t i = 0; i < count && recorder->arrivals < ARRIVALS; ++i) {
    recorder->arrived[recorder->arrivals++] = messages[i];
  }
}
