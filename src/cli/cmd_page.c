/* SPDX-License-Identifier: ISC */

#include "cli/command.h"
#include "cli/console.h"
#include "cli/file_type.h"
#include "cli/output_files.h"
#include "page/page.h"

#include <string.h>
#include <strings.h>

/* File name of a path. */
static const char *title_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash && slash[1] ? slash + 1 : path;
}

static RsStatus write_page(const char *path, RsFileType kind, const char *output, RsError *error) {
  switch (kind) {
  case RS_FILE_MODEL:
    return rs_page_write_player(path, title_of(path), output, error);
  case RS_FILE_LOG:
    return rs_page_write_report(path, title_of(path), output, error);
  case RS_FILE_SONG:
    break;
  }
  return rs_error(error, RS_ERR_FORMAT, "%s: must be a model or a training log", path);
}

/* Whether a path may be that of a page: it ends in .html or .htm, or has no extension. */
static bool is_page(const char *path) {
  const char *dot = strrchr(title_of(path), '.');
  return !dot || !strcasecmp(dot, ".html") || !strcasecmp(dot, ".htm");
}

static RsStatus run(const RsOptions *options, RsError *error) {
  RsFileType kind = RS_FILE_SONG;
  RsStatus status = rs_check_output(options, "PAGE.html", error);
  if (!status && !is_page(options->output)) {
    status = rs_error(error, RS_ERR_SETTING, "-o %s: must end in .html or .htm, or be -",
                      options->output);
  }
  if (!status) {
    status = rs_file_type(options->operands[0], &kind, error);
  }
  if (!status) {
    status = write_page(options->operands[0], kind, options->output, error);
  }
  if (!status) {
    rs_notice(options, "wrote %s", options->output);
  }
  return status;
}

const RsCommand rs_command_page = {
    .name = "page",
    .bit = RS_FOR_PAGE,
    .operands = "MODEL or LOG.jsonl -o PAGE.html",
    .fewest = 1,
    .most = 1,
    .summary = "write a page for a browser that plays a model, or shows a log",
    .description =
        "Writes one file that a browser opens from disk, without a network. The page of a model "
        "generates and plays songs without end, with the library compiled to WebAssembly: a piano "
        "roll scrolls by; seed, tempo, meter and temperature can be chosen; the sound is that of "
        "a small synthesizer or of an instrument at a MIDI port; the music played can be saved as "
        "a MIDI file. The same seed gives the same music as with rollsmith export.\n"
        "The page of a training log shows its curves; rollsmith train --page PORT serves this "
        "page while training goes on.",
    .examples = "rollsmith page my.model -o my.html\n"
                "rollsmith page train.jsonl -o report.html\n",
    .run = run,
};
