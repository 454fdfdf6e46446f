/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_SONGS_SUMMARY_H
#define RS_CLI_SONGS_SUMMARY_H

/**
   @file songs_summary.h Summary of songs to be checked: repaired with losses, duplicates, outliers.
*/

#include "cli/options.h"

#include <rollsmith/ingest.h>

#include <jansson.h>

/** A summary; all NULL is an empty one. */
typedef struct {
  char *text;         ///< Lines, each ended by a line feed; NULL: none. Owned
  json_t *suspicious; ///< An object for each song that is unlike the others; owned
} RsSongsSummary;

/**
   Make the summary of a reading.

   @param reports  Of all files.
   @param songs    Songs that were read, in the order of the files.
   @param out      Output, to be given to rs_songs_summary_clear(), also after an error.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_songs_summary(const RsIngestReports *reports, const RsSongs *songs,
                          RsSongsSummary *out);

/** Number of files that were read or refused: without those left out, and those not reached when a
 * signal arrived. */
size_t rs_files_reached(const RsIngestReports *reports);

/** Write the summary to standard error. */
void rs_songs_summary_report(const RsOptions *options, const RsSongsSummary *summary);

/** Free what it owns. */
void rs_songs_summary_clear(RsSongsSummary *summary);

#endif /* RS_CLI_SONGS_SUMMARY_H */
