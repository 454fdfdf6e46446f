/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_INGEST_JOB_H
#define RS_MUSIC_INGEST_JOB_H

/**
   @file ingest_job.h The steps of rs_ingest_paths(), so that several processes can share the files
   out.

   Files are found by rs_ingest_job_new(), read by rs_ingest_job_read(), and put together by
   rs_ingest_job_end(), when the songs, records and reports of all of them are there.
*/

#include "music/ingest_internal.h"

#include <glib.h>

struct RsThreadPool;

/** Files that are being read. */
typedef struct {
  const RsIngest *settings; ///< Borrowed
  GPtrArray *files;         ///< Their paths
  GPtrArray *left_out;      ///< Paths of those that are left out
  size_t count;             ///< How many files
  RsSongs *songs;           ///< Those of each file
  RsSongRecords *records;   ///< The same
  RsIngestReport *reports;  ///< Of each file, and of those that are left out: the caller's
} RsIngestJob;

/**
   Find the files.

   @param paths, count  As for rs_ingest_paths().
   @param settings      Borrowed.
   @param job           Output, to be given to rs_ingest_job_clear(), also after an error.
   @param reports       Output, also after an error, to be given to rs_ingest_reports_clear() after
   the job is cleared.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_SETTING.
*/
RsStatus rs_ingest_job_new(const char *const *paths, size_t count, const RsIngest *settings,
                           RsIngestJob *job, RsIngestReports *reports, RsError *error);

/** Free what a job owns. */
void rs_ingest_job_clear(RsIngestJob *job);

/** Path of a file. @param file 0 .. count - 1. */
const char *rs_ingest_job_path(const RsIngestJob *job, size_t file);

/** Hash of the names, without folders, and the sizes of the files. */
RsHash rs_ingest_job_hash(const RsIngestJob *job);

/**
   Read some of the files; what cannot be read has its report.

   @param files     Numbers of `count` files.
   @param pool      Threads, or NULL for the caller's alone.
   @param progress  Called after each file; or NULL.
   @param context   Handed to `progress`.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_STOPPED where `progress` requested it.
*/
RsStatus rs_ingest_job_read(RsIngestJob *job, const size_t *files, size_t count,
                            struct RsThreadPool *pool, RsIngestProgress progress, void *context);

/**
   Put the songs of all files together, without those that are equal to others.

   @param songs  The songs are added to these; on an error none is.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_EMPTY where there is no readable song.
*/
RsStatus rs_ingest_job_end(RsIngestJob *job, RsSongs *songs, RsError *error);

#endif /* RS_MUSIC_INGEST_JOB_H */
