/* SPDX-License-Identifier: ISC */

#include "view/note_name.h"

#include <stdio.h>

void rs_note_name(int note, char *text, size_t size) {
  static const char *const names[] = {"C",  "C♯", "D",  "D♯", "E",  "F",
                                      "F♯", "G",  "G♯", "A",  "A♯", "B"};
  snprintf(text, size, "%s%d", names[note % 12], note / 12 - 1);
}
