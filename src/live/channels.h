#ifndef RS_LIVE_CHANNELS_H
#define RS_LIVE_CHANNELS_H

/**
   @file channels.h Programs, controllers and bends of the channels as the music has set them, for a
   receiver that has not got all of it.
*/

#include "live/active_notes.h"

enum { RS_CONTROLLERS = 128 };

/** A value of a channel. */
typedef struct {
  bool known;  // The music has set it
  bool missed; // The receiver has not got it
  uint8_t low, high;
} RsChannelValue;

/** All zeroes: the music has set nothing. */
typedef struct {
  struct {
    RsChannelValue controllers[RS_CONTROLLERS];
    RsChannelValue program, pressure, bend;
  } of[RS_CHANNELS];
} RsChannels;

/** Messages are sent. @param arrived Whether the receiver gets them. */
void rs_channels_account(RsChannels *channels, const RsMessage *messages, size_t count,
                         bool arrived);

/** The receiver is another one, or has been reset. */
void rs_channels_miss_all(RsChannels *channels);

/**
   What the receiver has missed of a channel: banks before the program, parameter numbers before
   their data. It is taken to be sent.

   @param messages  Room for RS_CHANNEL_MESSAGES.
   @return How many.
*/
enum { RS_CHANNEL_MESSAGES = RS_CONTROLLERS + 3 };
size_t rs_channels_restore(RsChannels *channels, int channel, RsMessage *messages);

#endif /* RS_LIVE_CHANNELS_H */
