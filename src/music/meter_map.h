/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_METER_MAP_H
#define RS_MUSIC_METER_MAP_H

/**
   @file meter_map.h The time signatures of a song that is being made into frames.
*/

#include <rollsmith/roll.h>

/** A meter map that grows; all zeroes is an empty one. */
typedef struct {
  RsMeterChange *changes; ///< `count` changes, ascending; owned
  size_t count;           ///< How many
  size_t room;            ///< For how many there is room
  unsigned frames;        ///< Frames a quarter note
} RsMeterMap;

/** Frames that are taken out of a song. */
typedef struct {
  size_t first, count;
} RsCut;

/**
   Add a change at the end. At the frame of the last one it takes its place; where it changes
   nothing, since a bar of the same meter begins there anyway, it is left out.

   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_meters_add(RsMeterMap *map, RsMeterChange change);

/** First frame of the bar that holds a frame, by the last change at or before it. */
size_t rs_meters_bar_start(const RsMeterMap *map, size_t frame);

/**
   Take frames out. The bars that begin behind a cut begin at the same notes as before; one that is
   cut is shorter.

   @param map   A map that begins at frame 0; unchanged after an error.
   @param cuts  `count` cuts, ascending, each behind the other.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_meters_cut(RsMeterMap *map, const RsCut *cuts, size_t count);

/** Copy the map of a roll to one that has none. @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_meters_copy(const RsRoll *from, RsRoll *to);

#endif /* RS_MUSIC_METER_MAP_H */
