#ifndef RS_MUSIC_CANONICAL_H
#define RS_MUSIC_CANONICAL_H

/**
   @file canonical.h Third layer of the scanner: a small sound Standard MIDI File in memory.

   It holds what libsmf reads without harm and in linear time: every event with its status, no
   system messages, deltas of at most 4 bytes, an end of track everywhere, the true number of
   tracks, and no track of more than RS_PIECE_EVENTS events. A longer track goes into pieces one
   after the other; each piece says by a sequence number which track of the song it belongs to.
*/

#include "music/file.h"

#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Events in one piece of a track: libsmf takes time quadratic in it to free one. */
#define RS_PIECE_EVENTS 512

/** A file that is being written. All zeroes but for what rs_canonical_begin() sets. */
typedef struct {
  RsBytes bytes;   ///< So far; owned
  size_t capacity; ///< For how many there is room
  size_t piece;    ///< Where the open piece's header stands
  unsigned pieces; ///< Number of pieces, the open one included
  unsigned track;  ///< Track of the song that the open piece belongs to
  size_t events;   ///< In the open piece
  uint32_t tick;   ///< Time of the last event of the open piece
  bool failed;     ///< Whether memory ran out or there are too many pieces
} RsCanonical;

/** Begin a file. @param division Ticks a quarter note, 1..32767. */
void rs_canonical_begin(RsCanonical *file, unsigned division);

/** Begin a track. @param track Its number in the song, 0..65535. */
void rs_canonical_track(RsCanonical *file, unsigned track);

/**
   Add an event to the track that was begun last.

   @param file        File.
   @param tick        Time since the start of the song, not before the last event's, at most
   INT32_MAX.
   @param event, size The event with its status, and its length.
*/
void rs_canonical_event(RsCanonical *file, uint32_t tick, const uint8_t *event, size_t size);

/** End the track that was begun last. @param tick When. */
void rs_canonical_end_track(RsCanonical *file, uint32_t tick);

/** Complete the file. @return RS_OK, or RS_ERR_MEMORY; then there are no bytes. */
RsStatus rs_canonical_end(RsCanonical *file);

#endif /* RS_MUSIC_CANONICAL_H */
