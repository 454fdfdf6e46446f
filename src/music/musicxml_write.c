/* SPDX-License-Identifier: ISC */

#include "base/printable.h"
#include "music/accidentals.h"
#include "music/notation_write.h"
#include "music/spelling.h"

#include <rollsmith/notation.h>

#include <stdlib.h>
#include <string.h>

/* ---- Head ------------------------------------------------------------------------------------ */

/* A character that XML does not allow as it is: the other ones are UTF-8 without control characters
   already. */
static const char *escape(const char *form) {
  static const char *const table[][2] = {{"&", "&amp;"},
                                         {"<", "&lt;"},
                                         {">", "&gt;"},
                                         {"\"", "&quot;"},
                                         {"\xef\xbf\xbe", "\\ufffe"},
                                         {"\xef\xbf\xbf", "\\uffff"}};
  for (size_t i = 0; i < sizeof(table) / sizeof(*table); ++i) {
    if (!strcmp(form, table[i][0])) {
      return table[i][1];
    }
  }
  return form;
}

static void put_text(RsStringBuffer *out, const char *text) {
  char form[RS_PRINTABLE_SIZE];
  while (*text) {
    text = rs_printable_next(text, form);
    rs_string_buffer_append(out, "%s", escape(form));
  }
}

static void put_instrument(RsStringBuffer *out, const RsMidiSettings *settings) {
  const unsigned channel = settings->channel ? settings->channel : 1;
  rs_string_buffer_append(out,
                          "      <score-instrument id=\"P1-I1\">\n"
                          "        <instrument-name>Music</instrument-name>\n"
                          "      </score-instrument>\n"
                          "      <midi-instrument id=\"P1-I1\">\n"
                          "        <midi-channel>%u</midi-channel>\n",
                          channel);
  if (settings->program >= 0) {
    rs_string_buffer_append(out, "        <midi-program>%d</midi-program>\n",
                            settings->program + 1);
  }
  rs_string_buffer_append(out, "      </midi-instrument>\n");
}

static void put_head(const RsScore *score) {
  RsStringBuffer *out = score->text;
  rs_string_buffer_append(
      out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<!DOCTYPE score-partwise PUBLIC \"-//Recordare//DTD MusicXML 3.1 Partwise//EN\" "
           "\"http://www.musicxml.org/dtds/partwise.dtd\">\n"
           "<score-partwise version=\"3.1\">\n"
           "  <work>\n"
           "    <work-title>");
  put_text(out, rs_score_title(score));
  rs_string_buffer_append(out, "</work-title>\n"
                               "  </work>\n"
                               "  <identification>\n"
                               "    <encoding>\n"
                               "      <software>rollsmith</software>\n"
                               "    </encoding>\n"
                               "  </identification>\n"
                               "  <part-list>\n"
                               "    <score-part id=\"P1\">\n"
                               "      <part-name print-object=\"no\">Music</part-name>\n");
  put_instrument(out, score->settings);
  rs_string_buffer_append(out, "    </score-part>\n"
                               "  </part-list>\n"
                               "  <part id=\"P1\">\n");
}

/* ---- Notes ----------------------------------------------------------------------------------- */

static const char *type_of(int power) {
  static const char *const names[] = {"breve", "whole", "half",  "quarter", "eighth", "16th",
                                      "32nd",  "64th",  "128th", "256th",   "512th",  "1024th"};
  const int index = RS_LONGEST_VALUE - power;
  return index < (int)(sizeof(names) / sizeof(*names)) ? names[index] : NULL;
}

static void put_pitch(RsStringBuffer *out, RsSpelling is) {
  rs_string_buffer_append(out, "<pitch><step>%c</step>", "CDEFGAB"[is.letter]);
  if (is.alteration) {
    rs_string_buffer_append(out, "<alter>%d</alter>", is.alteration);
  }
  rs_string_buffer_append(out, "<octave>%d</octave></pitch>", is.octave);
}

/* Note value, dot, accidental and tuplet of a note, in the order of the schema. */
static void put_value(RsStringBuffer *out, const RsChord *chord, const char *accidental) {
  const char *type = type_of(chord->power);
  if (type) {
    rs_string_buffer_append(out, "<type>%s</type>%s", type, chord->dotted ? "<dot/>" : "");
  }
  if (accidental) {
    rs_string_buffer_append(out, "<accidental>%s</accidental>", accidental);
  }
  if (chord->actual > 1) {
    rs_string_buffer_append(out,
                            "<time-modification><actual-notes>%u</actual-notes>"
                            "<normal-notes>%u</normal-notes></time-modification>",
                            chord->actual, chord->normal);
  }
}

/* Ties as they are seen, and the bracket of a tuplet at its first and last chord. */
static void put_notations(RsStringBuffer *out, const RsChord *chord, bool from, bool to,
                          bool bracket) {
  const bool begin = bracket && chord->group, end = bracket && chord->group_end;
  if (from || to || begin || end) {
    rs_string_buffer_append(out, "<notations>%s%s%s%s</notations>",
                            from ? "<tied type=\"stop\"/>" : "", to ? "<tied type=\"start\"/>" : "",
                            begin ? "<tuplet type=\"start\" bracket=\"yes\"/>" : "",
                            end ? "<tuplet type=\"stop\"/>" : "");
  }
}

/* Where a chord is */
typedef struct {
  unsigned voice; /* of the song */
  unsigned staff; /* from 1; 0: there is only one */
} Place;

static void put_place(RsStringBuffer *out, const Place *place) {
  rs_string_buffer_append(out, "<voice>%u</voice>", place->voice + 1);
}

static void put_staff(RsStringBuffer *out, const Place *place) {
  if (place->staff) {
    rs_string_buffer_append(out, "<staff>%u</staff>", place->staff);
  }
}

static const char *accidental_name(int alteration) {
  static const char *const names[] = {"flat-flat", "flat", "natural", "sharp", "double-sharp"};
  return names[alteration + 2];
}

static void put_note(RsStringBuffer *out, const RsChord *chord, const Place *place, int note,
                     RsSpelling is, bool accidental) {
  const bool first = rs_frame_next(&chord->notes, 0) == note;
  const bool from = rs_frame_has(&chord->from, note), to = rs_frame_has(&chord->to, note);
  rs_string_buffer_append(out, "      <note>%s", first ? "" : "<chord/>");
  put_pitch(out, is);
  rs_string_buffer_append(out, "<duration>%zu</duration>%s%s", chord->frames,
                          from ? "<tie type=\"stop\"/>" : "", to ? "<tie type=\"start\"/>" : "");
  put_place(out, place);
  put_value(out, chord, accidental ? accidental_name(is.alteration) : NULL);
  put_staff(out, place);
  put_notations(out, chord, from, to, first);
  rs_string_buffer_append(out, "</note>\n");
}

/* Rests are visible in the first voice of a staff alone. */
static void put_rest(RsStringBuffer *out, const RsChord *chord, const Place *place) {
  rs_string_buffer_append(out, "      <note%s><rest/><duration>%zu</duration>",
                          place->voice % RS_STAFF_VOICES ? " print-object=\"no\"" : "",
                          chord->frames);
  put_place(out, place);
  put_value(out, chord, NULL);
  put_staff(out, place);
  put_notations(out, chord, false, false, true);
  rs_string_buffer_append(out, "</note>\n");
}

static void put_measure_rest(RsStringBuffer *out, size_t frames, const Place *place) {
  rs_string_buffer_append(out, "      <note><rest measure=\"yes\"/><duration>%zu</duration>",
                          frames);
  put_place(out, place);
  put_staff(out, place);
  rs_string_buffer_append(out, "</note>\n");
}

/* ---- Measures -------------------------------------------------------------------------------- */

static void put_key(RsStringBuffer *out, RsKeySignature key) {
  rs_string_buffer_append(out, "        <key><fifths>%d</fifths>", key.known ? key.sharps : 0);
  if (key.known) {
    rs_string_buffer_append(out, "<mode>%s</mode>", key.minor ? "minor" : "major");
  }
  rs_string_buffer_append(out, "</key>\n");
}

static void put_meter(RsStringBuffer *out, const RsMeasure *measure) {
  if (rs_meter_is_written(measure)) {
    rs_string_buffer_append(out,
                            "        <time><beats>%u</beats><beat-type>%u</beat-type></time>\n",
                            measure->beats, measure->unit);
  } else {
    rs_string_buffer_append(out, "        <time><senza-misura/></time>\n");
  }
}

static void put_clefs(RsStringBuffer *out, const RsNotation *notation) {
  if (notation->staves > 1) {
    rs_string_buffer_append(out, "        <staves>%u</staves>\n", notation->staves);
  }
  for (unsigned staff = 0; staff < notation->staves; ++staff) {
    const bool bass = notation->clefs[staff] == RS_CLEF_BASS;
    rs_string_buffer_append(out,
                            "        <clef number=\"%u\"><sign>%c</sign><line>%d</line></clef>\n",
                            staff + 1, bass ? 'F' : 'G', bass ? 4 : 2);
  }
}

static void put_attributes(RsStringBuffer *out, const RsNotation *notation, size_t m) {
  if (!notation->measures[m].new_meter) {
    return;
  }
  rs_string_buffer_append(out, "      <attributes>\n");
  if (!m) {
    rs_string_buffer_append(out, "        <divisions>%u</divisions>\n",
                            notation->frames_per_quarter);
    put_key(out, notation->key);
  }
  put_meter(out, &notation->measures[m]);
  if (!m) {
    put_clefs(out, notation);
  }
  rs_string_buffer_append(out, "      </attributes>\n");
}

/* Tempo at the beginning, and where phrases begin. */
static void put_directions(RsScore *score, size_t m) {
  RsStringBuffer *out = score->text;
  char phrase[RS_PHRASE_NAME_SIZE];
  if (!m) {
    rs_string_buffer_append(
        out,
        "      <direction placement=\"above\"><direction-type><metronome>"
        "<beat-unit>quarter</beat-unit><per-minute>%g</per-minute></metronome></direction-type>"
        "<sound tempo=\"%.9g\"/></direction>\n",
        score->notation->bpm, score->notation->bpm);
  }
  if (rs_score_phrase(score, &score->notation->measures[m], phrase)) {
    rs_string_buffer_append(out,
                            "      <direction placement=\"above\"><direction-type><rehearsal>%s"
                            "</rehearsal></direction-type></direction>\n",
                            phrase);
  }
}

static void put_chords(RsScore *score, const RsStaffMeasure *staff, unsigned voice, Place place) {
  const RsKeySignature key = score->notation->key;
  for (size_t i = 0; i < staff->voices[voice].count; ++i) {
    const RsChord *chord = &staff->voices[voice].list[i];
    const RsFrame accidentals = rs_accidentals(staff, key, voice, i);
    if (!rs_frame_count(&chord->notes)) {
      put_rest(score->text, chord, &place);
    }
    for (int n = rs_frame_next(&chord->notes, 0); n < RS_NOTES;
         n = rs_frame_next(&chord->notes, n + 1)) {
      put_note(score->text, chord, &place, n, rs_spell(key, n), rs_frame_has(&accidentals, n));
    }
  }
}

/* A staff of a measure. */
static RsStatus put_voices(RsScore *score, size_t m, unsigned number) {
  const RsNotation *notation = score->notation;
  const size_t frames = notation->measures[m].frames;
  RsChords voices[RS_STAFF_VOICES] = {{.count = 0}};
  const RsStaffMeasure staff = {voices, RS_STAFF_VOICES};
  RsStatus status = RS_OK;
  for (unsigned v = 0; v < RS_STAFF_VOICES && !status; ++v) {
    const unsigned voice = number * RS_STAFF_VOICES + v;
    status = rs_notation_has(notation, m, voice) ? rs_notation_voice(notation, m, voice, &voices[v])
                                                 : RS_OK;
  }
  for (unsigned v = 0; v < RS_STAFF_VOICES && !status; ++v) {
    const Place place = {number * RS_STAFF_VOICES + v, notation->staves > 1 ? number + 1 : 0};
    if ((v && voices[v].count) || (!v && number)) {
      rs_string_buffer_append(score->text, "      <backup><duration>%zu</duration></backup>\n",
                              frames);
    }
    if (voices[v].count) {
      put_chords(score, &staff, v, place);
    } else if (!v) {
      put_measure_rest(score->text, frames, &place);
    }
  }
  for (unsigned v = 0; v < RS_STAFF_VOICES; ++v) {
    free(voices[v].list);
  }
  return status;
}

/* Measures count from 1, a pickup is 0; those shorter than the meter are marked. */
static RsStatus put_measure(RsScore *score, size_t m) {
  const RsNotation *notation = score->notation;
  const RsMeasure *measure = &notation->measures[m];
  RsStatus status = RS_OK;
  rs_string_buffer_append(score->text, "    <measure number=\"%zu\"%s>\n",
                          m + 1 - notation->measures[0].pickup,
                          measure->frames < measure->bar_frames ? " implicit=\"yes\"" : "");
  put_attributes(score->text, notation, m);
  put_directions(score, m);
  for (unsigned staff = 0; staff < notation->staves && !status; ++staff) {
    status = put_voices(score, m, staff);
  }
  if (m + 1 == notation->measure_count) {
    rs_string_buffer_append(
        score->text,
        "      <barline location=\"right\"><bar-style>light-heavy</bar-style></barline>\n");
  }
  rs_string_buffer_append(score->text, "    </measure>\n");
  return status;
}

static RsStatus put_song(RsScore *score) {
  RsStatus status = RS_OK;
  put_head(score);
  for (size_t m = 0; m < score->notation->measure_count && !status; ++m) {
    status = put_measure(score, m);
  }
  rs_string_buffer_append(score->text, "  </part>\n</score-partwise>\n");
  return status;
}

/* Octaves below 0 are not in the schema. */
static RsStatus check_lowest(const RsRoll *roll, RsKeySignature key, RsError *error) {
  int lowest = RS_NOTES;
  for (size_t f = 0; f < roll->frames; ++f) {
    const int note = rs_frame_next(&roll->on[f], 0);
    lowest = note < lowest ? note : lowest;
  }
  if (lowest == RS_NOTES || rs_spell(key, lowest).octave >= 0) {
    return RS_OK;
  }
  return rs_error(error, RS_ERR_ARGUMENT,
                  "note %d is below octave 0, the lowest that MusicXML can state: write ABC or a "
                  "MIDI file, or transpose the song",
                  lowest);
}

RsStatus rs_musicxml_write(const RsRoll *roll, const RsMidiSettings *settings, const char *path,
                           RsError *error) {
  const RsStatus status = check_lowest(roll, settings->key, error);
  return status ? status : rs_score_write(roll, settings, put_song, path, error);
}
