/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_SENDER_H
#define RS_LIVE_SENDER_H

/**
   @file sender.h Sends batches of messages to the sink, and keeps the state of the receiver: active
   notes, channel state, free space of its queue.
*/

#include "live/channel_state.h"
#include "live/flow_control.h"
#include "live/histogram.h"
#include "live/active_notes.h"
#include "live/ring.h"
#include "live/sent_log.h"

#include <rollsmith/player.h>

enum { RS_BATCH = 4096 }; ///< Most messages of a batch

/** Longest time from the due time of a message until the kernel has delivered it, nanoseconds. */
#define RS_DRAIN (100 * RS_MILLISECOND)

/** What is measured of the messages. */
typedef struct {
  RsHistogram lateness; ///< Lateness at the receiver
  RsHistogram delay;    ///< Lateness of sending, relative to the lookahead of the sink
  double late_ms;       ///< Lateness of the last message, milliseconds
  uint64_t sent, lost;  ///< Number of messages
} RsSenderStatistics;

/** The sender. */
typedef struct {
  RsSink *sink;   ///< Borrowed
  int channel;    ///< Of notes from frames of notes, 0..15: of their part 0
  unsigned parts; ///< How many parts they have
  int program;    ///< Of their channels; below 0: none is set

  RsMessage batch[RS_BATCH]; ///< Messages that are due together
  size_t batched;            ///< Number of messages in the batch
  int64_t last_due;          ///< Latest due time sent; later batches are not due before it

  RsRing *sent_queue; ///< RsSentMessage, for the caller's thread; NULL: unused
  bool sent_dropped;  ///< It was full

  RsActiveNotes active;         ///< Active notes of the receiver
  RsChannelState channel_state; ///< Programs, controllers and bends
  unsigned channels_used;       ///< Bits of the channels of parts, and of messages of a file
  bool restart_notes; ///< All notes were ended: note-offs of the file that follow are stale
  RsSentLog log;      ///< Of a sink whose messages can be recalled
  RsFlowControl flow; ///< Free space of the receiver's queue
  bool stalled;       ///< The receiver does not read its messages
  bool suspended;     ///< Nothing is sent, while the music goes on
  struct {
    int64_t since;     ///< Time of the loss of the port; 0: it is open
    bool refreshes;    ///< The port is there, but is being opened again
    int64_t reopen_at; ///< Time of the next attempt to open it
  } outage;

  RsSenderStatistics statistics;
} RsSender;

/** Earliest due time of a new batch: with the full lookahead it cannot overtake earlier ones, so
   that note-offs never precede their note-ons. */
int64_t rs_sender_earliest(const RsSender *sender, int64_t now);

/** Channel of a part of the frames of notes, 0..15. */
int rs_sender_channel(const RsSender *sender, unsigned part);

/** Add a message to the batch. */
void rs_sender_put(RsSender *sender, RsMessage message);

/** Add the program changes of all parts, if a program is set. */
void rs_sender_put_program(RsSender *sender);

/** Add note-offs for all active notes of all channels. */
void rs_sender_put_ends(RsSender *sender);

/** Add messages that silence a channel, 0..15; or all channels that were used. */
void rs_sender_put_silence(RsSender *sender, int channel);
void rs_sender_put_silences(RsSender *sender);

/** Add messages that restore missed values of the channels. */
void rs_sender_restore(RsSender *sender);

/** Send the batch. @param due Due time. @param now Current time, to measure lateness; 0: do not. */
void rs_sender_send(RsSender *sender, int64_t due, int64_t now);

/**
   Recall what was sent and not yet delivered. Notes that recalled note-offs end, or that recalled
   note-ons may have begun, count as active; programs and controllers count as missed.

   @return Whether the next batch can be due at `now`; if not, nothing was recalled.
*/
bool rs_sender_recall(RsSender *sender, int64_t now);

/** Record the loss of the port. */
void rs_sender_port_lost(RsSender *sender, int64_t now);

#endif /* RS_LIVE_SENDER_H */
