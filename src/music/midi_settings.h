/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_MIDI_SETTINGS_H
#define RS_MUSIC_MIDI_SETTINGS_H

/**
   @file midi_settings.h The limits of what a song is written with.
*/

#include <rollsmith/midi_write.h>

/**
   Check a song and how it is to be written.

   @param bpm  Output: quarter notes a minute.
   @return RS_OK, RS_ERR_ARGUMENT for a setting out of its range, RS_ERR_EMPTY for a roll of no
   frames.
*/
RsStatus rs_midi_settings_check(const RsRoll *roll, const RsMidiSettings *settings, double *bpm,
                                RsError *error);

#endif /* RS_MUSIC_MIDI_SETTINGS_H */
