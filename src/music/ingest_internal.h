/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_INGEST_INTERNAL_H
#define RS_MUSIC_INGEST_INTERNAL_H

/**
   @file ingest_internal.h What is known of each song of a file beside its roll.
*/

#include "music/song_print.h"

#include <rollsmith/ingest.h>

/** A song of a file. */
typedef struct {
  RsSongPrint print;
  size_t notes, drums; ///< As in RsIngestReport, of this song
  RsRollCounts counts; ///< The same
} RsSongRecord;

/** Those of a file, in the order of its songs. All zeroes is none. */
typedef struct {
  RsSongRecord *records; ///< `count` records; owned
  size_t count, room;
} RsSongRecords;

/** As rs_ingest_file(). @param records  Output, one a song; to be freed, also after an error. */
RsStatus rs_ingest_file_records(const char *path, const RsIngest *settings, RsSongs *songs,
                                RsSongRecords *records, RsIngestReport *report);

/**
   Leave out each song that is equal to one before it.

   @param songs    Of each file; those that are left out are freed.
   @param records  Of each file.
   @param reports  Of each file; changed to what is left of it.
   @param files    How many files.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_leave_out_equal_songs(RsSongs *songs, const RsSongRecords *records,
                                  RsIngestReport *reports, size_t files);

#endif /* RS_MUSIC_INGEST_INTERNAL_H */
