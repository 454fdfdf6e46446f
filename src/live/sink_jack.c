/* SPDX-License-Identifier: ISC */

#include "live/sink_jack.h"

#include "live/input_filter.h"
#include "live/midi_driver.h"
#include "live/port_choice.h"
#include "live/port_watch.h"

#include <stdio.h>
#include <stdlib.h>

#define LOOKAHEAD (100 * RS_MILLISECOND) /* covers scheduling delays of our thread, and a cycle */
#define STALLED (RS_SECOND / 2)          /* without a cycle: the longest ones take 0.2 s */
#define LAST_CYCLES (RS_SECOND)          /* longest time until the last messages are sent */

enum {
  OUTGOING = 8192, /* messages: two batches of the largest size */
  INCOMING = 1024, /* a controller sends some 1000 a second */
};

/* ---- Messages ---- */

/* JACK's time in microseconds. Its relation to the clock is read anew each time, as they drift. */
static int64_t jack_time(const RsJackSink *self, int64_t clock) {
  return (int64_t)jack_get_time() + (clock - self->clock->now(self->clock)) / 1000;
}

static RsStatus send_messages(RsSink *sink, int64_t due, const RsMessage *messages, size_t count) {
  RsJackSink *self = (RsJackSink *)sink;
  RsJackExchange *exchange = &self->exchange;
  if (!self->output.name) {
    return RS_OK;
  }
  if (!atomic_load(&self->output.connected)) {
    return RS_ERR_PORT;
  }
  const int64_t now = self->clock->now(self->clock);
  RsJackMessage queued = {.due = jack_time(self, due),
                          .generation = atomic_load(&exchange->generation)};
  bool pushed = true;
  for (size_t i = 0; i < count && pushed; ++i) {
    queued.message = messages[i];
    pushed = rs_ring_push(&exchange->outgoing, &queued);
  }
  sink->delivered = due > now ? due : now;
  return pushed ? RS_OK : RS_ERR_PORT;
}

static RsStatus recall(RsSink *sink) {
  atomic_fetch_add(&((RsJackSink *)sink)->exchange.generation, 1);
  return RS_OK;
}

static size_t receive(RsSink *sink, RsReceivedMessage *messages, size_t room) {
  RsJackSink *self = (RsJackSink *)sink;
  const int64_t now = self->clock->now(self->clock);
  size_t count = 0;
  while (count < room && rs_ring_pop(&self->exchange.incoming, &messages[count])) {
    const int64_t age = ((int64_t)jack_get_time() - messages[count].time) * 1000;
    messages[count++].time = age > 0 ? now - age : now;
  }
  sink->joined = atomic_exchange(&self->server.joined, false) || sink->joined;
  return count;
}

static RsStatus reopen(RsSink *sink) {
  return atomic_load(&((RsJackSink *)sink)->output.connected) ? RS_OK : RS_ERR_PORT;
}

/* ---- Construction ---- */

/* Wait until the callback has sent everything, and a cycle more, in which the server passes it on;
   after a lost cycle once more. */
static void wait_for_cycles(RsJackSink *self) {
  RsJackExchange *exchange = &self->exchange;
  const int64_t end = self->clock->now(self->clock) + LAST_CYCLES;
  uint64_t sent = atomic_load(&exchange->cycle);
  unsigned xruns = atomic_load(&exchange->xruns);
  while (atomic_load(&exchange->cycle) < sent + 3 && !atomic_load(&self->server.dead) &&
         self->clock->now(self->clock) < end) {
    if (rs_ring_count(&exchange->outgoing) || atomic_load(&exchange->xruns) != xruns) {
      sent = atomic_load(&exchange->cycle);
      xruns = atomic_load(&exchange->xruns);
    }
    self->clock->sleep_until(self->clock, self->clock->now(self->clock) + RS_MILLISECOND);
  }
}

static void free_parts(RsJackSink *self) {
  rs_ring_clear(&self->exchange.outgoing);
  rs_ring_clear(&self->exchange.incoming);
  rs_port_choice_clear(&self->choice);
  free(self);
}

/* Where the server does not answer, the thread that waits for it keeps the memory. */
static void free_sink(RsSink *sink) {
  RsJackSink *self = (RsJackSink *)sink;
  if (atomic_load(&self->server.state) == RS_JACK_OPEN) {
    wait_for_cycles(self);
  }
  if (rs_jack_close(self)) {
    free_parts(self);
  }
}

/* Names of our ports that are needed. */
static void name_ports(RsJackSink *self) {
  const RsPortChoice *choice = &self->choice;
  self->output.name = choice->silent ? NULL : "out";
  snprintf(self->output.title, sizeof(self->output.title), "%s",
           choice->virtual_name ? choice->virtual_name : "no port");
  for (int i = 0; i < RS_INPUTS; ++i) {
    self->inputs[i].name = choice->inputs[i] ? rs_input_name(i) : NULL;
  }
}

static RsStatus allocate(RsJackSink *self, const RsPortChoice *choice) {
  RsStatus status = rs_port_choice_copy(choice, &self->choice);
  status =
      status ? status : rs_ring_init(&self->exchange.outgoing, OUTGOING, sizeof(RsJackMessage));
  return status ? status
                : rs_ring_init(&self->exchange.incoming, INCOMING, sizeof(RsReceivedMessage));
}

static RsStatus open_sink(const RsPortChoice *choice, RsClock *clock, RsSink **out,
                          RsError *error) {
  RsJackSink *self = calloc(1, sizeof(*self));
  if (!self) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  self->sink = (RsSink){.lookahead = rs_inputs_decide(choice) ? 0 : LOOKAHEAD,
                        .reconnects = true,
                        .send = send_messages,
                        .recall = recall,
                        .receive = receive,
                        .reopen = reopen,
                        .free = free_sink};
  self->clock = clock;
  if (allocate(self, choice)) {
    free_parts(self);
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  name_ports(self);
  const RsStatus status = rs_jack_open(self, error);
  if (status) {
    free_sink(&self->sink);
    return status;
  }
  *out = &self->sink;
  return RS_OK;
}

static const char *port_name(const RsSink *sink) {
  return ((const RsJackSink *)sink)->output.title;
}

/* ---- Watches ---- */

typedef struct {
  RsPortWatch watch;
  RsJackSink *sink;
  const RsJackLink *link;
  uint64_t cycle; /* number of the last cycle, and time since which it is the last */
  int64_t since;
} JackWatch;

/* A server without cycles does not read what is sent. */
static bool has_stalled(JackWatch *self, int64_t now) {
  const uint64_t cycle = atomic_load(&self->sink->exchange.cycle);
  if (cycle != self->cycle || !self->since) {
    self->cycle = cycle;
    self->since = now;
  }
  return now - self->since > STALLED;
}

static RsReceiver watch_poll(RsPortWatch *watch, int64_t now) {
  JackWatch *self = (JackWatch *)watch;
  if (!atomic_load(&self->link->connected)) {
    return RS_RECEIVER_MISSING;
  }
  return has_stalled(self, now) ? RS_RECEIVER_STALLED : RS_RECEIVER_READY;
}

static bool watch_returned(RsPortWatch *watch) {
  return atomic_load(&((JackWatch *)watch)->link->connected);
}

static RsStatus watch_new(const RsSink *sink, int input, RsPortWatch **out) {
  RsJackSink *jack = (RsJackSink *)sink;
  const RsJackLink *link = input < 0 ? &jack->output : &jack->inputs[input];
  *out = NULL;
  if (!link->name) {
    return RS_OK;
  }
  JackWatch *self = calloc(1, sizeof(*self));
  if (!self) {
    return RS_ERR_MEMORY;
  }
  *self = (JackWatch){
      .watch = {.poll = watch_poll, .returned = watch_returned}, .sink = jack, .link = link};
  snprintf(self->watch.name, sizeof(self->watch.name), "%s", link->title);
  *out = &self->watch;
  return RS_OK;
}

const RsMidiDriver rs_midi_driver_jack = {
    .name = "jack",
    .description = "MIDI ports of JACK or PipeWire",
    .virtual_ports = true,
    .list = rs_jack_ports,
    .open = open_sink,
    .port_name = port_name,
    .watch = watch_new,
};
