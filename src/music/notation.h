/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_NOTATION_H
#define RS_MUSIC_NOTATION_H

/**
   @file notation.h A performance as measures of voices, before it is written in a format.

   Notes are divided between two staves at middle C where they are too far apart for one. Within a
   staff, notes that overlap without beginning and ending together are in different voices, ordered
   by pitch: voice 0 is the highest. The last voice holds whatever is left; where its notes overlap,
   they are cut and tied. Each voice of a measure is a row of chords and rests with a single note
   value each; longer notes are tied.
*/

#include "music/note_values.h"

#include <rollsmith/midi_write.h>
#include <rollsmith/roll.h>

/** Voices of a staff, at most: as many as readers of MusicXML take. */
#define RS_STAFF_VOICES 4

/** Frames of a quarter note where frames are of time, at most. */
#define RS_NOTATION_QUARTER_MAX 1024

/** Staves, at most. */
#define RS_STAVES_MAX 2

/** A measure. */
typedef struct {
  size_t start;      ///< First frame
  size_t frames;     ///< Length
  size_t bar_frames; ///< Length of a whole bar of the meter
  unsigned beats;    ///< Time signature, upper number
  unsigned unit;     ///< Time signature, lower number
  bool new_meter;    ///< Whether the time signature is to be written
  bool pickup;       ///< Whether it is the end of a bar that began before the song
} RsMeasure;

/** A note, or the part of it that is in one measure. */
typedef struct {
  size_t measure;
  size_t start; ///< First frame of the song
  size_t end;   ///< Frame after the last one
  size_t begin; ///< First frame of the whole note
  uint8_t note;
  uint8_t voice; ///< Voice of the song: RS_STAFF_VOICES a staff
  bool from;     ///< Whether it is tied to what was before the measure
  bool to;       ///< Whether it is tied to what is after the measure
} RsPiece;

/** Clefs. */
typedef enum { RS_CLEF_TREBLE, RS_CLEF_BASS } RsClef;

/** A performance in measures. */
typedef struct {
  unsigned frames_per_quarter;
  double bpm; ///< Quarter notes a minute
  RsKeySignature key;
  unsigned staves; ///< 1 or RS_STAVES_MAX
  RsClef clefs[RS_STAVES_MAX];
  bool used[RS_STAVES_MAX * RS_STAFF_VOICES]; ///< Voices with notes; the first of a staff always
  RsMeasure *measures;                        ///< `measure_count` of them
  size_t measure_count;
  RsPiece *pieces; ///< `piece_count` pieces, by measure, voice, start and note
  size_t piece_count;
  size_t *first; ///< Of each voice of each measure, the index of the first piece; one more at the
                 ///< end: measure_count x voices + 1 values, voices = RS_STAVES_MAX x
                 ///< RS_STAFF_VOICES
} RsNotation;

/**
   The measures of a roll.

   @param roll      Borrowed.
   @param bpm       Quarter notes a minute.
   @param key       Key signature.
   @param notation  Output, to be given to rs_notation_clear(), also after an error.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_ARGUMENT.
*/
RsStatus rs_notation_init(const RsRoll *roll, double bpm, RsKeySignature key, RsNotation *notation);

/** Free what a notation owns. */
void rs_notation_clear(RsNotation *notation);

/** Staff of a voice, from 0. */
static inline unsigned rs_voice_staff(unsigned voice) {
  return voice / RS_STAFF_VOICES;
}

/** The grid of a measure. */
RsGrid rs_measure_grid(const RsNotation *notation, const RsMeasure *measure);

/** Whether a voice has notes in a measure. */
bool rs_notation_has(const RsNotation *notation, size_t measure, unsigned voice);

/**
   A voice of a measure.

   @param out  Replaced by the chords and rests of the whole measure, in their order.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_notation_voice(const RsNotation *notation, size_t measure, unsigned voice,
                           RsChords *out);

/**
   First frame in the song of a note of a chord, also where it began in an earlier measure.

   @param chord  A chord of rs_notation_voice() of the same measure and voice.
   @param note   One of its notes.
*/
size_t rs_notation_begin(const RsNotation *notation, size_t measure, unsigned voice,
                         const RsChord *chord, int note);

#endif /* RS_MUSIC_NOTATION_H */
