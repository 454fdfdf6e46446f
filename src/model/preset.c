#include <rollsmith/settings.h>

#include "base/bom.h"
#include "base/nearest.h"
#include "base/open_file.h"
#include "model/embedded.h"
#include "model/keys.h"

#include <ctype.h>
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Presets that inherit from each other deeper than this go round in a circle
#define DEEPEST 8

/// More than any preset needs; a file beyond it is something else
#define LARGEST_FILE (1024 * 1024)

/* ---- Lines ---- */

/// One line of an ini file, taken apart in place
typedef struct {
  enum { LINE_BLANK, LINE_SECTION, LINE_PAIR, LINE_BAD } kind;
  char *name;  // Of the section or key
  char *value; // Of the key
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

/* ---- A file ---- */

/// Where the parser is in a preset; GKeyFile would take doubled keys in silence and forget the
/// lines
typedef struct {
  RsSettings *settings;
  const char *name;     // Of the file or preset
  const char *section;  // That the line belongs to, inside the text; "" before the first
  unsigned line;        // Counted from 1
  unsigned depth;       // Of inheritance
  bool any_key;         // Whether a key of the settings was met
  unsigned *first_line; // Of each key of the table, where it was met; 0: not yet
  char origin[RS_ERROR_MESSAGE_SIZE / 2]; // "name:line"
} Parser;

static RsStatus load(RsSettings *settings, const char *preset, const char *from, unsigned depth,
                     const char *origin, RsError *error);

static RsStatus enter_section(Parser *parser, const char *name, RsError *error) {
  const RsKeyTable table = rs_settings_table();
  const char *meant = NULL;
  RsNearest search = rs_nearest(name);
  parser->section = name;
  if (!strcmp(name, "preset")) {
    return RS_OK;
  }
  for (size_t i = 0; i < table.count; ++i) {
    if (!strcmp(table.keys[i].section, name)) {
      return RS_OK;
    }
    if (rs_nearest_offer(&search, table.keys[i].section)) {
      meant = table.keys[i].section;
    }
  }
  if (meant) {
    return rs_error(error, RS_ERR_SETTING, "%s: [%.80s]: no such section; did you mean [%s]?",
                    parser->origin, name, meant);
  }
  return rs_error(error, RS_ERR_SETTING,
                  "%s: [%.80s]: no such section; see rollsmith presets default", parser->origin,
                  name);
}

static RsStatus set_about(Parser *parser, const Line *line, RsError *error) {
  if (!strcmp(line->name, "description")) {
    return RS_OK;
  }
  if (strcmp(line->name, "base") != 0) {
    return rs_error(error, RS_ERR_SETTING,
                    "%s: preset.%.80s: no such key; there are base and description", parser->origin,
                    line->name);
  }
  if (parser->any_key) {
    return rs_error(error, RS_ERR_SETTING, "%s: preset.base: must stand before all other settings",
                    parser->origin);
  }
  parser->any_key = true; // A second base would undo the first
  return load(parser->settings, line->value, parser->name, parser->depth + 1, parser->origin,
              error);
}

static RsStatus set_key(Parser *parser, const Line *line, RsError *error) {
  const RsKeyTable table = rs_settings_table();
  const RsKey *key = rs_keys_find(table, parser->section, line->name);
  parser->any_key = true;
  if (key) {
    unsigned *first = &parser->first_line[key - table.keys];
    if (*first) {
      return rs_error(error, RS_ERR_SETTING, "%s: %s.%s: already set in line %u", parser->origin,
                      parser->section, line->name, *first);
    }
    *first = parser->line;
  }
  return rs_keys_set(table, parser->settings, parser->section, line->name, line->value,
                     parser->origin, error);
}

static RsStatus parse_line(Parser *parser, char *text, RsError *error) {
  const Line line = take_apart(text);
  snprintf(parser->origin, sizeof(parser->origin), "%.200s:%u", parser->name, parser->line);
  switch (line.kind) {
  case LINE_BLANK:
    return RS_OK;
  case LINE_SECTION:
    return enter_section(parser, line.name, error);
  case LINE_PAIR:
    return strcmp(parser->section, "preset") ? set_key(parser, &line, error)
                                             : set_about(parser, &line, error);
  case LINE_BAD:
    break;
  }
  return rs_error(error, RS_ERR_SETTING, "%s: %.80s: must be [section], key = value or # comment",
                  parser->origin, line.name);
}

static RsStatus parse_lines(Parser *parser, char *text, RsError *error) {
  RsStatus status = RS_OK;
  for (char *next = NULL; text && !status; text = next) {
    next = strchr(text, '\n');
    if (next) {
      *next++ = '\0';
    }
    ++parser->line;
    status = parse_line(parser, text, error);
  }
  return status;
}

static RsStatus parse(RsSettings *settings, const char *text, const char *name, unsigned depth,
                      RsError *error) {
  Parser parser = {.settings = settings, .name = name, .section = "", .depth = depth};
  char *copy = strdup(text + rs_bom_size(text, strlen(text)));
  parser.first_line = calloc(rs_settings_table().count, sizeof(*parser.first_line));
  const RsStatus status = copy && parser.first_line
                              ? parse_lines(&parser, copy, error)
                              : rs_error(error, RS_ERR_MEMORY, "%.200s: out of memory", name);
  free(parser.first_line);
  free(copy);
  return status;
}

RsStatus rs_settings_parse(RsSettings *settings, const char *text, const char *name,
                           RsError *error) {
  return parse(settings, text, name, 0, error);
}

/* ---- Finding presets ---- */

const RsPreset *rs_presets(void) {
  return rs_embedded_presets;
}

static const char *built_in(const char *name) {
  for (const RsPreset *preset = rs_presets(); preset->name; ++preset) {
    if (!strcmp(preset->name, name)) {
      return preset->text;
    }
  }
  return NULL;
}

/// Read the whole text of an open file. @return NULL where that fails, with the reason in errno.
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

static RsStatus read_text(const char *path, char **text, const char *origin, RsError *error) {
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

/// Path of a preset file that stands beside the preset `from`
static char *path_beside(const char *path, const char *from) {
  const char *slash = from ? strrchr(from, '/') : NULL;
  char *joined = NULL;
  if (*path == '/' || !slash) {
    return strdup(path);
  }
  return asprintf(&joined, "%.*s/%s", (int)(slash - from), from, path) < 0 ? NULL : joined;
}

static RsStatus load_file(RsSettings *settings, const char *path, unsigned depth,
                          const char *origin, RsError *error) {
  char *text = NULL;
  RsStatus status = read_text(path, &text, origin, error);
  if (!status) {
    status = parse(settings, text, path, depth, error);
  }
  free(text);
  return status;
}

/// Read NAME.ini from the user's and the system's data folders. @return Whether there is one.
static bool load_installed(RsSettings *settings, const char *name, unsigned depth, RsStatus *status,
                           RsError *error) {
  const char *const *system = g_get_system_data_dirs();
  const char *folder = g_get_user_data_dir();
  while (folder) {
    char *path = NULL;
    if (asprintf(&path, "%s/rollsmith/presets/%s.ini", folder, name) < 0) {
      *status = rs_error(error, RS_ERR_MEMORY, "preset %.80s: out of memory", name);
      return true;
    }
    const bool found = g_file_test(path, G_FILE_TEST_IS_REGULAR);
    if (found) {
      *status = load_file(settings, path, depth, "preset", error);
    }
    free(path);
    if (found) {
      return true;
    }
    folder = *system++;
  }
  return false;
}

static RsStatus no_such_preset(const char *name, const char *origin, RsError *error) {
  const char *meant = NULL;
  RsNearest search = rs_nearest(name);
  for (const RsPreset *preset = rs_presets(); preset->name; ++preset) {
    if (rs_nearest_offer(&search, preset->name)) {
      meant = preset->name;
    }
  }
  if (meant) {
    return rs_error(error, RS_ERR_SETTING, "%s: %.80s: no such preset; did you mean %s?", origin,
                    name, meant);
  }
  return rs_error(
      error, RS_ERR_SETTING,
      "%s: %.80s: no such preset; rollsmith presets lists them, a file must end in .ini", origin,
      name);
}

static RsStatus load_named(RsSettings *settings, const char *name, unsigned depth,
                           const char *origin, RsError *error) {
  const char *text = built_in(name);
  RsStatus status = RS_OK;
  if (text) {
    return parse(settings, text, name, depth, error);
  }
  if (*name && load_installed(settings, name, depth, &status, error)) {
    return status;
  }
  return no_such_preset(name, origin, error);
}

bool rs_preset_is_file(const char *preset) {
  return strchr(preset, '/') || g_str_has_suffix(preset, ".ini");
}

/// Read a preset that was named in the file `from` or, where that is NULL, by the user
static RsStatus load(RsSettings *settings, const char *preset, const char *from, unsigned depth,
                     const char *origin, RsError *error) {
  if (depth > DEEPEST) {
    return rs_error(error, RS_ERR_SETTING, "%s: base = %.80s: presets inherit in a circle", origin,
                    preset);
  }
  if (!rs_preset_is_file(preset)) {
    return load_named(settings, preset, depth, origin, error);
  }
  char *path = path_beside(preset, from);
  if (!path) {
    return rs_error(error, RS_ERR_MEMORY, "%s: out of memory", origin);
  }
  const RsStatus status = load_file(settings, path, depth, origin, error);
  free(path);
  return status;
}

RsStatus rs_settings_load(RsSettings *settings, const char *preset, RsError *error) {
  return load(settings, preset, NULL, 0, "preset", error);
}

/* ---- What a preset says of itself ---- */

RsStatus rs_preset_description(const char *text, char **out) {
  char *copy = strdup(text);
  bool about = false;
  const char *found = "";
  for (char *at = copy, *next = NULL; at && !*found; at = next) {
    next = strchr(at, '\n');
    if (next) {
      *next++ = '\0';
    }
    const Line line = take_apart(at);
    if (line.kind == LINE_SECTION) {
      about = !strcmp(line.name, "preset");
    } else if (about && line.kind == LINE_PAIR && !strcmp(line.name, "description")) {
      found = line.value;
    }
  }
  *out = copy ? strdup(found) : NULL;
  free(copy);
  return *out ? RS_OK : RS_ERR_MEMORY;
}
