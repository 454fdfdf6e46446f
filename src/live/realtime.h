/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_REALTIME_H
#define RS_LIVE_REALTIME_H

/**
   @file realtime.h Scheduling priority of the real-time thread.
*/

#include <stdbool.h>

/**
   Request real-time scheduling (SCHED_FIFO) for the calling thread; if it is refused, a higher
   priority (nice), short time slices and a small timer slack.

   @return Whether the thread has real-time scheduling. If not, the lookahead of the sink has to
   compensate for delays.
*/
bool rs_realtime_priority(void);

#endif /* RS_LIVE_REALTIME_H */
