/* SPDX-License-Identifier: ISC */

#include "settings/data_file.h"

#include <glib.h>

char *rs_data_file(const char *name) {
  const char *const *system = g_get_system_data_dirs();
  for (const char *folder = g_get_user_data_dir(); folder; folder = *system++) {
    char *path = g_strdup_printf("%s/rollsmith/%s", folder, name);
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
      return path;
    }
    g_free(path);
  }
  return NULL;
}
