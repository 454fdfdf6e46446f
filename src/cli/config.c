/* SPDX-License-Identifier: ISC */

#include "cli/config.h"

#include "base/atomic_file.h"
#include "settings/ini.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
  const char *name, *key, *variable;
} live_values[RS_CONFIG_VALUES] = {
    {"channel", "generate.channel", "ROLLSMITH_CHANNEL"},
    {"program", "generate.program", "ROLLSMITH_PROGRAM"},
    {"tempo", "generate.bpm", "ROLLSMITH_TEMPO"},
};

/* ---- The file ---- */

static RsStatus unknown(const RsIniEntry *entry, RsError *error) {
  char names[256] = "";
  size_t used = 0;
  for (int i = 0; i < RS_CONTROLS && used < sizeof(names); ++i) {
    used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
                             rs_live_controls[i].name);
  }
  return rs_error(error, RS_ERR_SETTING,
                  "%s: [%.80s]%s%.80s: no such %s; keys are [live] port, driver, channel, program, "
                  "tempo, [control] %s, and those of [steering 1] to [steering 9]",
                  entry->origin, entry->section, entry->name ? " " : "",
                  entry->name ? entry->name : "", entry->name ? "key" : "section", names);
}

static void replace(char **text, const char *by) {
  g_free(*text);
  *text = g_strdup(by);
}

static RsStatus take_live(RsConfig *config, const RsIniEntry *entry, RsError *error) {
  if (!strcmp(entry->name, "port")) {
    replace(&config->port, entry->value);
    return RS_OK;
  }
  if (!strcmp(entry->name, "driver")) {
    replace(&config->driver, entry->value);
    return RS_OK;
  }
  for (int i = 0; i < RS_CONFIG_VALUES; ++i) {
    if (!strcmp(entry->name, live_values[i].name)) {
      replace(&config->values[i], entry->value);
      g_free(config->origins[i]);
      config->origins[i] = g_strdup_printf("%s: [live] %s", entry->origin, entry->name);
      return RS_OK;
    }
  }
  return unknown(entry, error);
}

static RsStatus take_control(RsConfig *config, const RsIniEntry *entry, RsError *error) {
  const size_t length = strlen(entry->value);
  const bool is_number = length > 0 && length <= 3 && strspn(entry->value, "0123456789") == length;
  const long number = is_number ? strtol(entry->value, NULL, 10) : -1;
  for (int i = 0; i < RS_CONTROLS; ++i) {
    if (strcmp(entry->name, rs_live_controls[i].name) != 0) {
      continue;
    }
    if (number < 0 || number > 119) {
      return rs_error(error, RS_ERR_SETTING,
                      "%s: [control] %s: must be the number of a controller, 0 to 119",
                      entry->origin, entry->name);
    }
    config->controls[i] = (int)number;
    config->chosen[i] = true;
    return RS_OK;
  }
  return unknown(entry, error);
}

/* Number of the preset that a section holds, such as "steering 1"; 0: it holds none. */
static int preset_of(const char *section) {
  static const char start[] = "steering ";
  const char *number = section + strlen(start);
  return !strncmp(section, start, strlen(start)) && *number >= '1' && *number <= '9' && !number[1]
             ? *number - '0'
             : 0;
}

static RsStatus take_preset(RsConfig *config, int number, const RsIniEntry *entry, RsError *error) {
  char origin[128];
  snprintf(origin, sizeof(origin), "%.80s: [%.20s] %.20s", entry->origin, entry->section,
           entry->name);
  return rs_steering_assign(&config->presets[number], entry->name, entry->value, origin, error);
}

static RsStatus take_entry(void *context, const RsIniEntry *entry, RsError *error) {
  const bool live = !strcmp(entry->section, "live");
  const int preset = preset_of(entry->section);
  if (!live && !preset && strcmp(entry->section, "control") != 0) {
    return unknown(entry, error);
  }
  if (!entry->name) {
    return RS_OK;
  }
  if (preset) {
    return take_preset(context, preset, entry, error);
  }
  return live ? take_live(context, entry, error) : take_control(context, entry, error);
}

RsStatus rs_config_parse(RsConfig *config, const char *text, RsError *error) {
  return rs_ini_read(text, config->path, take_entry, config, error);
}

static RsStatus read_file(RsConfig *config, RsError *error) {
  char *text = NULL;
  if (access(config->path, F_OK) && (errno == ENOENT || errno == ENOTDIR)) {
    return RS_OK;
  }
  RsStatus status = rs_ini_load(config->path, "configuration", &text, error);
  if (!status) {
    status = rs_config_parse(config, text, error);
  }
  free(text);
  return status;
}

/* A controller that the file assigns loses its default control. */
static void remove_default_conflicts(RsConfig *config) {
  for (int i = 0; i < RS_CONTROLS; ++i) {
    for (int k = 0; k < RS_CONTROLS; ++k) {
      if (!config->chosen[i] && config->chosen[k] && config->controls[i] == config->controls[k]) {
        config->controls[i] = -1;
      }
    }
  }
}

/* ---- The whole ---- */

static const char *variable(const char *name) {
  const char *value = getenv(name);
  return value && *value ? value : NULL;
}

static void read_environment(RsConfig *config) {
  const char *port = variable("ROLLSMITH_PORT"), *driver = variable("ROLLSMITH_DRIVER");
  if (port) {
    replace(&config->port, port);
  }
  if (driver) {
    replace(&config->driver, driver);
  }
  for (int i = 0; i < RS_CONFIG_VALUES; ++i) {
    const char *value = variable(live_values[i].variable);
    if (value) {
      replace(&config->values[i], value);
      replace(&config->origins[i], live_values[i].variable);
    }
  }
}

RsStatus rs_config_load(RsConfig *config, RsError *error) {
  *config = (RsConfig){
      .path = g_build_filename(g_get_user_config_dir(), "rollsmith", "config.ini", (char *)NULL)};
  for (int i = 0; i < RS_CONTROLS; ++i) {
    config->controls[i] = rs_live_control_controller((RsControl)i);
  }
  const RsStatus status = read_file(config, error);
  if (!status) {
    remove_default_conflicts(config);
    read_environment(config);
  }
  return status;
}

void rs_config_clear(RsConfig *config) {
  for (int i = 0; i < RS_CONFIG_VALUES; ++i) {
    g_free(config->values[i]);
    g_free(config->origins[i]);
  }
  g_free(config->port);
  g_free(config->driver);
  g_free(config->path);
  *config = (RsConfig){.path = NULL};
}

RsOptions rs_config_options(const RsConfig *config, const RsOptions *options, bool is_file) {
  RsOptions merged = *options;
  size_t count = 0;
  merged.assignments = g_new0(RsAssignment, options->assignment_count + RS_CONFIG_VALUES);
  for (int i = 0; i < RS_CONFIG_VALUES; ++i) {
    if (config->values[i] && !is_file) {
      merged.assignments[count++] =
          (RsAssignment){(char *)live_values[i].key, config->values[i], config->origins[i]};
    }
  }
  for (size_t i = 0; i < options->assignment_count; ++i) {
    merged.assignments[count++] = options->assignments[i];
  }
  merged.assignment_count = count;
  merged.live.port = options->live.port ? options->live.port : config->port;
  merged.live.driver = options->live.driver ? options->live.driver : config->driver;
  return merged;
}

void rs_config_release(RsOptions *options) {
  g_free(options->assignments);
  *options = (RsOptions){.help = false};
}

/* Set a key in the text of the file; NULL removes it. */
static void set_control(char **text, RsControl control, const char *value) {
  char *changed = rs_ini_set(*text, "control", rs_live_controls[control].name, value);
  g_free(*text);
  *text = changed;
}

/* Remove other controls of the same controller. */
static void remove_other_controls(RsConfig *config, RsControl control, char **text) {
  for (int i = 0; i < RS_CONTROLS; ++i) {
    if (i != (int)control && config->controls[i] == config->controls[control]) {
      config->controls[i] = -1;
      config->chosen[i] = false;
      set_control(text, i, NULL);
    }
  }
}

/* Text of the file; empty where it does not exist. */
static char *text_of_file(const RsConfig *config) {
  char *read = NULL;
  rs_ini_load(config->path, "configuration", &read, NULL);
  char *text = g_strdup(read ? read : "");
  free(read);
  return text;
}

/* Write the text of the file, and free it. */
static RsStatus write_text(const RsConfig *config, char *text, RsError *error) {
  char *folder = g_path_get_dirname(config->path);
  g_mkdir_with_parents(folder, 0755);
  const RsStatus status = rs_write_file_atomically(config->path, text, strlen(text), error);
  g_free(text);
  g_free(folder);
  return status;
}

RsStatus rs_config_learn(RsConfig *config, RsControl control, int controller, RsError *error) {
  char number[16];
  char *text = text_of_file(config);
  snprintf(number, sizeof(number), "%d", controller);
  config->controls[control] = controller;
  config->chosen[control] = true;
  set_control(&text, control, number);
  remove_other_controls(config, control, &text);
  return write_text(config, text, error);
}

/* ---- Steering presets ---- */

RsStatus rs_config_keep_preset(RsConfig *config, int number, const RsSteering *steering,
                               RsError *error) {
  char section[16], value[RS_STEERING_TEXT_SIZE];
  char *text = text_of_file(config);
  snprintf(section, sizeof(section), "steering %d", number);
  for (size_t i = 0; rs_steering_names[i]; ++i) {
    const bool any = rs_steering_format(steering, rs_steering_names[i], value);
    char *changed = rs_ini_set(text, section, rs_steering_names[i], any ? value : NULL);
    g_free(text);
    text = changed;
  }
  config->presets[number] = *steering;
  return write_text(config, text, error);
}
