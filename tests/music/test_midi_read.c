/* SPDX-License-Identifier: ISC */

#include "kit.h"
#include "midi_maker.h"

#include "music/notes.h"

#include <string.h>

#define END 0, 0xFF, 0x2F, 0

/* A file, and the notes of its first song. */
typedef struct {
  RsMidiFile file;
  RsNotes notes;
  RsRepairs repairs;
  RsError error;
} Read;

static RsStatus read_midi(const uint8_t *data, size_t size, Read *read) {
  *read = (Read){.notes = {NULL, 0}};
  RsStatus st = rs_midi_read(data, size, &read->file, &read->repairs, &read->error);
  if (!st && read->file.count) {
    st = rs_notes_pair(&read->file.songs[0], RS_PAIRING_CHANNEL, &read->notes);
  }
  return st;
}

static void clear(Read *read) {
  rs_midi_clear(&read->file);
  free(read->notes.notes);
}

static Read read_track(const uint8_t *events, size_t size) {
  Midi midi = {.size = 0};
  Read read;
  midi_header(&midi, 1, 1, 96);
  midi_track(&midi, events, size);
  assert_ok(read_midi(midi.data, midi.size, &read));
  return read;
}

/* ---- Events ---------------------------------------------------------------------------------- */

static void running_status_lasts_across_meta_and_exclusive_events(void **state) {
  Read r = read_track(BYTES(0, 0x90, 60, 80, 0, 0xFF, 1, 1, 'x', 0, 62, 80, 0, 0xF0, 2, 1, 0xF7, 0,
                            64, 80, 0, 0xF7, 1, 5, 0, 65, 80, END));
  assert_int_equal(r.notes.count, 4);
  assert_string_equal(r.repairs.text, "");
  clear(&r);
}

static void long_texts_lose_nothing(void **state) {
  uint8_t events[600] = {0, 0xFF, 1, 0x84, 0x00}; /* 512 bytes of text */
  const uint8_t tail[] = {0, 0x90, 60, 80, END};
  memcpy(events + 5 + 512, tail, sizeof tail);
  Read r = read_track(events, 5 + 512 + sizeof tail);
  assert_int_equal(r.notes.count, 1);
  clear(&r);
}

static void data_above_127_are_taken_for_127(void **state) {
  Read r = read_track(BYTES(0, 0x90, 60, 0xF0, 4, 0x80, 60, 0, 0, 0x90, 200, 80, 4, 200, 0, END));
  assert_int_equal(r.notes.count, 2);
  assert_int_equal(r.notes.notes[0].velocity, 127);
  assert_int_equal(r.notes.notes[1].pitch, 127);
  assert_int_equal(r.notes.notes[1].off, 8);
  clear(&r);
}

static void a_controller_above_127_ends_no_notes(void **state) {
  Read r = read_track(BYTES(0, 0x90, 60, 80, 4, 0xB0, 0xFB, 0, 4, 0x80, 60, 0, END));
  assert_int_equal(r.notes.notes[0].off, 8);
  clear(&r);
}

static void a_padded_delta_is_read_and_one_too_long_is_a_damage(void **state) {
  Read r = read_track(BYTES(0x80, 0x80, 0x80, 0x80, 5, 0x90, 60, 80, END));
  assert_int_equal(r.notes.notes[0].on, 5);
  clear(&r);
  r = read_track(BYTES(0x81, 0x80, 0x80, 0x80, 5, 0x90, 60, 80, END));
  assert_int_equal(r.notes.count, 0);
  assert_string_equal(r.repairs.text,
                      "track 1 kept up to byte 0 of 12: a number has more than 28 bits");
  clear(&r);
}

static void a_time_beyond_31_bits_is_a_damage(void **state) {
  uint8_t events[9 * 7];
  for (int i = 0; i < 9; ++i) {
    memcpy(events + 7 * i, (const uint8_t[]){0xFF, 0xFF, 0xFF, 0x7F, 0x90, 60, 80}, 7);
  }
  Read r = read_track(events, sizeof events);
  assert_int_equal(r.notes.count, 8);
  assert_int_equal(r.notes.notes[7].on, 8u * 0x0FFFFFFF);
  assert_string_equal(r.repairs.text, "track 1 kept up to byte 56 of 63: its time runs over");
  clear(&r);
}

static void gaps_add_up_to_more_than_a_delta(void **state) {
  /* 3 x 2^28 - 3 ticks. */
  Read r = read_track(BYTES(0xFF, 0xFF, 0xFF, 0x7F, 0xB0, 1, 1, 0xFF, 0xFF, 0xFF, 0x7F, 0xB0, 1, 1,
                            0xFF, 0xFF, 0xFF, 0x7F, 0x90, 60, 80, END));
  assert_int_equal(r.notes.notes[0].on, 3u * 0x0FFFFFFF);
  clear(&r);
}

static void a_note_lasts_until_another_track_ends_it(void **state) {
  Midi midi = {.size = 0};
  Read r;
  midi_header(&midi, 1, 2, 96);
  midi_track(&midi, BYTES(0, 0x90, 60, 80, 20, 0x90, 62, 80, 20, 0x80, 62, 0, END));
  midi_track(&midi, BYTES(10, 0x80, 60, 0, 40, 0xFF, 0x2F, 0));
  assert_ok(read_midi(midi.data, midi.size, &r));
  const RsMidiSong *song = &r.file.songs[0];
  const uint32_t ticks[] = {0, 10, 20, 40, 40, 50};
  const uint16_t tracks[] = {0, 1, 0, 0, 0, 1};
  assert_int_equal(song->event_count, 6);
  for (size_t i = 0; i < 6; ++i) {
    assert_int_equal(song->events[i].tick, ticks[i]);
    assert_int_equal(song->events[i].track, tracks[i]);
    assert_int_equal(rs_midi_is_meta(&song->events[i], RS_META_END_OF_TRACK), i >= 4);
  }
  assert_int_equal(r.notes.notes[0].off, 10);
  assert_int_equal(r.notes.notes[1].off, 40);
  clear(&r);
}

static void all_events_of_channels_are_read_and_exclusives_are_counted(void **state) {
  Read r = read_track(BYTES(0, 0xC3, 5, 1, 0xE3, 1, 64, 1, 0xF0, 2, 1, 0xF7, 1, 0xD3, 9, 1, 0xA3,
                            60, 7, 1, 0xFF, 1, 1, 'x', END));
  const RsMidiSong *song = &r.file.songs[0];
  const uint8_t statuses[] = {0xC3, 0xE3, 0xD3, 0xA3, 0xFF};
  const uint8_t sizes[] = {1, 2, 1, 2, 0};
  assert_int_equal(song->event_count, 5);
  for (size_t i = 0; i < 5; ++i) {
    assert_int_equal(song->events[i].status, statuses[i]);
    assert_int_equal(song->events[i].size, sizes[i]);
  }
  assert_int_equal(song->exclusives, 1);
  clear(&r);
}

/* A tempo, a meter, both at once, and each of them alone in another track. */
static void tempos_and_meters_of_all_tracks_are_in_one_map(void **state) {
  Midi midi = {.size = 0};
  Read r;
  midi_header(&midi, 1, 2, 100);
  midi_track(&midi, BYTES(0, 0xFF, 0x51, 3, 0x0F, 0x42, 0x40, 100, 0xFF, 0x58, 4, 3, 3, 36, 8, 0,
                          0xFF, 0x51, 3, 0x07, 0xA1, 0x20, END));
  midi_track(&midi, BYTES(50, 0xFF, 0x58, 2, 6, 3, 100, 0xFF, 0x51, 3, 0x0F, 0x42, 0x40, END));
  assert_ok(read_midi(midi.data, midi.size, &r));
  static const RsTempo expected[] = {{0, 0, 0.01, 4, 4, true},
                                     {50, 0.5, 0.01, 6, 8, true},
                                     {100, 1, 0.005, 3, 8, true},
                                     {150, 1.25, 0.01, 3, 8, false}};
  const RsMidiSong *song = &r.file.songs[0];
  assert_int_equal(song->tempo_count, 4);
  for (size_t i = 0; i < 4; ++i) {
    assert_int_equal(song->tempos[i].tick, expected[i].tick);
    assert_close(song->tempos[i].seconds, expected[i].seconds, 1e-12);
    assert_close(song->tempos[i].tick_seconds, expected[i].tick_seconds, 1e-12);
    assert_int_equal(song->tempos[i].meter_beats, expected[i].meter_beats);
    assert_int_equal(song->tempos[i].meter_unit, expected[i].meter_unit);
    assert_int_equal(song->tempos[i].meter_begins, expected[i].meter_begins);
  }
  clear(&r);
}

static void any_cut_keeps_the_whole_events_before_it(void **state) {
  Midi midi = {.size = 0};
  midi_header(&midi, 0, 1, 96);
  midi_track(&midi, BYTES(0, 0x90, 60, 80, 0, 62, 80, 0x81, 0, 60, 0, 0, 62, 0, END));
  for (size_t size = 0; size <= midi.size; ++size) {
    uint8_t *exact = malloc(size + !size); /* so that a sanitizer sees a byte too far */
    memcpy(exact, midi.data, size);
    Read r;
    const RsStatus st = read_midi(exact, size, &r);
    assert_int_equal(st, size < 8 ? RS_ERR_FORMAT : RS_OK);
    assert_int_equal(r.notes.count, (size >= 22 + 4) + (size >= 22 + 7));
    clear(&r);
    free(exact);
  }
}

/* ---- Chunks ---------------------------------------------------------------------------------- */

static void foreign_chunks_are_passed_over(void **state) {
  Midi midi = {.size = 0};
  Read r;
  midi_header(&midi, 1, 1, 96);
  midi_put(&midi, BYTES('X', 'Y', 'Z', ' ', 0, 0, 0, 3, 1, 2, 3));
  midi_track(&midi, BYTES(0, 0x90, 60, 80, END));
  midi_put(&midi, BYTES('X', 'Y', 'Z', ' ', 0, 0, 0, 3, 1, 2, 3));
  assert_ok(read_midi(midi.data, midi.size, &r));
  assert_int_equal(r.notes.count, 1);
  assert_string_equal(r.repairs.text, "");
  clear(&r);
}

static void more_tracks_than_declared_are_read(void **state) {
  Midi midi = {.size = 0};
  Read r;
  midi_header(&midi, 1, 1, 96);
  midi_track(&midi, BYTES(0, 0x90, 60, 80, END));
  midi_track(&midi, BYTES(0, 0x90, 62, 80, END));
  midi_put(&midi, BYTES(1, 2, 3));
  assert_ok(read_midi(midi.data, midi.size, &r));
  assert_int_equal(r.notes.count, 2);
  assert_string_equal(r.repairs.text,
                      "3 bytes after the last track left out; the header counts 1 track, found 2");
  clear(&r);
}

static void a_riff_file_is_looked_into(void **state) {
  Midi midi = {.size = 0};
  Read r;
  midi_put(&midi, BYTES('R', 'I', 'F', 'F', 60, 0, 0, 0, 'R', 'M', 'I', 'D'));
  midi_put(&midi, BYTES('D', 'I', 'S', 'P', 3, 0, 0, 0, 1, 2, 3, 0));
  midi_put(&midi, BYTES('d', 'a', 't', 'a', 30, 0, 0, 0));
  midi_header(&midi, 0, 1, 96);
  midi_track(&midi, BYTES(0, 0x90, 60, 80, END));
  assert_ok(read_midi(midi.data, midi.size, &r));
  assert_int_equal(r.notes.count, 1);
  clear(&r);
}

static void a_long_header_and_a_wrong_one_are_read(void **state) {
  const uint8_t lengths[] = {10, 200, 0};
  for (size_t i = 0; i < sizeof lengths; ++i) {
    Midi midi = {.size = 0};
    Read r;
    midi_header(&midi, 1, 1, 96);
    midi.data[7] = lengths[i];
    if (lengths[i] == 10) {
      midi_put(&midi, BYTES(9, 9, 9, 9));
    }
    midi_track(&midi, BYTES(0, 0x90, 60, 80, END));
    assert_ok(read_midi(midi.data, midi.size, &r));
    assert_int_equal(r.notes.count, 1);
    clear(&r);
  }
}

static void a_division_of_nothing_is_mended_and_told(void **state) {
  Midi midi = {.size = 0};
  Read r;
  midi_header(&midi, 9, 1, 0);
  midi_track(&midi, BYTES(0, 0x90, 60, 80, END));
  assert_ok(read_midi(midi.data, midi.size, &r));
  assert_close(r.file.songs[0].ticks_per_beat, 480, 0);
  assert_string_equal(r.repairs.text, "format 9: read as 1; no ticks a quarter note: taken as 480");
  clear(&r);
}

static void what_is_no_midi_file_is_refused(void **state) {
  Read r;
  const uint8_t noise[] = "RIFFxxxxWAVEdata    ";
  assert_int_equal(read_midi(noise, sizeof noise, &r), RS_ERR_FORMAT);
  clear(&r);
  assert_int_equal(read_midi(noise, RS_MIDI_SIZE_MAX + 1, &r), RS_ERR_FORMAT);
  assert_string_equal(r.error.message, "has 16777217 bytes, more than the 16777216 that are read");
  clear(&r);
}

static void tempos_of_nothing_are_left_out(void **state) {
  Read r = read_track(BYTES(0, 0xFF, 0x51, 3, 0, 0, 0, 0, 0xFF, 0x51, 1, 9, 0, 0xFF, 0x58, 2, 0, 2,
                            0, 0x90, 60, 80, END));
  assert_int_equal(r.file.songs[0].tempo_count, 1);
  assert_close(r.file.songs[0].tempos[0].tick_seconds, 0.5 / 96, 1e-12);
  assert_int_equal(r.file.songs[0].tempos[0].meter_beats, 4);
  assert_string_equal(r.repairs.text,
                      "a tempo of nothing left out; a tempo of nothing left out; an "
                      "impossible time signature left out");
  clear(&r);
}

static void a_time_signature_of_up_to_64ths_is_possible(void **state) {
  for (uint8_t power = 0; power <= 8; ++power) {
    Read r = read_track(BYTES(0, 0xFF, 0x58, 2, 3, power, 0, 0x90, 60, 80, END));
    const bool possible = power <= 6;
    assert_int_equal(r.file.songs[0].tempos[0].meter_beats, possible ? 3 : 4);
    assert_int_equal(r.file.songs[0].tempos[0].meter_unit, possible ? 1 << power : 4);
    assert_string_equal(r.repairs.text, possible ? "" : "an impossible time signature left out");
    clear(&r);
  }
}

/* 7 flats to 7 sharps, major or minor, in two bytes. */
static void an_impossible_key_signature_is_told(void **state) {
  static const struct {
    uint8_t size, data[3];
    bool possible;
  } cases[] = {{2, {7, 0}, true},     {2, {8, 0}, false},    {2, {9, 0}, false},
               {2, {0xF9, 1}, true},  {2, {0xF8, 1}, false}, {2, {0, 2}, false},
               {2, {0x7F, 0}, false}, {1, {0}, false},       {0, {0}, false},
               {3, {1, 1, 0}, true}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    Midi track = {.size = 0};
    midi_put(&track, BYTES(0, 0xFF, 0x59, cases[i].size));
    midi_put(&track, cases[i].data, cases[i].size);
    midi_put(&track, BYTES(0, 0x90, 60, 80, END));
    Read r = read_track(track.data, track.size);
    assert_string_equal(r.repairs.text,
                        cases[i].possible ? "" : "an impossible key signature left out");
    assert_false(r.repairs.lossy);
    clear(&r);
  }
}

/* A track of one event again and again, each with its status. */
static RsStatus read_repeated(const uint8_t *event, size_t size, size_t times, Read *read) {
  Midi midi = {.size = 0};
  midi_header(&midi, 1, 1, 96);
  const size_t length = size * times, all = midi.size + 8 + length;
  uint8_t *data = malloc(all), *at = data + midi.size;
  memcpy(data, midi.data, midi.size);
  memcpy(at,
         (const uint8_t[]){'M', 'T', 'r', 'k', (uint8_t)(length >> 24), (uint8_t)(length >> 16),
                           (uint8_t)(length >> 8), (uint8_t)length},
         8);
  for (size_t i = 0; i < times; ++i) {
    memcpy(at + 8 + size * i, event, size);
  }
  const RsStatus status = read_midi(data, all, read);
  free(data);
  return status;
}

static void assert_counted(const uint8_t *event, size_t size) {
  Read r;
  assert_int_equal(read_repeated(event, size, RS_EVENTS_MAX + 1, &r), RS_ERR_FORMAT);
  assert_string_equal(r.error.message, "has more than 1000000 events in a song");
  clear(&r);
}

static void songs_of_too_many_events_are_refused(void **state) {
  Read r;
  assert_counted(BYTES(0, 0x90, 60, 80));
  assert_counted(BYTES(0, 0x80, 60, 0));
  assert_counted(BYTES(0, 0xB0, 64, 127));
  assert_counted(BYTES(0, 0xFF, 0x51, 3, 7, 0xA1, 0x20));
  assert_counted(BYTES(0, 0xFF, 0x58, 4, 4, 2, 24, 8));
  assert_ok(read_repeated(BYTES(0, 0x80, 60, 0), RS_EVENTS_MAX, &r));
  clear(&r);
  assert_ok(read_repeated(BYTES(0, 0xE0, 0, 64), RS_EVENTS_MAX + 1, &r)); /* a pitch bend */
  clear(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(running_status_lasts_across_meta_and_exclusive_events),
      cmocka_unit_test(long_texts_lose_nothing),
      cmocka_unit_test(data_above_127_are_taken_for_127),
      cmocka_unit_test(a_controller_above_127_ends_no_notes),
      cmocka_unit_test(a_padded_delta_is_read_and_one_too_long_is_a_damage),
      cmocka_unit_test(a_time_beyond_31_bits_is_a_damage),
      cmocka_unit_test(gaps_add_up_to_more_than_a_delta),
      cmocka_unit_test(a_note_lasts_until_another_track_ends_it),
      cmocka_unit_test(all_events_of_channels_are_read_and_exclusives_are_counted),
      cmocka_unit_test(tempos_and_meters_of_all_tracks_are_in_one_map),
      cmocka_unit_test(any_cut_keeps_the_whole_events_before_it),
      cmocka_unit_test(foreign_chunks_are_passed_over),
      cmocka_unit_test(more_tracks_than_declared_are_read),
      cmocka_unit_test(a_riff_file_is_looked_into),
      cmocka_unit_test(a_long_header_and_a_wrong_one_are_read),
      cmocka_unit_test(a_division_of_nothing_is_mended_and_told),
      cmocka_unit_test(what_is_no_midi_file_is_refused),
      cmocka_unit_test(tempos_of_nothing_are_left_out),
      cmocka_unit_test(a_time_signature_of_up_to_64ths_is_possible),
      cmocka_unit_test(an_impossible_key_signature_is_told),
      cmocka_unit_test(songs_of_too_many_events_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
