/* SPDX-License-Identifier: ISC */

#include "live/port_choice.h"

#include <stdlib.h>
#include <string.h>

/* Copy a string that may be NULL. @return false where memory is out. */
static bool copy_text(const char *text, const char **out) {
  *out = text ? strdup(text) : NULL;
  return !text || *out;
}

RsStatus rs_port_choice_copy(const RsPortChoice *choice, RsPortChoice *copy) {
  *copy = (RsPortChoice){.silent = choice->silent};
  bool copied = copy_text(choice->driver, &copy->driver) &&
                copy_text(choice->output, &copy->output) &&
                copy_text(choice->virtual_name, &copy->virtual_name);
  for (int i = 0; copied && i < RS_INPUTS; ++i) {
    copied = copy_text(choice->inputs[i], &copy->inputs[i]);
  }
  return copied ? RS_OK : RS_ERR_MEMORY;
}

void rs_port_choice_clear(RsPortChoice *copy) {
  free((char *)copy->driver);
  free((char *)copy->output);
  free((char *)copy->virtual_name);
  for (int i = 0; i < RS_INPUTS; ++i) {
    free((char *)copy->inputs[i]);
  }
  *copy = (RsPortChoice){.driver = NULL};
}
