/* SPDX-License-Identifier: ISC */

/* libFuzzer's entry: any text as the user's configuration, read, and one key of it set anew. See
   tests/fuzz/meson.build. */

#include "cli/config.h"
#include "settings/ini.h"

#include <glib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static RsStatus read_text(const char *text) {
  RsConfig config = {.path = g_strdup("input")};
  const RsStatus status = rs_config_parse(&config, text, NULL);
  rs_config_clear(&config);
  return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = calloc(size + 1, 1);
  if (text) {
    memcpy(text, data, size);
    const RsStatus status = read_text(text);
    char *changed = rs_ini_set(text, "control", "mute", "21");
    if (!status && read_text(changed)) {
      abort(); // What is written must be readable
    }
    g_free(changed);
  }
  free(text);
  return 0;
}
