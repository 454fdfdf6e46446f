/* SPDX-License-Identifier: ISC */

/* Faults of the chunks of a MIDI file, of what contains it, and files of other kinds. A tick is a
 * frame. */

#include "chunks.h"
#include "ingested.h"

/* ---- Tracks ---------------------------------------------------------------------------------- */

#define NOTE(pitch) 0, 0x90, pitch, 80, 4, pitch, 0, END

static void junk_between_tracks_is_passed_over(void **state) {
  const uint8_t chunks[] = {'J', MTRK(11), NOTE(60), 0,   0,   'j', 'u',      'n',
                            'k', 'y',      'j',      'u', 'n', 'k', MTRK(11), NOTE(72)};
  Result r = ingest_bytes(chunks, sizeof chunks);
  assert_repairs(&r, "1 byte before a track left out; 11 bytes before a track left out", false);
  assert_int_equal(r.report.counts.kept, 2);
  clear(&r);
}

#define NAMED(letter, pitch) MTRK(16), 0, 0xFF, 3, 1, letter, NOTE(pitch)

/* What is left of a longer file that was written over begins within a track. */
static void
a_track_behind_junk_with_the_name_of_another_is_left_out_if_all_are_there(void **state) {
  const uint8_t tracks[] = {NAMED('a', 60), NAMED('b', 72)}, end[] = {4, 72, 0, END};
  const uint8_t again[] = {NAMED('b', 67), NAMED('c', 69)}, other[] = {NAMED('d', 67)};
  for (unsigned declared = 0; declared <= 3; ++declared) {
    for (int same = 0; same < 2; ++same) {
      Midi midi = {.size = 0};
      const RsIngest s = rs_ingest_defaults();
      midi_header(&midi, 1, declared, 4);
      midi_put(&midi, tracks, sizeof tracks);
      midi_put(&midi, end, sizeof end);
      midi_put(&midi, same ? again : other, same ? sizeof again : sizeof other);
      Result r = ingest(&midi, &s);
      const bool ends = same && declared && declared < 3;
      const unsigned found = ends ? 2 : same ? 4 : 3;
      char expected[128], count[64] = "";
      if (declared != found) {
        snprintf(count, sizeof count, "; the header counts %u track%s, found %u", declared,
                 declared == 1 ? "" : "s", found);
      }
      snprintf(expected, sizeof expected, "%s%s",
               ends ? "55 bytes after the last track left out" : "7 bytes before a track left out",
               count);
      assert_repairs(&r, expected, false);
      assert_int_equal(r.report.counts.kept, found);
      clear(&r);
    }
  }
}

static void a_track_ends_with_its_events_where_its_length_is_too_long(void **state) {
  const uint8_t first[] = {NOTE(60)}, second[] = {MTRK(11), NOTE(72)};
  /* The length of the first reaches by so many bytes into the second, or far beyond the file. */
  for (int over = 1; over <= 40; ++over) {
    Midi midi = {.size = 0};
    const RsIngest s = rs_ingest_defaults();
    const size_t length = sizeof first + (size_t)over;
    midi_header(&midi, 1, 2, 4);
    midi_put(&midi, BYTES('M', 'T', 'r', 'k', 0, over == 40, 0, (uint8_t)length));
    midi_put(&midi, first, sizeof first);
    midi_put(&midi, second, sizeof second);
    Result r = ingest(&midi, &s);
    assert_repairs(&r, "a track is shorter than its length says", false);
    assert_int_equal(r.report.counts.kept, 2);
    clear(&r);
  }
}

static void a_track_goes_on_to_its_end_where_its_length_is_too_short(void **state) {
  const uint8_t first[] = {NOTE(60)}, second[] = {NOTE(72)};
  for (uint8_t length = 0; length < sizeof first; ++length) {
    for (int last = 0; last < 2; ++last) {
      Midi midi = {.size = 0};
      const RsIngest s = rs_ingest_defaults();
      midi_header(&midi, 1, 2, 4);
      midi_put(&midi, BYTES(MTRK(last ? sizeof first : length)));
      midi_put(&midi, first, sizeof first);
      midi_put(&midi, BYTES(MTRK(last ? length : sizeof first)));
      midi_put(&midi, second, sizeof second);
      Result r = ingest(&midi, &s);
      assert_repairs(&r, "a track is longer than its length says", false);
      assert_string_equal(row(&r, 60), "####");
      assert_string_equal(row(&r, 72), "####");
      clear(&r);
    }
  }
}

static void the_next_track_is_looked_for_where_a_track_has_no_end(void **state) {
  const uint8_t chunks[] = {MTRK(4), 0, 0x90, 60, 80, 4, 60, 0, MTRK(11), NOTE(72)};
  Result r = ingest_bytes(chunks, sizeof chunks);
  assert_repairs(&r,
                 "a track has no End of Track where its length says; 3 bytes before a track left "
                 "out; 1 note that nobody ends cut to 8 quarter notes or less",
                 true);
  assert_string_equal(row(&r, 60), "####");
  assert_string_equal(row(&r, 72), "####");
  clear(&r);
}

static void tracks_that_the_header_counts_and_that_are_not_there_are_a_loss(void **state) {
  const RsIngest s = rs_ingest_defaults();
  for (unsigned declared = 0; declared <= 3; ++declared) {
    Midi midi = {.size = 0};
    midi_header(&midi, 1, declared, 4);
    midi_track(&midi, BYTES(NOTE(60)));
    Result r = ingest(&midi, &s);
    assert_repairs(&r,
                   declared == 3   ? "the header counts 3 tracks, found 1"
                   : declared == 2 ? "the header counts 2 tracks, found 1"
                   : declared == 0 ? "the header counts 0 tracks, found 1"
                                   : "",
                   declared > 1);
    assert_string_equal(row(&r, 60), "####");
    clear(&r);
  }
}

static void tracks_that_the_header_does_not_count_are_read_and_told(void **state) {
  const RsIngest s = rs_ingest_defaults();
  for (unsigned declared = 0; declared <= 1; ++declared) {
    Midi midi = {.size = 0};
    midi_header(&midi, 1, declared, 4);
    midi_track(&midi, BYTES(NOTE(60)));
    midi_track(&midi, BYTES(NOTE(72)));
    Result r = ingest(&midi, &s);
    assert_repairs(
        &r, declared ? "the header counts 1 track, found 2" : "the header counts 0 tracks, found 2",
        false);
    assert_string_equal(row(&r, 72), "####");
    clear(&r);
  }
}

static void another_file_behind_the_first_is_left_out_and_told(void **state) {
  const RsIngest s = rs_ingest_defaults();
  for (unsigned declared = 0; declared <= 2; ++declared) {
    Midi midi = {.size = 0};
    midi_header(&midi, 1, declared, 4);
    midi_track(&midi, BYTES(NOTE(60)));
    midi_header(&midi, 1, 1, 4);
    midi_track(&midi, BYTES(NOTE(72)));
    Result r = ingest(&midi, &s);
    /* A header amid the tracks of a file is passed over. */
    assert_repairs(&r,
                   declared == 2   ? ""
                   : declared == 1 ? "another MIDI file behind the first left out"
                                   : "another MIDI file behind the first left out; the header "
                                     "counts 0 tracks, found 1",
                   declared < 2);
    assert_int_equal(r.report.counts.kept, declared == 2 ? 2 : 1);
    clear(&r);
  }
}

static void chunks_of_other_kinds_are_passed_over_without_a_word(void **state) {
  const uint8_t chunks[] = {MTRK(11), NOTE(60), 'X', 'F', 'I', 'H',      0,
                            0,        0,        2,   1,   2,   MTRK(11), NOTE(72)};
  Result r = ingest_bytes(chunks, sizeof chunks);
  assert_repairs(&r, "", false);
  assert_int_equal(r.report.counts.kept, 2);
  clear(&r);
}

static void notes_behind_the_end_of_a_track_are_left_out_and_told(void **state) {
  Result r = ingest_events(BYTES(NOTE(60), 0, 0x90, 62, 80, 4, 62, 0, 0, 64, 80, 4, 64, 0, END));
  assert_repairs(&r, "track 1: 2 notes behind its End of Track left out", true);
  assert_int_equal(r.report.counts.kept, 1);
  clear(&r);
  r = ingest_events(BYTES(NOTE(60), 0, 0, 0));
  assert_repairs(&r, "track 1: 3 bytes behind its End of Track left out", false);
  clear(&r);
}

/* ---- Containers ------------------------------------------------------------------------------ */

static void put_song(Midi *midi) {
  midi_header(midi, 0, 1, 4);
  midi_track(midi, BYTES(NOTE(60)));
}

/* A song of 33 bytes within RIFF, whose data are said to have so many, and a chunk behind it. */
static void assert_riff_is_read(uint8_t said, bool behind) {
  const RsIngest s = rs_ingest_defaults();
  Midi midi = {.size = 0};
  midi_put(&midi, BYTES('R', 'I', 'F', 'F', 0, 0, 0, 0, 'R', 'M', 'I', 'D', 'd', 'a', 't', 'a',
                        said, 0, 0, 0));
  put_song(&midi);
  if (behind) {
    midi_put(&midi, BYTES(0, 'L', 'I', 'S', 'T', 4, 0, 0, 0, 'I', 'N', 'F', 'O'));
  }
  Result r = ingest(&midi, &s);
  assert_repairs(&r, "", false);
  assert_string_equal(row(&r, 60), "####");
  clear(&r);
}

static void a_riff_file_with_wrong_sizes_is_read(void **state) {
  assert_riff_is_read(0, false);
  assert_riff_is_read(33, true);
  for (uint8_t said = 1; said < 40; ++said) {
    assert_riff_is_read(said, false);
  }
}

static void a_riff_file_without_padding_is_read(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Midi midi = {.size = 0};
  midi_put(&midi, BYTES('R', 'I', 'F', 'F', 0, 0, 0, 0, 'R', 'M', 'I', 'D', 'L', 'I', 'S', 'T', 5,
                        0, 0, 0, 'I', 'N', 'F', 'O', 'x', 'd', 'a', 't', 'a', 33, 0, 0, 0));
  put_song(&midi);
  Result r = ingest(&midi, &s);
  assert_repairs(&r, "", false);
  assert_string_equal(row(&r, 60), "####");
  clear(&r);
}

static void a_midi_file_within_macbinary_is_read(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Midi midi = {.size = 0};
  uint8_t header[128] = {0, 4, 's', 'o', 'n', 'g', [65] = 'M', 'i', 'd', 'i', [86] = 14 + 8 + 11};
  midi_put(&midi, header, sizeof header);
  put_song(&midi);
  midi_put(&midi, BYTES(0, 0, 0, 0)); /* filled up, and what else the file has */
  Result r = ingest(&midi, &s);
  assert_repairs(&r, "read from within a MacBinary file", false);
  assert_string_equal(row(&r, 60), "####");
  clear(&r);
}

static void assert_read_behind(const char *before, size_t size, const char *repairs) {
  const RsIngest s = rs_ingest_defaults();
  Midi midi = {.size = 0};
  midi_put(&midi, (const uint8_t *)before, size);
  put_song(&midi);
  Result r = ingest(&midi, &s);
  assert_repairs(&r, repairs, false);
  assert_string_equal(row(&r, 60), "####");
  clear(&r);
}

static void what_stands_before_the_header_is_left_out_and_told(void **state) {
  assert_read_behind("\xEF\xBB\xBF", 3, "3 bytes before the header left out");
  assert_read_behind("\n", 1, "1 byte before the header left out");
  assert_read_behind("xMThd\0\0\0\7\0\1", 11, "11 bytes before the header left out");
  assert_read_behind("xMThd\0\0\0\6\0\3", 11, "11 bytes before the header left out");
}

static void a_header_far_behind_the_beginning_is_not_looked_for(void **state) {
  static char before[4097];
  assert_read_behind(before, 4096, "4096 bytes before the header left out");
  Midi midi = {.size = 0};
  const RsIngest s = rs_ingest_defaults();
  midi_put(&midi, (const uint8_t *)before, sizeof before);
  put_song(&midi);
  Result r = {.status = RS_OK};
  r.status = rs_ingest_memory(midi.data, midi.size, "x.mid", &s, &r.songs, &r.report);
  assert_int_equal(r.status, RS_ERR_FORMAT);
  clear(&r);
}

static void assert_named(const char *data, size_t size, const char *message) {
  const RsIngest s = rs_ingest_defaults();
  Result r = {.status = RS_OK};
  r.status = rs_ingest_memory(data, size, "x.mid", &s, &r.songs, &r.report);
  assert_int_equal(r.status, RS_ERR_FORMAT);
  assert_string_equal(r.report.error.message, message);
  clear(&r);
}

#define TEXT(text) text, sizeof text - 1
#define NO_MIDI "not a MIDI file, but "
#define PAGE NO_MIDI "an HTML page, such as a server sends in the place of a file"

static void files_of_other_kinds_are_named(void **state) {
  char macbinary[200] = {0, 4, 's', 'o', 'n', 'g'};
  assert_named(TEXT("\x1F\x8B\x08\0\0\0\0\0"), NO_MIDI "a gzip file: unpack it first");
  assert_named(TEXT("PK\3\4\x14\0\0\0"), NO_MIDI "a zip archive: unpack it first");
  assert_named(TEXT("BZh91AY&SY"), NO_MIDI "a bzip2 file: unpack it first");
  assert_named(TEXT("7z\xBC\xAF\x27\x1C\0\0"), NO_MIDI "a 7-Zip archive: unpack it first");
  assert_named(TEXT("<!DOCTYPE html>\n<html>"), PAGE);
  assert_named(TEXT("\n  <HTML><body>not found"), PAGE);
  assert_named(TEXT("\xEF\xBB\xBF<!doctype HTML>"), PAGE);
  assert_named(TEXT("<?xml version='1.0'?><a/>"), NO_MIDI "an XML file");
  assert_named(TEXT("<?xml version='1.0'?>\n<score-partwise>"),
               NO_MIDI "a MusicXML score: export it as MIDI first");
  assert_named(TEXT("<?xml version='1.0'?>\n<html xmlns='x'>"), PAGE);
  assert_named(TEXT("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"),
               NO_MIDI "a Git LFS pointer, not the file itself: get that with git lfs pull");
  assert_named(TEXT("\0\5\x16\7\0\2\0\0Mac OS X"), NO_MIDI
               "an AppleDouble file: it describes the file of that name without ._ before it");
  assert_named(macbinary, sizeof macbinary, NO_MIDI "a MacBinary file without a MIDI file in it");
  assert_named(TEXT("RIFF\0\0\0\0WAVEfmt "), NO_MIDI "a WAVE file: it holds sound, not notes");
  assert_named(TEXT("xMThd\0\0\0\6\0\1"), "not a MIDI file: it does not begin with MThd");
  assert_named(TEXT("something else"), "not a MIDI file: it does not begin with MThd");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(junk_between_tracks_is_passed_over),
      cmocka_unit_test(a_track_behind_junk_with_the_name_of_another_is_left_out_if_all_are_there),
      cmocka_unit_test(a_track_ends_with_its_events_where_its_length_is_too_long),
      cmocka_unit_test(a_track_goes_on_to_its_end_where_its_length_is_too_short),
      cmocka_unit_test(the_next_track_is_looked_for_where_a_track_has_no_end),
      cmocka_unit_test(tracks_that_the_header_counts_and_that_are_not_there_are_a_loss),
      cmocka_unit_test(tracks_that_the_header_does_not_count_are_read_and_told),
      cmocka_unit_test(another_file_behind_the_first_is_left_out_and_told),
      cmocka_unit_test(chunks_of_other_kinds_are_passed_over_without_a_word),
      cmocka_unit_test(notes_behind_the_end_of_a_track_are_left_out_and_told),
      cmocka_unit_test(a_riff_file_with_wrong_sizes_is_read),
      cmocka_unit_test(a_riff_file_without_padding_is_read),
      cmocka_unit_test(a_midi_file_within_macbinary_is_read),
      cmocka_unit_test(what_stands_before_the_header_is_left_out_and_told),
      cmocka_unit_test(a_header_far_behind_the_beginning_is_not_looked_for),
      cmocka_unit_test(files_of_other_kinds_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
