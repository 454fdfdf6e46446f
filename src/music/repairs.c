/* SPDX-License-Identifier: ISC */

#include "music/repairs.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What has no room, and all behind it, is "; ...". */
static void add(RsRepairs *repairs, const char *format, va_list arguments) {
  static const char others[] = "; ...";
  const size_t used = strlen(repairs->text);
  const char *separator = used ? "; " : "";
  const size_t room = sizeof repairs->text - used;
  char remark[RS_REPAIRS_SIZE];
  if (strstr(repairs->text, others)) {
    return;
  }
  vsnprintf(remark, sizeof remark, format, arguments);
  if (strlen(separator) + strlen(remark) + sizeof others <= room) {
    snprintf(repairs->text + used, room, "%s%s", separator, remark);
  } else {
    memcpy(repairs->text + used, others, sizeof others);
  }
}

void rs_repairs_add(RsRepairs *repairs, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  add(repairs, format, arguments);
  va_end(arguments);
}

void rs_repairs_lose(RsRepairs *repairs, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  add(repairs, format, arguments);
  va_end(arguments);
  repairs->lossy = true;
}
