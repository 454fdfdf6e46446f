#ifndef ROLLSMITH_STATUS_H
#define ROLLSMITH_STATUS_H

/**
   @file status.h What a function that can fail returns, and where it explains itself.

   Every function that can fail returns an RsStatus, RS_OK being zero. One that has more to say than
   the code takes a caller-owned `RsError *` as its last argument, which may be NULL; on failure its
   message names what is wrong, where, and what would be right. On success it is left untouched.
*/

#ifdef __cplusplus
extern "C" {
#endif

/** What came of a call. */
typedef enum {
  RS_OK = 0,        ///< Done
  RS_ERR_MEMORY,    ///< Out of memory
  RS_ERR_ARGUMENT,  ///< An argument, size or shape that cannot be
  RS_ERR_OVERFLOW,  ///< A size too large for this machine to count
  RS_ERR_NONFINITE, ///< A NaN or an infinity
  RS_ERR_IO,        ///< A file cannot be written, or the system fails otherwise
  RS_ERR_FORMAT,    ///< A file is damaged, or not what it should be
  RS_ERR_SETTING,   ///< An unknown key, or a value out of its range
  RS_ERR_EMPTY,     ///< Nothing to work on, such as no readable song
  RS_ERR_PORT,      ///< No such MIDI port, or no MIDI system
  RS_ERR_STOPPED,   ///< The caller asked to stop
  RS_ERR_READ,      ///< A file is not there, or cannot be read
} RsStatus;

/** Length of the message of an RsError, terminating zero included. */
#define RS_ERROR_MESSAGE_SIZE 512

/** An RsStatus with the detail that a person needs to mend it. */
typedef struct {
  RsStatus status;                     ///< What came of the call
  char message[RS_ERROR_MESSAGE_SIZE]; ///< One line in UTF-8, no full stop
} RsError;

#if defined __GNUC__
#define RS_PRINTF_LIKE(text, first) __attribute__((__format__(__printf__, text, first)))
#else
#define RS_PRINTF_LIKE(text, first)
#endif

/**
   One sentence for a status, in English, without a full stop.

   @param status  Any value, also one not in the enumeration.
   @return A string that is never freed.
*/
const char *rs_status_text(RsStatus status);

/**
   Fill in an error and give back its status, so that a function can end in `return rs_error(...)`.

   @param error   Written, if not NULL; the message is cut to RS_ERROR_MESSAGE_SIZE.
   @param status  The status.
   @param format  As printf; what follows are its arguments.
   @return status
*/
RsStatus rs_error(RsError *error, RsStatus status, const char *format, ...) RS_PRINTF_LIKE(3, 4);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_STATUS_H */
