/* SPDX-License-Identifier: ISC */

#include "train/seconds.h"

#include <time.h>

double rs_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}
