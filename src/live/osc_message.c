/* SPDX-License-Identifier: ISC */

#include "live/osc_message.h"

#ifdef RS_HAVE_LIBLO

#include <lo/lo.h>

#include <math.h>
#include <string.h>

bool rs_osc_available(void) {
  return true;
}

/* An argument as a number. @return false for another type, or one that is not finite. */
static bool take_argument(char type, const lo_arg *argument, double *value) {
  switch (type) {
  case LO_INT32:
    *value = argument->i;
    return true;
  case LO_INT64:
    *value = (double)argument->h;
    return true;
  case LO_FLOAT:
    *value = (double)argument->f;
    return isfinite(*value);
  case LO_DOUBLE:
    *value = argument->d;
    return isfinite(*value);
  case LO_TRUE:
  case LO_FALSE:
    *value = type == LO_TRUE;
    return true;
  default:
    return false;
  }
}

static bool take_arguments(lo_message from, RsOscMessage *message) {
  const char *types = lo_message_get_types(from);
  lo_arg **arguments = lo_message_get_argv(from);
  message->count = (size_t)lo_message_get_argc(from);
  bool good = message->count <= RS_OSC_ARGUMENTS;
  for (size_t i = 0; good && i < message->count; ++i) {
    good = take_argument(types[i], arguments[i], &message->values[i]);
  }
  return good;
}

bool rs_osc_decode(char *data, size_t size, RsOscMessage *message) {
  if (!size || size % 4 || *data != '/' || !memchr(data, '\0', size) ||
      strlen(data) >= sizeof(message->path)) {
    return false;
  }
  memcpy(message->path, data, strlen(data) + 1);
  lo_message from = lo_message_deserialise(data, size, NULL);
  const bool good = from && take_arguments(from, message);
  if (from) {
    lo_message_free(from);
  }
  return good;
}

size_t rs_osc_encode(const char *path, size_t count, const int *values, char *data, size_t room) {
  size_t size = 0;
  lo_message message = lo_message_new();
  for (size_t i = 0; message && i < count; ++i) {
    lo_message_add_int32(message, values[i]);
  }
  if (message && lo_message_length(message, path) <= room) {
    lo_message_serialise(message, path, data, &size);
  }
  if (message) {
    lo_message_free(message);
  }
  return size;
}

#else

bool rs_osc_available(void) {
  return false;
}

bool rs_osc_decode(char *data, size_t size, RsOscMessage *message) {
  return false;
}

size_t rs_osc_encode(const char *path, size_t count, const int *values, char *data, size_t room) {
  return 0;
}

#endif
