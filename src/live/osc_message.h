/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_OSC_MESSAGE_H
#define RS_LIVE_OSC_MESSAGE_H

/**
   @file osc_message.h Messages of Open Sound Control 1.0 as bytes, by liblo.
*/

#include <stdbool.h>
#include <stddef.h>

/** Most arguments that a message may have, and size of its address. */
enum { RS_OSC_ARGUMENTS = 12, RS_OSC_PATH_SIZE = 64 };

/** A message whose arguments are numbers. */
typedef struct {
  char path[RS_OSC_PATH_SIZE];     ///< Its address, such as "/rollsmith/tempo"
  size_t count;                    ///< Arguments
  double values[RS_OSC_ARGUMENTS]; ///< i, h, f and d as they are, T and F as 1 and 0
} RsOscMessage;

/** Whether the library was built with liblo. Without it, nothing is decoded or encoded. */
bool rs_osc_available(void);

/**
   Decode a message.

   @param data  `size` bytes, aligned to 8 bytes, changed.
   @return false for bytes that are not a message, an address that is too long, or arguments that
   are too many, not finite or of another type.
*/
bool rs_osc_decode(char *data, size_t size, RsOscMessage *message);

/**
   Encode a message of whole numbers.

   @param room  Size of `data`.
   @return Bytes; 0 where there is no room.
*/
size_t rs_osc_encode(const char *path, size_t count, const int *values, char *data, size_t room);

#endif /* RS_LIVE_OSC_MESSAGE_H */
