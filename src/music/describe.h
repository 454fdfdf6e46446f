/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_DESCRIBE_H
#define RS_MUSIC_DESCRIBE_H

/**
   @file describe.h Tempo and time signatures of a song, for its roll.
*/

#include "music/meter_map.h"
#include "music/midi_read.h"
#include "music/notes.h"

#include <rollsmith/ingest.h>

/** Which of the song's tempos is in force at a time. */
size_t rs_tempo_at(const RsMidiSong *song, uint32_t tick);

/**
   Give a roll its tempo, its frames and its meters.

   Tempo and main meter are those in force longest, in quarter notes, of several the first: the
   tempo from the first note to the end of the last, the main meter over the frames of the roll or,
   where frames are of time, up to the end of the last note.

   @param song      Borrowed.
   @param notes     Its notes, borrowed.
   @param settings  How it became a roll.
   @param map       Its time signatures by the frame, borrowed; empty where frames are of time.
   @param roll      Output; has its frames already.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_describe(const RsMidiSong *song, const RsNotes *notes, const RsIngest *settings,
                     const RsMeterMap *map, RsRoll *roll);

#endif /* RS_MUSIC_DESCRIBE_H */
