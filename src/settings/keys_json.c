/* SPDX-License-Identifier: ISC */

/* Keys and settings from JSON. */

#include "settings/keys_json.h"

#include "settings/real_text.h"

#include <stdio.h>

/* A JSON scalar as the text that a preset would hold; empty, which no key allows, for anything
   else */
static void json_text(const json_t *value, char *text) {
  text[0] = '\0';
  if (json_is_boolean(value)) {
    snprintf(text, RS_KEY_TEXT_SIZE, "%s", json_is_true(value) ? "true" : "false");
  } else if (json_is_integer(value)) {
    snprintf(text, RS_KEY_TEXT_SIZE, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
  } else if (json_is_real(value)) {
    rs_real_format(json_real_value(value), text);
  } else if (json_is_string(value)) {
    snprintf(text, RS_KEY_TEXT_SIZE, "%s", json_string_value(value));
  }
}

static RsStatus section_from_json(RsKeyTable table, void *object, const char *section,
                                  const json_t *json, RsError *error) {
  char text[RS_KEY_TEXT_SIZE];
  const char *name = NULL;
  json_t *value = NULL;
  if (!json_is_object(json)) {
    return rs_error(error, RS_ERR_FORMAT, "settings: %.80s is not an object", section);
  }
  json_object_foreach((json_t *)json, name, value) {
    json_text(value, text);
    const RsStatus status = rs_keys_set(table, object, section, name, text, "settings", error);
    if (status) {
      return status;
    }
  }
  return RS_OK;
}

RsStatus rs_keys_from_json(RsKeyTable table, void *object, const json_t *json, RsError *error) {
  const char *section = NULL;
  json_t *members = NULL;
  if (!json_is_object(json)) {
    return rs_error(error, RS_ERR_FORMAT, "settings: not a JSON object");
  }
  json_object_foreach((json_t *)json, section, members) {
    const RsStatus status = section_from_json(table, object, section, members, error);
    if (status) {
      return status;
    }
  }
  return RS_OK;
}

RsStatus rs_settings_from_json(RsSettings *settings, const char *json, RsError *error) {
  json_error_t detail;
  json_t *root = json_loads(json, JSON_REJECT_DUPLICATES, &detail);
  RsSettings read;
  if (!root) {
    return rs_error(error, RS_ERR_FORMAT, "settings: not JSON: %s", detail.text);
  }
  rs_settings_init_for_reading(&read);
  const RsStatus status = rs_keys_from_json(rs_settings_table(), &read, root, error);
  json_decref(root);
  if (!status) {
    *settings = read;
  }
  return status;
}
