/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_ROLL_TEXT_H
#define RS_MUSIC_ROLL_TEXT_H

/**
   @file roll_text.h Limits of the .roll text, and the mark of those that ingest writes.
*/

#include <stdbool.h>

#include <stddef.h>

/** Largest .roll file that is read, in bytes: some 80 million frames. */
#define RS_ROLL_SIZE_MAX ((size_t)1 << 30)

/** First line of a .roll by ingest, after "# "; a space and the name of
 * the first song follow. */
#define RS_ROLL_INGESTED "rollsmith ingest:"

/** Whether a file is an output of ingest, by its first line. */
bool rs_roll_is_ingested(const char *path);

#endif /* RS_MUSIC_ROLL_TEXT_H */
