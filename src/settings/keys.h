/* SPDX-License-Identifier: ISC */

#ifndef RS_SETTINGS_KEYS_H
#define RS_SETTINGS_KEYS_H

/**
   @file keys.h Reading and writing the members of a struct that a table of keys describes.
*/

#include <rollsmith/settings.h>

/** Room for any value as text. */
#define RS_KEY_TEXT_SIZE 40

/** Key `name` of `section`, or NULL. */
const RsKey *rs_keys_find(RsKeyTable table, const char *section, const char *name);

/** Set every member of `object` to its default. */
void rs_keys_init(RsKeyTable table, void *object);

/** Value of a key as text that reads back bit by bit; `text` has RS_KEY_TEXT_SIZE bytes. */
void rs_key_format(const RsKey *key, const void *object, char *text);

/** The first key whose value is not the same in two objects, or NULL; local keys may differ. */
const RsKey *rs_keys_difference(RsKeyTable table, const void *a, const void *b);

/** What a key allows, such as "0 to 1" or "bb or gb", into `size` bytes. */
void rs_key_allowed(const RsKey *key, char *text, size_t size);

/**
   Set one member from text; untouched on failure.

   @param origin  Where the value stands, the first words of the message.
   @return RS_OK or RS_ERR_SETTING.
*/
RsStatus rs_keys_set(RsKeyTable table, void *object, const char *section, const char *name,
                     const char *value, const char *origin, RsError *error);

/** As rs_settings_to_ini(), for any table. */
RsStatus rs_keys_to_ini(RsKeyTable table, const void *object, char **out);

/** As rs_settings_to_json(), for any table. */
RsStatus rs_keys_to_json(RsKeyTable table, const void *object, char **out);

/** The settings before those of a model file are read: the defaults, without the parts of a model
 * that older files do not have. */
void rs_settings_init_for_reading(RsSettings *settings);

#endif /* RS_SETTINGS_KEYS_H */
