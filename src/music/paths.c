/* SPDX-License-Identifier: ISC */

#include "music/paths.h"

#include "music/roll_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#define ROLL_ENDING ".roll"

static bool is_song_name(const char *name) {
  static const char *const endings[] = {".mid", ".midi", ".kar", ".rmi", ".smf", ROLL_ENDING};
  const char *dot = strrchr(name, '.');
  for (size_t i = 0; dot && i < G_N_ELEMENTS(endings); ++i) {
    if (!g_ascii_strcasecmp(dot, endings[i])) {
      return true;
    }
  }
  return false;
}

static int compare_names(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in a folder, sorted; NULL where it cannot be read. */
static GPtrArray *names_in(const char *folder) {
  GDir *dir = g_dir_open(folder, 0, NULL);
  if (!dir) {
    return NULL;
  }
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  for (const char *name; (name = g_dir_read_name(dir));) {
    g_ptr_array_add(names, g_strdup(name));
  }
  g_dir_close(dir);
  g_ptr_array_sort(names, compare_names);
  return names;
}

/* A search: where it has been, and what it found. */
typedef struct {
  GHashTable *entered; /* folders, by device and number */
  GPtrArray *files;
  GPtrArray *left_out;
} Search;

static bool enter(Search *search, const struct stat *about) {
  return g_hash_table_add(search->entered, g_strdup_printf("%ju:%ju", (uintmax_t)about->st_dev,
                                                           (uintmax_t)about->st_ino));
}

static void search_folder(Search *search, const char *folder);

/* Whether ingest has made a file of songs that are likely to be there themselves. */
static bool is_ingested(const char *path) {
  const char *dot = strrchr(path, '.');
  return dot && !g_ascii_strcasecmp(dot, ROLL_ENDING) && rs_roll_is_ingested(path);
}

/* Something in a folder; names with a dot before them are left out. A link that leads nowhere is
   kept, so that it gets its report. */
static void search_entry(Search *search, const char *folder, const char *name) {
  if (*name == '.') {
    return;
  }
  char *path = g_build_filename(folder, name, NULL);
  struct stat about;
  const bool there = !stat(path, &about);
  if (there && S_ISDIR(about.st_mode)) {
    if (enter(search, &about)) {
      search_folder(search, path);
    }
  } else if (is_song_name(name) && (!there || S_ISREG(about.st_mode))) {
    g_ptr_array_add(is_ingested(path) ? search->left_out : search->files, g_strdup(path));
  }
  g_free(path);
}

static void search_folder(Search *search, const char *folder) {
  GPtrArray *names = names_in(folder);
  if (!names) {
    g_ptr_array_add(search->files, g_strdup(folder));
    return;
  }
  for (guint i = 0; i < names->len; ++i) {
    search_entry(search, folder, g_ptr_array_index(names, i));
  }
  g_ptr_array_unref(names);
}

GPtrArray *rs_paths_find(const char *const *paths, size_t count, GPtrArray **left_out) {
  Search search = {NULL, g_ptr_array_new_with_free_func(g_free),
                   g_ptr_array_new_with_free_func(g_free)};
  for (size_t i = 0; i < count; ++i) {
    struct stat about;
    if (!stat(paths[i], &about) && S_ISDIR(about.st_mode)) {
      search.entered = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
      enter(&search, &about);
      search_folder(&search, paths[i]);
      g_hash_table_unref(search.entered);
    } else {
      g_ptr_array_add(search.files, g_strdup(paths[i]));
    }
  }
  if (left_out) {
    *left_out = search.left_out;
  } else {
    g_ptr_array_unref(search.left_out);
  }
  return search.files;
}
