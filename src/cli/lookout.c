#include "cli/lookout.h"

RsStatus rs_lookout_init(RsLookout *lookout, RsSink *sink, RsPlayer *player, bool is_virtual) {
  *lookout = (RsLookout){.sink = sink, .player = player};
  RsStatus status = is_virtual ? RS_OK : rs_sink_ports_watch(sink, &lookout->output);
  for (int i = 0; i < RS_INPUTS && !status; ++i) {
    status = rs_sink_ports_watch_input(sink, (RsInput)i, &lookout->inputs[i]);
  }
  return status;
}

void rs_lookout_clear(RsLookout *lookout) {
  rs_port_watch_free(lookout->output);
  for (int i = 0; i < RS_INPUTS; ++i) {
    rs_port_watch_free(lookout->inputs[i]);
  }
  *lookout = (RsLookout){.sink = NULL};
}

/* ---- The receiver ---- */

/// It may have another name now
static void watch_anew(RsLookout *lookout) {
  rs_port_watch_free(lookout->output);
  rs_sink_ports_watch(lookout->sink, &lookout->output);
}

/// See whether the player has lost or found its port. @return Whether it is there.
static bool see_port(RsLookout *lookout, RsHands *hands) {
  const bool gone = rs_player_view(lookout->player).waiting_for_port;
  if (gone && lookout->seen != RS_RECEIVER_GONE) {
    rs_hands_say(hands, "'%s' is gone; looking for it", rs_port_watch_name(lookout->output));
    lookout->seen = RS_RECEIVER_GONE;
  } else if (!gone && lookout->seen == RS_RECEIVER_GONE) {
    watch_anew(lookout);
    rs_hands_say(hands, "'%s' is back", lookout->output ? rs_port_watch_name(lookout->output) : "");
    lookout->seen = RS_RECEIVER_LISTENS;
  }
  return !gone;
}

/// Whether it reads has changed: say so, and let the player know
static void tell_receiver(RsLookout *lookout, RsHands *hands, RsReceiver receiver) {
  const char *name = rs_port_watch_name(lookout->output);
  if (!rs_player_command(lookout->player,
                         (RsPlayerCommand){RS_PLAYER_RECEIVER, {.receiver = receiver}})) {
    return; // Next time
  }
  if (receiver == RS_RECEIVER_STUCK) {
    rs_hands_say(hands, "'%s' does not read what is sent to it; waiting for it", name);
  } else if (receiver == RS_RECEIVER_LISTENS) {
    rs_hands_say(hands, "'%s' reads again", name);
  }
  lookout->seen = receiver == RS_RECEIVER_GONE ? lookout->seen : receiver;
}

static void look_at_receiver(RsLookout *lookout, RsHands *hands, int64_t now) {
  size_t room = 0;
  if (!lookout->output || !see_port(lookout, hands) || !lookout->output) {
    return;
  }
  const RsReceiver receiver = rs_port_watch_look(lookout->output, now);
  if (receiver != lookout->seen) {
    tell_receiver(lookout, hands, receiver);
  }
  if (receiver == RS_RECEIVER_LISTENS && rs_port_watch_room(lookout->output, &room)) {
    rs_player_command(lookout->player, (RsPlayerCommand){RS_PLAYER_ROOM, {.room = room}});
  }
}

/* ---- Inputs ---- */

static void look_at_input(RsLookout *lookout, RsHands *hands, RsInput input, int64_t now) {
  RsPortWatch *watch = lookout->inputs[input];
  bool *missing = &lookout->missing[input];
  if (!*missing && rs_port_watch_look(watch, now) == RS_RECEIVER_GONE) {
    *missing = true;
    rs_hands_say(hands, "'%s' is gone; looking for it", rs_port_watch_name(watch));
    rs_hands_lose_input(hands, input, now);
  } else if (*missing && rs_port_watch_returned(watch)) {
    *missing = false;
    rs_hands_say(hands, "'%s' is back", rs_port_watch_name(watch));
    rs_player_command(lookout->player, (RsPlayerCommand){RS_PLAYER_REFRESH, {0}});
  }
}

void rs_lookout_look(RsLookout *lookout, RsHands *hands, int64_t now) {
  look_at_receiver(lookout, hands, now);
  for (int i = 0; i < RS_INPUTS; ++i) {
    if (lookout->inputs[i]) {
      look_at_input(lookout, hands, (RsInput)i, now);
    }
  }
}
