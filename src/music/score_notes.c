/* SPDX-License-Identifier: ISC */

#include "music/score_notes.h"

#include "base/memory.h"

#include <rollsmith/performance.h>

#include <stdlib.h>
#include <string.h>

enum {
  MIDDLE_C = 60,
  TREBLE_LOWEST = 55, /* G below middle C: two ledger lines */
  BASS_HIGHEST = 64,  /* E above middle C: two ledger lines */
};

/* ---- Notes ----------------------------------------------------------------------------------- */

static RsStatus add_events(const RsNoteEvent *events, size_t count, size_t frame, size_t *start,
                           RsScoreNotes *notes) {
  for (size_t i = 0; i < count; ++i) {
    if (events[i].on) {
      start[events[i].note] = frame;
      continue;
    }
    RsScoreNote *list = rs_grow(notes->list, &notes->room, notes->count + 1, sizeof *list);
    if (!list) {
      return RS_ERR_MEMORY;
    }
    notes->list = list;
    list[notes->count++] = (RsScoreNote){start[events[i].note], frame, events[i].note, 0};
  }
  return RS_OK;
}

RsStatus rs_score_notes(const RsRoll *roll, RsScoreNotes *notes) {
  size_t start[RS_NOTES];
  RsNoteEvent events[RS_PERFORMER_EVENTS];
  const RsPerformance how = rs_performance_of(roll, 1); /* velocities are not used */
  RsPerformer *performer = NULL;
  RsStatus status = rs_performer_new(&how, 0, &performer);
  for (size_t f = 0; f < roll->frames && !status; ++f) {
    const size_t count = rs_performer_frame(performer, &roll->on[f],
                                            roll->onset ? &roll->onset[f] : NULL, NULL, events);
    status = add_events(events, count, f, start, notes);
  }
  if (!status) {
    const size_t count = rs_performer_end(performer, events);
    status = add_events(events, count, roll->frames, start, notes);
  }
  rs_performer_free(performer);
  return status;
}

/* ---- Staves ---------------------------------------------------------------------------------- */

static void choose_staves(const RsScoreNotes *notes, RsNotation *notation) {
  int lowest = RS_NOTES, highest = -1;
  for (size_t i = 0; i < notes->count; ++i) {
    const int note = notes->list[i].note;
    lowest = note < lowest ? note : lowest;
    highest = note > highest ? note : highest;
  }
  const bool bass = highest >= 0 && highest <= BASS_HIGHEST && lowest < TREBLE_LOWEST;
  notation->staves = bass || lowest >= TREBLE_LOWEST ? 1 : 2;
  notation->clefs[0] = bass ? RS_CLEF_BASS : RS_CLEF_TREBLE;
  notation->clefs[1] = RS_CLEF_BASS;
}

static unsigned staff_of(const RsNotation *notation, int note) {
  return notation->staves == 2 && note < MIDDLE_C ? 1 : 0;
}

/* ---- Voices ---------------------------------------------------------------------------------- */

/* Notes that begin and end together, in one staff */
typedef struct {
  const RsScoreNote *top; /* the highest one, followed by the others */
  size_t first, count;
} Group;

/* By staff (voice is its first voice), start, end and pitch, highest first */
static int by_group(const void *left, const void *right) {
  const RsScoreNote *a = left, *b = right;
  const int order = rs_compare_sizes(a->voice, b->voice);
  const int start = order ? order : rs_compare_sizes(a->start, b->start);
  const int end = start ? start : rs_compare_sizes(a->end, b->end);
  return end ? end : rs_compare_sizes(b->note, a->note);
}

/* By staff, highest note, highest first, and start */
static int by_pitch(const void *left, const void *right) {
  const RsScoreNote *a = ((const Group *)left)->top, *b = ((const Group *)right)->top;
  const int order = rs_compare_sizes(a->voice, b->voice);
  const int pitch = order ? order : rs_compare_sizes(b->note, a->note);
  return pitch ? pitch : rs_compare_sizes(a->start, b->start);
}

/* The groups of sorted notes; `groups` has room for as many as there are notes. */
static size_t find_groups(const RsScoreNotes *notes, Group *groups) {
  size_t count = 0;
  for (size_t i = 0; i < notes->count; ++i) {
    const RsScoreNote *note = &notes->list[i], *top = count ? groups[count - 1].top : note;
    if (count && note->voice == top->voice && note->start == top->start && note->end == top->end) {
      ++groups[count - 1].count;
    } else {
      groups[count++] = (Group){note, i, 1};
    }
  }
  return count;
}

/* The highest voice below all voices that a group overlaps. `taken` has the number of voices in use
   of each frame, by groups with higher notes, and is updated. */
static unsigned take_voice(const RsScoreNote *top, uint8_t *taken) {
  uint8_t voice = 0;
  for (size_t f = top->start; f < top->end; ++f) {
    voice = taken[f] > voice ? taken[f] : voice;
  }
  voice = voice < RS_STAFF_VOICES ? voice : RS_STAFF_VOICES - 1;
  memset(taken + top->start, voice + 1, top->end - top->start);
  return voice;
}

static void set_voices(const Group *groups, size_t count, size_t frames, uint8_t *taken,
                       RsScoreNotes *notes, RsNotation *notation) {
  unsigned staff = 0;
  for (size_t g = 0; g < count; ++g) {
    RsScoreNote *list = notes->list + groups[g].first;
    const unsigned base = list->voice;
    if (rs_voice_staff(base) != staff) {
      staff = rs_voice_staff(base);
      memset(taken, 0, frames);
    }
    const unsigned voice = base + take_voice(groups[g].top, taken);
    for (size_t i = 0; i < groups[g].count; ++i) {
      list[i].voice = (uint8_t)voice;
    }
    notation->used[voice] = true;
  }
}

RsStatus rs_score_voices(size_t frames, RsScoreNotes *notes, RsNotation *notation) {
  Group *groups = rs_alloc(notes->count, sizeof *groups);
  uint8_t *taken = rs_alloc(frames, 1);
  const RsStatus status = groups && taken ? RS_OK : RS_ERR_MEMORY;
  choose_staves(notes, notation);
  for (unsigned staff = 0; staff < notation->staves; ++staff) {
    notation->used[staff * RS_STAFF_VOICES] = true;
  }
  if (!status && notes->count) {
    for (size_t i = 0; i < notes->count; ++i) {
      const unsigned staff = staff_of(notation, notes->list[i].note);
      notes->list[i].voice = (uint8_t)(staff * RS_STAFF_VOICES);
    }
    qsort(notes->list, notes->count, sizeof *notes->list, by_group);
    const size_t count = find_groups(notes, groups);
    qsort(groups, count, sizeof *groups, by_pitch);
    set_voices(groups, count, frames, taken, notes, notation);
  }
  free(taken);
  free(groups);
  return status;
}
