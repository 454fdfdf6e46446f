/* SPDX-License-Identifier: ISC */

#include "../music/midi_maker.h"
#include "output_stage.h"

#include <rollsmith/score_source.h>

/* A MIDI file of 96 ticks a quarter note, played by a clock that stands until it is moved. */
typedef struct {
  RsSimulatedClock clock;
  RsSink *sink;
  RsFrameSource *source;
  RsOutput output;
} Stage;

static const int64_t beginning = 5 * RS_SECOND;

/* Two melodies and a drum, a program and a pedal; 120 beats a minute, 60 from the second one on */
static const uint8_t conductor[] = {0,    0xff, 0x51, 3, 0x07, 0xa1, 0x20, // 500000
                                    0x60, 0xff, 0x51, 3, 0x0f, 0x42, 0x40, // 1000000
                                    0,    0xff, 0x2f, 0};
static const uint8_t melody[] = {0,    0xc1, 40,                            //
                                 0,    0x91, 60, 100, 0x30, 0x81, 60,   33, // An eighth
                                 0x31, 0x91, 62, 90,  0x2f, 0x81, 62,   0,  //
                                 0,    0xb1, 64, 127, 0,    0xff, 0x2f, 0};
static const uint8_t drum[] = {0x60, 0x99, 36, 80, 0x60, 0x89, 36, 0, 0, 0xff, 0x2f, 0};

static Stage *enter_file(const Midi *midi, const RsScoreSettings *how, double bpm) {
  Stage *stage = calloc(1, sizeof(*stage));
  RsPlayerSettings settings = stage_settings(bpm);
  assert_ok(rs_frame_source_score(midi->data, midi->size, how, &settings.frames_per_beat,
                                  &settings.score_bpm, &stage->source));
  assert_int_equal(settings.frames_per_beat, 96);
  assert_close(settings.score_bpm, 120, 0);
  open_output(&settings, beginning, 1 << 12, &stage->clock, &stage->sink, &stage->output);
  return stage;
}

static Stage *enter(const RsScoreSettings *how, double bpm, bool overlapping) {
  static const uint8_t overlap[] = {0,  0x90, 50,   70,   0x30, 0x90, 50, 71,   0x30, 0x80,
                                    50, 0,    0x30, 0x80, 50,   0,    0,  0xff, 0x2f, 0};
  Midi *midi = calloc(1, sizeof(*midi));
  midi_header(midi, 1, 4, 96);
  midi_track(midi, conductor, sizeof(conductor));
  midi_track(midi, melody, sizeof(melody));
  midi_track(midi, drum, sizeof(drum));
  if (overlapping) {
    midi_track(midi, overlap, sizeof(overlap));
  }
  Stage *stage = enter_file(midi, how, bpm);
  free(midi);
  return stage;
}

static void leave(Stage *stage) {
  close_output(stage->sink, &stage->output);
  rs_frame_source_free(stage->source);
  free(stage);
}

static void play_until(Stage *stage, int64_t time) {
  RsClock *clock = &stage->clock.clock;
  while (stage->output.state != RS_OUTPUT_DONE && clock->now(clock) < time) {
    while (rs_ring_count(&stage->output.shared.frames) < 8) {
      RsQueuedFrame queued = {.status = RS_OK};
      queued.status = stage->source->next(stage->source, &queued.frame);
      rs_ring_push(&stage->output.shared.frames, &queued);
    }
    const int64_t next = rs_output_step(&stage->output, clock->now(clock));
    clock->sleep_until(clock, next < time ? next : time);
  }
}

static void command(Stage *stage, RsPlayerControl control, double value) {
  const RsQueuedCommand queued = {command_of(control, value), 0, stage->clock.time};
  assert_true(rs_ring_push(&stage->output.shared.commands, &queued));
}

static const RsScoreSettings as_it_stands = {.program = -1};

/* When a message was due, in microseconds since the first; -1: never. */
static long when(const Stage *stage, int status, int first, int second) {
  size_t count = 0;
  const RsRecorded *all = rs_sink_recorded(stage->sink, &count);
  for (size_t i = 0; i < count; ++i) {
    const uint8_t *bytes = all[i].message.bytes;
    if (bytes[0] == status && bytes[1] == first && bytes[2] == second) {
      return (long)((all[i].due - stage->output.first_due) / 1000);
    }
  }
  return -1;
}

/* A clock within a note-on, a velocity above 127, and a controller above 127, which there is none
 * of. */
static void what_is_damaged_is_played_as_it_is_read(void **state) {
  static const uint8_t damaged[] = {0,    0x90, 60, 0xf8, 70, 0,  62, 200, 0,    0xb0, 0xfb, 0,
                                    0x60, 0x80, 60, 0,    0,  62, 0,  0,   0xff, 0x2f, 0};
  Midi midi = {.size = 0};
  size_t count = 0;
  midi_header(&midi, 0, 1, 96);
  midi_track(&midi, damaged, sizeof(damaged));
  Stage *stage = enter_file(&midi, &as_it_stands, 120);
  play_until(stage, INT64_MAX);
  assert_int_equal(when(stage, 0x90, 60, 70), 0);
  assert_int_equal(when(stage, 0x90, 62, 127), 0);
  assert_int_equal(when(stage, 0x80, 60, 0), 500000);
  assert_int_equal(when(stage, 0x80, 62, 0), 500000);
  rs_sink_recorded(stage->sink, &count);
  assert_int_equal(count, 4 + 3); /* channel 1 is silenced */
  leave(stage);
}

static void a_file_is_played_in_all_its_tempi_and_channels(void **state) {
  Stage *stage = enter(&as_it_stands, 120, false);
  size_t count = 0;
  play_until(stage, INT64_MAX);
  assert_int_equal(stage->output.status, RS_OK);
  assert_int_equal(when(stage, 0xc1, 40, 0), 0);
  assert_int_equal(when(stage, 0x91, 60, 100), 0);
  assert_int_equal(when(stage, 0x81, 60, 33), 250000);
  assert_int_equal(when(stage, 0x99, 36, 80), 500000);
  assert_int_equal(when(stage, 0x91, 62, 90), 500000 + 10416); // A tick later, which is longer now
  assert_int_equal(when(stage, 0x81, 62, 0), 1000000);
  assert_int_equal(when(stage, 0xb1, 64, 127), 1000000);
  assert_int_equal(when(stage, 0x89, 36, 0), 1500000);
  const RsRecorded *all = rs_sink_recorded(stage->sink, &count);
  assert_int_equal(open_notes(all, count), 0);
  assert_int_equal(count, 8 + 3 * 3); // Channels 1, 2 and 10 are silenced
  leave(stage);
}

/* All notes, controllers, programs, and the rest of what a channel knows, on two channels. */
static void each_message_of_a_file_is_sent_as_it_stands(void **state) {
  enum { VALUES = 128, CONTROLLERS = 120, MOST = 2 * 7 * VALUES };
  static RsMessage sent[MOST];
  static uint8_t events[4 * MOST + 4];
  size_t messages = 0, size = 0, count = 0;
  for (uint8_t channel = 3; channel < 5; ++channel) {
    for (int value = 0; value < VALUES; ++value) {
      const uint8_t v = (uint8_t)value, other = (uint8_t)((5 * value + 1) % VALUES);
      const RsMessage all[] = {{3, {(uint8_t)(0xb0 | channel), v, other}},
                               {2, {(uint8_t)(0xc0 | channel), v}},
                               {3, {(uint8_t)(0xe0 | channel), other, v}},
                               {2, {(uint8_t)(0xd0 | channel), v}},
                               {3, {(uint8_t)(0x90 | channel), v, (uint8_t)(other + !other)}},
                               {3, {(uint8_t)(0xa0 | channel), v, other}},
                               {3, {(uint8_t)(0x80 | channel), v, other}}};
      for (size_t i = value >= CONTROLLERS; i < sizeof all / sizeof *all; ++i) {
        sent[messages++] = all[i];
        events[size++] = 1; /* tick */
        memcpy(events + size, all[i].bytes, all[i].size);
        size += all[i].size;
      }
    }
  }
  const uint8_t end[] = {0, 0xff, 0x2f, 0};
  memcpy(events + size, end, sizeof end);
  Midi *midi = calloc(1, sizeof(*midi));
  midi_header(midi, 0, 1, 96);
  midi_track(midi, events, size + sizeof end);
  Stage *stage = enter_file(midi, &as_it_stands, 120);
  play_until(stage, INT64_MAX);
  const RsRecorded *all = rs_sink_recorded(stage->sink, &count);
  assert_int_equal(count, messages + 3 * 3); // Channels 1, 4 and 5 are silenced
  for (size_t i = 0; i < messages; ++i) {
    assert_int_equal(all[i].message.size, sent[i].size);
    assert_memory_equal(all[i].message.bytes, sent[i].bytes, sent[i].size);
  }
  leave(stage);
  free(midi);
}

static void another_tempo_changes_all_in_proportion(void **state) {
  Stage *stage = enter(&as_it_stands, 240, false);
  play_until(stage, INT64_MAX);
  assert_int_equal(when(stage, 0x99, 36, 80), 250000);
  assert_int_equal(when(stage, 0x89, 36, 0), 750000);
  leave(stage);
  stage = enter(&as_it_stands, 120, false);
  play_until(stage, beginning + RS_SECOND / 10);
  command(stage, RS_PLAYER_TEMPO, 60);
  play_until(stage, INT64_MAX);
  assert_int_equal(when(stage, 0x89, 36, 0) - when(stage, 0x99, 36, 80), 2000000);
  leave(stage);
}

/* In the middle of a note, what follows keeps its distance. */
static void a_pause_and_a_tempo_begin_where_they_are_asked_for(void **state) {
  Stage *stage = enter(&as_it_stands, 120, false);
  play_until(stage, beginning + 100 * RS_MILLISECOND); // Of 250, up to the end of the first note
  command(stage, RS_PLAYER_PAUSE, 1);
  play_until(stage, beginning + 5 * RS_SECOND);
  command(stage, RS_PLAYER_PAUSE, 0);
  play_until(stage, INT64_MAX);
  assert_in_range(when(stage, 0x99, 36, 80), 5390000, 5410000);
  leave(stage);
  stage = enter(&as_it_stands, 120, false);
  play_until(stage, beginning + 200 * RS_MILLISECOND);
  command(stage, RS_PLAYER_TEMPO, 60);
  play_until(stage, INT64_MAX);
  assert_in_range(when(stage, 0x99, 36, 80), 790000, 805000);
  leave(stage);
}

static void channel_program_and_length_can_be_chosen(void **state) {
  const RsScoreSettings how = {.channel = 5, .program = 7, .quarters = 1};
  Stage *stage = enter(&how, 120, false);
  play_until(stage, INT64_MAX);
  assert_int_equal(when(stage, 0xc4, 7, 0), 0);
  assert_int_equal(when(stage, 0xc4, 40, 0), -1);
  assert_int_equal(when(stage, 0x94, 60, 100), 0);
  assert_int_equal(when(stage, 0x94, 62, 90), -1);
  assert_int_equal(when(stage, 0x99, 36, 80), -1);
  assert_int_equal(when(stage, 0x94, 36, 80), -1); // Drums are nothing elsewhere
  assert_int_equal(stage->output.sender.last_due - stage->output.first_due, RS_SECOND / 2);
  leave(stage);
  const RsScoreSettings all = {.program = 7};
  stage = enter(&all, 120, false);
  play_until(stage, INT64_MAX);
  assert_int_equal(when(stage, 0xc1, 7, 0), 0);
  assert_int_equal(when(stage, 0xc9, 7, 0), -1);
  leave(stage);
}

static void loop_for(double quarters, int64_t length, size_t times) {
  const RsScoreSettings how = {.program = -1, .loop = true, .quarters = quarters};
  Stage *stage = enter(&how, 120, false);
  size_t count = 0, begun = 0;
  play_until(stage, beginning + 15 * RS_SECOND + RS_MILLISECOND * 10);
  const RsRecorded *all = rs_sink_recorded(stage->sink, &count);
  for (size_t i = 0; i < count; ++i) {
    if (all[i].message.bytes[0] == 0x91 && all[i].message.bytes[1] == 60) {
      assert_int_equal(all[i].due - stage->output.first_due, (int64_t)begun * length);
      ++begun;
    }
  }
  assert_int_equal(begun, times);
  leave(stage);
}

static void a_loop_has_the_length_of_the_file_or_that_which_was_chosen(void **state) {
  loop_for(0, 1500000000, 11);
  loop_for(1.75, 1250000000, 13); // With some silence at its end
}

/* Not so a note that goes on past the place where the loop begins again. */
static void what_sounds_at_the_end_of_a_loop_ends_there(void **state) {
  const RsScoreSettings how = {.program = -1, .loop = true, .quarters = 1.25};
  Stage *stage = enter(&how, 120, false); // The drum would sound from 1 to 2
  play_until(stage, beginning + 700 * RS_MILLISECOND);
  assert_true(rs_frame_has(&stage->output.sender.active.notes[9], 36));
  play_until(stage, beginning + 900 * RS_MILLISECOND);
  assert_false(rs_frame_has(&stage->output.sender.active.notes[9], 36));
  play_until(stage, beginning + 1400 * RS_MILLISECOND);
  assert_true(rs_frame_has(&stage->output.sender.active.notes[9], 36));
  leave(stage);
}

static void what_began_in_held_bars_ends_with_them(void **state) {
  const RsScoreSettings how = {.program = -1, .loop = true};
  Stage *stage = enter(&how, 120, false);
  play_until(stage, beginning + 1510 * RS_MILLISECOND); // It has just begun again
  command(stage, RS_PLAYER_HOLD, 192);
  play_until(stage, beginning + 2600 * RS_MILLISECOND); // In the middle of the drum, once more
  assert_true(rs_frame_has(&stage->output.sender.active.notes[9], 36));
  command(stage, RS_PLAYER_HOLD, 0);
  play_until(stage, beginning + 3100 * RS_MILLISECOND); // Which is not where it went on
  assert_false(rs_frame_has(&stage->output.sender.active.notes[9], 36));
  leave(stage);
}

static void whatever_is_changed_no_note_is_left(void **state) {
  const RsScoreSettings how = {.program = -1, .loop = true};
  static const struct {
    RsPlayerControl control;
    double value;
  } commands[] = {{RS_PLAYER_TRANSPOSE, 5}, {RS_PLAYER_MUTE, 1},       {RS_PLAYER_MUTE, 0},
                  {RS_PLAYER_HOLD, 150},    {RS_PLAYER_TRANSPOSE, 90}, {RS_PLAYER_HOLD, 0},
                  {RS_PLAYER_PAUSE, 1},     {RS_PLAYER_PAUSE, 0},      {RS_PLAYER_PANIC, 0}};
  for (int i = 0; i < 100; ++i) {
    Stage *stage = enter(&how, 120, true);
    size_t count = 0;
    for (int k = 0; k < 20; ++k) {
      play_until(stage, stage->clock.time + (i * 7919 + k * 104729) % 400 * RS_MILLISECOND);
      command(stage, commands[(i + k * 5) % 9].control, commands[(i + k * 5) % 9].value);
    }
    atomic_store(&stage->output.shared.stop, true);
    play_until(stage, INT64_MAX);
    const RsRecorded *all = rs_sink_recorded(stage->sink, &count);
    assert_int_equal(open_notes(all, count), 0);
    leave(stage);
  }
}

static void a_note_that_begins_twice_ends_once(void **state) {
  Stage *stage = enter(&as_it_stands, 120, true);
  size_t count = 0;
  play_until(stage, INT64_MAX);
  const RsRecorded *all = rs_sink_recorded(stage->sink, &count);
  assert_int_equal(count_status(all, count, 0x90), 2);
  assert_int_equal(count_status(all, count, 0x80), 2);
  assert_int_equal(when(stage, 0x80, 50, 0), 250000); // Before it begins again
  assert_int_equal(when(stage, 0x90, 50, 71), 250000);
  leave(stage);
}

static void a_transposition_leaves_drums_alone(void **state) {
  Stage *stage = enter(&as_it_stands, 120, false);
  command(stage, RS_PLAYER_TRANSPOSE, 12);
  play_until(stage, INT64_MAX);
  assert_int_equal(when(stage, 0x91, 72, 100), 0);
  assert_int_equal(when(stage, 0x99, 36, 80), 500000);
  leave(stage);
}

static void what_sounds_is_ended_when_its_own_end_would_miss_it(void **state) {
  Stage *stage = enter(&as_it_stands, 120, false);
  play_until(stage, beginning + RS_SECOND / 10);
  command(stage, RS_PLAYER_TRANSPOSE, 12);
  play_until(stage,
             beginning + 3 * RS_SECOND / 10); // The note ended meanwhile, twelve semitones up
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 0);
  play_until(stage, beginning + 6 * RS_SECOND / 10);
  command(stage, RS_PLAYER_MUTE, 1);
  play_until(stage, beginning + 11 * RS_SECOND / 10); // The drum would end later
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 0);
  leave(stage);
}

static void held_bars_of_a_score_come_again(void **state) {
  Stage *stage = enter(&as_it_stands, 120, false);
  size_t count = 0;
  play_until(stage, beginning + RS_SECOND + 100 * RS_MILLISECOND);
  command(stage, RS_PLAYER_HOLD, 96);
  play_until(stage, beginning + 5 * RS_SECOND);
  const RsRecorded *all = rs_sink_recorded(stage->sink, &count);
  assert_int_equal(stage->output.state, RS_OUTPUT_PLAYING);
  assert_in_range(count_status(all, count, 0x91), 4, 7);
  leave(stage);
  stage = enter(&as_it_stands, 120, false);
  play_until(stage, beginning + RS_SECOND + 100 * RS_MILLISECOND);
  command(stage, RS_PLAYER_HOLD, 48); // The drum began before, and would never end
  play_until(stage, beginning + 5 * RS_SECOND);
  assert_false(rs_frame_has(&stage->output.sender.active.notes[9], 36));
  leave(stage);
}

static void a_score_can_be_rewound_at_any_time(void **state) {
  for (int frames = 0; frames < 9; ++frames) {
    Stage *stage = enter(&as_it_stands, 120, false);
    RsSourceFrame frame;
    size_t ticks = 0;
    for (int i = 0; i < frames; ++i) {
      stage->source->next(stage->source, &frame);
    }
    stage->source->rewind(stage->source);
    assert_ok(stage->source->next(stage->source, &frame));
    assert_true(frame.messages.restart);
    assert_close(frame.messages.bpm, 120, 0);
    assert_int_equal(frame.messages.messages[0].bytes[0], 0xc1);
    for (ticks = frame.messages.length; !stage->source->next(stage->source, &frame);
         ticks += frame.messages.length) {
      assert_false(frame.messages.restart);
    }
    assert_int_equal(ticks, 192);
    leave(stage);
  }
}

static void what_is_no_score_is_refused(void **state) {
  static const uint8_t empty[] = {0, 0xff, 0x2f, 0};
  Midi *midi = calloc(1, sizeof(*midi));
  RsFrameSource *source = NULL;
  unsigned division = 0;
  double bpm = 0;
  midi_header(midi, 0, 1, 96);
  midi_track(midi, empty, sizeof(empty));
  assert_int_equal(
      rs_frame_source_score(midi->data, midi->size, &as_it_stands, &division, &bpm, &source),
      RS_ERR_EMPTY);
  assert_int_equal(rs_frame_source_score("# one\n60\n", 9, &as_it_stands, &division, &bpm, &source),
                   RS_ERR_FORMAT);
  assert_null(source);
  free(midi);
}

static void a_song_of_a_single_moment_ends_and_loops_in_peace(void **state) {
  static const uint8_t moment[] = {0, 0x90, 60, 80, 0, 0x80, 60, 0, 0, 0xff, 0x2f, 0};
  const RsScoreSettings how = {.program = -1, .loop = true};
  Midi *midi = calloc(1, sizeof(*midi));
  RsFrameSource *source = NULL;
  RsSourceFrame frame;
  unsigned division = 0;
  double bpm = 0;
  size_t length = 0;
  midi_header(midi, 0, 1, 96);
  midi_track(midi, moment, sizeof(moment));
  assert_ok(rs_frame_source_score(midi->data, midi->size, &how, &division, &bpm, &source));
  for (int i = 0; i < 10; ++i) {
    assert_ok(source->next(source, &frame));
    length += frame.messages.length;
  }
  assert_true(length >= 5);
  rs_frame_source_free(source);
  free(midi);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_file_is_played_in_all_its_tempi_and_channels),
      cmocka_unit_test(what_is_damaged_is_played_as_it_is_read),
      cmocka_unit_test(each_message_of_a_file_is_sent_as_it_stands),
      cmocka_unit_test(another_tempo_changes_all_in_proportion),
      cmocka_unit_test(a_pause_and_a_tempo_begin_where_they_are_asked_for),
      cmocka_unit_test(channel_program_and_length_can_be_chosen),
      cmocka_unit_test(a_loop_has_the_length_of_the_file_or_that_which_was_chosen),
      cmocka_unit_test(what_sounds_at_the_end_of_a_loop_ends_there),
      cmocka_unit_test(what_began_in_held_bars_ends_with_them),
      cmocka_unit_test(whatever_is_changed_no_note_is_left),
      cmocka_unit_test(a_note_that_begins_twice_ends_once),
      cmocka_unit_test(a_transposition_leaves_drums_alone),
      cmocka_unit_test(what_sounds_is_ended_when_its_own_end_would_miss_it),
      cmocka_unit_test(held_bars_of_a_score_come_again),
      cmocka_unit_test(a_score_can_be_rewound_at_any_time),
      cmocka_unit_test(what_is_no_score_is_refused),
      cmocka_unit_test(a_song_of_a_single_moment_ends_and_loops_in_peace),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
