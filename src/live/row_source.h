#ifndef RS_LIVE_ROW_SOURCE_H
#define RS_LIVE_ROW_SOURCE_H

/**
   @file row_source.h Sources of frames one after the other.
*/

#include <rollsmith/frame_source.h>

/** Makes source number `index` of a row, from 0, to be given to rs_frame_source_free(). */
typedef RsStatus (*RsSourceMaker)(void *context, size_t index, RsFrameSource **out);

/**
   A source that plays several, so many frames of each. All notes of the first frame of each begin
   anew.

   @param count    How many sources.
   @param frames   Of each, at least 1.
   @param make     Makes each when it is due.
   @param context  Given to it; borrowed for the source's life.
   @param out      Output, to be given to rs_frame_source_free().
   @return RS_OK, RS_ERR_MEMORY, or what making the first one returned.
*/
RsStatus rs_frame_source_row(size_t count, size_t frames, RsSourceMaker make, void *context,
                             RsFrameSource **out);

#endif /* RS_LIVE_ROW_SOURCE_H */
