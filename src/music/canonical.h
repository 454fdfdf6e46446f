#ifndef RS_MUSIC_CANONICAL_H
#define RS_MUSIC_CANONICAL_H

/**
   @file canonical.h Third layer of the scanner: small sound Standard MIDI Files in memory.

   They hold what libsmf reads without harm: every event with its status, no system messages, deltas
   of at most 4 bytes, an end of track everywhere, the true number of tracks. The time that libsmf
   takes is quadratic in the events and tracks of a file, so a song goes into as many files as it
   takes to keep each of them small. Times count from the start of the song in all of them; a track
   says by a sequence number which track of the song it is, or goes on with.
*/

#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Events in one file, beginnings of tracks included. */
#define RS_CANONICAL_EVENTS 256

/** Files one after the other. */
typedef struct {
  uint8_t *data; ///< Owned
  size_t *ends;  ///< `count` offsets into the data: file i ends before ends[i]; owned
  size_t count;  ///< Number of files
} RsCanonical;

/** Files that are being written. */
typedef struct {
  RsCanonical files; ///< The complete ones
  size_t size;       ///< Bytes so far
  size_t room;       ///< For how many bytes there is room
  size_t end_room;   ///< For how many offsets there is room
  unsigned division; ///< Ticks a quarter note
  unsigned track;    ///< Track of the song that is open
  size_t file_at;    ///< Where the open file begins
  size_t track_at;   ///< Where the open track begins
  unsigned tracks;   ///< In the open file
  size_t events;     ///< In the open file
  uint32_t tick;     ///< Time of the last event of the open track in the open file
  bool failed;       ///< Whether memory ran out
} RsCanonicalWriter;

/** Begin a song. @param division Ticks a quarter note, 1..32767. */
void rs_canonical_begin(RsCanonicalWriter *writer, unsigned division);

/** Begin a track. @param track Its number in the song, 0..65535. */
void rs_canonical_track(RsCanonicalWriter *writer, unsigned track);

/**
   Add an event to the track that was begun last.

   @param writer      Writer.
   @param tick        Time since the start of the song, not before the last event's, at most
   INT32_MAX.
   @param event, size The event with its status, and its length.
*/
void rs_canonical_event(RsCanonicalWriter *writer, uint32_t tick, const void *event, size_t size);

/** End the track that was begun last. @param tick When. */
void rs_canonical_end_track(RsCanonicalWriter *writer, uint32_t tick);

/**
   Complete the song.

   @param out  Output, to be given to rs_canonical_clear(); empty after an error.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_canonical_end(RsCanonicalWriter *writer, RsCanonical *out);

/** Free what files own. */
void rs_canonical_clear(RsCanonical *files);

#endif /* RS_MUSIC_CANONICAL_H */
