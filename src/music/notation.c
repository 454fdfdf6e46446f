/* SPDX-License-Identifier: ISC */

#include "music/notation.h"

#include "base/memory.h"
#include "music/score_notes.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* Voices of a song, whether they are in use or not */
#define VOICES (RS_STAVES_MAX * RS_STAFF_VOICES)

/* ---- Measures -------------------------------------------------------------------------------- */

/* Frames of a quarter note; where frames are of time, a power of two. */
static unsigned choose_quarter(const RsRoll *roll, double bpm) {
  const double frames = roll->frames_per_beat ? 1 : 60000 / bpm / roll->frame_ms;
  unsigned quarter = 1;
  while (quarter * 2 < RS_NOTATION_QUARTER_MAX && quarter * M_SQRT2 < frames) {
    quarter *= 2;
  }
  return roll->frames_per_beat ? roll->frames_per_beat : quarter;
}

/* The meter of a first bar that is shorter than the next one is that of the next. */
static void mark_pickup(const RsRoll *clock, RsMeasure *first, RsBarPlace next) {
  first->pickup = first->frames < next.bar_frames && next.bar_start < clock->frames;
  if (first->pickup) {
    first->beats = next.beats;
    first->unit = next.unit;
    first->bar_frames = next.bar_frames;
  }
}

static RsStatus add_measures(const RsRoll *clock, RsNotation *notation) {
  size_t room = 0;
  RsBarPlace bar;
  rs_roll_bar(clock, 0, &bar);
  while (bar.bar_start < clock->frames) {
    RsMeasure *list = rs_grow(notation->measures, &room, notation->measure_count + 1, sizeof *list);
    if (!list) {
      return RS_ERR_MEMORY;
    }
    notation->measures = list;
    RsMeasure *measure = &list[notation->measure_count];
    *measure = (RsMeasure){
        .start = bar.bar_start, .bar_frames = bar.bar_frames, .beats = bar.beats, .unit = bar.unit};
    rs_roll_next_bar(clock, &bar);
    const size_t end = bar.bar_start < clock->frames ? bar.bar_start : clock->frames;
    measure->frames = end - measure->start;
    if (!notation->measure_count++) {
      mark_pickup(clock, measure, bar);
    }
    const RsMeasure *last = measure == list ? NULL : measure - 1;
    measure->new_meter = !last || last->beats != measure->beats || last->unit != measure->unit;
  }
  return RS_OK;
}

/* The bars of a roll; without a meter map, those of its meter. */
static RsStatus find_measures(const RsRoll *roll, RsNotation *notation) {
  RsMeterChange meter = {0, roll->meter_beats ? roll->meter_beats : 4,
                         roll->meter_unit ? roll->meter_unit : 4};
  RsRoll clock = {.frames = roll->frames,
                  .frames_per_beat = notation->frames_per_quarter,
                  .meters = &meter,
                  .meter_count = 1};
  if (roll->meter_count) {
    clock.meters = roll->meters;
    clock.meter_count = roll->meter_count;
  }
  return add_measures(&clock, notation);
}

/* ---- Pieces ---------------------------------------------------------------------------------- */

static size_t end_of(const RsMeasure *measure) {
  return measure->start + measure->frames;
}

/* Cut a note at the bar lines. `m` is its first measure. */
static RsStatus add_pieces(const RsScoreNote *note, size_t m, RsNotation *notation, size_t *room) {
  for (size_t start = note->start; start < note->end; ++m) {
    RsPiece *list = rs_grow(notation->pieces, room, notation->piece_count + 1, sizeof *list);
    if (!list) {
      return RS_ERR_MEMORY;
    }
    notation->pieces = list;
    const size_t bar_end = end_of(&notation->measures[m]);
    const size_t end = note->end < bar_end ? note->end : bar_end;
    list[notation->piece_count++] = (RsPiece){.measure = m,
                                              .start = start,
                                              .end = end,
                                              .begin = note->start,
                                              .note = note->note,
                                              .voice = note->voice,
                                              .from = start > note->start,
                                              .to = end < note->end};
    start = end;
  }
  return RS_OK;
}

/* By measure, voice, start and note */
static int by_place(const void *left, const void *right) {
  const RsPiece *a = left, *b = right;
  const int measure = rs_compare_sizes(a->measure, b->measure);
  const int voice = measure ? measure : rs_compare_sizes(a->voice, b->voice);
  const int start = voice ? voice : rs_compare_sizes(a->start, b->start);
  return start ? start : rs_compare_sizes(a->note, b->note);
}

/* Sort the pieces, and find those of each voice of each measure. */
static RsStatus index_pieces(RsNotation *notation) {
  const size_t places = notation->measure_count * VOICES;
  notation->first = rs_alloc(places + 1, sizeof *notation->first);
  if (!notation->first) {
    return RS_ERR_MEMORY;
  }
  if (notation->piece_count) {
    qsort(notation->pieces, notation->piece_count, sizeof *notation->pieces, by_place);
  }
  for (size_t place = 0, i = 0; place <= places; ++place) {
    while (i < notation->piece_count &&
           notation->pieces[i].measure * VOICES + notation->pieces[i].voice < place) {
      ++i;
    }
    notation->first[place] = i;
  }
  return RS_OK;
}

static RsStatus take_notes(const RsRoll *roll, RsNotation *notation) {
  RsScoreNotes notes = {.count = 0};
  size_t room = 0, m = 0; /* the notes of a staff begin one after the other */
  RsStatus status = rs_score_notes(roll, &notes);
  status = status ? status : rs_score_voices(roll->frames, &notes, notation);
  for (size_t i = 0; i < notes.count && !status; ++i) {
    const size_t start = notes.list[i].start;
    for (m = start < notation->measures[m].start ? 0 : m;
         end_of(&notation->measures[m]) <= start;) {
      ++m;
    }
    status = add_pieces(&notes.list[i], m, notation, &room);
  }
  free(notes.list);
  return status ? status : index_pieces(notation);
}

RsStatus rs_notation_init(const RsRoll *roll, double bpm, RsKeySignature key,
                          RsNotation *notation) {
  const unsigned quarter = choose_quarter(roll, bpm);
  *notation = (RsNotation){
      .frames_per_quarter = quarter,
      .bpm = roll->frames_per_beat ? bpm : 60000 / (quarter * roll->frame_ms),
      .key = key,
  };
  const RsStatus status = find_measures(roll, notation);
  return status ? status : take_notes(roll, notation);
}

void rs_notation_clear(RsNotation *notation) {
  free(notation->measures);
  free(notation->pieces);
  free(notation->first);
  *notation = (RsNotation){.measures = NULL};
}

/* ---- Voices ---------------------------------------------------------------------------------- */

bool rs_notation_has(const RsNotation *notation, size_t measure, unsigned voice) {
  const size_t *first = notation->first + measure * VOICES + voice;
  return first[1] > first[0];
}

/* Frames of the bar before a measure. */
static size_t missing_before(const RsMeasure *measure) {
  return measure->pickup ? measure->bar_frames - measure->frames : 0;
}

RsGrid rs_measure_grid(const RsNotation *notation, const RsMeasure *measure) {
  return rs_grid(notation->frames_per_quarter, measure->beats, measure->unit,
                 missing_before(measure) + measure->frames);
}

/* Notes that sound, and where they end */
typedef struct {
  RsFrame notes, from, to;
  size_t end[RS_NOTES]; /* of each of `notes` */
} Sounding;

/* Go to a frame: notes end and begin there. @return the next piece. */
static const RsPiece *advance(const RsPiece *piece, const RsPiece *last, size_t frame,
                              Sounding *now) {
  for (int n = rs_frame_next(&now->notes, 0); n < RS_NOTES; n = rs_frame_next(&now->notes, n + 1)) {
    if (now->end[n] == frame) {
      rs_frame_clear(&now->notes, n);
      rs_frame_clear(&now->to, n);
    }
  }
  now->from = now->notes;
  for (; piece < last && piece->start == frame; ++piece) {
    rs_frame_set(&now->notes, piece->note);
    now->end[piece->note] = piece->end;
    if (piece->from) {
      rs_frame_set(&now->from, piece->note);
    }
    if (piece->to) {
      rs_frame_set(&now->to, piece->note);
    }
  }
  return piece;
}

/* The next frame at which a note ends or begins; `end` is that of the measure. Notes that sound on
   are tied. */
static size_t next_border(const RsPiece *piece, const RsPiece *last, size_t end,
                          const Sounding *now, RsFrame *to) {
  size_t next = piece < last ? piece->start : end;
  for (int n = rs_frame_next(&now->notes, 0); n < RS_NOTES; n = rs_frame_next(&now->notes, n + 1)) {
    next = now->end[n] < next ? now->end[n] : next;
  }
  *to = now->to;
  for (int n = rs_frame_next(&now->notes, 0); n < RS_NOTES; n = rs_frame_next(&now->notes, n + 1)) {
    if (now->end[n] > next) {
      rs_frame_set(to, n);
    }
  }
  return next;
}

/* A chord from each frame at which a note begins or ends to the next. */
static RsStatus slice(const RsNotation *notation, const RsMeasure *measure, const size_t *first,
                      RsChords *chords) {
  const RsPiece *piece = notation->pieces + first[0], *end = notation->pieces + first[1];
  const size_t measure_end = end_of(measure);
  Sounding now = {.notes = {{0, 0}}};
  RsStatus status = RS_OK;
  for (size_t at = measure->start; at < measure_end && !status;) {
    RsChord chord = {.start = missing_before(measure) + at - measure->start};
    piece = advance(piece, end, at, &now);
    const size_t next = next_border(piece, end, measure_end, &now, &chord.to);
    chord.frames = next - at;
    chord.notes = now.notes;
    chord.from = now.from;
    status = rs_chords_add(chords, chord);
    at = next;
  }
  return status;
}

RsStatus rs_notation_voice(const RsNotation *notation, size_t measure, unsigned voice,
                           RsChords *out) {
  const RsMeasure *place = &notation->measures[measure];
  const size_t *first = notation->first + measure * VOICES + voice;
  const RsGrid grid = rs_measure_grid(notation, place);
  RsChords chords = {.count = 0};
  out->count = 0;
  RsStatus status = slice(notation, place, first, &chords);
  if (!status) {
    status = rs_note_values(&grid, chords.list, chords.count, out);
  }
  free(chords.list);
  return status;
}

size_t rs_notation_begin(const RsNotation *notation, size_t measure, unsigned voice,
                         const RsChord *chord, int note) {
  const RsMeasure *place = &notation->measures[measure];
  const size_t *first = notation->first + measure * VOICES + voice;
  const size_t at = place->start + chord->start - missing_before(place);
  size_t i = first[0];
  while (notation->pieces[i].note != note || notation->pieces[i].end <= at) {
    ++i;
    assert(i < first[1]);
  }
  return notation->pieces[i].begin;
}
