#ifndef RS_CLI_SONG_FILE_H
#define RS_CLI_SONG_FILE_H

/**
   @file song_file.h One file of songs, read for its own sake and not for a model.
*/

#include <rollsmith/ingest.h>

/** Songs as they stand: all 128 notes, those of drums too, with their onsets. */
RsIngest rs_as_it_stands(void);

/**
   Read a file of songs.

   @param settings  How.
   @param songs     Output, to be given to rs_songs_clear(), also after an error.
   @param report    Output, to be given to rs_ingest_report_clear(); or NULL.
   @return What rs_ingest_file() returns; the message names the file.
*/
RsStatus rs_read_song_file(const char *path, const RsIngest *settings, RsSongs *songs,
                           RsIngestReport *report, RsError *error);

#endif /* RS_CLI_SONG_FILE_H */
