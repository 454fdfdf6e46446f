#ifndef RS_CLI_SONGS_H
#define RS_CLI_SONGS_H

/**
   @file songs.h Reading the songs that the user named, and telling what became of each file.
*/

#include "cli/songs_summary.h"

#include <rollsmith/ingest.h>

#include <jansson.h>

/** How much is told of the files. */
typedef enum {
  RS_TELL_ALL,     // A line a file and a sum, on standard output
  RS_TELL_REFUSED, // A line for each file that was refused, as messages
} RsTell;

/**
   Read songs from files and folders, tell of them, and heed --strict and signals.

   @param options   For --strict, --quiet and --json.
   @param settings  How songs become rolls, and on how many threads.
   @param paths     Ended by NULL.
   @param songs     Output, to be given to rs_songs_clear(), also after an error.
   @param summary   Output, to be said at the end and given to rs_songs_summary_clear(), also after
   an error.
   @param report    Output, a new reference: the reports as an object; or NULL.
   @return RS_OK; what rs_ingest_paths() returns; RS_ERR_FORMAT for a file refused or read with
   losses with --strict.
*/
RsStatus rs_read_songs(const RsOptions *options, const RsSettings *settings, char *const *paths,
                       RsTell tell, RsSongs *songs, RsSongsSummary *summary, json_t **report,
                       RsError *error);

#endif /* RS_CLI_SONGS_H */
