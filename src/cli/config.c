#include "cli/config.h"

#include "base/atomic_file.h"
#include "base/bom.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

const char *const rs_config_control_names[RS_CONTROLS] = {
    "tempo", "temperature", "density", "transpose", "mute", "hold", "panic", "seed"};

/// Controllers that have no meaning of their own in MIDI
enum { FIRST_FREE_CONTROLLER = 20 };

static const struct {
  const char *name, *key, *variable;
} live_values[RS_CONFIG_VALUES] = {
    {"channel", "generate.channel", "ROLLSMITH_CHANNEL"},
    {"program", "generate.program", "ROLLSMITH_PROGRAM"},
    {"tempo", "generate.bpm", "ROLLSMITH_TEMPO"},
};

/* ---- The file ---- */

static RsStatus unknown(const RsConfig *config, const char *section, const char *key,
                        RsError *error) {
  return rs_error(error, RS_ERR_SETTING,
                  "%s: [%s] %s: no such key; there are [live] port, channel, program, tempo and "
                  "[control] tempo, temperature, density, transpose, mute, hold, panic, seed",
                  config->path, section, key);
}

static RsStatus take_live(RsConfig *config, const char *key, char *value, RsError *error) {
  if (!strcmp(key, "port")) {
    g_free(config->port);
    config->port = value;
    return RS_OK;
  }
  for (int i = 0; i < RS_CONFIG_VALUES; ++i) {
    if (!strcmp(key, live_values[i].name)) {
      g_free(config->values[i]);
      g_free(config->origins[i]);
      config->values[i] = value;
      config->origins[i] = g_strdup_printf("%s: [live] %s", config->path, key);
      return RS_OK;
    }
  }
  g_free(value);
  return unknown(config, "live", key, error);
}

static RsStatus take_control(RsConfig *config, const char *key, char *value, RsError *error) {
  const size_t length = strlen(value);
  const bool is_number = length > 0 && length <= 3 && strspn(value, "0123456789") == length;
  const long number = is_number ? strtol(value, NULL, 10) : -1;
  g_free(value);
  for (int i = 0; i < RS_CONTROLS; ++i) {
    if (strcmp(key, rs_config_control_names[i]) != 0) {
      continue;
    }
    if (number < 0 || number > 119) {
      return rs_error(error, RS_ERR_SETTING,
                      "%s: [control] %s: must be the number of a controller, 0 to 119",
                      config->path, key);
    }
    config->controls[i] = (int)number;
    config->chosen[i] = true;
    return RS_OK;
  }
  return unknown(config, "control", key, error);
}

static RsStatus take_section(RsConfig *config, GKeyFile *file, const char *section,
                             RsError *error) {
  const bool live = !strcmp(section, "live");
  RsStatus status = RS_OK;
  if (!live && strcmp(section, "control") != 0) {
    return unknown(config, section, "", error);
  }
  char **keys = g_key_file_get_keys(file, section, NULL, NULL);
  for (char **key = keys; key && *key && !status; ++key) {
    char *value = g_key_file_get_string(file, section, *key, NULL);
    value = value ? value : g_strdup("");
    status =
        live ? take_live(config, *key, value, error) : take_control(config, *key, value, error);
  }
  g_strfreev(keys);
  return status;
}

static RsStatus take_file(RsConfig *config, GKeyFile *file, RsError *error) {
  RsStatus status = RS_OK;
  char **sections = g_key_file_get_groups(file, NULL);
  for (char **section = sections; *section && !status; ++section) {
    status = take_section(config, file, *section, error);
  }
  g_strfreev(sections);
  return status;
}

/// As g_key_file_load_from_file(), past the mark that some editors put before a text
static bool load_keys(GKeyFile *file, const char *path, GKeyFileFlags flags, GError **failure) {
  char *text = NULL;
  gsize size = 0;
  if (!g_file_get_contents(path, &text, &size, failure)) {
    return false;
  }
  const size_t mark = rs_bom_size(text, size);
  const bool read = g_key_file_load_from_data(file, text + mark, size - mark, flags, failure);
  g_free(text);
  return read;
}

static RsStatus read_file(RsConfig *config, RsError *error) {
  GKeyFile *file = g_key_file_new();
  GError *failure = NULL;
  RsStatus status = RS_OK;
  if (load_keys(file, config->path, G_KEY_FILE_NONE, &failure)) {
    status = take_file(config, file, error);
  } else if (!g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT) &&
             !g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOTDIR)) {
    status = rs_error(error, RS_ERR_SETTING, "%s: %s", config->path, failure->message);
  }
  g_clear_error(&failure);
  g_key_file_free(file);
  return status;
}

/// A controller that the file names no longer has the meaning that it would have by itself
static void give_way(RsConfig *config) {
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
  const char *port = variable("ROLLSMITH_PORT");
  if (port) {
    g_free(config->port);
    config->port = g_strdup(port);
  }
  for (int i = 0; i < RS_CONFIG_VALUES; ++i) {
    const char *value = variable(live_values[i].variable);
    if (value) {
      g_free(config->values[i]);
      g_free(config->origins[i]);
      config->values[i] = g_strdup(value);
      config->origins[i] = g_strdup(live_values[i].variable);
    }
  }
}

RsStatus rs_config_load(RsConfig *config, RsError *error) {
  *config = (RsConfig){
      .path = g_build_filename(g_get_user_config_dir(), "rollsmith", "config.ini", (char *)NULL)};
  for (int i = 0; i < RS_CONTROLS; ++i) {
    config->controls[i] = FIRST_FREE_CONTROLLER + i;
  }
  const RsStatus status = read_file(config, error);
  if (!status) {
    give_way(config);
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
  g_free(config->path);
  *config = (RsConfig){.path = NULL};
}

RsOptions rs_config_options(const RsConfig *config, const RsOptions *options) {
  RsOptions merged = *options;
  size_t count = 0;
  merged.assignments = g_new0(RsAssignment, options->assignment_count + RS_CONFIG_VALUES);
  for (int i = 0; i < RS_CONFIG_VALUES; ++i) {
    if (config->values[i]) {
      merged.assignments[count++] =
          (RsAssignment){(char *)live_values[i].key, config->values[i], config->origins[i]};
    }
  }
  for (size_t i = 0; i < options->assignment_count; ++i) {
    merged.assignments[count++] = options->assignments[i];
  }
  merged.assignment_count = count;
  merged.port = options->port ? options->port : config->port;
  return merged;
}

void rs_config_release(RsOptions *options) {
  g_free(options->assignments);
  *options = (RsOptions){.help = false};
}

/// What a controller did before it learned something else, it does no longer
static void forget_others(RsConfig *config, RsControl control, GKeyFile *file) {
  for (int i = 0; i < RS_CONTROLS; ++i) {
    if (i != (int)control && config->controls[i] == config->controls[control]) {
      config->controls[i] = -1;
      config->chosen[i] = false;
      g_key_file_remove_key(file, "control", rs_config_control_names[i], NULL);
    }
  }
}

RsStatus rs_config_learn(RsConfig *config, RsControl control, int controller, RsError *error) {
  GKeyFile *file = g_key_file_new();
  char *folder = g_path_get_dirname(config->path);
  gsize length = 0;
  config->controls[control] = controller;
  config->chosen[control] = true;
  load_keys(file, config->path, G_KEY_FILE_KEEP_COMMENTS, NULL);
  g_key_file_set_integer(file, "control", rs_config_control_names[control], controller);
  forget_others(config, control, file);
  char *text = g_key_file_to_data(file, &length, NULL);
  g_mkdir_with_parents(folder, 0755);
  const RsStatus status = rs_write_file_atomically(config->path, text, length, error);
  g_free(text);
  g_free(folder);
  g_key_file_free(file);
  return status;
}
