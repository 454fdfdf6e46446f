/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_DATA_H
#define RS_TESTS_DATA_H

/**
   @file data.h Songs that are not part of the project: in the folder that RS_TEST_DATA names.
*/

#include "kit.h"

#include <unistd.h>

/** A folder below RS_TEST_DATA; the test is skipped where there is none. */
static inline const char *data_folder(const char *name) {
  static char path[1024];
  const char *data = getenv("RS_TEST_DATA");
  snprintf(path, sizeof path, "%s/%s", data ? data : "", name);
  if (!data || access(path, R_OK)) {
    print_message("skipped: RS_TEST_DATA names no folder with %s in it\n", name);
    skip();
  }
  return path;
}

#endif /* RS_TESTS_DATA_H */
