#include "cli/command.h"

#include <string.h>

const RsCommand *const rs_commands[] = {
    &rs_command_ingest,
    &rs_command_info,
    &rs_command_presets,
    NULL,
};

const RsCommand *rs_command_find(const char *name) {
  for (const RsCommand *const *at = rs_commands; *at; ++at) {
    if (!strcmp((*at)->name, name)) {
      return *at;
    }
  }
  return NULL;
}
