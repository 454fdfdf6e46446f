/* SPDX-License-Identifier: ISC */

#include "cli/command.h"
#include "cli/config.h"
#include "cli/console.h"
#include "cli/signals.h"

#include <rollsmith/ports.h>

#include "live/active_notes.h"

/* Nanoseconds between two batches: 32 messages of 3 bytes take 31 ms on a MIDI cable, and software
   receivers have queues of a few hundred */
#define PACE (5 * RS_MILLISECOND)

/* Nanoseconds after which a receiver that does not read is given up */
#define PATIENCE RS_SECOND

enum {
  BATCH = 32,  /* messages per batch; a divisor of RS_NOTES */
  UNREAD = 16, /* most unread messages when the next batch is sent: half a batch */
};

/* Wait until the receiver has at most UNREAD unread messages. */
static RsStatus pace(RsPortWatch *watch, RsClock *clock) {
  const int64_t end = clock->now(clock) + PATIENCE;
  do {
    clock->sleep_until(clock, clock->now(clock) + PACE);
    if (rs_signal_received()) {
      return RS_ERR_STOPPED;
    }
    if (rs_port_watch_poll(watch, clock->now(clock)) == RS_RECEIVER_MISSING ||
        clock->now(clock) > end) {
      return RS_ERR_PORT;
    }
  } while (rs_port_watch_unread(watch) > UNREAD);
  return RS_OK;
}

static RsStatus silence_channel(RsSink *sink, RsPortWatch *watch, RsClock *clock, int channel) {
  RsMessage messages[BATCH];
  RsStatus status = sink->send(sink, 0, messages, rs_silence_messages(channel, messages));
  for (int note = 0; !status && note < RS_NOTES; note += BATCH) {
    for (int i = 0; i < BATCH; ++i) {
      messages[i] = rs_message_note(false, channel, note + i, 0);
    }
    status = pace(watch, clock);
    status = status ? status : sink->send(sink, 0, messages, BATCH);
  }
  return status;
}

static RsStatus silence(RsSink *sink, RsPortWatch *watch, RsClock *clock) {
  RsStatus status = RS_OK;
  for (int channel = 0; channel < RS_CHANNELS && !status; ++channel) {
    status = silence_channel(sink, watch, clock, channel);
  }
  status = status ? status : pace(watch, clock);
  clock->sleep_until(clock, clock->now(clock) + 100 * RS_MILLISECOND);
  return status;
}

static RsStatus open_port(const RsOptions *options, RsClock *clock, RsSink **sink,
                          RsPortWatch **watch, RsError *error) {
  RsConfig config;
  RsStatus status = rs_config_load(&config, error);
  if (!status) {
    const RsPortChoice choice = {.driver =
                                     options->live.driver ? options->live.driver : config.driver,
                                 .output = options->live.port ? options->live.port : config.port};
    status = rs_sink_ports_new(&choice, clock, sink, error);
  }
  rs_config_clear(&config);
  if (!status) {
    status = rs_sink_ports_watch(*sink, watch);
  }
  return status || *watch ? status
                          : rs_error(error, RS_ERR_PORT, "the MIDI driver 'none' has no ports");
}

static RsStatus run(const RsOptions *options, RsError *error) {
  RsSink *sink = NULL;
  RsPortWatch *watch = NULL;
  RsClock *clock = rs_clock_monotonic();
  RsStatus status = open_port(options, clock, &sink, &watch, error);
  if (!status) {
    rs_signals_defer(2); /* seconds: messages already sent are delivered */
    status = silence(sink, watch, clock);
    if (status) {
      rs_error(error, status, "'%s' disappeared, or does not read its messages",
               rs_sink_ports_name(sink));
    } else {
      rs_notice(options, "%s: silenced", rs_sink_ports_name(sink));
    }
  }
  rs_port_watch_free(watch);
  rs_sink_free(sink);
  return status;
}

const RsCommand rs_command_panic = {
    .name = "panic",
    .bit = RS_FOR_PANIC,
    .operands = "-p PORT",
    .fewest = 0,
    .most = 0,
    .summary = "silence a MIDI port",
    .description =
        "Ends all notes on the 16 channels of a port, such as notes that another program did not "
        "end: sustain pedal up, all notes off, all sound off, and a note-off for each note, for "
        "instruments that ignore those messages.",
    .examples = "rollsmith panic\n"
                "rollsmith panic -p Synth\n",
    .run = run,
};
