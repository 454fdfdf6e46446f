/* SPDX-License-Identifier: ISC */

#include "base/printable.h"
#include "music/notation_write.h"
#include "music/spelling.h"

#include <rollsmith/notation.h>

#include <math.h>
#include <string.h>

enum {
  LINE_MEASURES = 4, /* measures a line */
};

static const char letters[] = "CDEFGAB";

/* ---- Head ------------------------------------------------------------------------------------ */

/* A text in a field: no comment, no escape sequence, no end of line. */
static void put_text(RsStringBuffer *out, const char *text) {
  char form[RS_PRINTABLE_SIZE];
  while (*text) {
    text = rs_printable_next(text, form);
    rs_string_buffer_append(out, "%s%s", strchr("%\\&", *form) ? "\\" : "", form);
  }
}

static void put_meter(RsStringBuffer *out, const RsMeasure *measure) {
  if (rs_meter_is_written(measure)) {
    rs_string_buffer_append(out, "M:%u/%u", measure->beats, measure->unit);
  } else {
    rs_string_buffer_append(out, "M:none");
  }
}

/* The tonic: that of a minor key is three fifths above that of the major key. */
static void put_key(RsStringBuffer *out, RsKeySignature key) {
  const int fifth = (key.known ? key.sharps + (key.minor ? 3 : 0) : 0) + 1; /* from F */
  const int row = fifth < 0 ? -1 : fifth / 7;
  rs_string_buffer_append(out, "K:%c%s%s\n", "FCGDAEB"[fifth - 7 * row],
                          row < 0   ? "b"
                          : row > 0 ? "#"
                                    : "",
                          key.known && key.minor ? "m" : "");
}

/* Number of a voice: from 1, those in use alone. */
static unsigned number_of(const RsNotation *notation, unsigned voice) {
  unsigned number = 1;
  for (unsigned i = 0; i < voice; ++i) {
    number += notation->used[i];
  }
  return number;
}

/* Voices of each staff, such as {(1 2) | (3)}. */
static void put_staves(RsStringBuffer *out, const RsNotation *notation) {
  rs_string_buffer_append(out, "%%%%score {");
  for (unsigned staff = 0; staff < notation->staves; ++staff) {
    const char *before = staff ? " | (" : "(";
    for (unsigned i = 0; i < RS_STAFF_VOICES; ++i) {
      const unsigned voice = staff * RS_STAFF_VOICES + i;
      if (notation->used[voice]) {
        rs_string_buffer_append(out, "%s%u", before, number_of(notation, voice));
        before = " ";
      }
    }
    rs_string_buffer_append(out, ")");
  }
  rs_string_buffer_append(out, "}\n");
}

static void put_voices(RsStringBuffer *out, const RsNotation *notation) {
  for (unsigned voice = 0; voice < RS_STAVES_MAX * RS_STAFF_VOICES; ++voice) {
    if (notation->used[voice]) {
      const bool bass = notation->clefs[rs_voice_staff(voice)] == RS_CLEF_BASS;
      rs_string_buffer_append(out, "V:%u clef=%s\n", number_of(notation, voice),
                              bass ? "bass" : "treble");
    }
  }
}

/* Fields before the music. The unit of length is the shortest note value outside tuplets. */
static void put_head(const RsScore *score, const RsGrid *grid) {
  const RsNotation *notation = score->notation;
  RsStringBuffer *out = score->text;
  rs_string_buffer_append(out, "%%abc-2.1\nX:1\nT:");
  put_text(out, rs_score_title(score));
  rs_string_buffer_append(out, "\n");
  put_meter(out, notation->measures);
  rs_string_buffer_append(out, "\nL:1/%d\nQ:1/4=%ld\n", 4 << grid->halvings,
                          lrint(fmax(notation->bpm, 1)));
  put_staves(out, notation);
  put_voices(out, notation);
  put_key(out, notation->key);
}

/* ---- Music ----------------------------------------------------------------------------------- */

/* A length in units: nothing for 1, 3, 3/2, /2. Readers take no divisors but powers of two. */
static void put_length(RsStringBuffer *out, size_t number, size_t divisor) {
  if (number != 1) {
    rs_string_buffer_append(out, "%zu", number);
  }
  if (divisor != 1) {
    rs_string_buffer_append(out, "/%zu", divisor);
  }
}

static void put_value(RsStringBuffer *out, const RsGrid *grid, const RsChord *chord) {
  const int power = chord->power - (chord->dotted ? 1 : 0) + grid->halvings;
  const size_t number = chord->dotted ? 3 : 1;
  put_length(out, number << (power > 0 ? power : 0), (size_t)1 << (power < 0 ? -power : 0));
}

/* A note with its accidental. Those that the key signature does not imply are always written, and
   so is that of a letter that had one earlier in the measure: readers differ in how long and for
   which octaves an accidental holds. */
static void put_note(RsStringBuffer *out, RsKeySignature key, int note, bool *altered) {
  static const char *const accidentals[] = {"__", "_", "=", "^", "^^"};
  const RsSpelling is = rs_spell(key, note);
  const bool by_key = is.alteration == rs_key_alteration(key, is.letter);
  const char letter = letters[is.letter];
  if (!by_key || altered[is.letter]) {
    rs_string_buffer_append(out, "%s", accidentals[is.alteration + 2]);
    altered[is.letter] = true;
  }
  rs_string_buffer_append(out, "%c", is.octave > 4 ? letter - 'A' + 'a' : letter);
  for (int octave = is.octave; octave > 5 || octave<4; octave += octave> 5 ? -1 : 1) {
    rs_string_buffer_append(out, "%s", octave > 5 ? "'" : ",");
  }
}

/* The notes of a chord in the order in which they are written: by pitch, but of two on the same
   line or space the one that began first comes first. abc2midi ties a note over a bar line to the
   first note on its line. @return how many there are. */
static int order_notes(const RsNotation *notation, size_t m, unsigned voice, const RsChord *chord,
                       int notes[RS_NOTES]) {
  int count = 0;
  for (int n = rs_frame_next(&chord->notes, 0); n < RS_NOTES;
       n = rs_frame_next(&chord->notes, n + 1)) {
    const int last = count ? notes[count - 1] : n;
    const bool before = rs_same_place(rs_spell(notation->key, last), rs_spell(notation->key, n)) &&
                        rs_notation_begin(notation, m, voice, chord, n) <
                            rs_notation_begin(notation, m, voice, chord, last);
    notes[count] = n;
    if (before) {
      notes[count - 1] = n;
      notes[count] = last;
    }
    ++count;
  }
  return count;
}

static void put_chord(const RsScore *score, const RsGrid *grid, const RsChord *chord,
                      const int *notes, int count, bool *altered) {
  RsStringBuffer *out = score->text;
  if (chord->group) {
    rs_string_buffer_append(out, "(%u:%u:%zu", chord->actual, chord->normal, chord->group);
  }
  rs_string_buffer_append(out, "%s", count > 1 ? "[" : "");
  const char *tie = "";
  for (int i = 0; i < count; ++i) {
    put_note(out, score->notation->key, notes[i], altered);
    tie = rs_frame_has(&chord->to, notes[i]) ? "-" : "";
    rs_string_buffer_append(out, "%s", count > 1 ? tie : "");
  }
  rs_string_buffer_append(out, "%s", count > 1 ? "]" : "");
  put_value(out, grid, chord);
  rs_string_buffer_append(out, "%s", count > 1 ? "" : tie);
}

/* Rests are visible in the first voice of a staff alone. */
static void put_rest(RsStringBuffer *out, const RsGrid *grid, const RsChord *chord,
                     unsigned voice) {
  if (chord->group) {
    rs_string_buffer_append(out, "(%u:%u:%zu", chord->actual, chord->normal, chord->group);
  }
  rs_string_buffer_append(out, voice % RS_STAFF_VOICES ? "x" : "z");
  put_value(out, grid, chord);
}

/* Chords of a beat are written without space, which allows a beam. */
static RsStatus put_notes(RsScore *score, const RsGrid *grid, size_t m, unsigned voice) {
  bool altered[sizeof(letters)] = {false};
  const RsStatus status = rs_notation_voice(score->notation, m, voice, &score->chords);
  for (size_t i = 0; i < score->chords.count && !status; ++i) {
    const RsChord *chord = &score->chords.list[i];
    if (i && grid->beat && chord->start % grid->beat == 0) {
      rs_string_buffer_append(score->text, " ");
    }
    int notes[RS_NOTES];
    const int count = order_notes(score->notation, m, voice, chord, notes);
    if (count) {
      put_chord(score, grid, chord, notes, count, altered);
    } else {
      put_rest(score->text, grid, chord, voice);
    }
  }
  return status;
}

/* A voice of a measure. */
static RsStatus put_measure(RsScore *score, size_t m, unsigned voice, const char *phrase) {
  const RsNotation *notation = score->notation;
  const RsMeasure *measure = &notation->measures[m];
  const RsGrid grid = rs_measure_grid(notation, measure);
  RsStatus status = RS_OK;
  if (m && measure->new_meter) {
    rs_string_buffer_append(score->text, "[");
    put_meter(score->text, measure);
    rs_string_buffer_append(score->text, "]");
  }
  if (*phrase) {
    rs_string_buffer_append(score->text, "\"^%s\"", phrase);
  }
  if (rs_notation_has(notation, m, voice) || measure->frames % grid.odd) {
    status = put_notes(score, &grid, m, voice);
  } else {
    rs_string_buffer_append(score->text, voice % RS_STAFF_VOICES ? "x" : "z");
    put_length(score->text, measure->frames / grid.odd, 1);
  }
  rs_string_buffer_append(score->text, m + 1 < notation->measure_count ? " | " : " |]");
  return status;
}

/* A line of measures of each voice. */
static RsStatus put_line(RsScore *score, size_t first) {
  const RsNotation *notation = score->notation;
  const size_t left = notation->measure_count - first;
  const size_t count = left < LINE_MEASURES ? left : LINE_MEASURES;
  char phrases[LINE_MEASURES][RS_PHRASE_NAME_SIZE] = {""};
  RsStatus status = RS_OK;
  for (size_t i = 0; i < count; ++i) {
    rs_score_phrase(score, &notation->measures[first + i], phrases[i]);
  }
  for (unsigned voice = 0; voice < RS_STAVES_MAX * RS_STAFF_VOICES && !status; ++voice) {
    if (notation->used[voice]) {
      rs_string_buffer_append(score->text, "[V:%u] ", number_of(notation, voice));
      for (size_t i = 0; i < count && !status; ++i) {
        status = put_measure(score, first + i, voice, voice ? "" : phrases[i]);
      }
      rs_string_buffer_append(score->text, "\n");
    }
  }
  return status;
}

/* For programs that play: notes of a chord begin together, in each voice that it is said of. */
static void put_program(const RsScore *score) {
  const int program = score->settings->program;
  for (unsigned voice = 0; voice < RS_STAVES_MAX * RS_STAFF_VOICES; ++voice) {
    if (score->notation->used[voice]) {
      rs_string_buffer_append(score->text, "V:%u\n%%%%MIDI chordattack 0\n",
                              number_of(score->notation, voice));
      if (program >= 0) {
        rs_string_buffer_append(score->text, "%%%%MIDI program %d\n", program);
      }
    }
  }
}

static RsStatus put_song(RsScore *score) {
  const RsNotation *notation = score->notation;
  const RsGrid grid = rs_measure_grid(notation, notation->measures);
  RsStatus status = RS_OK;
  put_head(score, &grid);
  put_program(score);
  for (size_t m = 0; m < notation->measure_count && !status; m += LINE_MEASURES) {
    status = put_line(score, m);
  }
  return status;
}

RsStatus rs_abc_write(const RsRoll *roll, const RsMidiSettings *settings, const char *path,
                      RsError *error) {
  return rs_score_write(roll, settings, put_song, path, error);
}
