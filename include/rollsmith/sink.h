#ifndef ROLLSMITH_SINK_H
#define ROLLSMITH_SINK_H

/**
   @file sink.h Where MIDI messages go when they are played: a port, a recording, or nowhere.

   A sink belongs to one thread at a time. Sending neither allocates nor locks.
*/

#include <rollsmith/clock.h>
#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A MIDI message that is not system exclusive. */
typedef struct {
  uint8_t size;     ///< Bytes, 1 to 3
  uint8_t bytes[3]; ///< Status byte and data; those not used are 0
} RsMessage;

/** From which of the inputs of a sink a message came. */
typedef enum {
  RS_INPUT_SYNC,    ///< Clock to follow
  RS_INPUT_CONTROL, ///< Control changes
  RS_INPUT_LISTEN,  ///< What a person plays
  RS_INPUTS,        ///< How many there are
} RsInput;

/** A message that came in. */
typedef struct {
  int64_t time;      ///< When it arrived, on the clock of the sink
  RsMessage message; ///< What
  uint8_t input;     ///< Where, one of RsInput
} RsReceived;

/** Where messages go; each kind has functions of its own, which get the sink itself. */
typedef struct RsSink {
  int64_t lookahead; ///< How long before they are due it wants messages, nanoseconds
  int64_t delivered; ///< When those sent last reach the receiver, as far as it knows; else 0

  /**
     Send messages that are due together, in their order and after all those sent before.

     @param due       When, on the clock of the sink; not before that of messages sent before.
     @param messages  `count` messages.
     @return RS_OK; RS_ERR_PORT where the port is gone.
  */
  RsStatus (*send)(struct RsSink *sink, int64_t due, const RsMessage *messages, size_t count);

  /** Take messages that came in, `room` at most. @return How many. NULL: it has no inputs. */
  size_t (*receive)(struct RsSink *sink, RsReceived *messages, size_t room);

  /** Try to find a port that was gone. @return RS_OK, RS_ERR_PORT. NULL: it never goes. */
  RsStatus (*reopen)(struct RsSink *sink);

  /** Free it; what was sent has been due for a while. */
  void (*free)(struct RsSink *sink);
} RsSink;

/** Free a sink of any kind. NULL is allowed. */
void rs_sink_free(RsSink *sink);

/** A sink that forgets all. @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_sink_null_new(RsSink **out);

/** A message that was recorded. */
typedef struct {
  int64_t due;       ///< When it was to be sent
  int64_t sent;      ///< When it was sent
  RsMessage message; ///< What
} RsRecorded;

/**
   A sink that keeps all that is sent.

   @param clock     Borrowed for the sink's life.
   @param capacity  Messages that there is room for; later ones are counted and lost.
   @param out       Output, to be given to rs_sink_free().
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_sink_record_new(RsClock *clock, size_t capacity, RsSink **out);

/** What such a sink has kept. @param count Output, number of messages. @return The sink's own. */
const RsRecorded *rs_sink_recorded(const RsSink *sink, size_t *count);

/** Let the port of such a sink be gone, or back again: what is sent in between fails. */
void rs_sink_record_gone(RsSink *sink, bool gone);

/** Let messages come in at a recording sink: they are received next. At most 64 at a time. */
void rs_sink_record_arrive(RsSink *sink, const RsReceived *messages, size_t count);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_SINK_H */
