/* SPDX-License-Identifier: ISC */

#include <rollsmith/player.h>

#include "live/prefetch.h"
#include "live/realtime.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define COMMAND_INTERVAL (5 * RS_MILLISECOND) /* at which commands are read: not audible */
#define INPUT_INTERVAL (RS_MILLISECOND)       /* at which inputs are read: jitter of a clock */
#define SOURCE_INTERVAL (5 * RS_MILLISECOND)  /* at which a full queue is checked */
#define FOLLOW_INTERVAL (2 * RS_MILLISECOND)  /* the same, where a person waits for an answer */

struct RsPlayer {
  RsClock *clock;
  RsOutput output;
  RsPrefetch prefetch;
  unsigned generation; /* of the frames to be played */
  pthread_t output_thread, source_thread;
  bool started;  /* the threads were created */
  bool finished; /* the threads were joined */
  atomic_bool playing;
  atomic_bool quit;   /* ends the source's thread */
  double source_time; /* processor time of the source's thread, seconds */
  double seconds;     /* from the first frame to the last */
};

/* ---- The source's thread ---- */

static double thread_time(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / RS_SECOND;
}

static void *source_thread(void *argument) {
  RsPlayer *player = argument;
  RsClock *clock = player->clock;
  const int64_t interval = player->prefetch.source->set_held ? FOLLOW_INTERVAL : SOURCE_INTERVAL;
  while (!atomic_load_explicit(&player->quit, memory_order_acquire)) {
    if (!rs_prefetch_step(&player->prefetch)) {
      clock->sleep_until(clock, clock->now(clock) + interval);
    }
  }
  player->source_time = thread_time();
  return NULL;
}

/* ---- The real-time thread ---- */

static int64_t longest_sleep(const RsPlayer *player) {
  const RsSink *sink = player->output.sender.sink;
  const int64_t inputs = sink->interval ? sink->interval : INPUT_INTERVAL;
  return sink->receive && inputs < COMMAND_INTERVAL ? inputs : COMMAND_INTERVAL;
}

static void *output_thread(void *argument) {
  RsPlayer *player = argument;
  rs_realtime_priority();
  RsOutput *output = &player->output;
  RsClock *clock = player->clock;
  while (output->state != RS_OUTPUT_DONE) {
    const int64_t now = clock->now(clock);
    const int64_t next = rs_output_step(output, now);
    const int64_t latest = now + longest_sleep(player);
    clock->sleep_until(clock, next < latest ? next : latest);
  }
  atomic_store_explicit(&player->playing, false, memory_order_release);
  return NULL;
}

/* ---- Construction ---- */

static RsStatus check(const RsPlayerSettings *settings, RsError *error) {
  const bool playable = rs_output_clamp_tempo(settings->bpm) == settings->bpm;
  if (!playable && !(settings->score_bpm > 0 && settings->bpm == settings->score_bpm)) {
    return rs_error(error, RS_ERR_SETTING, "tempo %g: must be 4 to 60000 quarter notes a minute",
                    settings->bpm);
  }
  if (settings->channel < 1 || settings->channel > RS_CHANNELS) {
    return rs_error(error, RS_ERR_SETTING, "channel %u: must be 1 to 16", settings->channel);
  }
  if (settings->program > 127) {
    return rs_error(error, RS_ERR_SETTING, "program %d: must be 0 to 127", settings->program);
  }
  if (settings->frames_per_beat > 32767 ||
      (!settings->frames_per_beat && !(settings->frame_ms >= 1 && settings->frame_ms <= 60000))) {
    return rs_error(error, RS_ERR_SETTING,
                    "a frame must be 1 to 60000 milliseconds, or a beat 1 to 32767 frames");
  }
  return RS_OK;
}

RsStatus rs_player_new(const RsPlayerSettings *settings, RsFrameSource *source, RsSink *sink,
                       RsClock *clock, RsPlayer **out, RsError *error) {
  *out = NULL;
  RsStatus status = check(settings, error);
  if (status) {
    return status;
  }
  RsPlayer *player = calloc(1, sizeof(*player));
  if (!player) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  player->clock = clock;
  status = rs_output_init(&player->output, settings, sink);
  if (!status) {
    status = rs_prefetch_init(&player->prefetch, source, &player->output);
  }
  if (status) {
    rs_player_free(player);
    return rs_error(error, status, "cannot set up the player: %s", rs_status_text(status));
  }
  *out = player;
  return RS_OK;
}

RsStatus rs_player_start(RsPlayer *player) {
  atomic_store(&player->playing, true);
  if (pthread_create(&player->source_thread, NULL, source_thread, player)) {
    atomic_store(&player->playing, false);
    return RS_ERR_IO;
  }
  if (pthread_create(&player->output_thread, NULL, output_thread, player)) {
    atomic_store(&player->playing, false);
    atomic_store(&player->quit, true);
    pthread_join(player->source_thread, NULL);
    return RS_ERR_IO;
  }
  player->started = true;
  return RS_OK;
}

RsStatus rs_player_finish(RsPlayer *player) {
  if (player->started && !player->finished) {
    pthread_join(player->output_thread, NULL);
    atomic_store_explicit(&player->quit, true, memory_order_release);
    pthread_join(player->source_thread, NULL);
    player->finished = true;
    const RsOutput *output = &player->output;
    player->seconds = output->first_due ? (double)(output->sender.last_due - output->first_due) /
                                              (double)RS_SECOND
                                        : 0;
  }
  return player->output.status;
}

void rs_player_free(RsPlayer *player) {
  if (!player) {
    return;
  }
  rs_player_stop(player);
  rs_player_finish(player);
  rs_prefetch_clear(&player->prefetch);
  rs_output_clear(&player->output);
  free(player);
}

/* ---- Commands and state ---- */

static bool command_output(RsPlayer *player, RsPlayerCommand command) {
  const RsQueuedCommand queued = {command, player->generation, player->clock->now(player->clock)};
  return rs_ring_push(&player->output.shared.commands, &queued);
}

/* Checked before a request to the source: both queues or none must get a restart. */
static bool output_has_room(RsPlayer *player) {
  return rs_ring_count(&player->output.shared.commands) < player->output.shared.commands.capacity;
}

/* Send a request to the source. A restart increments the generation. */
static bool request_source(RsPlayer *player, const RsSourceChange *change, RsRoll *prime) {
  const bool restarts = prime || (change && change->control == RS_SOURCE_SEED);
  const unsigned generation = player->generation + restarts;
  if (!output_has_room(player) ||
      !rs_prefetch_request(&player->prefetch, change, prime, generation)) {
    return false;
  }
  player->generation = generation;
  return true;
}

/* The change of the source that a command requests. @return Whether there is one. */
static bool source_change(const RsPlayerCommand *command, RsSourceChange *change) {
  switch (command->control) {
  case RS_PLAYER_TEMPERATURE:
    *change = (RsSourceChange){RS_SOURCE_TEMPERATURE, {.temperature = command->temperature}};
    return true;
  case RS_PLAYER_MAX_POLYPHONY:
    *change = (RsSourceChange){RS_SOURCE_MAX_POLYPHONY, {.max_polyphony = command->max_polyphony}};
    return true;
  case RS_PLAYER_STEERING:
    *change = (RsSourceChange){RS_SOURCE_STEERING, {.steering = command->steering}};
    return true;
  case RS_PLAYER_SEED:
    *change = (RsSourceChange){RS_SOURCE_SEED, {.seed = command->seed}};
    return true;
  default:
    return false;
  }
}

bool rs_player_command(RsPlayer *player, RsPlayerCommand command) {
  RsSourceChange change;
  if (source_change(&command, &change) && !request_source(player, &change, NULL)) {
    return false;
  }
  return command_output(player, command);
}

bool rs_player_prime(RsPlayer *player, RsRoll *prime) {
  RsRoll *moved = malloc(sizeof(*moved));
  if (!moved) {
    return false;
  }
  *moved = *prime;
  if (!request_source(player, NULL, moved)) {
    free(moved);
    return false;
  }
  *prime = (RsRoll){0};
  return command_output(player, (RsPlayerCommand){RS_PLAYER_SEED, {0}});
}

void rs_player_stop(RsPlayer *player) {
  atomic_store_explicit(&player->output.shared.stop, true, memory_order_relaxed);
}

bool rs_player_playing(RsPlayer *player) {
  return atomic_load_explicit(&player->playing, memory_order_acquire);
}

bool rs_player_receive(RsPlayer *player, RsReceivedMessage *message) {
  return rs_ring_pop(&player->output.shared.received, message);
}

bool rs_player_sent(RsPlayer *player, RsSentMessage *message) {
  return rs_ring_pop(&player->output.shared.sent, message);
}

RsPlayerView rs_player_view(RsPlayer *player) {
  return rs_shared_view(&player->output.shared);
}

const double rs_lateness_edges[RS_LATENESS_CLASSES - 1] = {0.1, 0.2, 0.5, 1, 2, 5, 10, 50};

RsPlayerStats rs_player_stats(const RsPlayer *player) {
  const RsHistogram *lateness = &player->output.sender.statistics.lateness,
                    *delay = &player->output.sender.statistics.delay;
  RsPlayerStats stats = player->output.stats;
  stats.events = player->output.sender.statistics.sent;
  stats.lost = player->output.sender.statistics.lost;
  stats.least_margin = player->output.queue.least_margin;
  stats.lateness_p50 = rs_histogram_quantile(lateness, 0.5);
  stats.lateness_p99 = rs_histogram_quantile(lateness, 0.99);
  stats.lateness_max = (double)lateness->largest / RS_MILLISECOND;
  stats.delay_p50 = rs_histogram_quantile(delay, 0.5);
  stats.delay_p99 = rs_histogram_quantile(delay, 0.99);
  stats.delay_max = (double)delay->largest / RS_MILLISECOND;
  stats.lookahead = (double)player->output.sender.sink->lookahead / RS_MILLISECOND;
  rs_histogram_sort(lateness, RS_LATENESS_CLASSES - 1, rs_lateness_edges, stats.lateness_counts);
  stats.seconds = player->seconds;
  stats.first_due = player->output.first_due;
  stats.generator_load = player->seconds > 0 ? player->source_time / player->seconds : 0;
  return stats;
}
