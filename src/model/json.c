#include "model/json.h"

#include <glib.h>
#include <math.h>

json_t *rs_json_number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

json_t *rs_json_text(const char *text) {
  char *valid = g_utf8_make_valid(text, -1);
  json_t *json = json_string(valid);
  g_free(valid);
  return json;
}
