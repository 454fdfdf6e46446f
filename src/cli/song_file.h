/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_SONG_FILE_H
#define RS_CLI_SONG_FILE_H

/**
   @file song_file.h Reading a file of songs without the settings of a model.
*/

#include <rollsmith/ingest.h>

/** Settings to read songs unchanged: all 128 notes, drums included, with onsets. */
RsIngest rs_ingest_verbatim(void);

/**
   Read a file of songs.

   @param settings  Ingest settings.
   @param songs     Output, to be given to rs_songs_clear(), also after an error.
   @param report    Output, to be given to rs_ingest_report_clear(); or NULL.
   @return What rs_ingest_file() returns; the message names the file.
*/
RsStatus rs_read_song_file(const char *path, const RsIngest *settings, RsSongs *songs,
                           RsIngestReport *report, RsError *error);

#endif /* RS_CLI_SONG_FILE_H */
