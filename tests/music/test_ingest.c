/* SPDX-License-Identifier: ISC */

#include "frames.h"
#include "ingested.h"
#include "kit.h"

#include "base/thread_pool.h"

#include <rollsmith/ingest.h>

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Notes ----------------------------------------------------------------------------------- */

static void notes_become_frames(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r = ingest_track(BYTES(1, 0x90, 60, 80, 0, 64, 80, 2, 60, 0, 2, 0x80, 64, 0, END), &s);
  assert_ok(r.status);
  assert_string_equal(row(&r, 60), ".##..");
  assert_string_equal(row(&r, 64), ".####");
  assert_string_equal(r.songs.rolls[0].name, "song");
  assert_int_equal(r.report.counts.kept, 2);
  assert_int_equal(r.report.frames, 5);
  clear(&r);
}

static void times_round_to_the_nearest_frame_halves_upwards(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.frames_per_beat = 2; /* two ticks a frame */
  Result r = ingest_track(BYTES(1, 0x90, 60, 80, 2, 60, 0, END), &s);
  assert_string_equal(row(&r, 60), ".#");
  clear(&r);
}

static void a_note_too_short_gets_a_frame_or_is_dropped(void **state) {
  RsIngest s = rs_ingest_defaults();
  const uint8_t events[] = {1, 0x90, 60, 80, 0, 60, 0, 0, 62, 80, 1, 62, 0, END};
  Result r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 60), ".#");
  clear(&r);
  s.min_frames = 0;
  r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 60), "..");
  assert_int_equal(r.report.counts.dropped, 1);
  clear(&r);
}

static void a_note_ends_where_its_pitch_begins_again(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r = ingest_track(
      BYTES(0, 0x90, 60, 80, 1, 60, 80, 1, 60, 0, 2, 60, 0, 0, 62, 80, 1, 62, 0, END), &s);
  assert_string_equal(row(&r, 60), "##...");
  assert_int_equal(r.report.counts.kept, 3);
  assert_string_equal(r.report.repairs, "");
  clear(&r);
}

static void channels_do_not_end_each_others_notes(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.articulation = false; /* what sounds, whatever begins meanwhile */
  Midi midi = {.size = 0};
  midi_header(&midi, 1, 2, 4);
  midi_track(&midi, BYTES(0, 0x90, 60, 80, 1, 0x91, 60, 80, 1, 0x81, 60, 0, 4, 0x80, 60, 0, END));
  midi_track(&midi, BYTES(1, 0x92, 60, 80, 1, 0x82, 60, 0, END));
  Result r = ingest(&midi, &s);
  assert_string_equal(row(&r, 60), "######");
  clear(&r);
}

static void tracks_are_brought_into_the_order_of_time(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Midi midi = {.size = 0};
  midi_header(&midi, 1, 3, 4);
  midi_track(&midi, BYTES(4, 0x90, 60, 80, 2, 60, 0, END));
  midi_track(&midi, BYTES(2, 0x90, 60, 80, 1, 60, 0, END));
  midi_track(&midi, BYTES(0, 0x90, 60, 80, 1, 60, 0, END));
  Result r = ingest(&midi, &s);
  assert_string_equal(row(&r, 60), "#.#.##");
  clear(&r);
}

static void hanging_notes_end_with_their_track(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r = ingest_track(BYTES(0, 0x90, 60, 80, 3, 0xFF, 0x2F, 0), &s);
  assert_string_equal(row(&r, 60), "###");
  clear(&r);
}

static void all_notes_off_ends_the_notes_of_its_channel(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r =
      ingest_track(BYTES(0, 0x90, 60, 80, 0, 0x91, 64, 80, 2, 0xB0, 123, 0, 2, 0xFF, 0x2F, 0), &s);
  assert_string_equal(row(&r, 60), "##..");
  assert_string_equal(row(&r, 64), "####");
  clear(&r);
}

static void the_pedal_holds_notes_where_asked(void **state) {
  RsIngest s = rs_ingest_defaults();
  const uint8_t events[] = {0, 0xB0, 64, 127, 0,    0x90, 60, 80, 1,    60, 0,  0, 0x91, 62, 80,
                            1, 62,   0,  1,   0xB0, 64,   0,  0,  0x90, 64, 80, 1, 64,   0,  END};
  Result r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 60), "#...");
  clear(&r);
  s.pedal = true;
  r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 60), "###.");
  assert_string_equal(row(&r, 62), ".#..");
  assert_string_equal(row(&r, 64), "...#");
  clear(&r);
}

static void a_pedal_that_stays_down_holds_to_the_end(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.pedal = true;
  Result r = ingest_track(
      BYTES(0, 0xB0, 64, 127, 0, 0x90, 60, 80, 1, 60, 0, 1, 0xB1, 64, 0, 2, 0xFF, 0x2F, 0), &s);
  assert_string_equal(row(&r, 60), "####");
  clear(&r);
}

static void drums_are_left_out_unless_asked_for(void **state) {
  RsIngest s = rs_ingest_defaults();
  const uint8_t events[] = {0, 0x99, 50, 80, 0, 0x90, 60, 80, 1, 60, 0, 0, 0x99, 50, 0, END};
  Result r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 50), ".");
  assert_int_equal(r.report.drums, 1);
  clear(&r);
  s.drums = true;
  r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 50), "#");
  clear(&r);
}

static void soft_notes_are_dropped_below_the_threshold(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.min_velocity = 40;
  Result r = ingest_track(BYTES(0, 0x90, 60, 39, 0, 62, 40, 1, 60, 0, 0, 62, 0, END), &s);
  assert_string_equal(row(&r, 60), ".");
  assert_string_equal(row(&r, 62), "#");
  assert_int_equal(r.report.counts.dropped, 1);
  clear(&r);
}

static void notes_outside_fold_drop_or_refuse(void **state) {
  RsIngest s = rs_ingest_defaults();
  const uint8_t events[] = {0, 0x90, 36, 80, 0, 60, 80, 1, 36, 0, 0, 60, 0, END};
  Result r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 48), "#");
  assert_int_equal(r.report.counts.folded, 1);
  clear(&r);
  s.outside = RS_OUTSIDE_DROP;
  r = ingest_track(events, sizeof events, &s);
  assert_int_equal(r.report.counts.dropped, 1);
  clear(&r);
  s.outside = RS_OUTSIDE_REFUSE;
  r = ingest_track(events, sizeof events, &s);
  assert_int_equal(r.status, RS_ERR_FORMAT);
  assert_string_equal(r.report.error.message, "note 36 is outside the range 48..83");
  assert_int_equal(r.songs.count, 0);
  clear(&r);
}

static void planes_tell_onsets_and_velocities(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.articulation = s.velocity = true;
  /* A note over two others of its pitch: each strike ends at the next. */
  Result r = ingest_track(
      BYTES(0, 0x90, 60, 80, 1, 60, 90, 1, 0x91, 60, 100, 1, 0x81, 60, 0, 2, 0x80, 60, 0, END), &s);
  const RsRoll *roll = &r.songs.rolls[0];
  const int velocities[] = {80, 90, 100}, onsets[] = {1, 1, 1};
  assert_int_equal(roll->frames, 3);
  for (int t = 0; t < 3; ++t) {
    assert_int_equal(roll->velocity[t * RS_NOTES + 60], velocities[t]);
    assert_int_equal(rs_frame_has(&roll->onset[t], 60), onsets[t]);
    assert_frame(roll->on[t], 60);
  }
  clear(&r);
}

static void of_two_notes_that_begin_together_the_longer_is_kept(void **state) {
  RsIngest s = rs_ingest_defaults();
  const uint8_t events[] = {0,  0x90, 60, 90,   0,  0x91, 60, 70, 1, 0x90, 60,   0,    2, 0x91,
                            60, 0,    1,  0x90, 60, 90,   4,  60, 0, 0x00, 0xFF, 0x2F, 0};
  Result r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 60), "###.####");
  clear(&r);
  s.articulation = true;
  r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 60), "###.####");
  clear(&r);
}

static void of_two_notes_that_begin_together_the_louder_is_heard(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.velocity = true;
  Result r = ingest_track(
      BYTES(0, 0x90, 60, 90, 0, 0x91, 60, 70, 1, 0x90, 60, 0, 0, 0x91, 60, 0, END), &s);
  assert_int_equal(r.songs.rolls[0].velocity[60], 90);
  clear(&r);
}

static void a_song_in_minor_is_moved_to_a_minor(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.transpose = RS_TRANSPOSE_COMMON;
  /* E minor: its chord for long, its scale, and the leading note. */
  Result r = ingest_track(BYTES(0, 0x90, 64, 80, 0, 67, 80, 0, 71, 80, 8, 64, 0, 0, 67, 0, 0, 71, 0,
                                0, 66, 80, 1, 66, 0, 0, 69, 80, 1, 69, 0, 0, 72, 80, 1, 72, 0, 0,
                                63, 80, 1, 63, 0, 0, 64, 80, 4, 64, 0, END),
                          &s);
  assert_int_equal(r.report.transposed, 5);
  clear(&r);
}

static void a_song_is_moved_to_the_common_key(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.transpose = RS_TRANSPOSE_COMMON;
  /* D major: D, E, F sharp, G, A, B, C sharp, D. */
  Midi midi = {.size = 0};
  uint8_t events[128];
  size_t size = 0;
  const uint8_t scale[] = {62, 64, 66, 67, 69, 71, 73, 74, 62, 66, 69, 62};
  for (size_t i = 0; i < sizeof scale; ++i) {
    const uint8_t note[] = {0, 0x90, scale[i], 80, 2, scale[i], 0};
    memcpy(events + size, note, sizeof note);
    size += sizeof note;
  }
  const uint8_t end[] = {END};
  memcpy(events + size, end, sizeof end);
  midi_header(&midi, 0, 1, 4);
  midi_track(&midi, events, size + sizeof end);
  Result r = ingest(&midi, &s);
  assert_int_equal(r.report.transposed, -2);
  assert_int_equal(r.songs.rolls[0].to_common, -2);
  assert_frame(r.songs.rolls[0].on[0], 60);
  clear(&r);
  s.transpose_semitones = 5;
  r = ingest(&midi, &s);
  assert_int_equal(r.report.transposed, 3);
  assert_int_equal(r.songs.rolls[0].to_common, -2);
  clear(&r);
}

/* By at most five semitones down and six up. */
static void every_key_is_moved_by_the_shorter_way(void **state) {
  static const uint8_t scale[] = {0, 2, 4, 5, 7, 9, 11, 12, 0, 4, 7, 0};
  RsIngest s = rs_ingest_defaults();
  s.transpose = RS_TRANSPOSE_COMMON;
  for (uint8_t key = 0; key < 12; ++key) {
    uint8_t events[7 * sizeof scale + 4];
    for (size_t i = 0; i < sizeof scale; ++i) {
      const uint8_t pitch = (uint8_t)(60 + key + scale[i]);
      const uint8_t note[] = {0, 0x90, pitch, 80, 2, pitch, 0};
      memcpy(events + 7 * i, note, sizeof note);
    }
    memcpy(events + 7 * sizeof scale, (const uint8_t[]){END}, 4);
    Result r = ingest_track(events, sizeof events, &s);
    assert_int_equal(r.report.transposed, key < 6 ? -key : 12 - key);
    clear(&r);
  }
}

/* They have no pitch. */
static void drums_have_no_say_in_the_key(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.transpose = RS_TRANSPOSE_COMMON;
  s.drums = true;
  /* G major, and drums at the notes of E flat major. */
  Result r =
      ingest_track(BYTES(0, 0x90, 67, 80, 8, 67, 0, 0, 69, 80, 4, 69, 0, 0, 71, 80, 6, 71, 0, 0, 72,
                         80, 4, 72, 0, 0, 74, 80, 6, 74, 0, 0, 76, 80, 4, 76, 0, 0, 78, 80, 4, 78,
                         0, 0, 67, 80, 8, 67, 0, 0, 0x99, 63, 80, 60, 63, 0, 0, 67, 80, 20, 67, 0,
                         0, 70, 80, 40, 70, 0, 0, 65, 80, 20, 65, 0, 0, 68, 80, 20, 68, 0, END),
                   &s);
  assert_int_equal(r.report.transposed, 5);
  clear(&r);
}

/* ---- Time ------------------------------------------------------------------------------------ */

static void frames_of_time_follow_the_tempo_map(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.frame_ms = 250;
  /* 60 a minute for a quarter, then 120: the second track holds the tempo. */
  Midi midi = {.size = 0};
  midi_header(&midi, 1, 2, 4);
  midi_track(&midi, BYTES(0, 0x90, 60, 80, 4, 60, 0, 0, 62, 80, 4, 62, 0, END));
  midi_track(&midi,
             BYTES(0, 0xFF, 0x51, 3, 0x0F, 0x42, 0x40, 4, 0xFF, 0x51, 3, 0x07, 0xA1, 0x20, END));
  Result r = ingest(&midi, &s);
  assert_string_equal(row(&r, 60), "####..");
  assert_string_equal(row(&r, 62), "....##");
  assert_close(r.songs.rolls[0].bpm, 60, 1e-9);
  assert_int_equal(r.songs.rolls[0].frames_per_beat, 0);
  assert_close(rs_roll_frames_per_quarter(&r.songs.rolls[0]), 4, 1e-9);
  clear(&r);
}

/* Of times whose quotients by a frame are just below a half, as they are rounded, too. */
static void halves_of_frames_of_time_round_upwards(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.frame_ms = 50;
  Midi midi = {.size = 0};
  midi_header(&midi, 1, 1, 480);                                      /* 48 ticks a frame */
  midi_track(&midi, BYTES(0x8C, 0x78, 0x90, 60, 80, 48, 60, 0, END)); /* at tick 34.5 * 48 */
  Result r = ingest(&midi, &s);
  assert_string_equal(row(&r, 60), "...................................#");
  clear(&r);
}

static void a_long_tempo_map_is_the_sum_of_its_parts(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.frame_ms = 1000;
  enum { CHANGES = 600, SIZE = 7 * CHANGES + 32 };
  uint8_t *events = calloc(SIZE, 1);
  size_t size = 0;
  /* A tempo a quarter note: half a second and a second in turn. */
  for (int i = 0; i < CHANGES; ++i) {
    const uint8_t tempo[] = {
        4, 0xFF, 0x51, 3, i % 2 ? 0x0F : 0x07, i % 2 ? 0x42 : 0xA1, i % 2 ? 0x40 : 0x20};
    memcpy(events + size, tempo, sizeof tempo);
    size += sizeof tempo;
  }
  const uint8_t tail[] = {0, 0x90, 60, 80, 8, 60, 0, END};
  memcpy(events + size, tail, sizeof tail);
  s.max_silence = 0;
  Result r = ingest_track(events, size + sizeof tail, &s);
  /* The first quarter and the 300 tempos of the first kind take 0.5 s each, 299 of the second 1 s.
   */
  assert_ok(r.status);
  assert_int_equal(r.report.frames, (size_t)(301 * 0.5 + 299 + 2 + 0.5));
  clear(&r);
  free(events);
}

static void tempo_and_meter_are_those_at_the_first_note(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r = ingest_track(BYTES(0, 0xFF, 0x58, 4, 3, 3, 24, 8, 0, 0xFF, 0x51, 3, 0x0A, 0x2C, 0x2B,
                                4, 0x90, 60, 80, 1, 60, 0, END),
                          &s);
  assert_int_equal(r.songs.rolls[0].meter_beats, 3);
  assert_int_equal(r.songs.rolls[0].meter_unit, 8);
  assert_close(r.songs.rolls[0].bpm, 90, 1e-3);
  assert_int_equal(r.songs.rolls[0].frames_per_beat, 4);
  clear(&r);
}

static void ticks_of_time_take_half_a_second_for_a_beat(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Midi midi = {.size = 0};
  midi_header(&midi, 1, 1, 0xE728); /* 25 pictures of 40 ticks: 125 ticks a frame */
  /* A tempo has no say in it. */
  midi_track(&midi,
             BYTES(0, 0xFF, 0x51, 3, 0x0A, 0x2C, 0x2B, 0, 0x90, 60, 80, 0x81, 0x7A, 60, 0, END));
  Result r = ingest(&midi, &s);
  assert_string_equal(row(&r, 60), "##");
  assert_close(r.songs.rolls[0].bpm, 120, 1e-9);
  clear(&r);
  midi = (Midi){.size = 0};
  midi_header(&midi, 1, 1, 0xE328); /* 30 pictures of 40 ticks in 1.001 s: 149.85 ticks a frame */
  midi_track(&midi, BYTES(0, 0x90, 60, 80, 0x84, 0xC9, 0x78, 60, 0, END)); /* 75,000 ticks */
  r = ingest(&midi, &s);
  assert_int_equal(r.report.frames, 501);
  clear(&r);
}

static void the_first_frame_is_as_asked(void **state) {
  RsIngest s = rs_ingest_defaults();
  const uint8_t events[] = {2, 0x90, 60, 80, 1, 60, 0, END};
  const struct {
    RsStart start;
    const char *row;
  } cases[] = {{RS_START_KEEP, "..#"}, {RS_START_TRIM, "#"}, {RS_START_DROP_FIRST, ".#"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    s.start = cases[i].start;
    Result r = ingest_track(events, sizeof events, &s);
    assert_string_equal(row(&r, 60), cases[i].row);
    clear(&r);
  }
  s.articulation = true; /* a note in the frame that is dropped has no onset in the next */
  Result r = ingest_track(BYTES(0, 0x90, 60, 80, 1, 60, 0, 0, 62, 80, 1, 62, 0, END), &s);
  assert_string_equal(row(&r, 62), "#");
  assert_frame(r.songs.rolls[0].onset[0], 62);
  clear(&r);
}

static void a_silence_too_long_is_cut_and_told(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.max_silence = 3;
  const uint8_t events[] = {0,    0x90, 60, 80, 1, 60, 0, 0xFF, 0xFF,
                            0xFF, 0x7F, 62, 80, 1, 62, 0, END};
  Result r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 60), "#....");
  assert_string_equal(row(&r, 62), "....#");
  assert_string_equal(r.report.repairs, "silences of more than 3 frames cut by 268435452 frames");
  clear(&r);
  s.max_silence = 0;
  r = ingest_track(events, sizeof events, &s);
  assert_int_equal(r.status, RS_ERR_FORMAT);
  assert_string_equal(r.report.error.message,
                      "has 268435457 frames, more than the 1048576 that are read");
  clear(&r);
}

/* ---- Files ----------------------------------------------------------------------------------- */

static void format_2_holds_several_songs(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Midi midi = {.size = 0};
  midi_header(&midi, 2, 3, 4);
  midi_track(&midi, BYTES(0, 0x90, 60, 80, 1, 60, 0, END));
  midi_track(&midi, BYTES(END));
  midi_track(&midi, BYTES(0, 0x90, 62, 80, 2, 62, 0, END));
  Result r = ingest(&midi, &s);
  assert_int_equal(r.songs.count, 2);
  assert_string_equal(r.songs.rolls[1].name, "song-3");
  assert_int_equal(r.songs.rolls[1].frames, 2);
  assert_int_equal(r.report.error.status, RS_OK);
  clear(&r);
}

static void a_file_without_notes_says_why(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r = ingest_track(BYTES(END), &s);
  assert_int_equal(r.status, RS_ERR_EMPTY);
  assert_string_equal(r.report.error.message, "holds no notes");
  clear(&r);
  r = ingest_track(BYTES(0, 0x99, 60, 80, 1, 60, 0, END), &s);
  assert_string_equal(r.report.error.message, "holds nothing but drums");
  clear(&r);
}

static void a_text_is_a_song_by_its_content(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.articulation = s.velocity = true;
  s.transpose_semitones = 12;
  RsSongs songs = {0};
  RsIngestReport report;
  const char text[] = "# one\n60 36\n60\n-\n#\n61\n";
  assert_ok(rs_ingest_memory(text, strlen(text), "a.mid", &s, &songs, &report));
  assert_int_equal(songs.count, 2);
  assert_frame(songs.rolls[0].on[0], 48, 72);
  assert_frame(songs.rolls[0].onset[0], 48, 72);
  assert_frame(songs.rolls[0].on[1], 72);
  assert_memory_equal(&songs.rolls[0].onset[1], &SILENCE, sizeof SILENCE);
  assert_int_equal(songs.rolls[0].velocity[72], 64);
  assert_string_equal(songs.rolls[1].name, "a-2");
  assert_int_equal(report.counts.kept, 3);
  rs_songs_clear(&songs);
  rs_ingest_report_clear(&report);
}

static void settings_out_of_range_are_named(void **state) {
  RsError error;
  RsIngest s = rs_ingest_defaults();
  assert_ok(rs_ingest_check(&s, &error));
  s.low = 90;
  assert_int_equal(rs_ingest_check(&s, &error), RS_ERR_SETTING);
  assert_string_equal(error.message, "high = 83: must be 90 to 127");
  s = rs_ingest_defaults();
  s.frames_per_beat = 0;
  assert_int_equal(rs_ingest_check(&s, &error), RS_ERR_SETTING);
  s = rs_ingest_defaults();
  s.frame_ms = NAN;
  assert_int_equal(rs_ingest_check(&s, &error), RS_ERR_SETTING);
}

static void a_report_fits_one_line(void **state) {
  RsIngestReport report = {
      .path = (char *)"a.mid", .songs = 1, .frames = 8, .notes = 9, .drums = 1};
  report.counts = (RsRollCounts){7, 2, 1};
  char line[256];
  const size_t length = rs_ingest_report_line(&report, line, sizeof line);
  assert_string_equal(line,
                      "a.mid: 1 song, 8 frames, 7 notes kept (2 folded), 1 dropped, 1 drum note "
                      "left out");
  assert_int_equal(length, strlen(line));
  rs_error(&report.error, RS_ERR_FORMAT, "a.mid, line 2: is no frame");
  strcpy(report.repairs, "mended");
  rs_ingest_report_line(&report, line, sizeof line);
  assert_string_equal(line, "a.mid: refused: line 2: is no frame; mended");
  assert_int_equal(rs_ingest_report_line(&report, line, 10),
                   strlen("a.mid: refused: line 2: is no frame; mended"));
  assert_string_equal(line, "a.mid: re");
}

/* ---- Folders --------------------------------------------------------------------------------- */

static void write_file(const char *folder, const char *name, const void *data, size_t size) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(data, 1, size, file), size);
  fclose(file);
}

/* A folder of songs, noise, a loop, a pipe and a link to nowhere. */
static void make_folder(char *folder) {
  Midi midi = {.size = 0};
  midi_header(&midi, 0, 1, 4);
  midi_track(&midi, BYTES(0, 0x90, 60, 80, 1, 60, 0, END));
  assert_non_null(mkdtemp(folder));
  char path[512], to[512];
  snprintf(path, sizeof path, "%s/b", folder);
  assert_int_equal(mkdir(path, 0700), 0);
  write_file(folder, "c.MID", midi.data, midi.size);
  write_file(folder, "B.kar", midi.data, midi.size);
  write_file(folder, "b/z.roll", "60\n", 3);
  write_file(folder, "notes.txt", "x", 1);
  write_file(folder, "damaged.mid", "x", 1);
  snprintf(to, sizeof to, "%s/b/loop", folder);
  assert_int_equal(symlink(folder, to), 0);
  snprintf(to, sizeof to, "%s/lost.mid", folder);
  assert_int_equal(symlink("/nowhere", to), 0);
  snprintf(to, sizeof to, "%s/pipe.mid", folder);
  assert_int_equal(mkfifo(to, 0600), 0);
}

static void remove_folder(const char *folder) {
  const char *const names[] = {"c.MID",  "B.kar",    "b/z.roll", "notes.txt", "damaged.mid",
                               "b/loop", "lost.mid", "pipe.mid", "b",         ""};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    assert_int_equal(remove(path), 0);
  }
}

static void a_folder_is_searched_through_in_order(void **state) {
  char folder[] = "/tmp/rollsmith-test-XXXXXX";
  make_folder(folder);
  RsIngest s = rs_ingest_defaults();
  s.duplicates = true; /* the songs are one note each */
  const char *const paths[] = {folder};
  const char *const expected[] = {"B.kar", "b/z.roll", "c.MID", "damaged.mid", "lost.mid"};
  RsSongs songs = {0};
  RsIngestReports reports;
  assert_ok(rs_ingest_paths(paths, 1, &s, NULL, NULL, NULL, &songs, &reports, NULL));
  assert_int_equal(reports.count, 5);
  for (size_t i = 0; i < 5; ++i) {
    assert_string_equal(reports.files[i].path + strlen(folder) + 1, expected[i]);
  }
  assert_int_equal(songs.count, 3);
  assert_string_equal(songs.rolls[1].name, "z");
  size_t refused = 0;
  const RsIngestReport sum = rs_ingest_sum(&reports, &refused);
  assert_int_equal(refused, 2);
  assert_int_equal(reports.files[4].error.status, RS_ERR_READ);
  assert_int_equal(sum.frames, 3);
  rs_songs_clear(&songs);
  rs_ingest_reports_clear(&reports);
  remove_folder(folder);
}

static void a_file_named_outright_is_judged_by_its_content(void **state) {
  char folder[] = "/tmp/rollsmith-test-XXXXXX", text[512], pipe[512];
  make_folder(folder);
  snprintf(text, sizeof text, "%s/notes.txt", folder);
  snprintf(pipe, sizeof pipe, "%s/pipe.mid", folder);
  write_file(folder, "notes.txt", "60\n", 3);
  const RsIngest s = rs_ingest_defaults();
  const char *const paths[] = {text, pipe, "/nowhere.mid"};
  RsSongs songs = {0};
  RsIngestReports reports;
  assert_ok(rs_ingest_paths(paths, 3, &s, NULL, NULL, NULL, &songs, &reports, NULL));
  assert_int_equal(songs.count, 1);
  assert_int_equal(reports.files[1].error.status, RS_ERR_READ);
  assert_int_equal(reports.files[2].error.status, RS_ERR_READ);
  rs_songs_clear(&songs);
  rs_ingest_reports_clear(&reports);
  remove_folder(folder);
}

static void no_song_at_all_is_an_error(void **state) {
  const RsIngest s = rs_ingest_defaults();
  const char *const paths[] = {"/nowhere.mid"};
  RsSongs songs = {0};
  RsIngestReports reports;
  RsError error;
  assert_int_equal(rs_ingest_paths(paths, 1, &s, NULL, NULL, NULL, &songs, &reports, &error),
                   RS_ERR_EMPTY);
  assert_int_equal(reports.count, 1);
  rs_ingest_reports_clear(&reports);
  assert_int_equal(rs_ingest_paths(paths, 0, &s, NULL, NULL, NULL, &songs, &reports, &error),
                   RS_ERR_EMPTY);
  rs_ingest_reports_clear(&reports);
}

static bool stop_at_two(void *context, const RsIngestReport *file, size_t done, size_t files) {
  assert_non_null(file->path);
  assert_int_equal(file->error.status, RS_OK);
  *(size_t *)context = done;
  return done < 2;
}

static void progress_can_stop_it(void **state) {
  char folder[] = "/tmp/rollsmith-test-XXXXXX";
  make_folder(folder);
  const RsIngest s = rs_ingest_defaults();
  const char *const paths[] = {folder};
  RsSongs songs = {0};
  RsIngestReports reports;
  size_t done = 0;
  assert_int_equal(rs_ingest_paths(paths, 1, &s, NULL, stop_at_two, &done, &songs, &reports, NULL),
                   RS_ERR_STOPPED);
  assert_int_equal(done, 2);
  assert_non_null(reports.files[1].path);
  assert_null(reports.files[2].path);
  assert_int_equal(songs.count, 0);
  rs_ingest_reports_clear(&reports);
  remove_folder(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(notes_become_frames),
      cmocka_unit_test(times_round_to_the_nearest_frame_halves_upwards),
      cmocka_unit_test(a_note_too_short_gets_a_frame_or_is_dropped),
      cmocka_unit_test(a_note_ends_where_its_pitch_begins_again),
      cmocka_unit_test(channels_do_not_end_each_others_notes),
      cmocka_unit_test(tracks_are_brought_into_the_order_of_time),
      cmocka_unit_test(hanging_notes_end_with_their_track),
      cmocka_unit_test(all_notes_off_ends_the_notes_of_its_channel),
      cmocka_unit_test(the_pedal_holds_notes_where_asked),
      cmocka_unit_test(a_pedal_that_stays_down_holds_to_the_end),
      cmocka_unit_test(drums_are_left_out_unless_asked_for),
      cmocka_unit_test(soft_notes_are_dropped_below_the_threshold),
      cmocka_unit_test(notes_outside_fold_drop_or_refuse),
      cmocka_unit_test(planes_tell_onsets_and_velocities),
      cmocka_unit_test(of_two_notes_that_begin_together_the_longer_is_kept),
      cmocka_unit_test(of_two_notes_that_begin_together_the_louder_is_heard),
      cmocka_unit_test(a_song_in_minor_is_moved_to_a_minor),
      cmocka_unit_test(a_song_is_moved_to_the_common_key),
      cmocka_unit_test(every_key_is_moved_by_the_shorter_way),
      cmocka_unit_test(drums_have_no_say_in_the_key),
      cmocka_unit_test(frames_of_time_follow_the_tempo_map),
      cmocka_unit_test(halves_of_frames_of_time_round_upwards),
      cmocka_unit_test(a_long_tempo_map_is_the_sum_of_its_parts),
      cmocka_unit_test(tempo_and_meter_are_those_at_the_first_note),
      cmocka_unit_test(ticks_of_time_take_half_a_second_for_a_beat),
      cmocka_unit_test(the_first_frame_is_as_asked),
      cmocka_unit_test(a_silence_too_long_is_cut_and_told),
      cmocka_unit_test(format_2_holds_several_songs),
      cmocka_unit_test(a_file_without_notes_says_why),
      cmocka_unit_test(a_text_is_a_song_by_its_content),
      cmocka_unit_test(settings_out_of_range_are_named),
      cmocka_unit_test(a_report_fits_one_line),
      cmocka_unit_test(a_folder_is_searched_through_in_order),
      cmocka_unit_test(a_file_named_outright_is_judged_by_its_content),
      cmocka_unit_test(no_song_at_all_is_an_error),
      cmocka_unit_test(progress_can_stop_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
