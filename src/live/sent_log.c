/* SPDX-License-Identifier: ISC */

#include "live/sent_log.h"

static const RsRecorded *entry(const RsSentLog *log, size_t number) {
  return &log->kept[number % RS_SENT_MESSAGES];
}

void rs_sent_log_add(RsSentLog *log, int64_t due, const RsMessage *messages, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    log->kept[log->count++ % RS_SENT_MESSAGES] = (RsRecorded){.due = due, .message = messages[i]};
  }
}

bool rs_sent_log_after(const RsSentLog *log, int64_t time, size_t *first) {
  const size_t oldest = log->count > RS_SENT_MESSAGES ? log->count - RS_SENT_MESSAGES : 0;
  *first = log->count;
  while (*first > oldest && entry(log, *first - 1)->due > time) {
    --*first;
  }
  return *first > oldest || !oldest;
}

const RsMessage *rs_sent_log_at(const RsSentLog *log, size_t number) {
  return &entry(log, number)->message;
}

void rs_sent_log_clear(RsSentLog *log) {
  log->count = 0;
}
