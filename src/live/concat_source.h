/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_CONCAT_SOURCE_H
#define RS_LIVE_CONCAT_SOURCE_H

/**
   @file concat_source.h Concatenation of sources.
*/

#include <rollsmith/frame_source.h>

/** Makes source number `index`, from 0, to be given to rs_frame_source_free(). */
typedef RsStatus (*RsSourceFactory)(void *context, size_t index, RsFrameSource **out);

/**
   Concatenate the first frames of several sources. All notes of the first frame of each have an
   onset.

   @param count    Number of sources.
   @param frames   Frames of each, at least 1.
   @param make     Called for each source when it is needed.
   @param context  Passed to it; must outlive the source.
   @param out      Output, to be given to rs_frame_source_free().
   @return RS_OK, RS_ERR_MEMORY, or the status of making the first one.
*/
RsStatus rs_frame_source_concat(size_t count, size_t frames, RsSourceFactory make, void *context,
                                RsFrameSource **out);

#endif /* RS_LIVE_CONCAT_SOURCE_H */
