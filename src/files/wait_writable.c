/* SPDX-License-Identifier: ISC */

#include "files/wait_writable.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>

enum {
  LOOK_MS = 100, /* between two looks at stop() */
  LOOKS = 3,     /* after which a reader that has not read is not waited for */
};

bool rs_wait_writable(int descriptor, bool (*stop)(void *context), void *context) {
  struct pollfd waiting = {.fd = descriptor, .events = POLLOUT};
  for (int looks = 0; looks < LOOKS;) {
    const int ready = poll(&waiting, 1, LOOK_MS);
    if (ready > 0 || (ready < 0 && errno != EINTR)) {
      return true;
    }
    looks += stop && stop(context);
  }
  return false;
}
