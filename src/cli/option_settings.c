/* SPDX-License-Identifier: ISC */

#include "cli/options.h"

#include "settings/keys.h"

#include <string.h>

bool rs_options_is_set(const RsOptions *options, const char *key) {
  for (size_t i = 0; i < options->assignment_count; ++i) {
    const RsAssignment *one = &options->assignments[i];
    const char *set = one->key ? one->key : one->value;
    if (!strncmp(set, key, strlen(key)) && strchr("=", set[strlen(key)])) {
      return true;
    }
  }
  return false;
}

static RsStatus assign_all(const RsOptions *options, RsSettings *settings, RsError *error) {
  RsStatus status = RS_OK;
  for (size_t i = 0; !status && i < options->assignment_count; ++i) {
    const RsAssignment *one = &options->assignments[i];
    status = one->key ? rs_settings_set(settings, one->key, one->value, one->origin, error)
                      : rs_settings_assign(settings, one->value, error);
  }
  return status;
}

RsStatus rs_options_apply(const RsOptions *options, RsSettings *settings, RsError *error) {
  const RsStatus status = assign_all(options, settings, error);
  return status ? status : rs_settings_check(settings, error);
}

RsStatus rs_options_check_fixed(const RsSettings *allowed, const RsSettings *settings,
                                RsError *error) {
  const RsKey *key = rs_keys_difference(rs_settings_table(), allowed, settings);
  if (!key) {
    return RS_OK;
  }
  char fixed[RS_KEY_TEXT_SIZE];
  rs_key_format(key, allowed, fixed);
  return rs_error(error, RS_ERR_SETTING, "--set: %s.%s is %s in this model and cannot be changed",
                  key->section, key->name, fixed);
}

static RsStatus load_preset(const RsOptions *options, RsSettings *settings, RsError *error) {
  return options->preset ? rs_settings_load(settings, options->preset, error) : RS_OK;
}

RsStatus rs_options_check_each(const RsOptions *options, RsError *error) {
  RsSettings settings;
  rs_settings_init(&settings);
  const RsStatus status = load_preset(options, &settings, error);
  return status ? status : assign_all(options, &settings, error);
}

RsStatus rs_options_override(const RsOptions *options, RsSettings *settings, RsError *error) {
  const RsStatus status = load_preset(options, settings, error);
  return status ? status : rs_options_apply(options, settings, error);
}

RsStatus rs_options_settings(const RsOptions *options, RsSettings *settings, RsError *error) {
  rs_settings_init(settings);
  return rs_options_override(options, settings, error);
}

RsStatus rs_options_roll(const RsOptions *options, RsSettings *settings, RsError *error) {
  rs_settings_init(settings);
  RsStatus status = load_preset(options, settings, error);
  status = status ? status : assign_all(options, settings, error);
  return status ? status : rs_settings_check_roll(settings, error);
}
