/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_CHUNKS_H
#define RS_MUSIC_CHUNKS_H

/**
   @file chunks.h First layer of the MIDI reader: the chunks of a Standard MIDI File.

   Nothing that the file declares is trusted: lengths are cut to what is there, chunks of other
   kinds are passed over, and RIFF (.rmi) and MacBinary files are looked into. Where the length of a
   track is wrong, or junk stands between two, a track ends with its events, and the next one is
   looked for; but where all declared tracks are there, one that has the name of one of them is what
   is left of a longer file that was written over, and ends the file.
*/

#include "music/repairs.h"

#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The data of a track. */
typedef struct {
  const uint8_t *data; ///< Borrowed from the file
  size_t size;         ///< Number of bytes in the file
} RsTrackBytes;

/** The chunks of a file. */
typedef struct {
  unsigned format;           ///< 0, 1 or 2; anything else in the file is read as 1
  bool counted;              ///< Whether the header has a number of tracks
  unsigned declared;         ///< That number; 0 without one
  unsigned division;         ///< Ticks a quarter note, 1..32767; of time: ticks a second
  double ticks_per_beat;     ///< Ticks a quarter note; of time: half a second
  uint32_t usec_per_quarter; ///< Of time: the one tempo that makes division ticks a second; else 0
  RsTrackBytes *tracks;      ///< Owned
  size_t count;              ///< Number of tracks
} RsChunks;

/** Most tracks that are read; further ones are left out. */
#define RS_TRACKS_MAX 2048

/**
   Split a file into its chunks.

   @param data, size  The file, borrowed until `out` is freed.
   @param out         Output, to be given to rs_chunks_clear().
   @param repairs     What was out of order is added to it.
   @param error       Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_FORMAT where it is not a MIDI file.
*/
RsStatus rs_chunks_read(const uint8_t *data, size_t size, RsChunks *out, RsRepairs *repairs,
                        RsError *error);

/** Free what the chunks own. */
void rs_chunks_clear(RsChunks *chunks);

#endif /* RS_MUSIC_CHUNKS_H */
