#include "kit.h"
#include "midi_maker.h"

#include "music/events.h"
#include "music/midi_file.h"
#include "music/notes.h"
#include "music/scan.h"

#include <string.h>

#define END 0, 0xFF, 0x2F, 0

/* What the scanner and libsmf make of a file's first song. */
typedef struct {
  RsScan scan;
  RsMidiSong song;
  RsNotes notes;
  RsRepairs repairs;
  RsError error;
} Read;

static RsStatus read_midi(const uint8_t *data, size_t size, Read *read) {
  *read = (Read){.notes = {NULL, 0}};
  RsStatus st = rs_scan(data, size, &read->scan, &read->repairs, &read->error);
  if (!st && read->scan.count) {
    st = rs_midi_song_read(&read->scan.songs[0], &read->song, &read->error);
    st = st ? st : rs_notes_pair(&read->song, &read->notes);
  }
  return st;
}

static void clear(Read *read) {
  rs_scan_clear(&read->scan);
  rs_midi_song_clear(&read->song);
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

static void a_padded_delta_is_read_and_one_too_long_is_a_damage(void **state) {
  Read r = read_track(BYTES(0x80, 0x80, 0x80, 0x80, 5, 0x90, 60, 80, END));
  assert_int_equal(r.notes.notes[0].on, 5);
  clear(&r);
  r = read_track(BYTES(0x81, 0x80, 0x80, 0x80, 5, 0x90, 60, 80, END));
  assert_int_equal(r.notes.count, 0);
  assert_non_null(strstr(r.repairs.text, "28 bits"));
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
  assert_non_null(strstr(r.repairs.text, "runs over"));
  clear(&r);
}

static void a_gap_longer_than_a_delta_is_bridged(void **state) {
  /* What lies between the notes is left out: 3 x 2^28 - 3 ticks. */
  Read r = read_track(BYTES(0xFF, 0xFF, 0xFF, 0x7F, 0xB0, 1, 1, 0xFF, 0xFF, 0xFF, 0x7F, 0xB0, 1, 1,
                            0xFF, 0xFF, 0xFF, 0x7F, 0x90, 60, 80, END));
  assert_int_equal(r.notes.notes[0].on, 3u * 0x0FFFFFFF);
  clear(&r);
}

static void the_events_of_a_long_track_go_through_many_files(void **state) {
  enum { NOTES = 1000 };
  uint8_t *events = calloc(NOTES + 1, 8);
  size_t size = 0;
  for (int i = 0; i < NOTES; ++i) {
    memcpy(events + size,
           (const uint8_t[]){1, 0x90, (uint8_t)(i % 128), 80, 1, (uint8_t)(i % 128), 0}, 7);
    size += 7;
  }
  memcpy(events + size, (const uint8_t[]){0, 0xFF, 0x2F, 0}, 4);
  Read r = read_track(events, size + 4);
  assert_int_equal(r.notes.count, NOTES);
  assert_true(r.scan.songs[0].notes.count > 5);
  for (uint32_t i = 0; i < NOTES; ++i) {
    assert_int_equal(r.notes.notes[i].on, 2 * i + 1);
    assert_int_equal(r.notes.notes[i].off, 2 * i + 2);
  }
  clear(&r);
  free(events);
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
  assert_string_equal(r.repairs.text, "3 bytes after the last track left out");
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
  assert_close(r.song.ticks_per_beat, 480, 0);
  assert_non_null(strstr(r.repairs.text, "480"));
  assert_non_null(strstr(r.repairs.text, "format 9"));
  clear(&r);
}

static void what_is_no_midi_file_is_refused(void **state) {
  Read r;
  const uint8_t noise[] = "RIFFxxxxWAVEdata    ";
  assert_int_equal(read_midi(noise, sizeof noise, &r), RS_ERR_FORMAT);
  clear(&r);
  assert_int_equal(read_midi(noise, RS_MIDI_SIZE_MAX + 1, &r), RS_ERR_FORMAT);
  assert_non_null(strstr(r.error.message, "bytes"));
  clear(&r);
}

static void tempos_of_nothing_are_left_out(void **state) {
  Read r = read_track(BYTES(0, 0xFF, 0x51, 3, 0, 0, 0, 0, 0xFF, 0x51, 1, 9, 0, 0xFF, 0x58, 2, 0, 2,
                            0, 0x90, 60, 80, END));
  assert_int_equal(r.song.tempo_count, 1);
  assert_close(r.song.tempos[0].tick_seconds, 0.5 / 96, 1e-12);
  assert_int_equal(r.song.tempos[0].meter_beats, 4);
  assert_string_equal(r.repairs.text,
                      "a tempo of nothing left out; a tempo of nothing left out; an "
                      "impossible time signature left out");
  clear(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(running_status_lasts_across_meta_and_exclusive_events),
      cmocka_unit_test(long_texts_lose_nothing),
      cmocka_unit_test(data_above_127_are_taken_for_127),
      cmocka_unit_test(a_padded_delta_is_read_and_one_too_long_is_a_damage),
      cmocka_unit_test(a_time_beyond_31_bits_is_a_damage),
      cmocka_unit_test(a_gap_longer_than_a_delta_is_bridged),
      cmocka_unit_test(the_events_of_a_long_track_go_through_many_files),
      cmocka_unit_test(any_cut_keeps_the_whole_events_before_it),
      cmocka_unit_test(foreign_chunks_are_passed_over),
      cmocka_unit_test(more_tracks_than_declared_are_read),
      cmocka_unit_test(a_riff_file_is_looked_into),
      cmocka_unit_test(a_long_header_and_a_wrong_one_are_read),
      cmocka_unit_test(a_division_of_nothing_is_mended_and_told),
      cmocka_unit_test(what_is_no_midi_file_is_refused),
      cmocka_unit_test(tempos_of_nothing_are_left_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
