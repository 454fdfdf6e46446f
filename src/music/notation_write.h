/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_NOTATION_WRITE_H
#define RS_MUSIC_NOTATION_WRITE_H

/**
   @file notation_write.h What the formats of sheet music have in common.
*/

#include "base/string_buffer.h"
#include "music/form.h"
#include "music/notation.h"

/** A song that is being written. */
typedef struct {
  const RsRoll *roll;
  const RsMidiSettings *settings;
  const RsNotation *notation;
  RsStringBuffer *text; ///< Output
  RsPhrases phrases;    ///< Those so far
  RsChords chords;      ///< Workspace of a voice of a measure
} RsScore;

/**
   Write a song in a format.

   @param format  Writes the whole text. @return RS_OK, RS_ERR_MEMORY.
   @return As rs_abc_write().
*/
RsStatus rs_score_write(const RsRoll *roll, const RsMidiSettings *settings,
                        RsStatus (*format)(RsScore *score), const char *path, RsError *error);

/** Title of a song; empty where it has none. */
const char *rs_score_title(const RsScore *score);

/**
   Name of the phrase that begins with a measure. To be asked of all measures in their order.

   @param name  Output, RS_PHRASE_NAME_SIZE bytes.
   @return Whether one begins.
*/
bool rs_score_phrase(RsScore *score, const RsMeasure *measure, char *name);

/** Whether a format can state a meter: its lower number is a power of two. */
bool rs_meter_is_written(const RsMeasure *measure);

#endif /* RS_MUSIC_NOTATION_WRITE_H */
