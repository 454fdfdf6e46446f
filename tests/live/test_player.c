/* SPDX-License-Identifier: ISC */

#include "folder.h"
#include "machine.h"
#include "stage.h"

#include <rollsmith/ingest.h>
#include <rollsmith/midi_write.h>

#include <signal.h>
#include <time.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

/* The player with its threads, on the machine's clock. */

static void wait_until(RsPlayer *player, uint64_t frame) {
  RsClock *clock = rs_clock_monotonic();
  while (rs_player_playing(player) && rs_player_view(player).frame < frame) {
    clock->sleep_until(clock, clock->now(clock) + RS_MILLISECOND);
  }
}

/* A note on or off, as a file has it or a port. */
typedef struct {
  uint8_t bytes[3];
  uint32_t tick;
} NoteEvent;

enum { MOST_EVENTS = 1024, FRAMES = 64 };

static uint32_t variable_length(const uint8_t **at) {
  uint32_t value = 0;
  do {
    value = value << 7 | (**at & 0x7f);
  } while (*(*at)++ & 0x80);
  return value;
}

/* The notes of a track, of which each event has its status byte. */
static size_t notes_of_track(const uint8_t *at, const uint8_t *end, NoteEvent *notes) {
  size_t count = 0;
  for (uint32_t tick = 0; at < end;) {
    tick += variable_length(&at);
    const int kind = *at & 0xf0;
    assert_true(kind >= 0x80);
    if (kind == 0xf0) {
      at += *at == 0xff ? 2 : 1;
      const uint32_t length = variable_length(&at);
      at += length;
      continue;
    }
    if (kind == 0x80 || kind == 0x90) {
      assert_true(count < MOST_EVENTS);
      notes[count++] = (NoteEvent){{at[0], at[1], at[2]}, tick};
    }
    at += kind == 0xc0 || kind == 0xd0 ? 2 : 3;
  }
  return count;
}

/* The notes of the track that has some. @param ticks Output, of a quarter. */
static size_t notes_of_file(const char *path, NoteEvent *notes, double *ticks) {
  static uint8_t bytes[16384];
  FILE *file = fopen(path, "rb");
  const size_t size = fread(bytes, 1, sizeof(bytes), file);
  size_t count = 0;
  fclose(file);
  assert_true(size < sizeof(bytes));
  *ticks = bytes[12] << 8 | bytes[13];
  for (size_t at = 14; at + 8 <= size;) {
    const size_t length = (size_t)bytes[at + 4] << 24 | (size_t)bytes[at + 5] << 16 |
                          (size_t)bytes[at + 6] << 8 | bytes[at + 7];
    count += notes_of_track(bytes + at + 8, bytes + at + 8 + length, notes + count);
    at += 8 + length;
  }
  return count;
}

/* Every note of the file is sent and no other, in order, at its time. */
static void what_is_played_is_what_is_written(void **state) {
  const char *path = "song.mid";
  const double bpm = 6000;
  const RsMidiSettings midi = {.velocity = 0, .seed = 77, .program = -1};
  RsRoll roll;
  RsSourceFrame frame;
  Chords source = chords();
  assert_ok(rs_roll_init(&roll, "song", FRAMES, RS_PLANE_NONE));
  for (size_t f = 0; f < roll.frames; ++f) {
    chords_next(&source.source, &frame);
    roll.on[f] = frame.notes.on;
  }
  roll.bpm = bpm;
  assert_ok(rs_midi_write(&roll, &midi, path, NULL));

  RsPlayerSettings settings = stage_settings(bpm);
  settings.performance = rs_performance_of(&roll, 0);
  settings.seed = 77;
  RsFrameSource *song = NULL;
  RsSink *sink = NULL;
  RsPlayer *player = NULL;
  assert_ok(rs_frame_source_roll(&roll, false, &song));
  assert_ok(rs_sink_record_new(rs_clock_monotonic(), 4096, &sink));
  assert_ok(rs_player_new(&settings, song, sink, rs_clock_monotonic(), &player, NULL));
  assert_ok(rs_player_start(player));
  assert_ok(rs_player_finish(player));

  static NoteEvent notes[MOST_EVENTS];
  double ticks = 0;
  size_t sent = 0, seen = 0;
  const size_t count = notes_of_file(path, notes, &ticks);
  const RsRecorded *all = rs_sink_recorded(sink, &sent);
  const int64_t start = rs_player_stats(player).first_due;
  assert_true(count > 2 * FRAMES);
  for (size_t i = 0; i < sent; ++i) {
    if ((all[i].message.bytes[0] & 0xe0) == 0x80) {
      assert_true(seen < count);
      assert_memory_equal(all[i].message.bytes, notes[seen].bytes, 3);
      const double due = notes[seen].tick / ticks * 60 / bpm * RS_SECOND;
      assert_close((double)(all[i].due - start), due, 1e-3 * RS_SECOND / 100);
      ++seen;
    }
  }
  assert_int_equal(seen, count);
  rs_player_free(player);
  rs_sink_free(sink);
  rs_frame_source_free(song);
  rs_roll_clear(&roll);
  unlink(path);
}

static RsPlayer *under_signals;

static void stop_it(int number) {
  rs_player_stop(under_signals);
}

/* Play for a while, be stopped by a signal, count what sounds. @return Messages that were sent. */
static size_t stop_by_signal(int number, int64_t after, int64_t lookahead) {
  const RsPlayerSettings settings = stage_settings(2000);
  RsClock *clock = rs_clock_monotonic();
  Chords source = chords();
  RsSink *sink = NULL;
  size_t count = 0;
  assert_ok(rs_sink_record_new(clock, 1 << 12, &sink));
  sink->lookahead = lookahead;
  assert_ok(rs_player_new(&settings, &source.source, sink, clock, &under_signals, NULL));
  assert_ok(rs_player_start(under_signals));
  wait_until(under_signals, 1);
  clock->sleep_until(clock, clock->now(clock) + after);
  raise(number);
  assert_int_equal(rs_player_finish(under_signals), RS_ERR_STOPPED);
  const RsRecorded *all = rs_sink_recorded(sink, &count);
  assert_int_equal(open_notes(all, count), 0);
  assert_true(in_order(all, count));
  rs_player_free(under_signals);
  rs_sink_free(sink);
  return count;
}

static void stopped_by_any_signal_in_the_middle_of_chords_it_is_silent(void **state) {
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  const struct sigaction action = {.sa_handler = stop_it, .sa_flags = SA_RESTART};
  struct sigaction before[4];
  for (int i = 0; i < 4; ++i) {
    sigaction(signals[i], &action, &before[i]);
  }
  for (int i = 0; i < 100; ++i) {
    const int64_t after = (i * 7919 % 500) * RS_MILLISECOND / 10;
    assert_true(stop_by_signal(signals[i % 4], after, i % 5 ? 0 : 20 * RS_MILLISECOND) >= 6);
  }
  for (int i = 0; i < 4; ++i) {
    sigaction(signals[i], &before[i], NULL);
  }
}

static void commands_reach_source_and_output(void **state) {
  const RsPlayerSettings settings = stage_settings(2000);
  Chords source = chords();
  RsSink *sink = NULL;
  RsPlayer *player = NULL;
  RsRoll phrase;
  assert_ok(rs_sink_null_new(&sink));
  assert_ok(rs_player_new(&settings, &source.source, sink, rs_clock_monotonic(), &player, NULL));
  assert_ok(rs_player_start(player));
  wait_until(player, 8);
  assert_true(rs_player_command(player, command_of(RS_PLAYER_SEED, 24)));
  assert_true(rs_player_command(player, command_of(RS_PLAYER_TEMPO, 1000)));
  wait_until(player, rs_player_view(player).frame + 20);
  const RsFrame notes = rs_player_view(player).active;
  assert_true(rs_frame_next(&notes, 0) >= 72);
  assert_close(rs_player_view(player).bpm, 1000, 0);
  assert_ok(rs_roll_init(&phrase, NULL, 5, RS_PLANE_NONE));
  assert_true(rs_player_prime(player, &phrase));
  assert_int_equal(phrase.frames, 0);
  wait_until(player, rs_player_view(player).frame + 8);
  rs_player_stop(player);
  rs_player_finish(player);
  assert_int_equal(source.heard, 5);
  rs_player_free(player);
  rs_sink_free(sink);
}

/* Who asks for what it has no room for gets nothing of it: the music goes on. */
static void too_many_commands_are_refused_whole(void **state) {
  const RsPlayerSettings settings = stage_settings(2000);
  Chords source = chords();
  RsSink *sink = NULL;
  RsPlayer *player = NULL;
  RsRoll phrase;
  assert_ok(rs_sink_null_new(&sink));
  assert_ok(rs_roll_init(&phrase, NULL, 5, RS_PLANE_NONE));
  assert_ok(rs_player_new(&settings, &source.source, sink, rs_clock_monotonic(), &player, NULL));
  for (int i = 0; rs_player_command(player, command_of(RS_PLAYER_TEMPO, 2000)); ++i) {
    assert_true(i < 1000);
  }
  assert_false(rs_player_command(player, command_of(RS_PLAYER_SEED, 24)));
  assert_false(rs_player_prime(player, &phrase));
  assert_int_equal(phrase.frames, 5);
  rs_roll_clear(&phrase);
  assert_ok(rs_player_start(player));
  wait_until(player, 9);
  assert_true(rs_player_playing(player));
  rs_player_free(player);
  rs_sink_free(sink);
}

static void where_nothing_was_played_no_time_has_passed(void **state) {
  const RsPlayerSettings settings = stage_settings(120);
  Chords source = chords();
  RsSink *sink = NULL;
  RsPlayer *player = NULL;
  assert_ok(rs_sink_null_new(&sink));
  assert_ok(rs_player_new(&settings, &source.source, sink, rs_clock_monotonic(), &player, NULL));
  rs_player_stop(player);
  assert_ok(rs_player_start(player));
  assert_int_equal(rs_player_finish(player), RS_ERR_STOPPED);
  assert_close(rs_player_stats(player).seconds, 0, 0);
  rs_player_free(player);
  rs_sink_free(sink);
}

static void the_first_note_comes_soon_and_all_come_in_time(void **state) {
  RsPlayerSettings settings = stage_settings(600);
  settings.frames = 80;
  Chords source = chords();
  RsClock *clock = rs_clock_monotonic();
  RsSink *sink = NULL;
  RsPlayer *player = NULL;
  size_t count = 0;
  Machine machine;
  machine_watch(&machine);
  const int64_t start = clock->now(clock);
  assert_ok(rs_sink_record_new(clock, 4096, &sink));
  assert_ok(rs_player_new(&settings, &source.source, sink, clock, &player, NULL));
  assert_ok(rs_player_start(player));
  assert_ok(rs_player_finish(player));
  const RsRecorded *all = rs_sink_recorded(sink, &count);
  const RsPlayerStats stats = rs_player_stats(player);
  const int64_t first = all[0].sent - start;
  machine_unwatch(&machine);
  assert_int_equal(stats.frames, 80);
  assert_int_equal(stats.events, count);
  assert_close(stats.seconds, 2, 1e-9);
  rs_player_free(player);
  rs_sink_free(sink);
  if (!machine_is_punctual(&machine)) {
    skip();
  }
  assert_true(first < 300 * RS_MILLISECOND);
  assert_int_equal(stats.missed, 0);
  assert_true(stats.lateness_p50 < 10);
}

/* ---- What is seen and told of it ---- */

/* A sink that takes three milliseconds, and a source that works for five a frame. */
static long leeway; // Of the thread that sends, nanoseconds

static RsStatus send_late(RsSink *sink, int64_t due, const RsMessage *messages, size_t count) {
  sink->delivered = due + 3 * RS_MILLISECOND;
#ifdef __linux__
  leeway = prctl(PR_GET_TIMERSLACK, 0UL, 0UL, 0UL, 0UL);
#endif
  return RS_OK;
}

static int64_t worked(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * RS_SECOND + time.tv_nsec;
}

static RsStatus work_hard(RsFrameSource *source, RsSourceFrame *frame) {
  const int64_t start = worked();
  while (worked() - start < 5 * RS_MILLISECOND) {
  }
  return chords_next(source, frame);
}

static void its_view_and_its_account_are_true(void **state) {
  RsPlayerSettings settings = stage_settings(600);
  settings.frames = 20;
  Chords source = chords();
  source.source.next = work_hard;
  RsClock *clock = rs_clock_monotonic();
  RsSink *sink = NULL;
  RsPlayer *player = NULL;
  uint64_t sum = 0;
  const int64_t start = clock->now(clock);
  assert_ok(rs_sink_null_new(&sink));
  sink->send = send_late;
  sink->lookahead = 300 * RS_MILLISECOND; // So late no machine is
  assert_ok(rs_player_new(&settings, &source.source, sink, clock, &player, NULL));
  assert_false(rs_player_view(player).running);
  assert_ok(rs_player_start(player));
  wait_until(player, 5);
  assert_true(rs_player_view(player).running);
  assert_close(rs_player_view(player).lateness_ms, 3, 1e-9);
  assert_true(rs_player_command(player, command_of(RS_PLAYER_PAUSE, 1)));
  while (rs_player_view(player).running) {
    clock->sleep_until(clock, clock->now(clock) + RS_MILLISECOND);
  }
  assert_true(rs_player_command(player, command_of(RS_PLAYER_PAUSE, 0)));
  assert_ok(rs_player_finish(player));
  const RsPlayerStats stats = rs_player_stats(player);
  for (int i = 0; i < RS_LATENESS_CLASSES; ++i) {
    sum += stats.lateness_counts[i];
  }
  assert_int_equal(stats.lateness_counts[5], sum); // Up to 5 ms
  assert_close(stats.lateness_p50, 3, 0.11);
  assert_close(stats.lookahead, 300, 0);
  assert_true(stats.generator_load * stats.seconds >= 0.005 * (double)source.frame);
  assert_true(stats.first_due > start && stats.first_due < clock->now(clock));
#ifdef __linux__
  assert_true(leeway <= 1);
#endif
  rs_player_free(player);
  rs_sink_free(sink);
}

static void whoever_frees_it_while_it_plays_stops_it(void **state) {
  const RsPlayerSettings settings = stage_settings(600);
  Chords source = chords();
  RsSink *sink = NULL;
  RsPlayer *player = NULL;
  size_t count = 0;
  assert_ok(rs_sink_record_new(rs_clock_monotonic(), 4096, &sink));
  assert_ok(rs_player_new(&settings, &source.source, sink, rs_clock_monotonic(), &player, NULL));
  assert_ok(rs_player_start(player));
  wait_until(player, 3);
  rs_player_free(player);
  const RsRecorded *all = rs_sink_recorded(sink, &count);
  assert_int_equal(open_notes(all, count), 0);
  rs_sink_free(sink);
}

static void what_cannot_be_played_is_refused(void **state) {
  RsSink *sink = NULL;
  Chords source = chords();
  RsError error;
  RsPlayer *player = NULL;
  RsPlayerSettings wrong[8];
  assert_ok(rs_sink_null_new(&sink));
  for (int i = 0; i < 8; ++i) {
    wrong[i] = stage_settings(120);
  }
  wrong[0].bpm = 0;
  wrong[1].channel = 17;
  wrong[2].program = 128;
  wrong[3].frames_per_beat = 0;
  wrong[4].channel = 0;
  wrong[5].frames_per_beat = 40000;
  wrong[6].frames_per_beat = 0;
  wrong[6].frame_ms = 0.5;
  wrong[7].bpm = 60001;
  for (int i = 0; i < 8; ++i) {
    assert_int_equal(
        rs_player_new(&wrong[i], &source.source, sink, rs_clock_monotonic(), &player, &error),
        RS_ERR_SETTING);
    assert_null(player);
  }
  RsPlayerSettings score = stage_settings(3.576); // The slowest that a MIDI file can say
  score.score_bpm = score.bpm;
  assert_ok(rs_player_new(&score, &source.source, sink, rs_clock_monotonic(), &player, &error));
  assert_close(rs_player_view(player).bpm, 4, 0);
  rs_player_free(player);
  rs_sink_free(sink);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      in_folder(what_is_played_is_what_is_written),
      cmocka_unit_test(stopped_by_any_signal_in_the_middle_of_chords_it_is_silent),
      cmocka_unit_test(commands_reach_source_and_output),
      cmocka_unit_test(too_many_commands_are_refused_whole),
      cmocka_unit_test(where_nothing_was_played_no_time_has_passed),
      cmocka_unit_test(the_first_note_comes_soon_and_all_come_in_time),
      cmocka_unit_test(its_view_and_its_account_are_true),
      cmocka_unit_test(whoever_frees_it_while_it_plays_stops_it),
      cmocka_unit_test(what_cannot_be_played_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
