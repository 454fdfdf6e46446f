#include "base/plural.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/kind.h"
#include "cli/hands.h"
#include "cli/output.h"
#include "cli/piece.h"
#include "cli/signals.h"

#include <rollsmith/ports.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define LOOK_EVERY (20 * RS_MILLISECOND)
#define WAIT_EVERY (RS_SECOND / 2)
#define FALL_SILENT (RS_SECOND / 4) // Before the program sleeps

/// All that a performance needs
typedef struct {
  const RsOptions *options;
  RsConfig *config;
  RsClock *clock;
  int64_t began; // When the command did
  RsPiece piece;
  RsSink *sink;
  RsPlayer *player;
  RsPortMonitor monitor;
  char port[RS_PORT_NAME_SIZE]; // Name of the port, as it was at first
} Stage;

/* ---- Sleep ---- */

static volatile sig_atomic_t sleep_asked_for; // By Ctrl-Z

static void note_sleep(int number) {
  sleep_asked_for = 1;
}

static void sleep_if_asked(void) {
  if (sleep_asked_for) {
    sleep_asked_for = 0;
    raise(SIGSTOP);
  }
}

/* ---- The port ---- */

static RsPortChoice port_choice(const RsOptions *options) {
  return (RsPortChoice){.output = options->port,
                        .inputs = {[RS_INPUT_SYNC] = options->sync,
                                   [RS_INPUT_CONTROL] = options->control,
                                   [RS_INPUT_LISTEN] = options->listen},
                        .virtual_name = options->virtual_port,
                        .silent = options->dry_run};
}

/// Open the port; with --wait, try until it is there
static RsStatus open_port(Stage *stage, RsError *error) {
  const RsPortChoice choice = port_choice(stage->options);
  RsStatus status = rs_sink_ports_new(&choice, stage->clock, &stage->sink, error);
  if (status == RS_ERR_PORT && stage->options->wait) {
    rs_say(stage->options, "%s; waiting for it", error->message);
  }
  while (status == RS_ERR_PORT && stage->options->wait) {
    stage->clock->sleep_until(stage->clock, stage->clock->now(stage->clock) + WAIT_EVERY);
    if (rs_signal_received()) {
      return RS_ERR_STOPPED;
    }
    sleep_if_asked();
    status = rs_sink_ports_new(&choice, stage->clock, &stage->sink, error);
  }
  return status;
}

/// What is played to no port may hear ports all the same
static bool needs_ports(const RsOptions *options) {
  return !options->dry_run || options->sync || options->control || options->listen;
}

static RsStatus open_sink(Stage *stage, RsError *error) {
  const bool ports = needs_ports(stage->options);
  const RsStatus status = ports ? open_port(stage, error) : rs_sink_null_new(&stage->sink);
  if (!status) {
    snprintf(stage->port, sizeof(stage->port), "%s",
             ports ? rs_sink_ports_name(stage->sink) : "no port");
  }
  return status;
}

/* ---- The performance ---- */

/// A program that is stopped by Ctrl-Z cannot end its notes: it does so before
static void sleep_silently(Stage *stage, RsHands *hands) {
  rs_player_command(stage->player, (RsPlayerCommand){RS_PLAYER_PAUSE, {.on = true}});
  stage->clock->sleep_until(stage->clock, stage->clock->now(stage->clock) + FALL_SILENT);
  rs_hands_sleep(hands);
  sleep_if_asked();
  rs_hands_wake(hands);
  rs_player_command(stage->player, (RsPlayerCommand){RS_PLAYER_PAUSE, {.on = hands->pause}});
}

static void look_on(Stage *stage, RsHands *hands) {
  while (rs_player_playing(stage->player)) {
    const int64_t now = stage->clock->now(stage->clock);
    if (rs_signal_received() || hands->quit) {
      rs_hands_sleep(hands); // The second Ctrl-C ends the program at once
      rs_player_stop(stage->player);
    }
    if (sleep_asked_for) {
      sleep_silently(stage, hands);
    }
    rs_port_monitor_look(&stage->monitor, now, rs_hands_see_port, hands);
    rs_hands_look(hands, now);
    stage->clock->sleep_until(stage->clock, now + LOOK_EVERY);
  }
}

static RsStatus explain(const Stage *stage, RsStatus status, const RsHands *hands, RsError *error) {
  if (status == RS_ERR_STOPPED && hands->quit) {
    return RS_OK;
  }
  if (status == RS_ERR_PORT) {
    return rs_error(error, status, "'%s' is gone", stage->port);
  }
  return status ? rs_error(error, status, "%s: %s", stage->options->operands[0],
                           rs_status_text(status))
                : RS_OK;
}

static RsStatus perform(Stage *stage, RsError *error) {
  RsHands hands;
  RsStatus status =
      rs_hands_init(&hands, stage->player, &stage->piece, stage->options, stage->config);
  if (!status && (status = rs_player_start(stage->player))) {
    rs_error(error, status, "cannot play: the system gives no thread");
  }
  if (!status) {
    look_on(stage, &hands);
    status = explain(stage, rs_player_finish(stage->player), &hands, error);
  }
  rs_hands_clear(&hands);
  return status;
}

/* ---- The report ---- */

/// Milliseconds from the beginning of the command until the first note was due; 0: there was none
static double first_note(const Stage *stage, const RsPlayerStats *stats) {
  return stats->frames ? (double)(stats->first_due - stage->began) / RS_MILLISECOND : 0;
}

static json_t *stats_json(const Stage *stage, const RsPlayerStats *stats) {
  json_t *classes = json_array();
  for (size_t i = 0; i < RS_LATENESS_CLASSES; ++i) {
    json_array_append_new(classes, json_integer((json_int_t)stats->lateness_counts[i]));
  }
  return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:{s:f, s:f, s:f, s:o},"
                   " s:f, s:{s:f, s:f, s:f}, s:f}",
                   "port", stage->port, "seed", (json_int_t)stage->piece.settings.seed, "frames",
                   (json_int_t)stats->frames, "events", (json_int_t)stats->events, "late_frames",
                   (json_int_t)stats->late_frames, "missed", (json_int_t)stats->missed, "lost",
                   (json_int_t)stats->lost, "stalls", (json_int_t)stats->stalls, "margin",
                   (json_int_t)stats->least_margin, "seconds", stats->seconds, "generator_load",
                   stats->generator_load, "lateness_ms", "p50", stats->lateness_p50, "p99",
                   stats->lateness_p99, "max", stats->lateness_max, "histogram", classes,
                   "lookahead_ms", stats->lookahead, "delay_ms", "p50", stats->delay_p50, "p99",
                   stats->delay_p99, "max", stats->delay_max, "first_note_ms",
                   first_note(stage, stats));
}

static void report_stats(const Stage *stage, const RsPlayerStats *stats) {
  const RsOptions *options = stage->options;
  rs_report(options, "%" PRIu64 " event%s in %" PRIu64 " frame%s, %.1f s", stats->events,
            rs_plural(stats->events), stats->frames, rs_plural(stats->frames), stats->seconds);
  rs_report(options, "first note: %.0f ms after the start", first_note(stage, stats));
  rs_report(options, "late: p50 %.1f ms, p99 %.1f ms, max %.1f ms; %" PRIu64 " frame%s too late",
            stats->lateness_p50, stats->lateness_p99, stats->lateness_max, stats->late_frames,
            rs_plural(stats->late_frames));
  for (size_t i = 0; i < RS_LATENESS_CLASSES; ++i) {
    const bool last = i + 1 == RS_LATENESS_CLASSES;
    rs_report(options, "  %s %5.1f ms  %10" PRIu64, last ? "above" : "up to",
              rs_lateness_edges[last ? i - 1 : i], stats->lateness_counts[i]);
  }
  rs_report(options, "handed over %.0f ms ahead, less %.1f ms (p50), %.1f ms (p99), %.1f ms (max)",
            stats->lookahead, stats->delay_p50, stats->delay_p99, stats->delay_max);
  rs_report(options,
            "generator: never less than %zu frame%s ahead, %" PRIu64
            " missed, %.2f %% of a processor",
            stats->least_margin, rs_plural(stats->least_margin), stats->missed,
            100 * stats->generator_load);
  if (stats->lost) {
    rs_report(options, "lost: %" PRIu64 " message%s while the port was gone or did not read",
              stats->lost, rs_plural(stats->lost));
  }
}

static RsStatus report(const Stage *stage, RsError *error) {
  const RsPlayerStats stats = rs_player_stats(stage->player);
  if (stage->options->json) {
    return rs_put_json(stats_json(stage, &stats), error);
  }
  if (stage->options->stats) {
    report_stats(stage, &stats);
  }
  return RS_OK;
}

/* ---- The command ---- */

/// Where no port was named and none but that one is there
static void tell_of_silence(const Stage *stage) {
  if (!stage->options->port && !stage->options->virtual_port &&
      strstr(stage->port, "Midi Through")) {
    rs_say(stage->options,
           "no synthesizer is there: '%s' sounds only through what is connected to it; start one "
           "(fluidsynth -a alsa SOUNDS.sf2), then name it with -p",
           stage->port);
  }
}

static void tell_left_out(const Stage *stage) {
  const size_t count = stage->piece.left_out;
  if (count) {
    rs_say(stage->options, "%s: %zu system-exclusive message%s left out",
           stage->options->operands[0], count, count == 1 ? " is" : "s are");
  }
}

static void announce(const Stage *stage) {
  const RsPlayerSettings *settings = &stage->piece.settings;
  if (stage->piece.is_model) {
    rs_say(stage->options, "%s: seed %" PRIu64 ", %g beats a minute, to '%s'",
           stage->options->operands[0], settings->seed, settings->bpm, stage->port);
  } else {
    rs_say(stage->options, "%s: %g beats a minute, to '%s'", stage->options->operands[0],
           settings->bpm, stage->port);
  }
}

static RsStatus play(Stage *stage, RsError *error) {
  RsStatus status = rs_piece_init(stage->options, &stage->piece, error);
  if (!status) {
    rs_signals_note(0); // From now on there is something to silence
    status = open_sink(stage, error);
  }
  if (!status) {
    status = rs_player_new(&stage->piece.settings, stage->piece.source, stage->sink, stage->clock,
                           &stage->player, error);
  }
  if (!status && needs_ports(stage->options)) {
    status = rs_port_monitor_init(&stage->monitor, stage->sink, stage->player,
                                  stage->options->virtual_port || stage->options->dry_run);
  }
  if (status) {
    return status;
  }
  announce(stage);
  tell_left_out(stage);
  tell_of_silence(stage);
  status = perform(stage, error);
  rs_signals_of_output();
  const RsStatus told = report(stage, status ? NULL : error);
  return status ? status : told;
}

static void leave(Stage *stage) {
  rs_player_free(stage->player);
  rs_port_monitor_clear(&stage->monitor);
  rs_sink_free(stage->sink);
  rs_piece_clear(&stage->piece);
}

static bool is_file(const RsOptions *options) {
  RsKind kind = RS_KIND_SONG;
  return !rs_kind_of(options->operands[0], &kind, NULL) && kind != RS_KIND_MODEL;
}

static RsStatus run(const RsOptions *options, RsError *error) {
  RsConfig config;
  RsStatus status = rs_config_load(&config, error);
  if (!status) {
    RsOptions merged = rs_config_options(&config, options, is_file(options));
    Stage stage = {.options = &merged, .config = &config, .clock = rs_clock_monotonic()};
    stage.began = stage.clock->now(stage.clock);
    signal(SIGPIPE, SIG_IGN); // Whoever reads our messages may go: the music ends well all the same
    signal(SIGTSTP, note_sleep);
    status = play(&stage, error);
    leave(&stage);
    rs_config_release(&merged);
  }
  rs_config_clear(&config);
  return status;
}

const RsCommand rs_command_play = {
    .name = "play",
    .bit = RS_FOR_PLAY,
    .operands = "MODEL or SONG.mid",
    .fewest = 1,
    .most = 1,
    .summary = "generate live, or play a file, to a MIDI port",
    .description =
        "A model makes music while it plays: with the same seed and options the same that export "
        "writes, as long as --bars or --frames say, or without end by --loop. A MIDI "
        "file is played as it stands, with all its channels, programs, controllers and tempi; "
        "--bpm changes the first tempo, and the others with it; --channel puts all but its drums, "
        "which are then left out, on one channel.\n"
        "It may be ended at any time, by Ctrl-C or otherwise: every note gets its end. A port that "
        "goes is looked for by its name for 10 seconds, or for ever with --wait.\n"
        "In a terminal, keys change the music while it plays: + - tempo, t T temperature, d D most "
        "notes at a time, [ ] transposition, m mute, h hold the last two bars, space pause, n new "
        "seed, p panic, l learn a controller, q quit.\n"
        "The port, and a model's channel, program and tempo, are taken from the file "
        "rollsmith/config.ini in the user's configuration folder where they are not given, or from "
        "ROLLSMITH_PORT, ROLLSMITH_CHANNEL, ROLLSMITH_PROGRAM and ROLLSMITH_TEMPO.",
    .examples = "rollsmith play my.model -p Synth\n"
                "rollsmith play my.model -p Synth --loop --clock --stats\n"
                "rollsmith play my.model -p Synth --listen Keyboard --control Keyboard\n"
                "rollsmith play song.mid -p 2 --bpm 90\n",
    .run = run,
};
