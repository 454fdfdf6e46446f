/* SPDX-License-Identifier: ISC */

/* Writes the loudest sample of each tenth of a second of raw 16-bit stereo sound on a line.

     loudness FILE RATE
*/

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
  const long window = argc == 3 ? strtol(argv[2], NULL, 10) / 10 * 2 : 0;
  int16_t sample = 0;
  int loudest = 0;
  long count = 0;
  if (!file || !window) {
    return 1;
  }
  while (fread(&sample, sizeof sample, 1, file) == 1) {
    loudest = abs(sample) > loudest ? abs(sample) : loudest;
    if (++count % window == 0) {
      printf("%d\n", loudest);
      loudest = 0;
    }
  }
  return fclose(file);
}
