/* SPDX-License-Identifier: ISC */

#include "live/flow_control.h"

#include <rollsmith/clock.h>

#define DELIVERY_TIME (30 * RS_MILLISECOND) /* from the due time to the queue, at most */

void rs_flow_sent(RsFlowControl *flow, int64_t due, size_t count) {
  if (flow->end - flow->first == RS_FLOW_BATCHES) { /* add to the newest one */
    flow->batches[(flow->end - 1) % RS_FLOW_BATCHES].count += count;
    flow->batches[(flow->end - 1) % RS_FLOW_BATCHES].due = due;
  } else {
    flow->batches[flow->end % RS_FLOW_BATCHES].count = count;
    flow->batches[flow->end % RS_FLOW_BATCHES].due = due;
    ++flow->end;
  }
  flow->messages += count;
}

void rs_flow_observe(RsFlowControl *flow, int64_t time, size_t room) {
  while (flow->first != flow->end &&
         flow->batches[flow->first % RS_FLOW_BATCHES].due < time - DELIVERY_TIME) {
    flow->messages -= flow->batches[flow->first % RS_FLOW_BATCHES].count;
    ++flow->first;
  }
  flow->seen_at = time;
  flow->room = room;
  flow->most_room = room > flow->most_room ? room : flow->most_room;
}

bool rs_flow_fits(const RsFlowControl *flow, size_t count) {
  if (!flow->seen_at || (!flow->messages && flow->room == flow->most_room)) {
    return true;
  }
  return flow->messages + count <= flow->room;
}
