/* SPDX-License-Identifier: ISC */

#ifndef RS_SETTINGS_INI_H
#define RS_SETTINGS_INI_H

/**
   @file ini.h The ini files of the program, presets and configuration, read and written by one set
   of rules.

   A line is empty, a comment (# or ; first), [section] or key = value. Blanks around sections, keys
   and values do not count, a value is what stands there, without quotes or escapes, and a text may
   begin with a byte order mark. A section may be gone back to, but a key of it stands there once.
*/

#include <rollsmith/status.h>

/** A section, or a key of one. */
typedef struct {
  const char *section; ///< "" before the first
  const char *name;    ///< Of the key; NULL where a section begins
  const char *value;   ///< Of the key; NULL where a section begins
  const char *origin;  ///< "file:line", for messages
} RsIniEntry;

/** Called for each entry in turn. @return RS_OK to go on. */
typedef RsStatus (*RsIniTake)(void *context, const RsIniEntry *entry, RsError *error);

/**
   Read a text.

   @param text  Zero-terminated.
   @param file  Its name in messages.
   @return RS_OK; RS_ERR_SETTING for an invalid line, or a doubled key; RS_ERR_MEMORY; what
   `take` returned.
*/
RsStatus rs_ini_read(const char *text, const char *file, RsIniTake take, void *context,
                     RsError *error);

/**
   The text of a file.

   @param origin  Who named the file, for messages.
   @param text    Output, to be given to free(); NULL after an error.
   @return RS_OK; RS_ERR_SETTING where there is none or it is not text; RS_ERR_MEMORY.
*/
RsStatus rs_ini_load(const char *path, const char *origin, char **text, RsError *error);

/**
   A text with one key set anew; all else, comments too, stays.

   @param value  NULL: without the key.
   @return To be given to g_free().
*/
char *rs_ini_set(const char *text, const char *section, const char *name, const char *value);

#endif /* RS_SETTINGS_INI_H */
