/* SPDX-License-Identifier: ISC */

#ifndef RS_FILES_WAIT_WRITABLE_H
#define RS_FILES_WAIT_WRITABLE_H

/**
   @file wait_writable.h Waiting for the reader of a pipe or for a terminal that is stopped, without
   missing that the program is to stop.
*/

#include <limits.h>
#include <stdbool.h>

/** Most bytes that can be written to a writable pipe without blocking. */
#define RS_PIPE_ROOM PIPE_BUF

/**
   Wait until RS_PIPE_ROOM bytes can be written to a descriptor; a regular file always can.

   @param descriptor  Open for writing.
   @param stop        Whether the program is to stop: then the wait ends after some tenths of a
   second. NULL: it has no limit.
   @param context     Of stop().
   @return Whether it can be written to, or writing fails; false where the wait has ended.
*/
bool rs_wait_writable(int descriptor, bool (*stop)(void *context), void *context);

#endif /* RS_FILES_WAIT_WRITABLE_H */
