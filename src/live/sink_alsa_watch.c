/* SPDX-License-Identifier: ISC */

#include "live/sink_alsa.h"

#include "live/port_watch.h"

#include <stdio.h>
#include <stdlib.h>

/* Watches of the sink's ports: whether they exist is known by announcements; how full the queues of
   receivers are, by the list of ALSA's clients. */

typedef struct {
  RsPortWatch watch;
  const RsAlsaSink *sink;
  const RsAlsaLink *link;
  RsSeqStall stall;
} AlsaWatch;

/* The fullest queue of the receivers connected to our output, or behind them. */
static RsSeqPool fullest_pool(const AlsaWatch *self, const char *text) {
  const RsAlsaLink *link = self->link;
  RsSeqPool pool = {.size = 0};
  RsSeqPort port;
  if (link->wanted && rs_seq_at(text, link->port.address[0], link->port.address[1], &port)) {
    pool = rs_seq_pool(text, &port);
  }
  if (rs_seq_at(text, self->sink->client, link->own, &port)) {
    pool = rs_seq_connected_pool(text, &port, pool);
  }
  return pool;
}

static RsReceiver alsa_poll(RsPortWatch *watch, int64_t now) {
  AlsaWatch *self = (AlsaWatch *)watch;
  watch->pool = (RsSeqPool){.size = 0};
  if (!atomic_load(&self->link->connected)) {
    return RS_RECEIVER_MISSING;
  }
  char *text = self->link == &self->sink->output ? rs_seq_text() : NULL;
  if (text) {
    watch->pool = fullest_pool(self, text);
    free(text);
  }
  return rs_seq_stalled(&self->stall, watch->pool, now) ? RS_RECEIVER_STALLED : RS_RECEIVER_READY;
}

static bool alsa_returned(RsPortWatch *watch) {
  return atomic_load(&((AlsaWatch *)watch)->link->connected);
}

RsStatus rs_alsa_watch(const RsSink *sink, int input, RsPortWatch **out) {
  const RsAlsaSink *alsa = (const RsAlsaSink *)sink;
  const RsAlsaLink *link = input < 0 ? &alsa->output : &alsa->inputs[input];
  *out = NULL;
  if (link->own < 0) {
    return RS_OK;
  }
  AlsaWatch *self = calloc(1, sizeof(*self));
  if (!self) {
    return RS_ERR_MEMORY;
  }
  *self = (AlsaWatch){
      .watch = {.poll = alsa_poll, .returned = alsa_returned}, .sink = alsa, .link = link};
  snprintf(self->watch.name, sizeof(self->watch.name), "%s", link->port.name);
  *out = &self->watch;
  return RS_OK;
}
