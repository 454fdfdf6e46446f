/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_QUANTISE_H
#define RS_MUSIC_QUANTISE_H

/**
   @file quantise.h Quantisation of notes to frames.

   A note that lasts from time a to time b is on in the frames from round(a) up to, not including,
   round(b), where round(t) = floor(t / length of a frame + 1/2).
*/

#include "music/midi_read.h"
#include "music/notes.h"
#include "music/repairs.h"
#include "music/song_print.h"

#include <rollsmith/ingest.h>

/** The frame nearest to a tick of a song, by the settings' frames; before any is left out. */
int64_t rs_quantise_tick(const RsMidiSong *song, const RsIngest *settings, uint32_t tick);

/**
   Make a roll from notes.

   @param song      Where the notes are from: its tempos and time signatures; borrowed.
   @param notes     Notes, borrowed.
   @param settings  How.
   @param name      Of the song.
   @param out       Output, to be given to rs_roll_clear(); empty after an error.
   @param report    The notes are added to its counts.
   @param repairs   What was out of order is added to it.
   @param hash      Output: RsSongPrint.notes.
   @return RS_OK; RS_ERR_MEMORY; RS_ERR_FORMAT where the song is too long or out of the range;
   RS_ERR_EMPTY where no note is left; report->error has the reason.
*/
RsStatus rs_quantise(const RsMidiSong *song, const RsNotes *notes, const RsIngest *settings,
                     const char *name, RsRoll *out, RsIngestReport *report, RsRepairs *repairs,
                     RsHash *hash);

#endif /* RS_MUSIC_QUANTISE_H */
