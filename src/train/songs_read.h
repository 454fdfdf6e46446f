/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_SONGS_READ_H
#define RS_TRAIN_SONGS_READ_H

/**
   @file songs_read.h The songs of a training, which its processes read together.
*/

#include "cluster/transport.h"

#include <rollsmith/ingest.h>

struct RsThreadPool;

/**
   As rs_ingest_paths(), in several processes with the same files: each reads a share of these, and
   gives its songs and reports to all others. Songs and reports are those of one process.

   @param progress  Called for the files that this process reads.
   @return As rs_ingest_paths(); RS_ERR_FORMAT where names or sizes of the files are not those of
   process 0. An error in one process is one in all: rs_agree().
*/
RsStatus rs_songs_read_together(const RsTransport *transport, const char *const *paths,
                                size_t count, const RsIngest *settings, struct RsThreadPool *pool,
                                RsIngestProgress progress, void *context, RsSongs *songs,
                                RsIngestReports *reports, RsError *error);

#endif /* RS_TRAIN_SONGS_READ_H */
