/* SPDX-License-Identifier: ISC */

#ifndef RS_FILES_JSON_H
#define RS_FILES_JSON_H

/**
   @file json.h Values that JSON cannot hold as they are.
*/

#include <jansson.h>
#include <stddef.h>

/** A number, or null where it is a NaN or an infinity. */
json_t *rs_json_number(double value);

/**
   JSON as text, with each real in as few digits as give it back: 0.1, not 0.10000000000000001.
   Characters that printable.h escapes are written as escapes of JSON: `\u009b`.

   @param flags  Of jansson's json_dumps().
   @return To be given to g_free(); NULL where memory is out.
*/
char *rs_json_dump(const json_t *json, size_t flags);

/** A string of any bytes, such as a path: invalid UTF-8 is replaced. */
json_t *rs_json_text(const char *text);

#endif /* RS_FILES_JSON_H */
