/* SPDX-License-Identifier: ISC */

/* libFuzzer's entry: any bytes as a song. See tests/fuzz/meson.build. */

#include "one_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  one_input(data, size);
  return 0;
}
