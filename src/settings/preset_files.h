/* SPDX-License-Identifier: ISC */

#ifndef RS_SETTINGS_PRESET_FILES_H
#define RS_SETTINGS_PRESET_FILES_H

/**
   @file preset_files.h The files that a preset is read from.
*/

/** Called for each file. */
typedef void (*RsPresetVisit)(void *context, const char *path);

/**
   Visit the file of a preset and those that it inherits from, as far as they can be read.

   @param preset  Name or path, as rs_settings_load() takes it.
*/
void rs_preset_files(const char *preset, RsPresetVisit visit, void *context);

#endif /* RS_SETTINGS_PRESET_FILES_H */
