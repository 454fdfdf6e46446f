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
    return "an argument that cannot be";
  case RS_ERR_OVERFLOW:
    return "a size too large to count";
  case RS_ERR_NONFINITE:
    return "a number that is not finite";
  case RS_ERR_IO:
    return "a file cannot be written";
  case RS_ERR_FORMAT:
    return "a damaged file";
  case RS_ERR_SETTING:
    return "a setting that cannot be";
  case RS_ERR_EMPTY:
    return "nothing to work on";
  case RS_ERR_PORT:
    return "no such MIDI port";
  case RS_ERR_STOPPED:
    return "stopped on request";
  case RS_ERR_READ:
    return "a file cannot be read";
  }
  return "an unknown status";
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
