/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_SENT_LOG_H
#define RS_LIVE_SENT_LOG_H

/**
   @file sent_log.h The last messages that were sent, by due time: which of them may not have been
   delivered when queued messages are recalled.
*/

#include <rollsmith/sink.h>

enum { RS_SENT_MESSAGES = 4096 }; ///< Kept: several batches of a crowded file

/** All zeroes: nothing was sent. */
typedef struct {
  RsRecorded kept[RS_SENT_MESSAGES];
  size_t count; ///< Of all messages, including those that were overwritten
} RsSentLog;

/** Keep messages that were sent. @param due Not before that of earlier messages. */
void rs_sent_log_add(RsSentLog *log, int64_t due, const RsMessage *messages, size_t count);

/**
   Number of the first message that was due after a time; the messages from there to `count` are
   those that were.

   @return Whether it is known: messages that were due after this time have not been overwritten.
*/
bool rs_sent_log_after(const RsSentLog *log, int64_t time, size_t *first);

/** Message of a number. */
const RsMessage *rs_sent_log_at(const RsSentLog *log, size_t number);

/** Forget all messages. */
void rs_sent_log_clear(RsSentLog *log);

#endif /* RS_LIVE_SENT_LOG_H */
