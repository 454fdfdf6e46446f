/* SPDX-License-Identifier: ISC */

#include "base/atomic_file.h"

#include <rollsmith/midi_write.h>

#include <stdlib.h>

RsStatus rs_midi_write(const RsRoll *roll, const RsMidiSettings *settings, const char *path,
                       RsError *error) {
  uint8_t *bytes = NULL;
  size_t size = 0;
  RsStatus status = rs_midi_compose(roll, settings, &bytes, &size, error);
  status = status ? status : rs_write_file_atomically(path, bytes, size, error);
  free(bytes);
  return status;
}
