/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_FLOW_CONTROL_H
#define RS_LIVE_FLOW_CONTROL_H

/**
   @file flow_control.h Free space in the receiver's queue, from its last known fill level and the
   messages sent since. Messages to a full queue would be lost.
*/

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RS_FLOW_BATCHES = 256 };

/** All zeroes: the queue is unknown. */
typedef struct {
  struct {
    int64_t due;
    size_t count;
  } batches[RS_FLOW_BATCHES]; ///< Batches that may not have reached the queue at `seen_at`
  size_t first;               ///< Number of the oldest batch
  size_t end;                 ///< Number of the next one
  size_t messages;            ///< In all batches
  int64_t seen_at;            ///< Time of the last observation; 0: none
  size_t room;                ///< Free space at that time, messages
  size_t most_room;           ///< Largest free space so far
} RsFlowControl;

/** Count messages that were sent. @param due Not before that of earlier messages. */
void rs_flow_sent(RsFlowControl *flow, int64_t due, size_t count);

/** Observe the free space of the receiver's queue. */
void rs_flow_observe(RsFlowControl *flow, int64_t time, size_t room);

/**
   Whether messages can be sent without loss.

   Always, if the queue is unknown, or if everything sent has been read. The age of the observation
   is not considered: on a busy machine it may be large.
*/
bool rs_flow_fits(const RsFlowControl *flow, size_t count);

#endif /* RS_LIVE_FLOW_CONTROL_H */
