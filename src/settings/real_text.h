/* SPDX-License-Identifier: ISC */

#ifndef RS_SETTINGS_REAL_TEXT_H
#define RS_SETTINGS_REAL_TEXT_H

/**
   @file real_text.h Real numbers as text with a decimal point, whatever the locale.
*/

/** As strtod(). */
double rs_real_parse(const char *text, char **end);

/** The fewest digits, 15 at least, that read back as the same number; `text` has RS_KEY_TEXT_SIZE
 * bytes. */
void rs_real_format(double real, char *text);

#endif /* RS_SETTINGS_REAL_TEXT_H */
