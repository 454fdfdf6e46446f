#include <rollsmith/player.h>

#include "live/output.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum {
  FEWEST_AHEAD = 4,
  MOST_AHEAD = 512,
  MOST_TIMES_AHEAD = 8, // As far as at first
  REQUESTS_IN_QUEUE = 256,
};

#define AHEAD (RS_SECOND / 2)            // Music that is ready
#define LONGEST_NAP (5 * RS_MILLISECOND) // Within which a command is obeyed
#define LISTENING_NAP (RS_MILLISECOND)   // The same where messages come in
#define SOURCE_NAP (5 * RS_MILLISECOND)

/// What the source is asked for
typedef struct {
  RsPlayerControl control;
  double value;
  RsRoll *phrase; // Owned: what it shall hear, in place of the former
  unsigned generation;
} Request;

struct RsPlayer {
  RsClock *clock;
  RsFrameSource *source;
  RsOutput output;
  RsRing requests; // Request, to the source's thread
  size_t ahead;    // Frames that are made in advance; of the source's thread, as the next two
  size_t ahead_at_first;
  unsigned missed;
  unsigned generation;        // Of the caller's thread
  unsigned source_generation; // Of the source's
  pthread_t output_thread, source_thread;
  bool started;  // The threads are there
  bool finished; // They are no more
  atomic_bool playing;
  atomic_bool quit; // To the source's thread
  double source_time;
  double seconds;
};

/* ---- The source's thread ---- */

static void serve(RsPlayer *player, const Request *request) {
  RsFrameSource *source = player->source;
  if (request->phrase) {
    if (source->hear) {
      source->hear(source, request->phrase);
    }
    rs_roll_clear(request->phrase);
    free(request->phrase);
  } else if (source->set) {
    static const RsSourceControl controls[] = {
        [RS_PLAYER_TEMPERATURE] = RS_SOURCE_TEMPERATURE,
        [RS_PLAYER_DENSITY] = RS_SOURCE_DENSITY,
        [RS_PLAYER_SEED] = RS_SOURCE_SEED,
    };
    source->set(source, controls[request->control], request->value);
  }
  player->source_generation = request->generation;
}

static bool serve_all(RsPlayer *player) {
  Request request;
  bool any = false;
  while (rs_ring_pop(&player->requests, &request)) {
    serve(player, &request);
    any = true;
  }
  return any;
}

/// A machine that lets the source wait for too long gets more of a store; so much later is what the
/// source is told heard
static void look_after_store(RsPlayer *player) {
  const unsigned missed = atomic_load_explicit(&player->output.seen_missed, memory_order_relaxed);
  if (missed != player->missed && player->ahead < MOST_TIMES_AHEAD * player->ahead_at_first) {
    player->ahead = 2 * player->ahead < MOST_AHEAD ? 2 * player->ahead : MOST_AHEAD;
  }
  player->missed = missed;
}

/// Make a frame where one is wanted. @return Whether there may be more to do at once.
static bool make_frame(RsPlayer *player, RsStatus *status) {
  RsQueuedFrame queued = {.generation = player->source_generation};
  if (*status || rs_ring_count(&player->output.frames) >= player->ahead) {
    return false;
  }
  *status = queued.status = player->source->next(player->source, &queued.frame);
  return rs_ring_push(&player->output.frames, &queued) && !*status;
}

static double thread_time(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / RS_SECOND;
}

static void *source_thread(void *argument) {
  RsPlayer *player = argument;
  RsStatus status = RS_OK;
  while (!atomic_load_explicit(&player->quit, memory_order_acquire)) {
    if (serve_all(player)) {
      status = RS_OK; // It may have begun anew
    }
    look_after_store(player);
    if (!make_frame(player, &status)) {
      player->clock->sleep_until(player->clock, player->clock->now(player->clock) + SOURCE_NAP);
    }
  }
  player->source_time = thread_time();
  return NULL;
}

/* ---- The output's thread ---- */

static int64_t nap(const RsPlayer *player) {
  return player->output.sink->receive ? LISTENING_NAP : LONGEST_NAP;
}

/// Wake up when asked to: a thread is otherwise given 50 microseconds of leeway
static void wake_exactly(void) {
#ifdef PR_SET_TIMERSLACK
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
#endif
}

static void *output_thread(void *argument) {
  RsPlayer *player = argument;
  wake_exactly();
  RsOutput *output = &player->output;
  RsClock *clock = player->clock;
  while (output->state != RS_OUTPUT_DONE) {
    const int64_t now = clock->now(clock);
    const int64_t wanted = rs_output_step(output, now);
    const int64_t latest = now + nap(player);
    clock->sleep_until(clock, wanted < latest ? wanted : latest);
  }
  atomic_store_explicit(&player->playing, false, memory_order_release);
  return NULL;
}

/// Real time where that is allowed; it is no matter if not: the sink's lookahead makes up for it
static void hurry(pthread_t thread) {
  const struct sched_param urgent = {.sched_priority = sched_get_priority_min(SCHED_FIFO) + 10};
  pthread_setschedparam(thread, SCHED_FIFO, &urgent);
}

/* ---- Life ---- */

static RsStatus check(const RsPlayerSettings *settings, RsError *error) {
  if (!(settings->bpm >= 4 && settings->bpm <= 60000)) {
    return rs_error(error, RS_ERR_SETTING,
                    "a tempo of %g quarter notes a minute is none: 4 to 60000", settings->bpm);
  }
  if (settings->channel < 1 || settings->channel > RS_CHANNELS) {
    return rs_error(error, RS_ERR_SETTING, "there is no channel %u: 1 to 16", settings->channel);
  }
  if (settings->program > 127) {
    return rs_error(error, RS_ERR_SETTING, "there is no program %d: 0 to 127", settings->program);
  }
  if (settings->frames_per_beat > 32767 ||
      (!settings->frames_per_beat && !(settings->frame_ms >= 1 && settings->frame_ms <= 60000))) {
    return rs_error(error, RS_ERR_SETTING,
                    "a frame must be 1 to 60000 milliseconds, or a beat have 1 to 32767 of them");
  }
  return RS_OK;
}

static size_t frames_ahead(const RsTimeline *timeline) {
  const int64_t frame = rs_timeline_due(timeline, timeline->pulses_a_frame);
  const int64_t wanted = AHEAD / (frame > 0 ? frame : 1);
  return wanted < FEWEST_AHEAD ? FEWEST_AHEAD : wanted > MOST_AHEAD ? MOST_AHEAD : (size_t)wanted;
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
  player->source = source;
  status = rs_output_init(&player->output, settings, sink);
  if (!status) {
    status = rs_ring_init(&player->requests, REQUESTS_IN_QUEUE, sizeof(Request));
  }
  if (status) {
    rs_player_free(player);
    return rs_error(error, status, "the player cannot be set up: %s", rs_status_text(status));
  }
  player->ahead = player->ahead_at_first = frames_ahead(&player->output.timeline);
  *out = player;
  return RS_OK;
}

RsStatus rs_player_start(RsPlayer *player) {
  atomic_store(&player->playing, true);
  if (pthread_create(&player->source_thread, NULL, source_thread, player)) {
    atomic_store(&player->playing, false);
    return RS_ERR_MEMORY;
  }
  if (pthread_create(&player->output_thread, NULL, output_thread, player)) {
    atomic_store(&player->playing, false);
    atomic_store(&player->quit, true);
    pthread_join(player->source_thread, NULL);
    return RS_ERR_MEMORY;
  }
  hurry(player->output_thread);
  player->started = true;
  return RS_OK;
}

RsStatus rs_player_finish(RsPlayer *player) {
  if (player->started && !player->finished) {
    pthread_join(player->output_thread, NULL);
    atomic_store_explicit(&player->quit, true, memory_order_release);
    pthread_join(player->source_thread, NULL);
    player->finished = true;
    player->seconds =
        (double)(player->output.last_due - player->output.first_due) / (double)RS_SECOND;
  }
  return player->output.status;
}

void rs_player_free(RsPlayer *player) {
  Request request;
  if (!player) {
    return;
  }
  rs_player_stop(player);
  rs_player_finish(player);
  while (player->requests.items && rs_ring_pop(&player->requests, &request)) {
    if (request.phrase) {
      rs_roll_clear(request.phrase);
      free(request.phrase);
    }
  }
  rs_ring_clear(&player->requests);
  rs_output_clear(&player->output);
  free(player);
}

/* ---- Commands and views ---- */

static bool tell_output(RsPlayer *player, RsPlayerControl control, double value) {
  const RsQueuedCommand command = {control, value, player->generation,
                                   player->clock->now(player->clock)};
  return rs_ring_push(&player->output.commands, &command);
}

bool rs_player_command(RsPlayer *player, RsPlayerControl control, double value) {
  if (control < RS_PLAYER_TEMPERATURE || control > RS_PLAYER_SEED) {
    return tell_output(player, control, value);
  }
  const Request request = {control, value, NULL, player->generation + (control == RS_PLAYER_SEED)};
  if (!rs_ring_push(&player->requests, &request)) {
    return false;
  }
  player->generation = request.generation;
  return tell_output(player, control, value);
}

bool rs_player_hear(RsPlayer *player, RsRoll *phrase) {
  RsRoll *moved = malloc(sizeof(*moved));
  if (!moved) {
    return false;
  }
  *moved = *phrase;
  const Request request = {RS_PLAYER_SEED, 0, moved, player->generation + 1};
  if (!rs_ring_push(&player->requests, &request)) {
    free(moved);
    return false;
  }
  *phrase = (RsRoll){0};
  player->generation = request.generation;
  return tell_output(player, RS_PLAYER_SEED, 0);
}

void rs_player_stop(RsPlayer *player) {
  atomic_store_explicit(&player->output.stop, true, memory_order_relaxed);
}

bool rs_player_playing(RsPlayer *player) {
  return atomic_load_explicit(&player->playing, memory_order_acquire);
}

bool rs_player_receive(RsPlayer *player, RsReceived *message) {
  return rs_ring_pop(&player->output.received, message);
}

RsPlayerView rs_player_view(RsPlayer *player) {
  RsOutput *output = &player->output;
  return (RsPlayerView){
      .frame = atomic_load_explicit(&output->seen_frame, memory_order_relaxed),
      .sounding = {{atomic_load_explicit(&output->seen_notes[0], memory_order_relaxed),
                    atomic_load_explicit(&output->seen_notes[1], memory_order_relaxed)}},
      .bpm = atomic_load_explicit(&output->seen_bpm, memory_order_relaxed),
      .lateness_ms = atomic_load_explicit(&output->seen_lateness, memory_order_relaxed),
      .waiting_for_port = atomic_load_explicit(&output->seen_gone, memory_order_acquire),
      .running = atomic_load_explicit(&output->seen_running, memory_order_relaxed),
  };
}

const double rs_lateness_edges[RS_LATENESS_CLASSES - 1] = {0.1, 0.2, 0.5, 1, 2, 5, 10, 50};

/// Sort the fine classes of the histogram into the coarse ones
static void count_lateness(const RsHistogram *lateness, uint64_t *counts) {
  for (size_t i = 0; i < RS_HISTOGRAM_CLASSES; ++i) {
    size_t class = 0;
    while (class + 1 < RS_LATENESS_CLASSES && (double)(i + 1) > 10 * rs_lateness_edges[class]) {
      ++class;
    }
    counts[class] += lateness->counts[i];
  }
}

RsPlayerStats rs_player_stats(const RsPlayer *player) {
  const RsHistogram *lateness = &player->output.lateness, *delay = &player->output.delay;
  RsPlayerStats stats = player->output.stats;
  stats.lateness_p50 = rs_histogram_quantile(lateness, 0.5);
  stats.lateness_p99 = rs_histogram_quantile(lateness, 0.99);
  stats.lateness_max = (double)lateness->largest / RS_MILLISECOND;
  stats.delay_p50 = rs_histogram_quantile(delay, 0.5);
  stats.delay_p99 = rs_histogram_quantile(delay, 0.99);
  stats.delay_max = (double)delay->largest / RS_MILLISECOND;
  stats.lookahead = (double)player->output.sink->lookahead / RS_MILLISECOND;
  count_lateness(lateness, stats.lateness_counts);
  stats.seconds = player->seconds;
  stats.generator_load = player->seconds > 0 ? player->source_time / player->seconds : 0;
  return stats;
}
