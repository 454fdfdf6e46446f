/* SPDX-License-Identifier: ISC */

#ifndef RS_SETTINGS_EMBEDDED_H
#define RS_SETTINGS_EMBEDDED_H

/**
   @file embedded.h The files of presets/ as strings; tools/embed.c makes the source at build time.
*/

#include <rollsmith/settings.h>

extern const RsPreset rs_embedded_presets[];

#endif /* RS_SETTINGS_EMBEDDED_H */
