/* SPDX-License-Identifier: ISC */

#include "cli/live_osc.h"

#include "live/active_notes.h"

#include <stdlib.h>
#include <string.h>

/* Messages that are taken at a time; what has come in beyond these is a flood, and dropped. */
enum { MOST_AT_A_TIME = 64 };

static const char prefix[] = "/rollsmith/";
static const char note_path[] = "/rollsmith/note";

struct RsLiveOsc {
  RsOsc *osc;
  RsSentMessage next; /* not due yet */
  bool has_next;
  RsActiveNotes active; /* as sent to subscribers */
};

/* ---- Messages in ---- */

/* Whether the message was one of ours */
typedef bool (*Handler)(RsLiveOsc *self, RsLiveSession *live, const RsOscMessage *message);

static bool pause(RsLiveSession *live, bool paused) {
  live->pause = paused;
  rs_player_command(live->player, (RsPlayerCommand){RS_PLAYER_PAUSE, {.on = paused}});
  return true;
}

static bool start(RsLiveOsc *self, RsLiveSession *live, const RsOscMessage *message) {
  return pause(live, false);
}

static bool stop(RsLiveOsc *self, RsLiveSession *live, const RsOscMessage *message) {
  return pause(live, true);
}

static bool quit(RsLiveOsc *self, RsLiveSession *live, const RsOscMessage *message) {
  live->quit = true;
  return true;
}

static bool polyphony(RsLiveOsc *self, RsLiveSession *live, const RsOscMessage *message) {
  if (message->count != 2) {
    return false;
  }
  RsSteering steering = rs_live_steering(live);
  const RsLiveControl *row = &rs_live_controls[RS_CONTROL_POLYPHONY_HIGH];
  const double low = message->values[0], high = message->values[1];
  if (low < 0 || high < low || high > row->high) {
    return false;
  }
  steering.polyphony_low = (int)low;
  steering.polyphony_high = (int)high;
  rs_live_steer(live, &steering);
  return true;
}

static bool key_weights(RsLiveOsc *self, RsLiveSession *live, const RsOscMessage *message) {
  RsSteering steering = rs_live_steering(live);
  memset(steering.key_weights, 0, sizeof(steering.key_weights));
  if (message->count && message->count != RS_STEERING_CLASSES) {
    return false;
  }
  for (size_t i = 0; i < message->count; ++i) {
    if (message->values[i] < 0 || message->values[i] > RS_WEIGHT_MAX) {
      return false;
    }
    steering.key_weights[i] = message->values[i];
  }
  rs_live_steer(live, &steering);
  return true;
}

static bool preset(RsLiveOsc *self, RsLiveSession *live, const RsOscMessage *message) {
  const double number = message->count == 1 ? message->values[0] : -1;
  if (!(number >= 0 && number < RS_STEERING_PRESETS)) {
    return false;
  }
  rs_live_recall_preset(live, (int)number);
  return true;
}

static double port_of(const RsOscMessage *message) {
  return message->count ? message->values[0] : 0;
}

static bool subscribe(RsLiveOsc *self, RsLiveSession *live, const RsOscMessage *message) {
  return rs_osc_subscribe(self->osc, port_of(message));
}

static bool unsubscribe(RsLiveOsc *self, RsLiveSession *live, const RsOscMessage *message) {
  return rs_osc_unsubscribe(self->osc, port_of(message));
}

static const struct {
  const char *name;
  Handler handler;
} handlers[] = {
    {"start", start},
    {"stop", stop},
    {"quit", quit},
    {"polyphony", polyphony},
    {"key-weights", key_weights},
    {"preset", preset},
    {"subscribe", subscribe},
    {"unsubscribe", unsubscribe},
};

/* Set a control of the table. A button needs no argument. */
static bool set_control(RsLiveSession *live, RsControl control, const RsOscMessage *message) {
  const bool button = rs_live_controls[control].type == RS_CONTROL_BUTTON;
  if (message->count > 1 || (!message->count && !button)) {
    return false;
  }
  const double value = message->count ? message->values[0] : 1;
  if (control == RS_CONTROL_SEED && message->count) {
    rs_live_set_seed(live, value);
  } else if (!button || value != 0) {
    rs_live_set(live, control, value);
  }
  return true;
}

static bool handle(RsLiveOsc *self, RsLiveSession *live, const RsOscMessage *message) {
  const char *name = message->path + strlen(prefix);
  if (strncmp(message->path, prefix, strlen(prefix)) != 0) {
    return false;
  }
  for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); ++i) {
    if (!strcmp(name, handlers[i].name)) {
      return handlers[i].handler(self, live, message);
    }
  }
  for (int i = 0; i < RS_CONTROLS; ++i) {
    if (!strcmp(name, rs_live_controls[i].name)) {
      return set_control(live, (RsControl)i, message);
    }
  }
  return false;
}

static void receive(RsLiveOsc *self, RsLiveSession *live) {
  RsOscMessage message;
  int count = 0;
  while (count < MOST_AT_A_TIME && rs_osc_receive(self->osc, &message)) {
    ++count;
    if (!handle(self, live, &message)) {
      rs_osc_reject(self->osc);
    }
  }
  if (count == MOST_AT_A_TIME) {
    rs_osc_drop_flood(self->osc);
  }
}

/* ---- Notes out ---- */

static void send_note(RsLiveOsc *self, const RsMessage *message) {
  const int kind = rs_midi_kind(message->bytes[0]);
  if (kind != RS_MIDI_NOTE_ON && kind != RS_MIDI_NOTE_OFF) {
    return;
  }
  const int values[] = {rs_midi_channel(message->bytes[0]) + 1, message->bytes[1],
                        kind == RS_MIDI_NOTE_ON ? message->bytes[2] : 0};
  rs_active_notes_update(&self->active, message, 1, true);
  rs_osc_send(self->osc, note_path, sizeof(values) / sizeof(values[0]), values);
}

void rs_live_osc_end_notes(RsLiveOsc *self) {
  RsMessage ends[RS_NOTES];
  for (int channel = 0; channel < RS_CHANNELS; ++channel) {
    const size_t count = rs_active_notes_end(&self->active, channel, ends);
    for (size_t i = 0; i < count; ++i) {
      send_note(self, &ends[i]);
    }
  }
}

static void send_notes(RsLiveOsc *self, RsLiveSession *live, int64_t now) {
  while (self->has_next || rs_player_sent(live->player, &self->next)) {
    self->has_next = self->next.due > now;
    if (self->has_next) {
      return;
    }
    if (self->next.lost_before) {
      rs_live_osc_end_notes(self);
    }
    send_note(self, &self->next.message);
  }
}

/* ---- The whole ---- */

RsStatus rs_live_osc_new(const char *address, RsLiveOsc **out, RsError *error) {
  *out = calloc(1, sizeof(**out));
  if (!*out) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  const RsStatus status = rs_osc_new(address, &(*out)->osc, error);
  if (status) {
    free(*out);
    *out = NULL;
  }
  return status;
}

void rs_live_osc_free(RsLiveOsc *osc) {
  if (osc) {
    rs_osc_free(osc->osc);
    free(osc);
  }
}

void rs_live_osc_poll(RsLiveOsc *osc, RsLiveSession *live, int64_t now) {
  receive(osc, live);
  send_notes(osc, live, now);
}

RsOscStats rs_live_osc_stats(const RsLiveOsc *osc) {
  return rs_osc_stats(osc->osc);
}
