#include "cli/command.h"
#include "cli/output.h"
#include "cli/outputs.h"
#include "cli/signals.h"
#include "cli/songs.h"
#include "music/roll_text.h"

#include <stdio.h>
#include <stdlib.h>

/// Seconds after a signal in which the report has to be there: a file that takes long is not waited
/// for
enum { SUMMARY = 2 };

/// Let the first line say who wrote it
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
    rs_say(options, "wrote %s", options->output);
  }
  return status;
}

static RsStatus run(const RsOptions *options, RsError *error) {
  RsSettings settings;
  RsSongs songs = {NULL, 0, 0};
  RsSongsSummary summary = {.text = NULL};
  json_t *report = NULL;
  RsStatus status = options->output ? rs_require_output(options, "FILE.roll", error) : RS_OK;
  if (!status) {
    status = rs_options_roll(options, &settings, error);
  }
  if (status) {
    return status;
  }
  rs_signals_note(SUMMARY); // Which tells what has been read so far
  status = rs_read_songs(options, &settings, options->operands, RS_TELL_ALL, &songs, &summary,
                         options->json ? &report : NULL, error);
  if (!status) {
    status = write_songs(options, &songs, error);
  }
  rs_songs_summary_say(options, &summary);
  rs_songs_summary_clear(&summary);
  rs_songs_clear(&songs);
  if (report) {
    const RsStatus put = rs_put_json(report, status ? NULL : error);
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
    .summary = "read songs into piano rolls, with a report a file",
    .description =
        "Reads files, and the songs in folders (*.mid, *.midi, *.kar, *.rmi, *.smf, *.roll), the "
        "way "
        "training reads them, and tells what became of each: frames, notes kept, folded into the "
        "range by octaves and dropped, what was repaired, or why it was refused. A file that is "
        "named "
        "outright may be called anything.\n"
        "With -o the rolls are written as text: a line a frame with the MIDI numbers that sound, - "
        "for silence, and # before the name of a song. The first line says that ingest wrote them: "
        "where such a file is found in a folder that is searched, it is left out, for the songs in "
        "it would count twice; named itself it is read.\n"
        "Songs that are equal are kept once, whatever their key, name, format and the silence "
        "before them. At the end it names what is worth a look: such songs, those that were "
        "repaired with losses, those shorter than a bar or far shorter or longer than the others "
        "(outside of the quartiles by three times their distance in logarithms, and a factor of "
        "four), and those that hold a note for more than 128 quarter notes, 32 bars of 4/4.",
    .examples = "rollsmith ingest songs/\n"
                "rollsmith ingest songs/ -o songs.roll\n"
                "rollsmith ingest --set roll.low=36 --set roll.outside=drop song.mid\n",
    .run = run,
};
