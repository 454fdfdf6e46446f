#include "live/sequencer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct RsPortWatch {
  char name[RS_PORT_NAME_SIZE];
  size_t place;
  bool output;
  bool known;  /* whether `address` is known */
  int address; /* client and port */
  RsSeqStall stall;
  RsSeqPool pool; /* as last read */
};

RsStatus rs_port_watch_new(const char *name, size_t place, bool output, RsPortWatch **out) {
  RsPortWatch *watch = calloc(1, sizeof(*watch));
  *out = watch;
  if (!watch) {
    return RS_ERR_MEMORY;
  }
  snprintf(watch->name, sizeof(watch->name), "%s", name);
  watch->place = place;
  watch->output = output;
  return RS_OK;
}

void rs_port_watch_free(RsPortWatch *watch) {
  free(watch);
}

const char *rs_port_watch_name(const RsPortWatch *watch) {
  return watch->name;
}

static int address_of(const RsSeqPort *port) {
  return port->client << 8 | port->port;
}

/* Find the port, by its address once that is known: another one of its name is not open. */
static bool find(const RsPortWatch *watch, const char *text, RsSeqPort *port) {
  if (!watch->known) {
    return rs_seq_find(text, watch->name, watch->place, watch->output, port);
  }
  for (const char *at = text; (at = rs_seq_next(at, port));) {
    if (address_of(port) == watch->address && (watch->output ? port->output : port->input)) {
      return rs_seq_is_named(port, watch->name);
    }
  }
  return false;
}

static void set_address(RsPortWatch *watch, const RsSeqPort *port) {
  watch->known = true;
  watch->address = address_of(port);
}

int rs_port_watch_unread(const RsPortWatch *watch) {
  RsSeqPort port;
  char *text = rs_seq_text();
  const bool found = text && find(watch, text, &port);
  const int unread = found ? rs_seq_pool(text, &port).unread : 0;
  free(text);
  return unread;
}

static RsReceiver check(RsPortWatch *watch, const char *text, int64_t now) {
  RsSeqPort port;
  if (!find(watch, text, &port)) {
    return RS_RECEIVER_MISSING;
  }
  set_address(watch, &port);
  if (!watch->output) {
    return RS_RECEIVER_READY;
  }
  watch->pool = rs_seq_pool(text, &port);
  return rs_seq_stalled(&watch->stall, watch->pool, now) ? RS_RECEIVER_STALLED : RS_RECEIVER_READY;
}

RsReceiver rs_port_watch_poll(RsPortWatch *watch, int64_t now) {
  char *text = rs_seq_text();
  const RsReceiver receiver = text ? check(watch, text, now) : RS_RECEIVER_READY;
  free(text);
  return receiver;
}

bool rs_port_watch_room(const RsPortWatch *watch, size_t *room) {
  const RsSeqPool *pool = &watch->pool;
  *room = pool->size > pool->unread ? (size_t)(pool->size - pool->unread) : 0;
  return pool->size > 0;
}

bool rs_port_watch_returned(RsPortWatch *watch) {
  RsSeqPort port;
  char *text = rs_seq_text();
  const bool returned = text && rs_seq_find_again(text, watch->name, watch->output, &port);
  if (returned) {
    rs_seq_copy_name(port.name, watch->name, sizeof(watch->name));
    set_address(watch, &port);
  }
  free(text);
  return returned;
}
