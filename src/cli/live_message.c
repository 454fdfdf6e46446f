/* SPDX-License-Identifier: ISC */

#include "cli/live_control.h"
#include "cli/console.h"

#include <poll.h>
#include <stdarg.h>
#include <unistd.h>

/* Messages above the status line. */

bool rs_live_is_writable(void) {
  struct pollfd terminal = {.fd = STDERR_FILENO, .events = POLLOUT};
  return poll(&terminal, 1, 0) == 1 && terminal.revents & POLLOUT;
}

void rs_live_message(RsLiveSession *live, const char *format, ...) {
  va_list arguments;
  if (live->options->quiet || !rs_live_is_writable()) {
    return;
  }
  if (live->raw) {
    rs_progress_line("%s", "");
  }
  va_start(arguments, format);
  rs_notice_va(live->options, format, arguments);
  va_end(arguments);
}
