/* SPDX-License-Identifier: ISC */

#include "live/port_watch.h"
#include "live/sequencer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A watch that reads the list of ALSA's clients: for drivers that do not report changes. */
typedef struct {
  RsPortWatch watch;
  size_t place;
  bool output;
  bool known;     /* whether the address is known */
  int address[2]; /* client and port */
  RsSeqStall stall;
} ListWatch;

/* Find the port, by its address once that is known: another one of its name is not open. */
static bool find(const ListWatch *watch, const char *text, RsSeqPort *port) {
  if (!watch->known) {
    return rs_seq_find(text, watch->watch.name, watch->place, watch->output, port);
  }
  return rs_seq_at(text, watch->address[0], watch->address[1], port) &&
         (watch->output ? port->output : port->input) && rs_seq_is_named(port, watch->watch.name);
}

static void set_address(ListWatch *watch, const RsSeqPort *port) {
  watch->known = true;
  watch->address[0] = port->client;
  watch->address[1] = port->port;
}

static RsReceiver check(ListWatch *watch, const char *text, int64_t now) {
  RsSeqPort port;
  watch->watch.pool = (RsSeqPool){.size = 0};
  if (!find(watch, text, &port)) {
    return RS_RECEIVER_MISSING;
  }
  set_address(watch, &port);
  if (!watch->output) {
    return RS_RECEIVER_READY;
  }
  watch->watch.pool = rs_seq_pool(text, &port);
  return rs_seq_stalled(&watch->stall, watch->watch.pool, now) ? RS_RECEIVER_STALLED
                                                               : RS_RECEIVER_READY;
}

static RsReceiver list_poll(RsPortWatch *watch, int64_t now) {
  char *text = rs_seq_text();
  const RsReceiver receiver = text ? check((ListWatch *)watch, text, now) : RS_RECEIVER_READY;
  free(text);
  return receiver;
}

static bool list_returned(RsPortWatch *watch) {
  ListWatch *self = (ListWatch *)watch;
  RsSeqPort port;
  char *text = rs_seq_text();
  const bool returned = text && rs_seq_find_again(text, watch->name, self->output, &port);
  if (returned) {
    rs_seq_copy_name(port.name, watch->name, sizeof(watch->name));
    set_address(self, &port);
  }
  free(text);
  return returned;
}

RsStatus rs_port_watch_new(const char *name, size_t place, bool output, RsPortWatch **out) {
  ListWatch *self = calloc(1, sizeof(*self));
  *out = NULL;
  if (!self) {
    return RS_ERR_MEMORY;
  }
  self->watch.poll = list_poll;
  self->watch.returned = list_returned;
  snprintf(self->watch.name, sizeof(self->watch.name), "%s", name);
  self->place = place;
  self->output = output;
  *out = &self->watch;
  return RS_OK;
}
