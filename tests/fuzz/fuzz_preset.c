/* SPDX-License-Identifier: ISC */

/* libFuzzer's entry: any text as a preset. See tests/fuzz/meson.build. */

#include <rollsmith/settings.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  RsSettings settings;
  RsError error;
  char *text = calloc(size + 1, 1);
  if (text) {
    memcpy(text, data, size);
    rs_settings_init(&settings);
    if (!rs_settings_parse(&settings, text, "input", &error)) {
      rs_settings_check(&settings, &error);
    }
  }
  free(text);
  return 0;
}
