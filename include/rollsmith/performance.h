/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_PERFORMANCE_H
#define ROLLSMITH_PERFORMANCE_H

/**
   @file performance.h From frames to notes that begin and end, each with its loudness.

   What goes into a file and what goes to a port come from here, one frame at a time, so that both
   are the same music. The result depends on the settings, the seed and the frames alone.

       RsPerformer *performer = NULL;
       RsNoteEvent events[RS_PERFORMER_EVENTS];
       rs_performer_new(&settings, seed, &performer);
       for (size_t f = 0; f < roll->frames; ++f) {
         size_t n = rs_performer_frame(performer, &roll->on[f], NULL, NULL, events);
         ... the n events are due when frame f begins ...
       }
       size_t n = rs_performer_end(performer, events);
       rs_performer_free(performer);
*/

#include <rollsmith/roll.h>
#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The most events that one frame can have: every note ends and begins again. */
#define RS_PERFORMER_EVENTS (2 * RS_NOTES)

/** Most parts, one an instrument, to which notes are given. */
#define RS_PARTS 3

/** How notes are given to parts, from the lowest part on. */
typedef enum {
  RS_PARTS_ONE,    ///< All to part 0
  RS_PARTS_SPLIT,  ///< Those below RsPerformance.split to part 0, others to part 1
  RS_PARTS_VOICES, ///< Of the notes that sound where one begins: the highest to part 2, the lowest
                   ///< of several to part 0, others to part 1
} RsParts;

/** How many parts there are. */
unsigned rs_parts_count(RsParts parts);

/** The channel of a part, 0..15: the next ones after that of part 0, but for the drums' channel 9,
 * and 0 after 15. */
unsigned rs_part_channel(unsigned channel, unsigned part);

/** A note that begins or ends. */
typedef struct {
  bool on;          ///< It begins
  uint8_t part;     ///< Its part; it ends in the one in which it began
  uint8_t note;     ///< MIDI number, 0..127
  uint8_t velocity; ///< 1..127 where it begins, 0 where it ends
} RsNoteEvent;

/** How to perform. All zeroes is right: shaped, 4 frames a quarter note, 4/4. */
typedef struct {
  RsParts parts;     ///< How notes are given to parts
  unsigned split;    ///< The lowest note of part 1, with RS_PARTS_SPLIT
  unsigned velocity; ///< 1..127: flat; 0: the roll's own velocities or, without them, shaped
  double frames_per_quarter; ///< Frames a quarter note; 0: 4
  unsigned meter_beats;      ///< Time signature, upper number; 0: 4
  unsigned meter_unit;       ///< Time signature, lower number; 0: 4
  const RsMeterChange
      *meters;        ///< Meter map, as RsRoll.meters, borrowed until the performer is made
  size_t meter_count; ///< How many changes it has; 0: the time signature holds throughout
} RsPerformance;

/** A performance that is under way: what sounds, and how far it is. */
typedef struct RsPerformer RsPerformer;

/** Settings to perform a roll: its meters (borrowed) and frames, with a velocity as in
 * RsPerformance. */
RsPerformance rs_performance_of(const RsRoll *roll, unsigned velocity);

/**
   Begin a performance.

   @param settings  Borrowed; NULL for all zeroes.
   @param seed      Of the shaping.
   @param out       Output, to be given to rs_performer_free().
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_ARGUMENT for a velocity above 127 or a number of frames that
   is negative or not finite, or not a whole number where there is a meter map.
*/
RsStatus rs_performer_new(const RsPerformance *settings, uint64_t seed, RsPerformer **out);

/** Free a performance. NULL is allowed. Active notes are not ended: see rs_performer_end(). */
void rs_performer_free(RsPerformer *performer);

/**
   Perform the next frame.

   An active note continues, unless `onset` marks it: then it ends and begins again. Note-offs come
   before note-ons, each in ascending order.

   Shaped velocities are louder on the first beat of a bar, less so on its middle and on the other
   beats, and softer between, by the meter map where there is one; a first bar that is shorter than
   the second is its upbeat. The highest note is a little louder than the others; velocities also
   vary slowly over some bars, and by a small random amount.

   @param performer  Advanced by a frame.
   @param on         Active notes of this frame.
   @param onset      Notes of `on` with an onset; NULL: those not active in the previous frame.
   @param velocity   128 values, 0 where there is no note, or NULL; not used where settings are
   flat.
   @param events     Output, room for RS_PERFORMER_EVENTS.
   @return Number of events.
*/
size_t rs_performer_frame(RsPerformer *performer, const RsFrame *on, const RsFrame *onset,
                          const uint8_t *velocity, RsNoteEvent *events);

/** Go back by a frame: the next one replaces the last one. Without effect before the first. */
void rs_performer_again(RsPerformer *performer);

/** Set the number of the next frame within the song, for accents. */
void rs_performer_go_to(RsPerformer *performer, size_t frame);

/**
   End all active notes; the performance may be continued.

   @param performer  Its position is unchanged.
   @param events     Output, room for RS_NOTES.
   @return Number of events.
*/
size_t rs_performer_end(RsPerformer *performer, RsNoteEvent *events);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_PERFORMANCE_H */
