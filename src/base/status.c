/* SPDX-License-Identifier: ISC */

#include <rollsmith/status.h>

#include <stdarg.h>
#include <stdio.h>

const char *rs_status_text(RsStatus status) {
  switch (status) {
  case RS_OK:
    return "done";
  case RS_ERR_MEMORY:
    return "out of memory";
  case RS_ERR_ARGUMENT:
    return "invalid argument";
  case RS_ERR_OVERFLOW:
    return "size overflow";
  case RS_ERR_NONFINITE:
    return "NaN or infinity";
  case RS_ERR_IO:
    return "input/output error";
  case RS_ERR_FORMAT:
    return "invalid file format";
  case RS_ERR_SETTING:
    return "invalid setting";
  case RS_ERR_EMPTY:
    return "no data";
  case RS_ERR_PORT:
    return "no such MIDI port";
  case RS_ERR_STOPPED:
    return "stopped on request";
  case RS_ERR_READ:
    return "file cannot be read";
  }
  return "unknown status";
}

RsStatus rs_error(RsError *error, RsStatus status, const char *format, ...) {
  if (error) {
    va_list args;
    va_start(args, format);
    error->status = status;
    vsnprintf(error->message, sizeof error->message, format, args);
    va_end(args);
  }
  return status;
}
