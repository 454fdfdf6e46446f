/* SPDX-License-Identifier: ISC */

#include "cli/command.h"
#include "cli/console.h"
#include "cli/output_files.h"
#include "cli/signals.h"
#include "cli/songs.h"
#include "music/roll_text.h"

#include <stdio.h>
#include <stdlib.h>

/* Seconds after a signal by which the report is written, even if a file is still being read */
enum { SUMMARY = 2 };

/* Mark the text as an output of ingest in its first line. */
static RsStatus mark(RsSongs *songs, RsError *error) {
  char *name = songs->rolls[0].name, *marked = NULL;
  if (asprintf(&marked, "%s%s%s", RS_ROLL_INGESTED, name ? " " : "", name ? name : "") < 0) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  songs->rolls[0].name = marked;
  free(name);
  return RS_OK;
}

static RsStatus write_songs(const RsOptions *options, RsSongs *songs, RsError *error) {
  if (!options->output) {
    return RS_OK;
  }
  RsStatus status = mark(songs, error);
  if (!status) {
    status = rs_songs_write(songs, options->output, error);
  }
  if (!status) {
    rs_notice(options, "wrote %s", options->output);
  }
  return status;
}

static RsStatus run(const RsOptions *options, RsError *error) {
  RsSettings settings;
  RsSongs songs = {NULL, 0, 0};
  RsSongsSummary summary = {.text = NULL};
  json_t *report = NULL;
  RsStatus status = options->output ? rs_check_output(options, "FILE.roll", error) : RS_OK;
  if (!status) {
    status = rs_options_roll(options, &settings, error);
  }
  if (status) {
    return status;
  }
  rs_signals_defer(SUMMARY); /* the report covers the files read so far */
  status = rs_read_songs(options, &settings, options->operands, RS_REPORT_ALL, &songs, &summary,
                         options->json ? &report : NULL, error);
  if (!status) {
    status = write_songs(options, &songs, error);
  }
  rs_songs_summary_report(options, &summary);
  rs_songs_summary_clear(&summary);
  rs_songs_clear(&songs);
  if (report) {
    const RsStatus put = rs_report_json(report, status ? NULL : error);
    status = status ? status : put;
  }
  return status;
}

const RsCommand rs_command_ingest = {
    .name = "ingest",
    .bit = RS_FOR_INGEST,
    .operands = "PATH...",
    .fewest = 1,
    .most = RS_ANY_NUMBER,
    .summary = "convert songs to piano rolls, with a report on each file",
    .description =
        "Reads files, and the songs in folders (*.mid, *.midi, *.kar, *.rmi, *.smf, *.roll), as "
        "training does, and reports on each: frames, notes kept, folded into the range by octaves "
        "and dropped, repairs, or the error. A file named on the command line may have any name.\n"
        "With -o the rolls are written as text: a line per frame with the MIDI numbers of its "
        "notes, - for silence, and # before the name of a song. The first line marks the file as "
        "an output of ingest: it is skipped when a folder is searched, to avoid duplicate songs, "
        "and read when it is named on the command line.\n"
        "Of songs that differ only in key, name, format and initial silence, one is kept. The "
        "summary lists these duplicates, songs that were repaired with losses, songs shorter than "
        "a bar or much shorter or longer than the others (the logarithm of the length is beyond a "
        "quartile by three times the interquartile range, and the length by a factor of four), "
        "and songs with a note longer than 128 quarter notes.",
    .examples = "rollsmith ingest songs/\n"
                "rollsmith ingest songs/ -o songs.roll\n"
                "rollsmith ingest --set roll.low=36 --set roll.outside=drop song.mid\n",
    .run = run,
};
