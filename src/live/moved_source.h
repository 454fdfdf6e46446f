#ifndef RS_LIVE_MOVED_SOURCE_H
#define RS_LIVE_MOVED_SOURCE_H

/**
   @file moved_source.h A source whose notes are transposed.
*/

#include <rollsmith/frame_source.h>

/**
   A source that plays what another one plays, transposed; notes that leave 0..127 are moved back by
   octaves, as rs_roll_fit() does. A phrase is transposed back before the other one hears it.

   @param source     Frames of notes, not messages; taken over unless there is an error.
   @param semitones  -127..127.
   @param out        Output, to be given to rs_frame_source_free().
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_frame_source_moved(RsFrameSource *source, int semitones, RsFrameSource **out);

#endif /* RS_LIVE_MOVED_SOURCE_H */
