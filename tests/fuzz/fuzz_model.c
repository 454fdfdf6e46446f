/* SPDX-License-Identifier: ISC */

/* libFuzzer's entry: any bytes as a model or the state of a training. See tests/fuzz/meson.build.
 */

#include <rollsmith/tensor_file.h>

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  RsTensorFile *file = NULL;
  RsError error;
  FILE *stream = size ? fmemopen((void *)data, size, "rb") : NULL;
  if (stream) {
    rs_tensor_file_read(stream, "input", &file, &error);
    fclose(stream);
  }
  for (size_t i = 0; file && rs_tensor_file_key(file, i); ++i) {
    rs_tensor_file_get(file, rs_tensor_file_key(file, i));
  }
  rs_tensor_file_free(file);
  return 0;
}
