/* SPDX-License-Identifier: ISC */

/* libFuzzer's entry: any bytes as a training log. See tests/fuzz/meson.build. */

#include <rollsmith/train_log.h>

#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  RsTrainHistory history;
  RsError error;
  char path[32];
  const int fd = memfd_create("log", MFD_CLOEXEC);
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  if (fd >= 0 && write(fd, data, size) == (ssize_t)size) {
    rs_train_history_read(path, &history, &error);
    rs_train_history_clear(&history);
  }
  close(fd);
  return 0;
}
