/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_TRANSPOSED_SOURCE_H
#define RS_LIVE_TRANSPOSED_SOURCE_H

/**
   @file transposed_source.h A source that transposes another one.
*/

#include <rollsmith/frame_source.h>

/**
   Transpose a source; notes outside 0..127 are folded by octaves, as rs_roll_fit() does. A roll
   that primes it is transposed back.

   @param source     Source of notes, not of messages; ownership passes unless there is an error.
   @param semitones  -127..127.
   @param out        Output, to be given to rs_frame_source_free().
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_frame_source_transposed(RsFrameSource *source, int semitones, RsFrameSource **out);

#endif /* RS_LIVE_TRANSPOSED_SOURCE_H */
