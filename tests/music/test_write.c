/* SPDX-License-Identifier: ISC */

#include "folder.h"
#include "frames.h"
#include "kit.h"

#include <rollsmith/ingest.h>
#include <rollsmith/midi_write.h>
#include <rollsmith/rng.h>

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>

/* A small song: two frames a quarter note, 3/4 at 90, a held note, a repeated one, silence at the
 * end. */
static void small_song(RsRoll *roll, bool onset) {
  assert_ok(rs_roll_init(roll, "small", 4, onset ? RS_PLANE_ONSET : RS_PLANE_NONE));
  roll->frames_per_beat = 2;
  roll->bpm = 90;
  roll->meter_beats = 3;
  roll->on[0] = FRAME(60);
  roll->on[1] = FRAME(60, 72);
  roll->on[2] = FRAME(60);
  if (onset) {
    roll->onset[0] = FRAME(60);
    roll->onset[1] = FRAME(72);
    roll->onset[2] = FRAME(60);
  }
}

static size_t read_whole(const char *path, uint8_t *buffer, size_t room) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  const size_t n = fread(buffer, 1, room, file);
  fclose(file);
  return n;
}

static void assert_file(const char *path, const uint8_t *expected, size_t size) {
  uint8_t bytes[1000];
  const size_t n = read_whole(path, bytes, sizeof bytes);
  for (size_t i = 0; i < n && i < size; ++i) {
    if (bytes[i] != expected[i]) {
      fail_msg("byte %zu is %02x, not %02x", i, bytes[i], expected[i]);
    }
  }
  assert_int_equal(n, size);
}

/* Every byte, by the Standard MIDI File specification: 240 ticks a frame are the delta time 81 70.
 */
static void a_file_is_as_the_specification_wants_it(void **state) {
  /* clang-format off */
  const uint8_t expected[] = {
      'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, 0, 0, 1, 480 >> 8, 480 & 255,
      'M', 'T', 'r', 'k', 0, 0, 0, 51,
      0, 0xff, 0x03, 5, 's', 'm', 'a', 'l', 'l',
      0, 0xff, 0x51, 3, 0x0a, 0x2c, 0x2b, /* 666,667 us */
      0, 0xff, 0x58, 4, 3, 2, 24, 8,
      0, 0xc1, 40,
      0, 0x91, 60, 70,
      0x81, 0x70, 0x91, 72, 70,
      0x81, 0x70, 0x81, 72, 0,
      0x81, 0x70, 0x81, 60, 0,
      0x81, 0x70, 0xff, 0x2f, 0,
  };
  /* clang-format on */
  RsRoll roll;
  small_song(&roll, false);
  const RsMidiSettings settings = {.channel = 2, .program = 40, .velocity = 70};
  assert_ok(rs_midi_write(&roll, &settings, "a.mid", NULL));
  assert_file("a.mid", expected, sizeof expected);
  rs_roll_clear(&roll);
  unlink("a.mid");
}

static void an_onset_splits_a_held_note(void **state) {
  uint8_t held[1000], split[1000];
  const uint8_t again[] = {0x80, 60, 0, 0, 0x80, 72, 0, 0, 0x90, 60, 70};
  RsRoll roll;
  const RsMidiSettings settings = {.velocity = 70};
  small_song(&roll, false);
  assert_ok(rs_midi_write(&roll, &settings, "held.mid", NULL));
  rs_roll_clear(&roll);
  small_song(&roll, true);
  assert_ok(rs_midi_write(&roll, &settings, "split.mid", NULL));
  rs_roll_clear(&roll);
  const size_t n = read_whole("held.mid", held, sizeof held);
  assert_int_equal(read_whole("split.mid", split, sizeof split), n + 8);
  assert_non_null(memmem(split, n + 8, again, sizeof again));
  assert_null(memmem(held, n, again, sizeof again));
  unlink("held.mid");
  unlink("split.mid");
}

static void the_same_seed_gives_the_same_bytes(void **state) {
  uint8_t one[1000], two[1000];
  RsRoll roll;
  small_song(&roll, false);
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    RsMidiSettings settings = {.seed = seed};
    assert_ok(rs_midi_write(&roll, &settings, "one.mid", NULL));
    const size_t n = read_whole("one.mid", one, sizeof one);
    assert_ok(rs_midi_write(&roll, &settings, "two.mid", NULL));
    assert_int_equal(read_whole("two.mid", two, sizeof two), n);
    assert_memory_equal(one, two, n);
    ++settings.seed;
    assert_ok(rs_midi_write(&roll, &settings, "two.mid", NULL));
    assert_int_equal(read_whole("two.mid", two, sizeof two), n);
    assert_memory_not_equal(one, two, n);
  }
  rs_roll_clear(&roll);
  unlink("one.mid");
  unlink("two.mid");
}

/* 126 letters, then a character of two bytes, which must not be cut in half. */
static void a_long_name_is_cut_between_characters(void **state) {
  char name[200] = "";
  uint8_t bytes[1000];
  RsRoll roll;
  memset(name, 'n', 126);
  memcpy(name + 126, "\xc3\xa4rger", 7);
  small_song(&roll, false);
  const RsMidiSettings settings = {.name = name, .program = -1};
  assert_ok(rs_midi_write(&roll, &settings, "a.mid", NULL));
  read_whole("a.mid", bytes, sizeof bytes);
  assert_int_equal(bytes[25], 126);
  assert_int_equal(bytes[26 + 125], 'n');
  assert_int_equal(bytes[26 + 126], 0);
  rs_roll_clear(&roll);
  unlink("a.mid");
}

static void frames_of_time_have_their_length_at_any_tempo(void **state) {
  uint8_t bytes[1000];
  /* 3 frames of 25 ms at 150 bpm (400 ms a quarter) are 1800 of 9600 ticks: delta time 8e 08. */
  const uint8_t end[] = {0x8e, 0x08, 0x80, 60, 0};
  RsRoll roll;
  small_song(&roll, false);
  roll.frames_per_beat = 0;
  roll.frame_ms = 25;
  roll.on[1] = FRAME(60);
  const RsMidiSettings settings = {.bpm = 150};
  assert_ok(rs_midi_write(&roll, &settings, "a.mid", NULL));
  const size_t n = read_whole("a.mid", bytes, sizeof bytes);
  assert_int_equal(bytes[12] << 8 | bytes[13], 9600);
  assert_non_null(memmem(bytes, n, end, sizeof end));
  rs_roll_clear(&roll);
  unlink("a.mid");
}

/* A random song with every plane, written and read again, by the beat and by time. */
static void assert_round_trip(uint64_t seed, double frame_ms) {
  const RsRng rng = {seed, RS_STREAM_TEST};
  RsRoll roll;
  RsSongs songs = {0};
  RsIngestReport report;
  assert_ok(rs_roll_init(&roll, "song", 200, RS_PLANE_ONSET | RS_PLANE_VELOCITY));
  for (size_t i = 0; i < 3 * roll.frames; ++i) {
    const size_t f = i / 3;
    const uint32_t choice = rs_rng_below(rng, i, 60);
    const int note = (int)choice + 40;
    rs_frame_set(&roll.on[f], note);
    const bool goes_on = f && rs_frame_has(&roll.on[f - 1], note) && choice % 2;
    if (!goes_on) {
      rs_frame_set(&roll.onset[f], note);
    }
    roll.velocity[f * RS_NOTES + (size_t)note] =
        goes_on ? roll.velocity[(f - 1) * RS_NOTES + (size_t)note] : (uint8_t)(1 + choice);
  }
  roll.frames_per_beat = frame_ms > 0 ? 0 : 4;
  roll.frame_ms = frame_ms;
  RsIngest how = rs_ingest_defaults();
  how.low = 0;
  how.high = 127;
  how.articulation = how.velocity = true;
  how.frame_ms = frame_ms;
  assert_ok(rs_midi_write(&roll, &(RsMidiSettings){.bpm = 97}, "a.mid", NULL));
  assert_ok(rs_ingest_file("a.mid", &how, &songs, &report));
  assert_int_equal(songs.count, 1);
  assert_int_equal(songs.rolls[0].frames, roll.frames);
  assert_memory_equal(songs.rolls[0].on, roll.on, roll.frames * sizeof *roll.on);
  assert_memory_equal(songs.rolls[0].onset, roll.onset, roll.frames * sizeof *roll.onset);
  assert_memory_equal(songs.rolls[0].velocity, roll.velocity, roll.frames * RS_NOTES);
  assert_close(songs.rolls[0].bpm, 97, 1e-3);
  rs_ingest_report_clear(&report);
  rs_songs_clear(&songs);
  rs_roll_clear(&roll);
  unlink("a.mid");
}

static void what_is_written_is_read_again(void **state) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    assert_round_trip(seed, 0);
    assert_round_trip(seed, 17.3);
  }
}

static void assert_refused(const RsRoll *roll, RsMidiSettings settings, RsStatus status,
                           const char *message) {
  RsError error = {RS_OK, ""};
  assert_int_equal(rs_midi_write(roll, &settings, "a.mid", &error), status);
  assert_string_equal(error.message, message);
  assert_int_equal(files_here(), 0);
}

static void settings_that_cannot_be_are_refused(void **state) {
  RsRoll roll;
  small_song(&roll, false);
  assert_refused(&roll, (RsMidiSettings){.channel = 17}, RS_ERR_ARGUMENT,
                 "there is no channel 17: 1 to 16");
  assert_refused(&roll, (RsMidiSettings){.program = 128}, RS_ERR_ARGUMENT,
                 "there is no program 128: 0 to 127");
  assert_refused(&roll, (RsMidiSettings){.velocity = 128}, RS_ERR_ARGUMENT,
                 "there is no velocity 128: 1 to 127");
  assert_refused(&roll, (RsMidiSettings){.bpm = 3}, RS_ERR_ARGUMENT,
                 "a tempo of 3 is none: 4 to 60000 quarters a minute");
  assert_refused(&roll, (RsMidiSettings){.key = {true, 8, false}}, RS_ERR_ARGUMENT,
                 "there is no key of 8 sharps: -7 to 7");
  rs_roll_clear(&roll);
  assert_ok(rs_roll_init(&roll, NULL, 0, RS_PLANE_NONE));
  assert_refused(&roll, (RsMidiSettings){0}, RS_ERR_EMPTY, "a song of no frames cannot be written");
  rs_roll_clear(&roll);
}

static void a_song_too_long_for_a_file_is_refused(void **state) {
  RsRoll roll;
  small_song(&roll, false);
  roll.frames = 1118482; /* never read: the limit, 2^28 - 1 ticks of 240, comes first */
  assert_refused(&roll, (RsMidiSettings){0}, RS_ERR_OVERFLOW,
                 "1118482 frames are more than a MIDI file can hold, 1118481");
  roll.frames = 4;
  rs_roll_clear(&roll);
}

/* Enough notes for several buffers of the C library, so that a full disk shows early and late. */
static void a_full_disk_leaves_the_old_file(void **state) {
  enum { FRAMES = 4000 };
  RsRoll roll;
  RsError error = {RS_OK, ""};
  struct rlimit old;
  uint8_t *bytes = malloc(100000);
  const RsMidiSettings settings = {0};
  assert_ok(rs_roll_init(&roll, NULL, FRAMES, RS_PLANE_NONE));
  for (int f = 0; f < FRAMES; f += 2) {
    roll.on[f] = FRAME(60);
  }
  assert_ok(rs_midi_write(&roll, &settings, "a.mid", NULL));
  const size_t size = read_whole("a.mid", bytes, 100000);
  getrlimit(RLIMIT_FSIZE, &old);
  signal(SIGXFSZ, SIG_IGN);
  for (size_t room = 0; room < size; room += size / 7) {
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){room, old.rlim_max});
    const RsStatus st = rs_midi_write(&roll, &settings, "a.mid", &error);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(st, RS_ERR_IO);
    assert_int_equal(read_whole("a.mid", bytes, 100000), size);
    assert_int_equal(files_here(), 1);
  }
  setrlimit(RLIMIT_FSIZE, &(struct rlimit){size - 1, old.rlim_max});
  const RsStatus st = rs_midi_write(&roll, &settings, "a.mid", &error);
  setrlimit(RLIMIT_FSIZE, &old);
  assert_int_equal(st, RS_ERR_IO);
  free(bytes);
  rs_roll_clear(&roll);
  unlink("a.mid");
}

/* What begins a marker or a key signature, and where it stands. */
static size_t meta_at(const uint8_t *bytes, size_t size, uint8_t type, const void *data,
                      uint8_t length, size_t from) {
  uint8_t meta[40] = {0xff, type, length};
  memcpy(meta + 3, data, length);
  const uint8_t *found = memmem(bytes + from, size - from, meta, 3u + length);
  assert_non_null(found);
  return (size_t)(found - bytes);
}

/* Nine bars of 3/4 with a pickup and a change to 2/4: the phrases are A, B, A cut by the change,
   and A. */
static void meta_song(RsRoll *roll) {
  assert_ok(rs_roll_init(roll, "meta", 2 + 9 * 12 + 4 * 8, RS_PLANE_ONSET));
  assert_ok(rs_roll_add_meter(roll, 0, 1, 8));
  assert_ok(rs_roll_add_meter(roll, 2, 3, 4));
  assert_ok(rs_roll_add_meter(roll, 2 + 9 * 12, 2, 4));
  roll->meter_beats = 3;
  for (size_t f = 2; f < roll->frames; ++f) {
    roll->on[f] = FRAME((f - 2) / 48 % 2 ? 60 : 67, 72 + (int)(f / 2 % 3));
    roll->onset[f] = f % 2 ? SILENCE : roll->on[f];
  }
}

static void key_and_phrases_are_told_in_their_places(void **state) {
  RsRoll roll;
  RsSongs songs = {0};
  RsIngestReport report;
  RsIngest how = rs_ingest_defaults();
  uint8_t bytes[4000];
  meta_song(&roll);
  const RsMidiSettings settings = {.velocity = 64, .key = {true, -3, true}, .phrases = true};
  assert_ok(rs_midi_write(&roll, &settings, "a.mid", NULL));
  const size_t size = read_whole("a.mid", bytes, sizeof bytes);
  const uint8_t key[] = {0xfd, 1};
  size_t at = meta_at(bytes, size, 0x59, key, 2, 0);
  at = meta_at(bytes, size, 0x06, "A", 1, at);
  at = meta_at(bytes, size, 0x06, "B", 1, at + 4);
  at = meta_at(bytes, size, 0x06, "A", 1, at + 4);
  at = meta_at(bytes, size, 0x06, "A", 1, at + 4);
  assert_null(memmem(bytes + at + 4, size - at - 4, "\xff\x06", 2));
  how.transpose = RS_TRANSPOSE_NONE;
  how.low = 0;
  how.high = 127;
  assert_ok(rs_ingest_file("a.mid", &how, &songs, &report));
  assert_int_equal(songs.rolls[0].frames, roll.frames);
  assert_memory_equal(songs.rolls[0].on, roll.on, roll.frames * sizeof *roll.on);
  assert_memory_equal(songs.rolls[0].onset, roll.onset, roll.frames * sizeof *roll.onset);
  assert_int_equal(songs.rolls[0].meter_count, 3);
  assert_memory_equal(songs.rolls[0].meters, roll.meters, 3 * sizeof *roll.meters);
  rs_ingest_report_clear(&report);
  rs_songs_clear(&songs);
  rs_roll_clear(&roll);
  unlink("a.mid");
}

/* A beat of 6/8 is three eighths, 36 clocks; one of 2/2 is a half note. */
static void a_meter_clicks_on_its_beats(void **state) {
  static const uint8_t meters[][4] = {{6, 3, 36, 8}, {2, 1, 48, 8}, {5, 2, 24, 8}, {1, 7, 1, 8}};
  uint8_t bytes[1000];
  RsRoll roll;
  small_song(&roll, false);
  for (size_t i = 0; i < sizeof meters / sizeof *meters; ++i) {
    roll.meter_beats = meters[i][0];
    roll.meter_unit = 1u << meters[i][1];
    assert_ok(rs_midi_write(&roll, &(RsMidiSettings){.velocity = 64}, "a.mid", NULL));
    meta_at(bytes, read_whole("a.mid", bytes, sizeof bytes), 0x58, meters[i], 4, 0);
  }
  rs_roll_clear(&roll);
  unlink("a.mid");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      in_folder(a_file_is_as_the_specification_wants_it),
      in_folder(an_onset_splits_a_held_note),
      in_folder(the_same_seed_gives_the_same_bytes),
      in_folder(a_long_name_is_cut_between_characters),
      in_folder(frames_of_time_have_their_length_at_any_tempo),
      in_folder(what_is_written_is_read_again),
      in_folder(key_and_phrases_are_told_in_their_places),
      in_folder(a_meter_clicks_on_its_beats),
      in_folder(settings_that_cannot_be_are_refused),
      in_folder(a_song_too_long_for_a_file_is_refused),
      in_folder(a_full_disk_leaves_the_old_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
