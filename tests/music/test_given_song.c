/* SPDX-License-Identifier: ISC */

/* Songs of which some notes are given, and what is written of them and of generated notes. */

#include "folder.h"
#include "kit.h"
#include "midi_maker.h"

#include "music/given_song.h"

#include <string.h>
#include <unistd.h>

#define END 0, 0xFF, 0x2F, 0

enum { FRAMES = 16 };

/* A file of one track at 4 ticks a quarter note, so that a tick is a frame. */
static void read_track(const uint8_t *events, size_t size, RsGivenSong *song) {
  Midi midi = {.size = 0};
  midi_header(&midi, 0, 1, 4);
  midi_track(&midi, events, size);
  FILE *file = fopen("given.mid", "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(midi.data, 1, midi.size, file), midi.size);
  fclose(file);
  assert_ok(rs_given_song_read("given.mid", song, NULL));
  unlink("given.mid");
}

/* Note 60 in the first half, 62 from frame 6 to frame 8, and 72 to the end. */
static void read_given(RsGivenSong *song) {
  read_track(BYTES(0, 0x90, 60, 80, 6, 62, 81, 2, 60, 0, 0, 62, 0, 0, 72, 82, 8, 72, 0, END), song);
}

/* Add a note to generated ones. */
static void put(RsRoll *roll, int note, size_t first, size_t end) {
  rs_frame_set(&roll->onset[first], note);
  for (size_t f = first; f < end; ++f) {
    rs_frame_set(&roll->on[f], note);
  }
}

/* The notes of a file, by the times at which they begin: "channel pitch first-end", a line each.
   There is a note-off for each, and no other. */
static void assert_notes(const char *path, const char *expected) {
  RsGivenSong song;
  char text[1000] = "";
  assert_ok(rs_given_song_read(path, &song, NULL));
  for (size_t i = 0; i < song.notes.count; ++i) {
    const RsNote *note = &song.notes.notes[i];
    const size_t length = strlen(text);
    snprintf(text + length, sizeof text - length, "%d %d %u-%u\n", note->channel, note->pitch,
             note->on, note->off);
  }
  size_t ends = 0;
  for (size_t i = 0; i < song.song->event_count; ++i) {
    const uint8_t kind = rs_midi_kind(song.song->events[i].status);
    ends += (kind == RS_MIDI_NOTE_OFF || kind == RS_MIDI_NOTE_ON) &&
            !rs_midi_begins_note(&song.song->events[i]);
  }
  assert_int_equal(ends, song.notes.count);
  assert_string_equal(text, expected);
  rs_given_song_clear(&song);
}

/* Write generated notes on a channel, from 1; 0 is the first that is free. */
static void write_with(const RsRoll *roll, unsigned channel) {
  const RsIngest settings = rs_ingest_defaults();
  const RsMidiSettings how = {.program = -1, .channel = channel};
  RsGivenSong song;
  read_given(&song);
  assert_ok(rs_given_song_write(&song, roll, &settings, &how, "out.mid", NULL));
  rs_given_song_clear(&song);
}

static void generated_notes_are_written_beside_the_given_ones(void **state) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, FRAMES, RS_PLANE_ONSET));
  put(&roll, 60, 4, 12);
  put(&roll, 62, 4, 12);
  put(&roll, 61, 4, 12);
  put(&roll, 72, 0, 16);
  write_with(&roll, 0);
  assert_notes("out.mid",
               "0 60 0-8\n1 72 0-16\n1 60 4-12\n1 61 4-12\n1 62 4-12\n0 62 6-8\n0 72 8-16\n");
  unlink("out.mid");
  rs_roll_clear(&roll);
}

/* On a channel of given notes; 64 is none of them. */
static void where_a_given_note_sounds_a_generated_one_is_shortened(void **state) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, FRAMES, RS_PLANE_ONSET));
  put(&roll, 60, 4, 12);  /* behind the given one */
  put(&roll, 62, 4, 12);  /* before it */
  put(&roll, 72, 10, 14); /* not at all */
  put(&roll, 64, 4, 12);
  write_with(&roll, 1);
  assert_notes("out.mid", "0 60 0-8\n0 62 4-6\n0 64 4-12\n0 62 6-8\n0 72 8-16\n0 60 8-12\n");
  unlink("out.mid");
  rs_roll_clear(&roll);
}

static void a_generated_note_that_begins_with_a_given_one_is_heard_behind_it(void **state) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, FRAMES, RS_PLANE_ONSET));
  put(&roll, 60, 0, 12);
  put(&roll, 62, 4, 6); /* ends where a given one begins */
  put(&roll, 72, 8, 16);
  write_with(&roll, 1);
  assert_notes("out.mid", "0 60 0-8\n0 62 4-6\n0 62 6-8\n0 72 8-16\n0 60 8-12\n");
  unlink("out.mid");
  rs_roll_clear(&roll);
}

/* Of signatures that are not possible; a key of 7 flats is, and stays. */
static void no_damaged_signature_is_written(void **state) {
  const RsIngest settings = rs_ingest_defaults();
  const RsMidiSettings how = {.program = -1};
  const uint8_t flats[] = {0xFF, 0x59, 2, 0xF9, 0}, sharps[] = {0xFF, 0x59, 2, 9, 0};
  RsGivenSong song;
  RsRoll roll;
  read_track(BYTES(0, 0xFF, 0x51, 3, 0, 0, 0, 0, 0xFF, 0x58, 4, 0, 2, 24, 8, 0, 0xFF, 0x59, 2, 9, 0,
                   4, 0xFF, 0x59, 2, 0xF9, 0, 0, 0x90, 60, 80, 8, 60, 0, END),
             &song);
  assert_string_equal(song.repairs,
                      "a tempo of nothing left out; an impossible time signature left "
                      "out; an impossible key signature left out");
  assert_ok(rs_roll_init(&roll, NULL, FRAMES, RS_PLANE_ONSET));
  assert_ok(rs_given_song_write(&song, &roll, &settings, &how, "out.mid", NULL));
  rs_given_song_clear(&song);
  assert_ok(rs_given_song_read("out.mid", &song, NULL));
  assert_string_equal(song.repairs, "");
  const RsTrackBytes *track = &song.chunks.tracks[0];
  assert_non_null(memmem(track->data, track->size, flats, sizeof flats));
  assert_null(memmem(track->data, track->size, sharps, sizeof sharps));
  rs_given_song_clear(&song);
  unlink("out.mid");
  rs_roll_clear(&roll);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      in_folder(generated_notes_are_written_beside_the_given_ones),
      in_folder(where_a_given_note_sounds_a_generated_one_is_shortened),
      in_folder(a_generated_note_that_begins_with_a_given_one_is_heard_behind_it),
      in_folder(no_damaged_signature_is_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
