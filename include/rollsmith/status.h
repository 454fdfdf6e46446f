/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_STATUS_H
#define ROLLSMITH_STATUS_H

/**
   @file status.h Status codes and error messages.

   Every function that can fail returns an RsStatus; RS_OK is zero. A function that can describe the
   failure takes a caller-owned `RsError *` as its last argument, which may be NULL; on failure its
   message states what is wrong, where, and what would be valid. On success it is unchanged.
*/

#ifdef __cplusplus
extern "C" {
#endif

/** Result of a call. */
typedef enum {
  RS_OK = 0,        ///< Success
  RS_ERR_MEMORY,    ///< Out of memory
  RS_ERR_ARGUMENT,  ///< Invalid argument, size or shape
  RS_ERR_OVERFLOW,  ///< Size that exceeds the address space
  RS_ERR_NONFINITE, ///< NaN or infinity
  RS_ERR_IO,        ///< A file cannot be written, or another system call failed
  RS_ERR_FORMAT,    ///< Damaged file, or file of another format
  RS_ERR_SETTING,   ///< Unknown key, or value out of range
  RS_ERR_EMPTY,     ///< No data, such as no readable song or the end of a source
  RS_ERR_PORT,      ///< No such MIDI port, or no MIDI system
  RS_ERR_STOPPED,   ///< Stopped by the caller
  RS_ERR_READ,      ///< Missing or unreadable file
} RsStatus;

/** Size in bytes of the message of an RsError, including the terminating zero. */
#define RS_ERROR_MESSAGE_SIZE 512

/** A status with a message for the user. */
typedef struct {
  RsStatus status;                     ///< Result of the call
  char message[RS_ERROR_MESSAGE_SIZE]; ///< One line in UTF-8, no full stop
} RsError;

#if defined __GNUC__
/** Lets the compiler check the arguments of a format. */
#define RS_PRINTF_LIKE(text, first) __attribute__((__format__(__printf__, text, first)))
#else
#define RS_PRINTF_LIKE(text, first)
#endif

/**
   Description of a status, in English, without a full stop.

   @param status  Any value, also one outside the enumeration.
   @return Static string.
*/
const char *rs_status_text(RsStatus status);

/**
   Fill in an error and return its status, so that a function can end in `return rs_error(...)`.

   @param error   Output, or NULL; the message is truncated to RS_ERROR_MESSAGE_SIZE.
   @param status  Status.
   @param format  As for printf(), followed by its arguments.
   @return `status`.
*/
RsStatus rs_error(RsError *error, RsStatus status, const char *format, ...) RS_PRINTF_LIKE(3, 4);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_STATUS_H */
