/* SPDX-License-Identifier: ISC */

/* libFuzzer's entry: any text as what the state of a training says in words: its settings and its
   counters. Its tensors are those of a model. See tests/fuzz/meson.build. */

#include "train/trainer_state.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  RsSettings settings;
  RsTrainCounters counters;
  RsError error;
  char *text = calloc(size + 1, 1);
  if (text) {
    memcpy(text, data, size);
    rs_settings_init(&settings);
    rs_state_settings_from_json(text, "input", &settings, &error);
    rs_settings_from_json(&settings, text, &error);
    rs_state_counters_from_json(text, &counters);
  }
  free(text);
  return 0;
}
