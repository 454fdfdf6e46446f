/* SPDX-License-Identifier: ISC */

#include "cli/command.h"

#include <string.h>

const RsCommand *const rs_commands[] = {
    &rs_command_ingest,
    &rs_command_train,
    &rs_command_evaluate,
    &rs_command_export,
    &rs_command_play,
    &rs_command_ports,
    &rs_command_panic,
    &rs_command_draw,
    &rs_command_page,
    &rs_command_info,
    &rs_command_presets,
    NULL,
};

const RsExitStatus rs_exit_statuses[] = {
    {"0", "success"},
    {"1", "system failure: a file cannot be written, or memory is exhausted"},
    {"2", "invalid command, option or setting"},
    {"3", "missing or invalid input: no readable song, a damaged model"},
    {"4", "no such MIDI port, or no MIDI system"},
    {"128 + N", "stopped by signal N"},
    {NULL, NULL},
};

const RsCommand *rs_command_find(const char *name) {
  for (const RsCommand *const *at = rs_commands; *at; ++at) {
    if (!strcmp((*at)->name, name)) {
      return *at;
    }
  }
  return NULL;
}
