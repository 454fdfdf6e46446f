/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_NUMBER_H
#define RS_CLI_NUMBER_H

/**
   @file number.h Whole numbers in arguments of options.
*/

#include <stdbool.h>

/** Parse a decimal number from low to high. @return Whether the whole text is one. */
bool rs_parse_number(const char *text, long low, long high, long *number);

#endif /* RS_CLI_NUMBER_H */
