/* SPDX-License-Identifier: ISC */

#include "live/port_monitor.h"

RsStatus rs_port_monitor_init(RsPortMonitor *monitor, RsSink *sink, RsPlayer *player) {
  *monitor = (RsPortMonitor){.sink = sink, .player = player};
  RsStatus status = rs_sink_ports_watch(sink, &monitor->output);
  for (int i = 0; i < RS_INPUTS && !status; ++i) {
    status = rs_sink_ports_watch_input(sink, (RsInput)i, &monitor->inputs[i]);
  }
  return status;
}

void rs_port_monitor_clear(RsPortMonitor *monitor) {
  rs_port_watch_free(monitor->output);
  for (int i = 0; i < RS_INPUTS; ++i) {
    rs_port_watch_free(monitor->inputs[i]);
  }
  *monitor = (RsPortMonitor){.sink = NULL};
}

static void report(const RsPortMonitor *monitor, RsPortChange change, int input, int64_t now) {
  const RsPortWatch *watch = input < 0 ? monitor->output : monitor->inputs[input];
  const RsPortEvent event = {change, watch ? rs_port_watch_name(watch) : "", input, now};
  monitor->handler(monitor->context, &event);
}

/* ---- The receiver ---- */

/* Watch the port again by its current name, which may have changed. */
static void watch_again(RsPortMonitor *monitor) {
  rs_port_watch_free(monitor->output);
  rs_sink_ports_watch(monitor->sink, &monitor->output);
}

/* Report whether the player has lost or found its port. @return Whether it is open. */
static bool check_port(RsPortMonitor *monitor, int64_t now) {
  const bool lost = rs_player_view(monitor->player).waiting_for_port;
  if (lost && monitor->seen != RS_RECEIVER_MISSING) {
    report(monitor, RS_PORT_LOST, -1, now);
    monitor->seen = RS_RECEIVER_MISSING;
  } else if (!lost && monitor->seen == RS_RECEIVER_MISSING) {
    watch_again(monitor);
    report(monitor, RS_PORT_FOUND, -1, now);
    monitor->seen = RS_RECEIVER_READY;
  }
  return !lost;
}

/* Send a changed state of the receiver to the player, and report it. */
static void report_receiver(RsPortMonitor *monitor, RsReceiver receiver, int64_t now) {
  const RsPlayerCommand command = {RS_PLAYER_RECEIVER, {.receiver = receiver}};
  if (!rs_player_command(monitor->player, command)) {
    return; /* the queue is full: tried again at the next poll */
  }
  if (receiver != RS_RECEIVER_MISSING) {
    report(monitor, receiver == RS_RECEIVER_STALLED ? RS_PORT_STALLED : RS_PORT_RESUMED, -1, now);
    monitor->seen = receiver;
  }
}

static void check_receiver(RsPortMonitor *monitor, int64_t now) {
  size_t room = 0;
  if (!monitor->output || !check_port(monitor, now) || !monitor->output) {
    return;
  }
  const RsReceiver receiver = rs_port_watch_poll(monitor->output, now);
  if (receiver != monitor->seen) {
    report_receiver(monitor, receiver, now);
  }
  if (receiver == RS_RECEIVER_READY && rs_port_watch_room(monitor->output, &room)) {
    rs_player_command(monitor->player, (RsPlayerCommand){RS_PLAYER_ROOM, {.room = room}});
  }
}

/* ---- Inputs ---- */

static void check_input(RsPortMonitor *monitor, RsInput input, int64_t now) {
  RsPortWatch *watch = monitor->inputs[input];
  bool *missing = &monitor->missing[input];
  if (!*missing && rs_port_watch_poll(watch, now) == RS_RECEIVER_MISSING) {
    *missing = true;
    report(monitor, RS_PORT_LOST, (int)input, now);
  } else if (*missing && rs_port_watch_returned(watch)) {
    *missing = false;
    report(monitor, RS_PORT_FOUND, (int)input, now);
    rs_player_command(monitor->player, (RsPlayerCommand){RS_PLAYER_REFRESH, {0}});
  }
}

void rs_port_monitor_poll(RsPortMonitor *monitor, int64_t now, RsPortEventHandler handler,
                          void *context) {
  monitor->handler = handler;
  monitor->context = context;
  check_receiver(monitor, now);
  for (int i = 0; i < RS_INPUTS; ++i) {
    if (monitor->inputs[i]) {
      check_input(monitor, (RsInput)i, now);
    }
  }
}
