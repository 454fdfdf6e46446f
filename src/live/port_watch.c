/* SPDX-License-Identifier: ISC */

#include "live/port_watch.h"

#include <stdlib.h>

/* Each watch is one allocation. */
void rs_port_watch_free(RsPortWatch *watch) {
  free(watch);
}

const char *rs_port_watch_name(const RsPortWatch *watch) {
  return watch->name;
}

RsReceiver rs_port_watch_poll(RsPortWatch *watch, int64_t now) {
  return watch->poll(watch, now);
}

bool rs_port_watch_returned(RsPortWatch *watch) {
  return watch->returned(watch);
}

int rs_port_watch_unread(const RsPortWatch *watch) {
  return watch->pool.unread;
}

bool rs_port_watch_room(const RsPortWatch *watch, size_t *room) {
  const RsSeqPool *pool = &watch->pool;
  *room = pool->size > pool->unread ? (size_t)(pool->size - pool->unread) : 0;
  return pool->size > 0;
}
