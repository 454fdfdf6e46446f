#include "live/port_monitor.h"

RsStatus rs_port_monitor_init(RsPortMonitor *monitor, RsSink *sink, RsPlayer *player,
                              bool is_virtual) {
  *monitor = (RsPortMonitor){.sink = sink, .player = player};
  RsStatus status = is_virtual ? RS_OK : rs_sink_ports_watch(sink, &monitor->output);
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

static void tell(const RsPortMonitor *monitor, RsPortChange change, int input, int64_t now) {
  const RsPortWatch *watch = input < 0 ? monitor->output : monitor->inputs[input];
  const RsPortEvent event = {change, watch ? rs_port_watch_name(watch) : "", input, now};
  monitor->tell(monitor->context, &event);
}

/* ---- The receiver ---- */

/// It may have another name now
static void watch_anew(RsPortMonitor *monitor) {
  rs_port_watch_free(monitor->output);
  rs_sink_ports_watch(monitor->sink, &monitor->output);
}

/// See whether the player has lost or found its port. @return Whether it is there.
static bool see_port(RsPortMonitor *monitor, int64_t now) {
  const bool gone = rs_player_view(monitor->player).waiting_for_port;
  if (gone && monitor->seen != RS_RECEIVER_GONE) {
    tell(monitor, RS_PORT_GONE, -1, now);
    monitor->seen = RS_RECEIVER_GONE;
  } else if (!gone && monitor->seen == RS_RECEIVER_GONE) {
    watch_anew(monitor);
    tell(monitor, RS_PORT_BACK, -1, now);
    monitor->seen = RS_RECEIVER_LISTENS;
  }
  return !gone;
}

/// Whether it reads has changed: let the player know, and say so
static void tell_receiver(RsPortMonitor *monitor, RsReceiver receiver, int64_t now) {
  const RsPlayerCommand command = {RS_PLAYER_RECEIVER, {.receiver = receiver}};
  if (!rs_player_command(monitor->player, command)) {
    return; // Next time
  }
  if (receiver != RS_RECEIVER_GONE) {
    tell(monitor, receiver == RS_RECEIVER_STUCK ? RS_PORT_STUCK : RS_PORT_READS, -1, now);
    monitor->seen = receiver;
  }
}

static void look_at_receiver(RsPortMonitor *monitor, int64_t now) {
  size_t room = 0;
  if (!monitor->output || !see_port(monitor, now) || !monitor->output) {
    return;
  }
  const RsReceiver receiver = rs_port_watch_look(monitor->output, now);
  if (receiver != monitor->seen) {
    tell_receiver(monitor, receiver, now);
  }
  if (receiver == RS_RECEIVER_LISTENS && rs_port_watch_room(monitor->output, &room)) {
    rs_player_command(monitor->player, (RsPlayerCommand){RS_PLAYER_ROOM, {.room = room}});
  }
}

/* ---- Inputs ---- */

static void look_at_input(RsPortMonitor *monitor, RsInput input, int64_t now) {
  RsPortWatch *watch = monitor->inputs[input];
  bool *missing = &monitor->missing[input];
  if (!*missing && rs_port_watch_look(watch, now) == RS_RECEIVER_GONE) {
    *missing = true;
    tell(monitor, RS_PORT_GONE, (int)input, now);
  } else if (*missing && rs_port_watch_returned(watch)) {
    *missing = false;
    tell(monitor, RS_PORT_BACK, (int)input, now);
    rs_player_command(monitor->player, (RsPlayerCommand){RS_PLAYER_REFRESH, {0}});
  }
}

void rs_port_monitor_look(RsPortMonitor *monitor, int64_t now, RsPortEventHandler handler,
                          void *context) {
  monitor->tell = handler;
  monitor->context = context;
  look_at_receiver(monitor, now);
  for (int i = 0; i < RS_INPUTS; ++i) {
    if (monitor->inputs[i]) {
      look_at_input(monitor, (RsInput)i, now);
    }
  }
}
