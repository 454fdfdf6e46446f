/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_TEMPO_MAP_H
#define RS_MUSIC_TEMPO_MAP_H

/**
   @file tempo_map.h The tempos and time signatures of a song, as libsmf has them.
*/

#include "music/midi_read.h"

/**
   Fill in the tempos of a song from its events: one for each time at which one of the two changes.

   libsmf gets those events alone, by calls, so that nothing of a file reaches it.

   @param song  Song; its tempos are replaced.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_tempo_map(RsMidiSong *song);

#endif /* RS_MUSIC_TEMPO_MAP_H */
