/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_SINK_H
#define ROLLSMITH_SINK_H

/**
   @file sink.h Destinations of MIDI messages: a port, a recording, or none.

   A sink is used by one thread at a time. Sending neither allocates nor locks.
*/

#include <rollsmith/clock.h>
#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A MIDI message; not system exclusive. */
typedef struct {
  uint8_t size;     ///< Bytes, 1 to 3
  uint8_t bytes[3]; ///< Status byte and data; unused bytes are 0
} RsMessage;

/** Inputs of a sink. */
typedef enum {
  RS_INPUT_SYNC,    ///< MIDI clock to follow
  RS_INPUT_CONTROL, ///< Control changes
  RS_INPUT_LISTEN,  ///< Notes of a player
  RS_INPUT_FOLLOW,  ///< Notes of a person who is accompanied
  RS_INPUTS,        ///< Number of inputs
} RsInput;

/** A received message. */
typedef struct {
  int64_t time;      ///< Time of arrival, by the clock of the sink
  RsMessage message; ///< The message
  uint8_t input;     ///< One of RsInput
} RsReceivedMessage;

struct RsMidiDriver;

/** A sink; its functions take the sink itself. */
typedef struct RsSink {
  int64_t lookahead; ///< Time before their due time at which messages are to be sent, nanoseconds
  int64_t delivered; ///< Estimated time of delivery of the last messages; 0: not known
  int64_t interval;  ///< Longest time between calls of `receive`, nanoseconds; 0: a millisecond
  bool joined;       ///< Set by `receive`: a receiver was connected, which has missed all messages
  bool reconnects;   ///< Inputs that return are connected again by `receive`

  /**
     Send messages that are due together, in order and after those sent before.

     @param due       Due time, by the clock of the sink; not before that of earlier messages.
     @param messages  `count` messages.
     @return RS_OK; RS_ERR_PORT where the port is lost.
  */
  RsStatus (*send)(struct RsSink *sink, int64_t due, const RsMessage *messages, size_t count);

  /** Discard all messages that are not delivered yet. Those that follow may be due earlier. @return
   * RS_OK, RS_ERR_PORT. NULL: not supported. */
  RsStatus (*recall)(struct RsSink *sink);

  /** Get received messages, `room` at most. @return Their number. NULL: the sink has no inputs. */
  size_t (*receive)(struct RsSink *sink, RsReceivedMessage *messages, size_t room);

  /** Try to open a lost port again. @return RS_OK, RS_ERR_PORT. NULL: ports cannot be lost. */
  RsStatus (*reopen)(struct RsSink *sink);

  /** Free the sink; called some time after the last message was due. */
  void (*free)(struct RsSink *sink);

  const struct RsMidiDriver *driver; ///< MIDI driver of a sink of ports; NULL: another sink
} RsSink;

/** Free a sink of any kind. NULL is allowed. */
void rs_sink_free(RsSink *sink);

/** A sink that discards all messages. @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_sink_null_new(RsSink **out);

/** A recorded message. */
typedef struct {
  int64_t due;       ///< Due time
  int64_t sent;      ///< Time of sending
  RsMessage message; ///< The message
} RsRecorded;

/**
   A sink that records all messages.

   @param clock     Borrowed; must outlive the sink.
   @param capacity  Most messages that are recorded; later ones are discarded.
   @param out       Output, to be given to rs_sink_free().
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_sink_record_new(RsClock *clock, size_t capacity, RsSink **out);

/** The recorded messages, owned by the sink. @param count Output, their number. */
const RsRecorded *rs_sink_recorded(const RsSink *sink, size_t *count);

/** Simulate the loss of the port of a recording sink, or its return: sending fails in between. */
void rs_sink_record_disconnect(RsSink *sink, bool disconnected);

/** Let a recording sink receive messages, at most 64 at a time. */
void rs_sink_record_inject(RsSink *sink, const RsReceivedMessage *messages, size_t count);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_SINK_H */
