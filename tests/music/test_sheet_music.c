/* SPDX-License-Identifier: ISC */

#include "folder.h"
#include "frames.h"
#include "kit.h"
#include "scores.h"

#include "music/spelling.h"

#include <rollsmith/notation.h>
#include <rollsmith/rng.h>

#include <stdbool.h>
#include <string.h>

/* ---- All notes of any song ------------------------------------------------------------------- */

/* Frames that stand in the notation: what a reader of the ties would make of it */
static void read_back(const RsNotation *notation, RsFrame *on, RsFrame *onset) {
  RsChords chords = {.count = 0};
  for (size_t m = 0; m < notation->measure_count; ++m) {
    const RsMeasure *measure = &notation->measures[m];
    for (unsigned voice = 0; voice < VOICES; ++voice) {
      size_t at = measure->start;
      assert_ok(rs_notation_voice(notation, m, voice, &chords));
      for (size_t i = 0; i < chords.count; ++i) {
        const RsChord *chord = &chords.list[i];
        for (int n = rs_frame_next(&chord->notes, 0); n < RS_NOTES;
             n = rs_frame_next(&chord->notes, n + 1)) {
          if (!rs_frame_has(&chord->from, n)) {
            rs_frame_set(&onset[at], n);
          }
          for (size_t f = at; f < at + chord->frames; ++f) {
            assert_false(rs_frame_has(&on[f], n)); /* of another voice */
            rs_frame_set(&on[f], n);
          }
        }
        at += chord->frames;
      }
      assert_int_equal(at, measure->start + measure->frames);
    }
  }
  free(chords.list);
}

/* A tie goes on in the next chord of the voice, a note value is as long as it says, and tuplets are
   closed. */
static void assert_well_formed(const RsNotation *notation, unsigned voice) {
  RsChords chords = {.count = 0};
  RsFrame open = SILENCE;
  for (size_t m = 0; m < notation->measure_count; ++m) {
    size_t left = 0;
    assert_ok(rs_notation_voice(notation, m, voice, &chords));
    for (size_t i = 0; i < chords.count; ++i) {
      const RsChord *chord = &chords.list[i];
      const double value = ldexp(chord->dotted ? 1.5 : 1, chord->power) * chord->normal;
      assert_close(value * notation->frames_per_quarter, (double)chord->frames * chord->actual,
                   1e-9);
      assert_true(rs_frame_equal(&open, &chord->from));
      assert_true(chord->power <= RS_LONGEST_VALUE);
      open = chord->to;
      assert_true(!left || !chord->group);
      left = chord->group ? chord->group : left;
      assert_int_equal(left > 0, chord->actual > 1);
      assert_int_equal(left == 1, chord->group_end);
      left -= left > 0;
    }
    assert_int_equal(left, 0);
  }
  assert_int_equal(rs_frame_count(&open), 0);
  free(chords.list);
}

static void fill_at_random(RsRoll *roll, uint64_t seed) {
  const RsRng rng = {seed, RS_STREAM_WEIGHTS};
  for (size_t f = 0; f < roll->frames; ++f) {
    uint32_t words[8];
    rs_rng_words(rng, f, 8, words);
    for (int i = 0; i < 8; ++i) { /* notes last some frames, and some are repeated */
      const int note = 40 + 5 * i + (int)(words[i] % 3);
      if (words[i] >> 8 & 1) {
        rs_frame_set(&roll->on[f], note);
      }
      if (f && words[i] >> 9 & 1) {
        roll->on[f].bits[note / 64] |= roll->on[f - 1].bits[note / 64];
      }
      if (words[i] >> 10 & 1) {
        rs_frame_set(&roll->onset[f], note);
      }
    }
    for (int n = 0; n < RS_NOTES; ++n) {
      if (!rs_frame_has(&roll->on[f], n)) {
        rs_frame_clear(&roll->onset[f], n);
      } else if (!f || !rs_frame_has(&roll->on[f - 1], n)) {
        rs_frame_set(&roll->onset[f], n);
      }
    }
  }
}

static void try_song(unsigned frames_per_beat, unsigned beats, unsigned unit, uint64_t seed) {
  RsRoll roll;
  RsNotation notation;
  make(&roll, 40 + 3 * frames_per_beat, frames_per_beat, beats, unit);
  if (seed % 2) {
    assert_ok(rs_roll_add_meter(&roll, 0, 1, 8));
    assert_ok(rs_roll_add_meter(&roll, (frames_per_beat + 1) / 2, beats, unit));
    assert_ok(rs_roll_add_meter(&roll, 31 + frames_per_beat, 5, 8));
  }
  fill_at_random(&roll, seed);
  notation_of(&roll, &notation);
  RsFrame *on = calloc(roll.frames, sizeof *on), *onset = calloc(roll.frames, sizeof *onset);
  assert_true(on && onset);
  read_back(&notation, on, onset);
  assert_memory_equal(on, roll.on, roll.frames * sizeof *on);
  assert_memory_equal(onset, roll.onset, roll.frames * sizeof *on);
  for (unsigned voice = 0; voice < VOICES; ++voice) {
    assert_well_formed(&notation, voice);
  }
  free(on);
  free(onset);
  rs_notation_clear(&notation);
  rs_roll_clear(&roll);
}

static void every_note_of_any_grid_and_meter_can_be_read_back(void **state) {
  static const unsigned grids[] = {1, 2, 3, 4, 5, 6, 7, 8, 12, 15, 24, 96};
  static const unsigned meters[][2] = {{4, 4},  {3, 4}, {6, 8}, {5, 8}, {12, 8},
                                       {7, 16}, {2, 2}, {1, 4}, {4, 3}, {3, 1}};
  for (size_t g = 0; g < sizeof grids / sizeof *grids; ++g) {
    for (size_t m = 0; m < sizeof meters / sizeof *meters; ++m) {
      try_song(grids[g], meters[m][0], meters[m][1], 2 * (100 * g + m) + (g + m) % 2);
    }
  }
}

/* ---- Files ----------------------------------------------------------------------------------- */

/* A file is removed once it has been read. */
static void read_text(const char *path, char text[8000]) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  text[fread(text, 1, 7999, file)] = 0;
  fclose(file);
  unlink(path);
}

static void assert_text(const char *path, const char *expected) {
  char text[8000];
  read_text(path, text);
  assert_string_equal(text, expected);
}

static void small_song(RsRoll *roll) {
  make(roll, 11, 2, 3, 4);
  assert_ok(rs_roll_add_meter(roll, 0, 1, 8));
  assert_ok(rs_roll_add_meter(roll, 1, 3, 4));
  assert_ok(rs_roll_add_meter(roll, 7, 2, 4));
  put(roll, 67, 0, 1);
  put(roll, 70, 1, 2);
  put(roll, 71, 3, 1);
  put(roll, 70, 4, 5);
  put(roll, 53, 1, 6);
}

static void an_abc_file_is_as_the_standard_has_it(void **state) {
  RsRoll roll;
  small_song(&roll);
  const RsMidiSettings settings = {
      .name = "50 % & \\ \n", .bpm = 90, .program = 3, .key = {true, -2, true}};
  assert_ok(rs_abc_write(&roll, &settings, "song.abc", NULL));
  assert_text("song.abc", "%abc-2.1\nX:1\nT:50 \\% \\& \\\\ \\\\x0a\nM:3/4\nL:1/8\nQ:1/4=90\n"
                          "%%score {(1) | (2)}\nV:1 clef=treble\nV:2 clef=bass\nK:Gm\n"
                          "V:1\n%%MIDI chordattack 0\n%%MIDI program 3\n"
                          "V:2\n%%MIDI chordattack 0\n%%MIDI program 3\n"
                          "[V:1] G | B2 =B_B- _B2- | [M:2/4]B2 z2 |]\n"
                          "[V:2] z | F,6 | [M:2/4]z4 |]\n");
  rs_roll_clear(&roll);
}

/* abc2midi ties a note over a bar line to the first note on its line. */
static void of_two_abc_notes_on_a_line_the_one_that_began_first_is_first(void **state) {
  RsRoll roll;
  char text[8000];
  const RsMidiSettings settings = {.name = "", .bpm = 90, .program = -1};
  make(&roll, 8, 1, 4, 4);
  put(&roll, 90, 0, 6); /* three voices */
  put(&roll, 86, 0, 7);
  put(&roll, 83, 1, 7);
  put(&roll, 76, 2, 5);
  put(&roll, 75, 4, 3);
  assert_ok(rs_abc_write(&roll, &settings, "song.abc", NULL));
  read_text("song.abc", text);
  assert_non_null(strstr(text, "e2- | [e_e]3"));
  rs_roll_clear(&roll);
}

/* A song of one note of 3 frames: the music alone */
static void assert_abc_music(size_t frames, unsigned frames_per_beat, unsigned beats, unsigned unit,
                             const char *expected) {
  RsRoll roll;
  char text[8000];
  const RsMidiSettings settings = {.name = "", .bpm = 90, .program = -1};
  make(&roll, frames, frames_per_beat, beats, unit);
  put(&roll, 67, 0, 3);
  assert_ok(rs_abc_write(&roll, &settings, "song.abc", NULL));
  read_text("song.abc", text);
  assert_string_equal(strstr(text, "[V:1]"), expected);
  rs_roll_clear(&roll);
}

/* abc2midi refuses other divisors. */
static void lengths_in_abc_are_divided_by_powers_of_two_alone(void **state) {
  assert_abc_music(21, 3, 7, 8, "[V:1] Gz2(3:2:1z | z3(3:2:1z/2 |]\n");
  assert_abc_music(11, 11, 1, 4, "[V:1] (11:8:2G3/8z |]\n");
}

// clang-format off
static const char small_song_as_musicxml[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!DOCTYPE score-partwise PUBLIC \"-//Recordare//DTD MusicXML 3.1 Partwise//EN\" \"http://www.musicxml.org/dtds/partwise.dtd\">\n"
    "<score-partwise version=\"3.1\">\n"
    "  <work>\n"
    "    <work-title>A &amp; &lt;b&gt; \\x01</work-title>\n"
    "  </work>\n"
    "  <identification>\n"
    "    <encoding>\n"
    "      <software>rollsmith</software>\n"
    "    </encoding>\n"
    "  </identification>\n"
    "  <part-list>\n"
    "    <score-part id=\"P1\">\n"
    "      <part-name print-object=\"no\">Music</part-name>\n"
    "      <score-instrument id=\"P1-I1\">\n"
    "        <instrument-name>Music</instrument-name>\n"
    "      </score-instrument>\n"
    "      <midi-instrument id=\"P1-I1\">\n"
    "        <midi-channel>5</midi-channel>\n"
    "        <midi-program>4</midi-program>\n"
    "      </midi-instrument>\n"
    "    </score-part>\n"
    "  </part-list>\n"
    "  <part id=\"P1\">\n"
    "    <measure number=\"0\" implicit=\"yes\">\n"
    "      <attributes>\n"
    "        <divisions>2</divisions>\n"
    "        <key><fifths>-2</fifths><mode>minor</mode></key>\n"
    "        <time><beats>3</beats><beat-type>4</beat-type></time>\n"
    "        <staves>2</staves>\n"
    "        <clef number=\"1\"><sign>G</sign><line>2</line></clef>\n"
    "        <clef number=\"2\"><sign>F</sign><line>4</line></clef>\n"
    "      </attributes>\n"
    "      <direction placement=\"above\"><direction-type><metronome>"
    "<beat-unit>quarter</beat-unit><per-minute>90</per-minute></metronome>"
    "</direction-type><sound tempo=\"90\"/></direction>\n"
    "      <note><pitch><step>G</step><octave>4</octave></pitch><duration>"
    "1</duration><voice>1</voice><type>eighth</type><staff>1</staff></note>\n"
    "      <backup><duration>1</duration></backup>\n"
    "      <note><rest measure=\"yes\"/><duration>1</duration><voice>"
    "5</voice><staff>2</staff></note>\n"
    "    </measure>\n"
    "    <measure number=\"1\">\n"
    "      <note><pitch><step>B</step><alter>-1</alter><octave>4</octave>"
    "</pitch><duration>2</duration><voice>1</voice><type>quarter</type>"
    "<staff>1</staff></note>\n"
    "      <note><pitch><step>B</step><octave>4</octave></pitch><duration>"
    "1</duration><voice>1</voice><type>eighth</type><accidental>"
    "natural</accidental><staff>1</staff></note>\n"
    "      <note><pitch><step>B</step><alter>-1</alter><octave>4</octave>"
    "</pitch><duration>1</duration><tie type=\"start\"/><voice>1</voice>"
    "<type>eighth</type><accidental>flat</accidental><staff>1</staff>"
    "<notations><tied type=\"start\"/></notations></note>\n"
    "      <note><pitch><step>B</step><alter>-1</alter><octave>4</octave>"
    "</pitch><duration>2</duration><tie type=\"stop\"/><tie type=\"start\"/>"
    "<voice>1</voice><type>quarter</type><staff>1</staff><notations>"
    "<tied type=\"stop\"/><tied type=\"start\"/></notations></note>\n"
    "      <backup><duration>6</duration></backup>\n"
    "      <note><pitch><step>F</step><octave>3</octave></pitch><duration>"
    "6</duration><voice>5</voice><type>half</type><dot/><staff>2</staff>"
    "</note>\n"
    "    </measure>\n"
    "    <measure number=\"2\">\n"
    "      <attributes>\n"
    "        <time><beats>2</beats><beat-type>4</beat-type></time>\n"
    "      </attributes>\n"
    "      <note><pitch><step>B</step><alter>-1</alter><octave>4</octave>"
    "</pitch><duration>2</duration><tie type=\"stop\"/><voice>1</voice><type>"
    "quarter</type><staff>1</staff><notations><tied type=\"stop\"/>"
    "</notations></note>\n"
    "      <note><rest/><duration>2</duration><voice>1</voice><type>"
    "quarter</type><staff>1</staff></note>\n"
    "      <backup><duration>4</duration></backup>\n"
    "      <note><rest measure=\"yes\"/><duration>4</duration><voice>"
    "5</voice><staff>2</staff></note>\n"
    "      <barline location=\"right\"><bar-style>light-heavy</bar-style>"
    "</barline>\n"
    "    </measure>\n"
    "  </part>\n"
    "</score-partwise>\n";
// clang-format on

static void a_musicxml_file_is_as_the_standard_has_it(void **state) {
  RsRoll roll;
  small_song(&roll);
  const RsMidiSettings settings = {
      .name = "A & <b> \x01", .bpm = 90, .channel = 5, .program = 3, .key = {true, -2, true}};
  assert_ok(rs_musicxml_write(&roll, &settings, "song.musicxml", NULL));
  assert_text("song.musicxml", small_song_as_musicxml);
  rs_roll_clear(&roll);
}

static void musicxml_does_not_state_notes_below_octave_0(void **state) {
  RsRoll roll;
  const char *path = "low.musicxml";
  RsError error;
  const RsMidiSettings settings = {.program = -1};
  make(&roll, 4, 4, 4, 4);
  put(&roll, 11, 0, 4);
  assert_int_equal(rs_musicxml_write(&roll, &settings, path, &error), RS_ERR_ARGUMENT);
  assert_string_equal(error.message,
                      "note 11 is below octave 0, the lowest that MusicXML can state: write ABC or "
                      "a MIDI file, or transpose the song");
  assert_int_equal(rs_abc_write(&roll, &settings, path, &error), RS_OK);
  rs_roll_clear(&roll);
  make(&roll, 4, 4, 4, 4);
  put(&roll, 12, 0, 4);
  assert_ok(rs_musicxml_write(&roll, &settings, path, &error));
  unlink(path);
  rs_roll_clear(&roll);
}

static void a_song_of_no_frames_is_refused(void **state) {
  RsRoll roll;
  RsError error;
  const RsMidiSettings settings = {.program = -1};
  make(&roll, 0, 4, 4, 4);
  assert_int_equal(rs_abc_write(&roll, &settings, "/dev/null", &error), RS_ERR_EMPTY);
  assert_int_equal(rs_musicxml_write(&roll, &settings, "/dev/null", &error), RS_ERR_EMPTY);
  rs_roll_clear(&roll);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_note_of_any_grid_and_meter_can_be_read_back),
      in_folder(an_abc_file_is_as_the_standard_has_it),
      in_folder(lengths_in_abc_are_divided_by_powers_of_two_alone),
      in_folder(of_two_abc_notes_on_a_line_the_one_that_began_first_is_first),
      in_folder(a_musicxml_file_is_as_the_standard_has_it),
      in_folder(musicxml_does_not_state_notes_below_octave_0),
      cmocka_unit_test(a_song_of_no_frames_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
