#ifndef RS_LIVE_FLOW_CONTROL_H
#define RS_LIVE_FLOW_CONTROL_H

/**
   @file flow_control.h How much room there is at the receiver, for whom messages that it does not
   read in time are lost: what was seen of its queue, less what has been sent since.
*/

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RS_FLOW_BATCHES = 256 };

/** All zeroes: nothing is known. */
typedef struct {
  struct {
    int64_t due;
    size_t count;
  } batches[RS_FLOW_BATCHES]; // That the receiver may not have had when it was last seen
  size_t first;               // Number of the oldest batch
  size_t end;                 // Number of the next one
  size_t messages;            // In all of them
  int64_t seen_at;
  size_t room;
  size_t most_room; // That was ever seen
} RsFlowControl;

/** `count` messages were sent, due at a time not before that of those sent before. */
void rs_flow_sent(RsFlowControl *flow, int64_t due, size_t count);

/** The receiver's queue was seen to have room for so many. */
void rs_flow_seen(RsFlowControl *flow, int64_t time, size_t room);

/**
   Whether messages can be sent so that none is lost.

   Always, where nothing is known of the receiver; and if it has read all that was sent to it. That
   it was seen long ago only, as on a busy machine, is no reason to send more than it had room for.
*/
bool rs_flow_fits(const RsFlowControl *flow, size_t count);

#endif /* RS_LIVE_FLOW_CONTROL_H */
