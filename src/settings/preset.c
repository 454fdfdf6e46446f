/* SPDX-License-Identifier: ISC */

#include <rollsmith/settings.h>

#include "base/suggestion.h"
#include "settings/data_file.h"
#include "settings/embedded.h"
#include "settings/ini.h"
#include "settings/keys.h"
#include "settings/preset_files.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Presets that inherit from each other deeper than this go round in a circle */
#define DEEPEST 8

/* ---- A text ---- */

/* A preset that is being read */
typedef struct {
  RsSettings *settings;
  const char *name; /* Of the file or preset */
  unsigned depth;   /* Of inheritance */
  bool any_key;     /* Whether a key of the settings was found */
} Parser;

static RsStatus load(RsSettings *settings, const char *preset, const char *from, unsigned depth,
                     const char *origin, RsError *error);

static RsStatus check_section(const RsIniEntry *entry, RsError *error) {
  const RsKeyTable table = rs_settings_table();
  const char *meant = NULL;
  RsSuggestion search = rs_suggestion(entry->section);
  if (!strcmp(entry->section, "preset")) {
    return RS_OK;
  }
  for (size_t i = 0; i < table.count; ++i) {
    if (!strcmp(table.keys[i].section, entry->section)) {
      return RS_OK;
    }
    if (rs_suggestion_offer(&search, table.keys[i].section)) {
      meant = table.keys[i].section;
    }
  }
  if (meant) {
    return rs_error(error, RS_ERR_SETTING, "%s: [%.80s]: no such section; did you mean [%s]?",
                    entry->origin, entry->section, meant);
  }
  return rs_error(error, RS_ERR_SETTING,
                  "%s: [%.80s]: no such section; see rollsmith presets default", entry->origin,
                  entry->section);
}

static RsStatus set_about(Parser *parser, const RsIniEntry *entry, RsError *error) {
  if (!strcmp(entry->name, "description")) {
    return RS_OK;
  }
  if (strcmp(entry->name, "base") != 0) {
    return rs_error(error, RS_ERR_SETTING,
                    "%s: preset.%.80s: no such key; there are base and description", entry->origin,
                    entry->name);
  }
  if (parser->any_key) {
    return rs_error(error, RS_ERR_SETTING, "%s: preset.base: must stand before all other settings",
                    entry->origin);
  }
  return load(parser->settings, entry->value, parser->name, parser->depth + 1, entry->origin,
              error);
}

static RsStatus take_entry(void *context, const RsIniEntry *entry, RsError *error) {
  Parser *parser = context;
  if (!entry->name) {
    return check_section(entry, error);
  }
  if (!strcmp(entry->section, "preset")) {
    return set_about(parser, entry, error);
  }
  parser->any_key = true;
  return rs_keys_set(rs_settings_table(), parser->settings, entry->section, entry->name,
                     entry->value, entry->origin, error);
}

static RsStatus parse(RsSettings *settings, const char *text, const char *name, unsigned depth,
                      RsError *error) {
  Parser parser = {.settings = settings, .name = name, .depth = depth};
  return rs_ini_read(text, name, take_entry, &parser, error);
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

/* Path of a preset file that stands beside the preset `from` */
static char *path_beside(const char *path, const char *from) {
  const char *slash = from ? strrchr(from, '/') : NULL;
  return *path == '/' || !slash ? g_strdup(path)
                                : g_strdup_printf("%.*s/%s", (int)(slash - from), from, path);
}

/* NAME.ini in the user's or the system's data folders; NULL where there is none */
static char *installed(const char *name) {
  char *file = g_strdup_printf("presets/%s.ini", name);
  char *path = rs_data_file(file);
  g_free(file);
  return path;
}

/* File of a preset that was named in the file `from` or, where that is NULL, by the user, to be
   given to g_free(); NULL where it is built in, or nothing at all */
static char *file_of(const char *preset, const char *from) {
  if (rs_preset_is_file(preset)) {
    return path_beside(preset, from);
  }
  return *preset && !built_in(preset) ? installed(preset) : NULL;
}

static RsStatus no_such_preset(const char *name, const char *origin, RsError *error) {
  const char *meant = NULL;
  RsSuggestion search = rs_suggestion(name);
  for (const RsPreset *preset = rs_presets(); preset->name; ++preset) {
    if (rs_suggestion_offer(&search, preset->name)) {
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

bool rs_preset_is_file(const char *preset) {
  return strchr(preset, '/') || g_str_has_suffix(preset, ".ini");
}

static RsStatus load_file(RsSettings *settings, const char *path, unsigned depth,
                          const char *origin, RsError *error) {
  char *text = NULL;
  RsStatus status = rs_ini_load(path, origin, &text, error);
  if (!status) {
    status = parse(settings, text, path, depth, error);
  }
  free(text);
  return status;
}

static RsStatus load(RsSettings *settings, const char *preset, const char *from, unsigned depth,
                     const char *origin, RsError *error) {
  const char *text = built_in(preset);
  char *path = file_of(preset, from);
  RsStatus status = RS_OK;
  if (depth > DEEPEST) {
    status = rs_error(error, RS_ERR_SETTING, "%s: base = %.80s: presets inherit in a circle",
                      origin, preset);
  } else if (path) {
    status = load_file(settings, path, depth, origin, error);
  } else {
    status =
        text ? parse(settings, text, preset, depth, error) : no_such_preset(preset, origin, error);
  }
  g_free(path);
  return status;
}

RsStatus rs_settings_load(RsSettings *settings, const char *preset, RsError *error) {
  return load(settings, preset, NULL, 0, "preset", error);
}

/* ---- Description of a preset ---- */

/* A key of the section preset that is looked for */
typedef struct {
  const char *name;
  char *value; /* NULL: not found */
} Search;

static RsStatus find_value(void *context, const RsIniEntry *entry, RsError *error) {
  Search *search = context;
  if (entry->name && !search->value && !strcmp(entry->section, "preset") &&
      !strcmp(entry->name, search->name)) {
    search->value = strdup(entry->value);
    return search->value ? RS_OK : RS_ERR_MEMORY;
  }
  return RS_OK;
}

RsStatus rs_preset_description(const char *text, char **out) {
  Search search = {"description", NULL};
  const RsStatus status = rs_ini_read(text, "preset", find_value, &search, NULL);
  *out = search.value ? search.value : status == RS_ERR_MEMORY ? NULL : strdup("");
  return *out ? RS_OK : RS_ERR_MEMORY;
}

/* The base that a preset file names; NULL where there is none */
static char *base_of(const char *path) {
  Search search = {"base", NULL};
  char *text = NULL;
  if (!rs_ini_load(path, "preset", &text, NULL)) {
    rs_ini_read(text, path, find_value, &search, NULL);
  }
  free(text);
  return search.value;
}

void rs_preset_files(const char *preset, RsPresetVisit visit, void *context) {
  char *path = file_of(preset, NULL);
  for (int depth = 0; path && depth <= DEEPEST; ++depth) {
    char *base = NULL, *next = NULL;
    visit(context, path);
    base = base_of(path);
    next = base ? file_of(base, path) : NULL;
    free(base);
    g_free(path);
    path = next;
  }
  g_free(path);
}
