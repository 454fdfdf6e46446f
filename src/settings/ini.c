/* SPDX-License-Identifier: ISC */

#include "settings/ini.h"

#include "base/bom.h"
#include "base/open_file.h"

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than any such file needs; one beyond it is something else */
#define LARGEST_FILE (1024 * 1024)

/* ---- Lines ---- */

/* One line, taken apart in place */
typedef struct {
  enum { LINE_BLANK, LINE_SECTION, LINE_PAIR, LINE_BAD } kind;
  char *name;  /* Of the section or key */
  char *value; /* Of the key */
} Line;

static char *trim(char *text) {
  text += strspn(text, " \t\r");
  size_t length = strlen(text);
  while (length && strchr(" \t\r", text[length - 1])) {
    text[--length] = '\0';
  }
  return text;
}

static Line take_apart(char *text) {
  Line line = {.kind = LINE_BAD, .name = trim(text), .value = NULL};
  const size_t length = strlen(line.name);
  char *equals = strchr(line.name, '=');
  if (!length || *line.name == '#' || *line.name == ';') {
    line.kind = LINE_BLANK;
  } else if (*line.name == '[' && line.name[length - 1] == ']') {
    line.name[length - 1] = '\0';
    line.name = trim(line.name + 1);
    line.kind = LINE_SECTION;
  } else if (equals && equals != line.name) {
    *equals = '\0';
    line.name = trim(line.name);
    line.value = trim(equals + 1);
    line.kind = LINE_PAIR;
  }
  return line;
}

/* ---- Reading ---- */

typedef struct {
  const char *file;
  const char *section; /* That the line belongs to */
  unsigned line;       /* Counted from 1 */
  GHashTable *lines;   /* Of each key, "section]key": of its first assignment */
  char origin[RS_ERROR_MESSAGE_SIZE / 2];
  RsIniTake take;
  void *context;
} Reader;

static RsStatus refuse_doubled(Reader *reader, const Line *line, RsError *error) {
  char *key = g_strconcat(reader->section, "]", line->name, NULL);
  const unsigned first = GPOINTER_TO_UINT(g_hash_table_lookup(reader->lines, key));
  if (!first) {
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): GLib stores numbers as pointers */
    g_hash_table_insert(reader->lines, key, GUINT_TO_POINTER(reader->line));
    return RS_OK;
  }
  g_free(key);
  return rs_error(error, RS_ERR_SETTING, "%s: %.80s%s%.80s: already set in line %u", reader->origin,
                  reader->section, *reader->section ? "." : "", line->name, first);
}

static RsStatus take_line(Reader *reader, char *text, RsError *error) {
  const Line line = take_apart(text);
  RsStatus status = RS_OK;
  snprintf(reader->origin, sizeof(reader->origin), "%.200s:%u", reader->file, reader->line);
  if (line.kind == LINE_BLANK) {
    return RS_OK;
  }
  if (line.kind == LINE_BAD) {
    return rs_error(error, RS_ERR_SETTING, "%s: %.80s: must be [section], key = value or # comment",
                    reader->origin, line.name);
  }
  if (line.kind == LINE_SECTION) {
    reader->section = line.name;
  } else {
    status = refuse_doubled(reader, &line, error);
  }
  const RsIniEntry entry = {reader->section, line.kind == LINE_PAIR ? line.name : NULL, line.value,
                            reader->origin};
  return status ? status : reader->take(reader->context, &entry, error);
}

static RsStatus take_lines(Reader *reader, char *text, RsError *error) {
  RsStatus status = RS_OK;
  for (char *next = NULL; text && !status; text = next) {
    next = strchr(text, '\n');
    if (next) {
      *next++ = '\0';
    }
    ++reader->line;
    status = take_line(reader, text, error);
  }
  return status;
}

RsStatus rs_ini_read(const char *text, const char *file, RsIniTake take, void *context,
                     RsError *error) {
  Reader reader = {.file = file, .section = "", .take = take, .context = context};
  char *copy = strdup(text + rs_bom_size(text, strlen(text)));
  if (!copy) {
    return rs_error(error, RS_ERR_MEMORY, "%.200s: out of memory", file);
  }
  reader.lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  const RsStatus status = take_lines(&reader, copy, error);
  g_hash_table_unref(reader.lines);
  free(copy);
  return status;
}

/* ---- Files ---- */

/* Read the whole text of an open file. @return NULL where that fails, with the reason in errno. */
static char *read_open(FILE *file) {
  char *text = malloc(LARGEST_FILE + 1);
  const size_t size = text ? fread(text, 1, LARGEST_FILE + 1, file) : 0;
  int reason = !text ? ENOMEM : ferror(file) ? errno : 0;
  if (!reason && (size > LARGEST_FILE || memchr(text, '\0', size))) {
    reason = EILSEQ;
  }
  if (reason) {
    free(text);
    errno = reason;
    return NULL;
  }
  text[size] = '\0';
  return text;
}

RsStatus rs_ini_load(const char *path, const char *origin, char **text, RsError *error) {
  FILE *file = NULL;
  RsError detail = {RS_OK, ""};
  *text = NULL;
  if (rs_open_regular(path, &file, &detail)) {
    return rs_error(error, RS_ERR_SETTING, "%s: %s", origin, detail.message);
  }
  *text = read_open(file);
  const int reason = errno;
  fclose(file);
  return *text
             ? RS_OK
             : rs_error(error, reason == ENOMEM ? RS_ERR_MEMORY : RS_ERR_SETTING, "%s: %.200s: %s",
                        origin, path, reason == EILSEQ ? "not a text file" : g_strerror(reason));
}

/* ---- Writing ---- */

/* A text that is written anew */
typedef struct {
  GString *text;
  size_t
      place;   /* Where the key stood, else behind the last line of its section; 0: there is none */
  bool inside; /* Whether the line is in the section */
  bool found;  /* Whether the key was found */
} Rewriting;

static void rewrite_line(Rewriting *out, const char *line, size_t length, const char *section,
                         const char *name) {
  char *copy = g_strndup(line, length);
  const Line parts = take_apart(copy);
  if (parts.kind == LINE_SECTION) {
    out->inside = !strcmp(parts.name, section);
  }
  const bool old = out->inside && parts.kind == LINE_PAIR && !strcmp(parts.name, name);
  if (!old) {
    g_string_append_len(out->text, line, (gssize)length);
    g_string_append_c(out->text, '\n');
  }
  if (out->inside && parts.kind != LINE_BLANK && !out->found) {
    out->place = out->text->len;
    out->found = old;
  }
  g_free(copy);
}

char *rs_ini_set(const char *text, const char *section, const char *name, const char *value) {
  Rewriting out = {.text = g_string_new(NULL)};
  const size_t mark = rs_bom_size(text, strlen(text));
  g_string_append_len(out.text, text, (gssize)mark);
  for (const char *at = text + mark; *at;) {
    const size_t length = strcspn(at, "\n");
    rewrite_line(&out, at, length, section, name);
    at += length + (at[length] == '\n');
  }
  if (value && !out.place) {
    g_string_append_printf(out.text, "%s[%s]\n", out.text->len > mark ? "\n" : "", section);
    out.place = out.text->len;
  }
  if (value) {
    char *line = g_strconcat(name, " = ", value, "\n", NULL);
    g_string_insert(out.text, (gssize)out.place, line);
    g_free(line);
  }
  return g_string_free(out.text, FALSE);
}
