/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_FOLDER_H
#define RS_TESTS_FOLDER_H

/**
   @file folder.h A folder of its own for each test that writes: empty at first, and empty at the
   end or the test fails.

       const struct CMUnitTest tests[] = {in_folder(a_test), in_folder(another_test)};
*/

#include "kit.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

static inline int enter_folder(void **state) {
  char *folder = strdup("/tmp/rollsmith-test-XXXXXX");
  *state = folder;
  return !mkdtemp(folder) || chdir(folder);
}

static inline int leave_folder(void **state) {
  const int left = chdir("/") || rmdir(*state);
  free(*state);
  return left;
}

/* Number of files, hidden ones included, in the folder that the test is in. */
static inline size_t files_here(void) {
  DIR *folder = opendir(".");
  size_t n = 0;
  for (const struct dirent *entry = NULL; (entry = readdir(folder));) {
    n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
  }
  closedir(folder);
  return n;
}

#define in_folder(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

#endif /* RS_TESTS_FOLDER_H */
