#ifndef RS_CLI_SONGS_SUMMARY_H
#define RS_CLI_SONGS_SUMMARY_H

/**
   @file songs_summary.h Which songs are worth a look: repaired with losses, equal to others, or
   unlike them.
*/

#include "cli/options.h"

#include <rollsmith/ingest.h>

#include <jansson.h>

/** What is told of songs; all NULL is nothing. */
typedef struct {
  char *text;         // Lines, each ended by a line feed; NULL: none. Owned
  json_t *suspicious; // An object for each song that is unlike the others; owned
} RsSongsSummary;

/**
   Look through what was read.

   @param reports  Of each file.
   @param songs    That were read, in the order of the files.
   @param out      Output, to be given to rs_songs_summary_clear(), also after an error.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_songs_summary(const RsIngestReports *reports, const RsSongs *songs,
                          RsSongsSummary *out);

/** Files that were read or refused: not those left out, nor those that a signal came before. */
size_t rs_files_reached(const RsIngestReports *reports);

/** Say the lines. */
void rs_songs_summary_say(const RsOptions *options, const RsSongsSummary *summary);

/** Free what it owns. */
void rs_songs_summary_clear(RsSongsSummary *summary);

#endif /* RS_CLI_SONGS_SUMMARY_H */
