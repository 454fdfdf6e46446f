#include "cli/command.h"
#include "cli/config.h"
#include "cli/output.h"
#include "cli/signals.h"

#include <rollsmith/ports.h>

#include "live/active_notes.h"

/// Nanoseconds between two batches, so that no receiver is flooded
#define PACE (5 * RS_MILLISECOND)

/// How long a receiver may take to read what it was sent
#define PATIENCE RS_SECOND

enum {
  BATCH = 32,  // Messages
  UNREAD = 16, // So many may wait when the next batch is sent
};

/// Wait until the receiver has read most of what it was sent
static RsStatus pace(RsPortWatch *watch, RsClock *clock) {
  const int64_t end = clock->now(clock) + PATIENCE;
  do {
    clock->sleep_until(clock, clock->now(clock) + PACE);
    if (rs_signal_received()) {
      return RS_ERR_STOPPED;
    }
    if (rs_port_watch_look(watch, clock->now(clock)) == RS_RECEIVER_GONE ||
        clock->now(clock) > end) {
      return RS_ERR_PORT;
    }
  } while (rs_port_watch_unread(watch) > UNREAD);
  return RS_OK;
}

static RsStatus silence_channel(RsSink *sink, RsPortWatch *watch, RsClock *clock, int channel) {
  RsMessage messages[BATCH];
  RsStatus status = sink->send(sink, 0, messages, rs_silence(channel, messages));
  for (int note = 0; !status && note < RS_NOTES; note += BATCH) {
    for (int i = 0; i < BATCH; ++i) {
      messages[i] = rs_message_note(false, channel, note + i, 0);
    }
    status = pace(watch, clock);
    status = status ? status : sink->send(sink, 0, messages, BATCH);
  }
  return status;
}

static RsStatus silence(RsSink *sink, RsClock *clock) {
  RsPortWatch *watch = NULL;
  RsStatus status = rs_sink_ports_watch(sink, &watch);
  for (int channel = 0; channel < RS_CHANNELS && !status; ++channel) {
    status = silence_channel(sink, watch, clock, channel);
  }
  status = status ? status : pace(watch, clock);
  clock->sleep_until(clock, clock->now(clock) + 100 * RS_MILLISECOND);
  rs_port_watch_free(watch);
  return status;
}

static RsStatus run(const RsOptions *options, RsError *error) {
  RsConfig config;
  RsSink *sink = NULL;
  RsClock *clock = rs_clock_monotonic();
  RsStatus status = rs_config_load(&config, error);
  if (!status) {
    const RsPortChoice choice = {.output = options->port ? options->port : config.port};
    status = rs_sink_ports_new(&choice, clock, &sink, error);
  }
  if (!status) {
    rs_signals_note(2); // Seconds: what is under way gets there
    status = silence(sink, clock);
    if (status) {
      rs_error(error, status, "'%s' is gone, or does not read what is sent to it",
               rs_sink_ports_name(sink));
    } else {
      rs_say(options, "%s: silenced", rs_sink_ports_name(sink));
    }
  }
  rs_sink_free(sink);
  rs_config_clear(&config);
  return status;
}

const RsCommand rs_command_panic = {
    .name = "panic",
    .bit = RS_FOR_PANIC,
    .operands = "-p PORT",
    .fewest = 0,
    .most = 0,
    .summary = "silence a MIDI port",
    .description = "Ends every note on all 16 channels of a port: pedal up, all notes off, all "
                   "sound off, and a note-off for each note, for instruments that heed nothing "
                   "else. For when another program has left notes sounding.",
    .examples = "rollsmith panic\n"
                "rollsmith panic -p Synth\n",
    .run = run,
};
