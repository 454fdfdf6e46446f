#ifndef RS_MUSIC_REPAIRS_H
#define RS_MUSIC_REPAIRS_H

/**
   @file repairs.h A short account of what was out of order in a file and read all the same.
*/

#include <rollsmith/ingest.h>

/** An account; all zeroes is an empty one. */
typedef struct {
  char text[RS_REPAIRS_SIZE]; ///< Remarks separated by "; ", cut to what fits
  bool lossy;                 ///< Whether music was lost, or guessed
} RsRepairs;

/** Add a remark. @param format As printf. */
void rs_repairs_add(RsRepairs *repairs, const char *format, ...) RS_PRINTF_LIKE(2, 3);

/** As rs_repairs_add(), where music was lost, or had to be guessed. */
void rs_repairs_lose(RsRepairs *repairs, const char *format, ...) RS_PRINTF_LIKE(2, 3);

#endif /* RS_MUSIC_REPAIRS_H */
