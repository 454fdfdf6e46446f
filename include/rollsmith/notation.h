/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_NOTATION_H
#define ROLLSMITH_NOTATION_H

/**
   @file notation.h Rolls into sheet music: MusicXML and ABC.

   A score has one or two staves, and up to four voices a staff where notes of different lengths
   overlap. Notes are spelled by the key signature. A first bar that is shorter than the second is a
   pickup. Every note of the performance is in the score with its pitch, onset and length in frames;
   velocities are not. Beams are left to the reader.

   Where frames are of time, a quarter note is the power of two of frames that is nearest to the
   tempo, and the tempo that is written is that of these quarter notes.
*/

#include <rollsmith/midi_write.h>
#include <rollsmith/roll.h>
#include <rollsmith/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
   Write a roll as MusicXML 3.1, whole or not at all. The same roll and settings give the same
   bytes. Characters of the name that XML cannot hold are written as escape sequences.

   @param roll      Borrowed.
   @param settings  As for rs_midi_write(); `velocity` and `seed` are not used.
   @param path      Where.
   @param error     Detail, or NULL.
   @return As rs_midi_write(); RS_ERR_ARGUMENT also for a note below octave 0, which
   MusicXML cannot state.
*/
RsStatus rs_musicxml_write(const RsRoll *roll, const RsMidiSettings *settings, const char *path,
                           RsError *error);

/**
   Write a roll in ABC notation (standard 2.1), whole or not at all. The same roll and settings give
   the same bytes. The tempo is rounded to a whole number of quarter notes a minute.

   @param roll      Borrowed.
   @param settings  As for rs_midi_write(); `velocity`, `seed` and `channel` are not used.
   @param path      Where.
   @param error     Detail, or NULL.
   @return As rs_midi_write().
*/
RsStatus rs_abc_write(const RsRoll *roll, const RsMidiSettings *settings, const char *path,
                      RsError *error);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_NOTATION_H */
