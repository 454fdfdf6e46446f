/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_SONG_FORMAT_H
#define RS_CLI_SONG_FORMAT_H

/**
   @file song_format.h The format of a song that is written, by the end of its name.
*/

#include "cli/options.h"

#include <rollsmith/midi_write.h>

/** A format. */
typedef struct {
  const char *ending; ///< End of the name, with the dot
  bool velocities;    ///< Whether notes have velocities
  bool channel;       ///< Whether notes have a MIDI channel
  RsStatus (*write)(const RsRoll *roll, const RsMidiSettings *settings, const char *path,
                    RsError *error);
} RsSongFormat;

/** Format of an output: MusicXML (.musicxml, .xml), ABC (.abc), or else a MIDI file. */
const RsSongFormat *rs_song_format(const char *path);

/**
   Check that a song can be written in the format of the output.

   @return RS_OK; RS_ERR_SETTING for compressed MusicXML (.mxl), for --harmonise with sheet
   music, and for --velocity or --channel where the format has none.
*/
RsStatus rs_check_song_format(const RsOptions *options, RsError *error);

#endif /* RS_CLI_SONG_FORMAT_H */
