/* SPDX-License-Identifier: ISC */

#include "cli/command.h"
#include "cli/console.h"

#include <stdlib.h>

static RsStatus list_one(const RsOptions *options, const RsPreset *preset, json_t *list,
                         RsError *error) {
  char *description = NULL;
  if (rs_preset_description(preset->text, &description)) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  rs_report(options, "%-16s %s", preset->name, description);
  json_array_append_new(list,
                        json_pack("{s:s, s:s}", "name", preset->name, "description", description));
  free(description);
  return RS_OK;
}

static RsStatus list(const RsOptions *options, RsError *error) {
  json_t *names = json_array();
  RsStatus status = RS_OK;
  for (const RsPreset *preset = rs_presets(); preset->name && !status; ++preset) {
    status = list_one(options, preset, names, error);
  }
  if (status || !options->json) {
    json_decref(names);
    return status;
  }
  return rs_report_json(names, error);
}

static RsStatus show_ini(const RsOptions *options, const RsSettings *settings, const char *name,
                         RsError *error) {
  char *text = NULL;
  if (rs_settings_to_ini(settings, &text)) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  rs_report(options, "# All settings of preset %s", name);
  rs_report(options, "%s", "");
  rs_report_lines(options, text);
  free(text);
  return RS_OK;
}

static RsStatus show_json(const RsSettings *settings, const char *name, RsError *error) {
  char *text = NULL;
  if (rs_settings_to_json(settings, &text)) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  json_t *json = json_loads(text, 0, NULL);
  free(text);
  return rs_report_json(json_pack("{s:s, s:o}", "name", name, "settings", json), error);
}

static RsStatus run(const RsOptions *options, RsError *error) {
  RsSettings settings;
  const char *name = options->operands[0];
  if (!name) {
    return list(options, error);
  }
  rs_settings_init(&settings);
  RsStatus status = rs_settings_load(&settings, name, error);
  if (!status) {
    status = rs_settings_check(&settings, error);
  }
  if (status) {
    return status;
  }
  return options->json ? show_json(&settings, name, error)
                       : show_ini(options, &settings, name, error);
}

const RsCommand rs_command_presets = {
    .name = "presets",
    .bit = RS_FOR_PRESETS,
    .operands = "[NAME or FILE.ini]",
    .fewest = 0,
    .most = 1,
    .summary = "list the presets, or show all settings of one",
    .description =
        "Without a name: the presets, with a description of each. With the name of a preset or a "
        "preset file: every key with its value, range and meaning, in the format of a preset file.",
    .examples = "rollsmith presets\n"
                "rollsmith presets quick\n"
                "rollsmith presets default > mine.ini\n",
    .run = run,
};
