/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_REPAIRS_H
#define RS_MUSIC_REPAIRS_H

/**
   @file repairs.h A list of the repairs made while reading a file.
*/

#include <rollsmith/ingest.h>

/** A list; all zeroes is an empty one. */
typedef struct {
  char text[RS_REPAIRS_SIZE]; ///< Repairs separated by "; ", truncated
  bool lossy;                 ///< Whether music was lost or guessed
} RsRepairs;

/** Add a repair. @param format As printf(). */
void rs_repairs_add(RsRepairs *repairs, const char *format, ...) RS_PRINTF_LIKE(2, 3);

/** As rs_repairs_add(), for a repair that lost or guessed music. */
void rs_repairs_lose(RsRepairs *repairs, const char *format, ...) RS_PRINTF_LIKE(2, 3);

#endif /* RS_MUSIC_REPAIRS_H */
