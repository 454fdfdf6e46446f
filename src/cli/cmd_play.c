/* SPDX-License-Identifier: ISC */

#include "base/plural.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/file_type.h"
#include "cli/live_control.h"
#include "cli/live_osc.h"
#include "cli/console.h"
#include "cli/playback.h"
#include "cli/signals.h"

#include <rollsmith/ports.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define POLL_INTERVAL (20 * RS_MILLISECOND) /* of keys, controllers and ports; no delay is felt */
#define OSC_INTERVAL (2 * RS_MILLISECOND)   /* of OSC, whose notes have no other clock */
#define OPEN_INTERVAL (RS_SECOND / 2)       /* between attempts to open a port, with --wait */
#define RELEASE_TIME (RS_SECOND / 4)        /* to end all notes before the program is suspended */

/* State of the command */
typedef struct {
  const RsOptions *options;
  RsConfig *config;
  RsClock *clock;
  int64_t began; /* time of the start of the command, nanoseconds */
  RsPlayback playback;
  RsSink *sink;
  RsPlayer *player;
  RsPortMonitor monitor;
  RsLiveOsc *osc;               /* NULL: without --osc */
  char port[RS_PORT_NAME_SIZE]; /* Name of the port, as it was at first */
} Stage;

/* ---- Ctrl-Z ---- */

static volatile sig_atomic_t suspend_requested; /* by SIGTSTP */

static void handle_suspend(int number) {
  suspend_requested = 1;
}

static void suspend_if_requested(void) {
  if (suspend_requested) {
    suspend_requested = 0;
    raise(SIGSTOP);
  }
}

/* ---- The port ---- */

static RsPortChoice port_choice(const RsOptions *options) {
  return (RsPortChoice){.driver = options->live.driver,
                        .output = options->live.port,
                        .inputs = {[RS_INPUT_SYNC] = options->live.sync,
                                   [RS_INPUT_CONTROL] = options->live.control,
                                   [RS_INPUT_LISTEN] = options->live.listen,
                                   [RS_INPUT_FOLLOW] = options->live.follow},
                        .virtual_name = options->live.virtual_port,
                        .silent = options->live.dry_run};
}

/* Open the port; with --wait, try until it exists. */
static RsStatus open_port(Stage *stage, RsError *error) {
  const RsPortChoice choice = port_choice(stage->options);
  RsStatus status = rs_sink_ports_new(&choice, stage->clock, &stage->sink, error);
  if (status == RS_ERR_PORT && stage->options->live.wait) {
    rs_notice(stage->options, "%s; waiting for it", error->message);
  }
  while (status == RS_ERR_PORT && stage->options->live.wait) {
    stage->clock->sleep_until(stage->clock, stage->clock->now(stage->clock) + OPEN_INTERVAL);
    if (rs_signal_received()) {
      return RS_ERR_STOPPED;
    }
    suspend_if_requested();
    status = rs_sink_ports_new(&choice, stage->clock, &stage->sink, error);
  }
  return status;
}

/* With --dry-run, inputs may be opened nevertheless. */
static bool needs_ports(const RsOptions *options) {
  return !options->live.dry_run || options->live.sync || options->live.control ||
         options->live.listen || options->live.follow;
}

/* What is sent to a port that is followed comes back as if a person played it. */
static RsStatus check_feedback(const Stage *stage, RsError *error) {
  RsPortWatch *followed = NULL;
  const RsOptions *options = stage->options;
  if (!options->live.follow || options->live.dry_run || options->live.virtual_port ||
      rs_sink_ports_watch_input(stage->sink, RS_INPUT_FOLLOW, &followed) || !followed) {
    return RS_OK;
  }
  const bool same = !strcmp(rs_port_watch_name(followed), rs_sink_ports_name(stage->sink));
  rs_port_watch_free(followed);
  return same ? rs_error(error, RS_ERR_SETTING,
                         "--follow %s: '%s' is also the output port, and would return its notes; "
                         "select another output with -p",
                         options->live.follow, rs_sink_ports_name(stage->sink))
              : RS_OK;
}

static RsStatus open_sink(Stage *stage, RsError *error) {
  const RsStatus status = open_port(stage, error);
  if (!status) {
    snprintf(stage->port, sizeof(stage->port), "%s", rs_sink_ports_name(stage->sink));
  }
  return status ? status : check_feedback(stage, error);
}

/* ---- Playing ---- */

/* End all notes before the program is suspended. */
static void suspend(Stage *stage, RsLiveSession *live) {
  rs_player_command(stage->player, (RsPlayerCommand){RS_PLAYER_PAUSE, {.on = true}});
  stage->clock->sleep_until(stage->clock, stage->clock->now(stage->clock) + RELEASE_TIME);
  rs_live_release_terminal(live);
  suspend_if_requested();
  rs_live_take_terminal(live);
  rs_player_command(stage->player, (RsPlayerCommand){RS_PLAYER_PAUSE, {.on = live->pause}});
}

static void play_until_end(Stage *stage, RsLiveSession *live) {
  while (rs_player_playing(stage->player)) {
    const int64_t now = stage->clock->now(stage->clock);
    if (rs_signal_received() || live->quit) {
      rs_live_release_terminal(live); /* a second Ctrl-C ends the program at once */
      rs_player_stop(stage->player);
    }
    if (suspend_requested) {
      suspend(stage, live);
    }
    rs_port_monitor_poll(&stage->monitor, now, rs_live_on_port_event, live);
    rs_live_poll(live, now);
    if (stage->osc) {
      rs_live_osc_poll(stage->osc, live, now);
    }
    stage->clock->sleep_until(stage->clock, now + (stage->osc ? OSC_INTERVAL : POLL_INTERVAL));
  }
}

static RsStatus explain(const Stage *stage, RsStatus status, const RsLiveSession *live,
                        RsError *error) {
  if (status == RS_ERR_STOPPED && live->quit) {
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
  RsLiveSession live;
  RsStatus status =
      rs_live_init(&live, stage->player, &stage->playback, stage->options, stage->config);
  if (!status && (status = rs_player_start(stage->player))) {
    rs_error(error, status, "cannot start the player's threads");
  }
  if (!status) {
    play_until_end(stage, &live);
    status = explain(stage, rs_player_finish(stage->player), &live, error);
    if (stage->osc) {
      rs_live_osc_poll(stage->osc, &live, INT64_MAX);
      rs_live_osc_end_notes(stage->osc);
    }
  }
  rs_live_clear(&live);
  return status;
}

/* ---- The report ---- */

/* Milliseconds from the start of the command to the first note; 0 where there was none. */
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
                   "port", stage->port, "seed", (json_int_t)stage->playback.settings.seed, "frames",
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

static json_t *osc_json(const RsOscStats *osc) {
  return json_pack("{s:I, s:I, s:I, s:I}", "received", (json_int_t)osc->received, "malformed",
                   (json_int_t)osc->malformed, "dropped", (json_int_t)osc->dropped, "sent",
                   (json_int_t)osc->sent);
}

static void report_osc(const RsOptions *options, const RsOscStats *osc) {
  rs_report(options,
            "OSC: %" PRIu64 " message%s received, %" PRIu64 " malformed or unknown, %" PRIu64
            " dropped by the rate limit, %" PRIu64 " sent",
            osc->received, rs_plural(osc->received), osc->malformed, osc->dropped, osc->sent);
}

static void report_stats(const Stage *stage, const RsPlayerStats *stats) {
  const RsOptions *options = stage->options;
  rs_report(options, "%" PRIu64 " event%s in %" PRIu64 " frame%s, %.1f s", stats->events,
            rs_plural(stats->events), stats->frames, rs_plural(stats->frames), stats->seconds);
  rs_report(options, "first note: %.0f ms after the start", first_note(stage, stats));
  rs_report(options, "lateness: p50 %.1f ms, p99 %.1f ms, max %.1f ms; %" PRIu64 " late frame%s",
            stats->lateness_p50, stats->lateness_p99, stats->lateness_max, stats->late_frames,
            rs_plural(stats->late_frames));
  for (size_t i = 0; i < RS_LATENESS_CLASSES; ++i) {
    const bool last = i + 1 == RS_LATENESS_CLASSES;
    rs_report(options, "  %s %5.1f ms  %10" PRIu64, last ? "above" : "up to",
              rs_lateness_edges[last ? i - 1 : i], stats->lateness_counts[i]);
  }
  rs_report(options,
            "sent %.0f ms ahead, with delays of %.1f ms (p50), %.1f ms (p99), %.1f ms "
            "(max)",
            stats->lookahead, stats->delay_p50, stats->delay_p99, stats->delay_max);
  rs_report(options,
            "generator: at least %zu frame%s ahead, %" PRIu64 " missed, %.2f %% of a processor",
            stats->least_margin, rs_plural(stats->least_margin), stats->missed,
            100 * stats->generator_load);
  if (stats->lost) {
    rs_report(options, "lost: %" PRIu64 " message%s while the port was gone or did not read",
              stats->lost, rs_plural(stats->lost));
  }
}

static RsStatus report(const Stage *stage, RsError *error) {
  const RsPlayerStats stats = rs_player_stats(stage->player);
  const RsOscStats osc = stage->osc ? rs_live_osc_stats(stage->osc) : (RsOscStats){0};
  if (stage->options->json) {
    json_t *json = stats_json(stage, &stats);
    if (stage->osc) {
      json_object_set_new(json, "osc", osc_json(&osc));
    }
    return rs_report_json(json, error);
  }
  if (stage->options->live.stats) {
    report_stats(stage, &stats);
  }
  if (stage->options->live.stats && stage->osc) {
    report_osc(stage->options, &osc);
  }
  return RS_OK;
}

/* ---- The command ---- */

/* Notice where the default port is Midi Through. */
static void print_of_silence(const Stage *stage) {
  if (!stage->options->live.port && !stage->options->live.virtual_port &&
      strstr(stage->port, "Midi Through")) {
    rs_notice(
        stage->options,
        "no synthesizer found: '%s' only forwards messages to ports connected to it; start one "
        "(fluidsynth -a alsa SOUNDS.sf2) and select it with -p",
        stage->port);
  }
}

/* Without a port to send to, --port has no effect, and without an input --wait has none: say it. */
static void print_unused(const RsOptions *given) {
  if (given->live.dry_run && given->live.port) {
    rs_notice(given, "--dry-run: nothing is sent, --port %s is not opened", given->live.port);
  }
  if (given->live.wait && !needs_ports(given)) {
    rs_notice(given, "--dry-run: no port is opened, --wait has no effect");
  }
}

static void announce(const Stage *stage) {
  const RsPlayerSettings *settings = &stage->playback.settings;
  if (stage->playback.is_model) {
    rs_notice(stage->options, "%s: seed %" PRIu64 ", %g beats a minute, to '%s'",
              stage->options->operands[0], settings->seed, settings->bpm, stage->port);
  } else {
    rs_notice(stage->options, "%s: %g beats a minute, to '%s'", stage->options->operands[0],
              settings->bpm, stage->port);
  }
}

static RsStatus play(Stage *stage, RsError *error) {
  RsStatus status = rs_playback_init(stage->options, &stage->playback, error);
  if (!status && stage->options->live.osc) {
    stage->playback.settings.reports_sent = true;
    status = rs_live_osc_new(stage->options->live.osc, &stage->osc, error);
  }
  if (!status) {
    rs_signals_defer(0); /* from now on a signal ends all notes first */
    status = open_sink(stage, error);
  }
  if (!status) {
    status = rs_player_new(&stage->playback.settings, stage->playback.source, stage->sink,
                           stage->clock, &stage->player, error);
  }
  if (!status && needs_ports(stage->options)) {
    status = rs_port_monitor_init(&stage->monitor, stage->sink, stage->player);
  }
  if (status) {
    return status;
  }
  announce(stage);
  rs_playback_print_left_out(&stage->playback, stage->options);
  print_of_silence(stage);
  status = perform(stage, error);
  rs_signals_init_output();
  const RsStatus told = report(stage, status ? NULL : error);
  return status ? status : told;
}

static void leave(Stage *stage) {
  rs_live_osc_free(stage->osc);
  rs_player_free(stage->player);
  rs_port_monitor_clear(&stage->monitor);
  rs_sink_free(stage->sink);
  rs_playback_clear(&stage->playback);
}

static bool is_file(const RsOptions *options) {
  RsFileType kind = RS_FILE_SONG;
  return !rs_file_type(options->operands[0], &kind, NULL) && kind != RS_FILE_MODEL;
}

static RsStatus run(const RsOptions *options, RsError *error) {
  RsConfig config;
  RsStatus status = rs_config_load(&config, error);
  if (!status) {
    RsOptions merged = rs_config_options(&config, options, is_file(options));
    Stage stage = {.options = &merged, .config = &config, .clock = rs_clock_monotonic()};
    stage.began = stage.clock->now(stage.clock);
    print_unused(options);
    signal(SIGPIPE, SIG_IGN); /* notes are ended even if the reader of our messages has exited */
    signal(SIGTSTP, handle_suspend);
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
    .summary = "play a model or a file to a MIDI port",
    .description =
        "A model generates music in real time: the same as export with this seed and options, for "
        "the length of --bars or --frames, or without end with --loop. A MIDI file is played "
        "unchanged, with all its channels, programs, controllers and tempi; --bpm sets the first "
        "tempo and scales the others; --channel sends all channels but drums, which are then left "
        "out, on one channel.\n"
        "All notes are ended when the program is stopped, by Ctrl-C or otherwise. Where the port "
        "disappears, the program waits for it for 10 seconds, or without limit with --wait.\n"
        "The MIDI system is that of --driver. With alsa and jack the program has ports of its "
        "own, to which others can be connected: the output NAME of --virtual or 'out', and the "
        "inputs 'sync', 'control', 'listen' and 'follow'; a receiver that is connected later gets "
        "the program and the controllers. With alsa and jack, a stop discards queued messages; "
        "with portmidi up to 0.1 seconds of them are still played. If the JACK server ends, the "
        "program waits for it as for a port.\n"
        "In a terminal, keys control the music: + - tempo, t T temperature, d D maximum number of "
        "notes at a time, [ ] transposition, m mute, h hold the last two bars, space pause, n new "
        "seed, p panic, l learn a controller, q quit.\n"
        "Defaults of the port and the driver, and of a model's channel, program and tempo, are "
        "read from rollsmith/config.ini in the user's configuration folder, and from the "
        "environment variables ROLLSMITH_PORT, ROLLSMITH_DRIVER, ROLLSMITH_CHANNEL, "
        "ROLLSMITH_PROGRAM and ROLLSMITH_TEMPO.",
    .examples = "rollsmith play my.model -p Synth\n"
                "rollsmith play my.model -p Synth --loop --clock --stats\n"
                "rollsmith play my.model -p Synth --listen Keyboard --control Keyboard\n"
                "rollsmith play song.mid -p 2 --bpm 90\n"
                "rollsmith play my.model --driver alsa --virtual Stage --loop\n",
    .run = run,
};
