/* SPDX-License-Identifier: ISC */

/* Writes a model file of version 1 to standard output. */

#include "../model/version_1.h"

#include <stdio.h>

int main(void) {
  return fwrite(VERSION_1_FILE, 1, VERSION_1_SIZE, stdout) != VERSION_1_SIZE;
}
