/* SPDX-License-Identifier: ISC */

#ifndef RS_SETTINGS_KEYS_JSON_H
#define RS_SETTINGS_KEYS_JSON_H

/**
   @file keys_json.h Reading the members of a struct that a table of keys describes from JSON.
*/

#include "settings/keys.h"

#include <jansson.h>

/** Set members from {"section":{"name":value,...},...}. @return RS_OK, RS_ERR_FORMAT,
 * RS_ERR_SETTING. */
RsStatus rs_keys_from_json(RsKeyTable table, void *object, const json_t *json, RsError *error);

#endif /* RS_SETTINGS_KEYS_JSON_H */
