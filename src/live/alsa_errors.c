/* SPDX-License-Identifier: ISC */

#include "live/alsa_errors.h"

#include <alsa/asoundlib.h>

static void ignore_error(const char *file, int line, const char *function, int code,
                         const char *format, ...) {}

void rs_alsa_suppress_messages(void) {
  snd_lib_error_set_handler(ignore_error);
}
