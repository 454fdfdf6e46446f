#include "cli/command.h"
#include "cli/config.h"
#include "cli/output.h"

#include <rollsmith/ports.h>

#include "live/sounding.h"

/// Nanoseconds between two batches, so that no receiver is flooded
#define PACE (5 * RS_MILLISECOND)

/// Messages in a batch
enum { BATCH = 32 };

static RsStatus silence_channel(RsSink *sink, int channel, int64_t *due) {
  RsMessage messages[BATCH];
  RsStatus status = sink->send(sink, *due, messages, rs_silence(channel, messages));
  for (int note = 0; !status && note < RS_NOTES; note += BATCH) {
    for (int i = 0; i < BATCH; ++i) {
      messages[i] = rs_message_note(false, channel, note + i, 0);
    }
    *due += PACE;
    status = sink->send(sink, *due, messages, BATCH);
  }
  return status;
}

/// Hand over each batch when it is nearly due, so that none waits for room
static RsStatus silence(RsSink *sink, RsClock *clock) {
  RsStatus status = RS_OK;
  int64_t due = clock->now(clock);
  for (int channel = 0; channel < RS_CHANNELS && !status; ++channel) {
    status = silence_channel(sink, channel, &due);
    clock->sleep_until(clock, due);
  }
  clock->sleep_until(clock, due + sink->lookahead + 100 * RS_MILLISECOND);
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
    status = silence(sink, clock);
    if (status) {
      rs_error(error, status, "'%s' went while it was silenced", rs_sink_ports_name(sink));
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
