/* SPDX-License-Identifier: ISC */

#include "cli/files.h"

#include "base/open_file.h"
#include "cli/input_files.h"
#include "cli/output_files.h"
#include "cli/overwrite.h"
#include "settings/preset_files.h"
#include "music/paths.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Most symbolic links that are followed, as Linux (MAXSYMLINKS) */
enum { LINKS = 40 };

struct RsFiles {
  unsigned command;
  const RsOptions *options;
  GHashTable *read;    /* inputs: from the key of a file to its path as given */
  GHashTable *written; /* outputs: from the key of a file to option and path */
  GPtrArray *folders;  /* input folders that have not been searched */
};

/* ---- Keys of files ---- */

static char *key_of(const struct stat *about) {
  return g_strdup_printf("%ju:%ju", (uintmax_t)about->st_dev, (uintmax_t)about->st_ino);
}

/* Target of a symbolic link, relative to the current folder. */
static char *follow(const char *link) {
  char *target = g_file_read_link(link, NULL);
  if (!target || g_path_is_absolute(target)) {
    return target;
  }
  char *folder = g_path_get_dirname(link);
  char *path = g_build_filename(folder, target, (char *)NULL);
  g_free(folder);
  g_free(target);
  return path;
}

/* Path of a file that does not exist, with links followed. */
static char *end_of_links(const char *path) {
  char *at = g_strdup(path);
  for (int i = 0; i < LINKS; ++i) {
    char *next = follow(at);
    if (!next) {
      break;
    }
    g_free(at);
    at = next;
  }
  return at;
}

/* Key of a file that does not exist: its folder and name; NULL where the folder does not exist. In
   some file systems the case of letters makes no difference, so that it is ignored here. */
static char *key_of_new(const char *path) {
  struct stat about;
  char *end = end_of_links(path);
  char *folder = g_path_get_dirname(end), *name = g_path_get_basename(end), *key = NULL;
  if (!stat(folder, &about)) {
    char *place = key_of(&about);
    char *folded = g_utf8_validate(name, -1, NULL) ? g_utf8_casefold(name, -1) : g_strdup(name);
    key = g_strconcat(place, "/", folded, (char *)NULL);
    g_free(folded);
    g_free(place);
  }
  g_free(folder);
  g_free(name);
  g_free(end);
  return key;
}

/* Key of a file, to be given to g_free(); NULL for a device, or where the folder does not exist. */
static char *key_of_path(const char *path, bool *exists) {
  struct stat about;
  *exists = !stat(path, &about);
  if (!*exists) {
    return key_of_new(path);
  }
  return S_ISCHR(about.st_mode) ? NULL : key_of(&about);
}

/* ---- Inputs ---- */

static void read_file(RsFiles *files, const char *path) {
  bool exists = false;
  char *key = key_of_path(path, &exists);
  if (key) {
    g_hash_table_insert(files->read, key, g_strdup(path));
  }
}

static void read_path(RsFiles *files, const char *path) {
  read_file(files, path);
  if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
    g_ptr_array_add(files->folders, g_strdup(path));
  }
}

/* Add the songs in input folders; needed only where an output exists, since others cannot be
 * inputs. */
static void search_folders(RsFiles *files) {
  GPtrArray *songs =
      rs_paths_find((const char *const *)files->folders->pdata, files->folders->len, NULL);
  for (guint i = 0; i < songs->len; ++i) {
    read_file(files, g_ptr_array_index(songs, i));
  }
  g_ptr_array_unref(songs);
  g_ptr_array_set_size(files->folders, 0);
}

static void read_preset_file(void *context, const char *path) {
  read_file(context, path);
}

/* Some systems have no path of the running program. */
static void protect_program(RsFiles *files) {
  struct stat about;
  if (!stat("/proc/self/exe", &about)) {
    g_hash_table_insert(files->written, key_of(&about), g_strdup("the running program"));
  }
}

/* Add an input: a path, or the name of a preset. */
static RsStatus read_input(void *context, const char *name, bool is_preset, RsError *error) {
  if (is_preset) {
    rs_preset_files(name, read_preset_file, context);
  } else {
    read_path(context, name);
  }
  return RS_OK;
}

/* ---- Outputs ---- */

static RsStatus write_key(RsFiles *files, const char *key, const char *option, const char *path,
                          RsError *error) {
  const char *read = g_hash_table_lookup(files->read, key);
  const char *written = g_hash_table_lookup(files->written, key);
  if (read) {
    return rs_error(error, RS_ERR_SETTING,
                    "%s %s: is the same file as the input %s; name another one", option, path,
                    read);
  }
  if (written) {
    return rs_error(error, RS_ERR_SETTING, "%s %s: is the same file as %s; name another one",
                    option, path, written);
  }
  g_hash_table_insert(files->written, g_strdup(key), g_strdup_printf("%s %s", option, path));
  return RS_OK;
}

/* Endings of names, by the command that writes such files */
static const struct {
  const char *ending;
  unsigned command;
  const char *writer;
  bool checked; /* an existing file is looked into before it is replaced */
} endings[] = {
    {".mid", RS_FOR_EXPORT, "export", true},       {".midi", RS_FOR_EXPORT, "export", true},
    {".kar", RS_FOR_EXPORT, "export", true},       {".rmi", RS_FOR_EXPORT, "export", true},
    {".smf", RS_FOR_EXPORT, "export", true},       {".xml", RS_FOR_EXPORT, "export", true},
    {".musicxml", RS_FOR_EXPORT, "export", false}, {".abc", RS_FOR_EXPORT, "export", false},
    {".roll", RS_FOR_INGEST, "ingest", false},     {".model", RS_FOR_TRAIN, "train", true},
    {".png", RS_FOR_DRAW, "draw", false},          {".svg", RS_FOR_DRAW, "draw", false},
    {".html", RS_FOR_PAGE, "page", false},         {".jsonl", 0, "train --log", true},
};

enum { ENDINGS = sizeof(endings) / sizeof(endings[0]) };

/* Number of the ending of a path; ENDINGS where it has another one or none. */
static size_t ending_of(const char *path) {
  size_t i = 0;
  while (i < ENDINGS && !rs_ends_in(path, endings[i].ending)) {
    ++i;
  }
  return i;
}

/* Check that an output is not named as another command's. @param by  0: it is a log. */
static RsStatus check_ending(unsigned by, const char *option, const char *path, RsError *error) {
  const size_t i = ending_of(path);
  return i == ENDINGS || endings[i].command == by
             ? RS_OK
             : rs_error(error, RS_ERR_SETTING,
                        "%s %s: files that end in %s are written by rollsmith %s: choose another "
                        "ending",
                        option, path, endings[i].ending, endings[i].writer);
}

/* Check that an existing file may be replaced; the file of a state is checked where it is made. */
static RsStatus check_replaced(const RsFiles *files, const char *option, const char *path,
                               RsError *error) {
  const bool is_log = !strcmp(option, "--log");
  const size_t ending = ending_of(path);
  if ((!is_log && strcmp(option, "-o") != 0) || (ending < ENDINGS && !endings[ending].checked)) {
    return RS_OK;
  }
  return rs_check_replaced(option, path,
                           is_log                            ? RS_CONTENT_LOG
                           : files->command == RS_FOR_TRAIN  ? RS_CONTENT_MODEL
                           : files->command == RS_FOR_EXPORT ? RS_CONTENT_MIDI
                                                             : RS_CONTENT_OTHER,
                           error);
}

RsStatus rs_files_write(RsFiles *files, const char *option, const char *path, RsError *error) {
  bool exists = false;
  if (rs_path_descriptor(path) == STDOUT_FILENO) {
    return RS_OK; /* added as a standard stream */
  }
  char *key = key_of_path(path, &exists);
  if (exists && files->folders->len) {
    search_folders(files);
  }
  RsStatus status = key ? write_key(files, key, option, path, error) : RS_OK;
  if (!status && exists && rs_path_descriptor(path) < 0) { /* descriptors are appended to */
    status = check_replaced(files, option, path, error);
  }
  g_free(key);
  return status ? status
                : check_ending(strcmp(option, "--log") ? files->command : 0, option, path, error);
}

RsStatus rs_files_write_options(RsFiles *files, RsError *error) {
  const RsOption *option = NULL;
  RsStatus status = RS_OK;
  for (size_t i = 0; !status && (option = rs_option_at(files->command, i)); ++i) {
    const char *path = rs_option_file(files->options, option, RS_WRITES_FILE);
    if (path && option->offset != offsetof(RsOptions, output)) {
      char *name = g_strconcat("--", option->name, (char *)NULL);
      status = rs_files_write(files, name, path, error);
      g_free(name);
    }
  }
  return status;
}

/* Key of a standard stream that is a regular file; else NULL. */
static char *key_of_stream(int descriptor) {
  struct stat about;
  return !fstat(descriptor, &about) && S_ISREG(about.st_mode) ? key_of(&about) : NULL;
}

/* Add standard output and standard error, which may be the same file. */
static RsStatus write_streams(RsFiles *files, RsError *error) {
  char *output = key_of_stream(STDOUT_FILENO), *messages = key_of_stream(STDERR_FILENO);
  RsStatus status = RS_OK;
  if (output) {
    status = write_key(files, output, "standard", "output", error);
  }
  if (!status && messages && g_strcmp0(output, messages) != 0) {
    status = write_key(files, messages, "standard", "error", error);
    if (status && !freopen("/dev/null", "w", stderr)) { /* the message would be added to it */
      fclose(stderr);
    }
  }
  g_free(output);
  g_free(messages);
  return status;
}

/* ---- Construction ---- */

RsStatus rs_files_new(unsigned command, const RsOptions *options, RsFiles **out, RsError *error) {
  RsFiles *files = g_new0(RsFiles, 1);
  *files = (RsFiles){
      .command = command,
      .options = options,
      .read = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
      .written = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
      .folders = g_ptr_array_new_with_free_func(g_free),
  };
  *out = files;
  protect_program(files);
  rs_input_files_visit(command, options, read_input, files, error);
  return write_streams(files, error);
}

void rs_files_free(RsFiles *files) {
  if (files) {
    g_hash_table_unref(files->read);
    g_hash_table_unref(files->written);
    g_ptr_array_unref(files->folders);
    g_free(files);
  }
}
