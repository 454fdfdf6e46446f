#ifndef RS_MODEL_JSON_H
#define RS_MODEL_JSON_H

/**
   @file json.h Values that JSON cannot hold as they are.
*/

#include <jansson.h>

/** A number, or null where it is a NaN or an infinity. */
json_t *rs_json_number(double value);

/** A string of any bytes, such as a path: what is no UTF-8 is replaced. */
json_t *rs_json_text(const char *text);

#endif /* RS_MODEL_JSON_H */
