/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_CHANNEL_STATE_H
#define RS_LIVE_CHANNEL_STATE_H

/**
   @file channel_state.h Programs, controllers and pitch bends that the music has set, to be
   restored at a receiver that has missed some of them.
*/

#include "live/active_notes.h"

enum { RS_CONTROLLERS = 128 };

/** A value of a channel. */
typedef struct {
  bool known;  ///< The music has set it
  bool missed; ///< It was not delivered
  uint8_t low, high;
} RsChannelValue;

/** State of all channels; all zeroes: nothing is set. */
typedef struct {
  struct {
    RsChannelValue controllers[RS_CONTROLLERS];
    RsChannelValue program, pressure, bend;
  } of[RS_CHANNELS];
} RsChannelState;

/** Update the state for messages. @param delivered Whether they were delivered. */
void rs_channel_state_update(RsChannelState *channels, const RsMessage *messages, size_t count,
                             bool delivered);

/** Mark all values as missed: the receiver is a new one. */
void rs_channel_state_invalidate(RsChannelState *channels);

/**
   Messages that restore the missed values of a channel: banks before the program, parameter numbers
   before their data. The values then count as delivered.

   @param messages  Room for RS_CHANNEL_MESSAGES.
   @return Number of messages.
*/
enum { RS_CHANNEL_MESSAGES = RS_CONTROLLERS + 3 };
size_t rs_channel_state_restore(RsChannelState *channels, int channel, RsMessage *messages);

#endif /* RS_LIVE_CHANNEL_STATE_H */
