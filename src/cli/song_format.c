/* SPDX-License-Identifier: ISC */

#include "cli/song_format.h"

#include "cli/output_files.h"

#include <rollsmith/notation.h>

static const RsSongFormat formats[] = {
    {".musicxml", false, true, rs_musicxml_write},
    {".xml", false, true, rs_musicxml_write},
    {".abc", false, false, rs_abc_write},
    {".mid", true, true, rs_midi_write}, /* the last one: also of any other name */
};

const RsSongFormat *rs_song_format(const char *path) {
  const RsSongFormat *format = formats;
  const RsSongFormat *last = formats + sizeof(formats) / sizeof(*formats) - 1;
  while (format < last && !rs_ends_in(path, format->ending)) {
    ++format;
  }
  return format;
}

RsStatus rs_check_song_format(const RsOptions *options, RsError *error) {
  const RsSongFormat *format = rs_song_format(options->output);
  if (rs_ends_in(options->output, ".mxl")) {
    return rs_error(error, RS_ERR_SETTING,
                    "-o %s: compressed MusicXML is not written: use a name that ends in .musicxml",
                    options->output);
  }
  if (format->write != rs_midi_write && options->given.harmonise) {
    return rs_error(error, RS_ERR_SETTING,
                    "--harmonise: a %s file cannot keep the tracks of a song: write a .mid file",
                    format->ending);
  }
  if (!format->velocities && rs_options_is_set(options, "generate.velocity")) {
    return rs_error(error, RS_ERR_SETTING,
                    "--velocity: a %s file has no velocities: leave it out, or write a .mid file",
                    format->ending);
  }
  if (!format->channel && rs_options_is_set(options, "generate.channel")) {
    return rs_error(error, RS_ERR_SETTING,
                    "--channel: a %s file has no channel: leave it out, or write a .mid file",
                    format->ending);
  }
  return RS_OK;
}
