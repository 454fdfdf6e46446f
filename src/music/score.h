#ifndef RS_MUSIC_SCORE_H
#define RS_MUSIC_SCORE_H

/**
   @file score.h A MIDI file as it stands: each event of a channel at its tick, and the tempi.
   Rolls are made of less: see scan.h.
*/

#include <rollsmith/status.h>

#include <stddef.h>
#include <stdint.h>

/** An event of a channel, or a tempo. */
typedef struct {
  uint32_t tick;    ///< Since the start
  uint32_t number;  ///< Place among the events of its tick: tracks in their order
  uint32_t usec;    ///< Of a tempo: microseconds a quarter note; else 0
  uint8_t size;     ///< Bytes, 2 or 3; of a tempo 0
  uint8_t bytes[3]; ///< Status and data, each data byte below 128
} RsScoreEvent;

/** A score. */
typedef struct {
  unsigned division;    ///< Ticks a quarter note
  RsScoreEvent *events; ///< In order of time; owned
  size_t count;         ///< Number of events
  size_t room;          ///< For how many there is room
  uint32_t end;         ///< Tick at which it ends
  size_t left_out;      ///< System-exclusive messages, which are not among the events
} RsScore;

/**
   Read a score.

   What is damaged is read as far as it is whole. A file that counts in time has one tempo. Of a
   file of independent songs it is the first one with notes.

   @param data, size  The file, borrowed.
   @param out         Output, to be given to rs_score_clear().
   @return RS_OK; RS_ERR_MEMORY; RS_ERR_FORMAT where it is no MIDI file; RS_ERR_EMPTY where it has
   no note.
*/
RsStatus rs_score_read(const uint8_t *data, size_t size, RsScore *out);

/** Free what a score owns. */
void rs_score_clear(RsScore *score);

#endif /* RS_MUSIC_SCORE_H */
