/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_SONGS_H
#define RS_CLI_SONGS_H

/**
   @file songs.h Reading the songs of the command line, and a report on each file.
*/

#include "cli/songs_summary.h"
#include "cluster/transport.h"

#include <rollsmith/ingest.h>

#include <jansson.h>

/** Detail of the report. */
typedef enum {
  RS_REPORT_ALL,     ///< A line per file and a sum, on standard output
  RS_REPORT_REFUSED, ///< A line per refused file, on standard error
} RsReportDetail;

/**
   Read songs from files and folders and report on them; --strict and signals are handled.

   @param options   For --strict, --quiet and --json.
   @param settings  Sections roll and train.threads are used.
   @param paths     Ended by NULL.
   @param songs     Output, to be given to rs_songs_clear(), also after an error.
   @param summary   Output, to be reported at the end and given to rs_songs_summary_clear(), also
   after an error.
   @param report    Output, a new reference: the reports as an object; or NULL.
   @return RS_OK; what rs_ingest_paths() returns; RS_ERR_FORMAT for a file refused or read with
   losses with --strict.
*/
RsStatus rs_read_songs(const RsOptions *options, const RsSettings *settings, char *const *paths,
                       RsReportDetail detail, RsSongs *songs, RsSongsSummary *summary,
                       json_t **report, RsError *error);

/** As rs_read_songs(), in several processes that read a share each: rs_songs_read_together(). */
RsStatus rs_read_songs_together(const RsTransport *transport, const RsOptions *options,
                                const RsSettings *settings, char *const *paths,
                                RsReportDetail detail, RsSongs *songs, RsSongsSummary *summary,
                                json_t **report, RsError *error);

#endif /* RS_CLI_SONGS_H */
