#ifndef RS_LIVE_REALTIME_H
#define RS_LIVE_REALTIME_H

/**
   @file realtime.h Makes a thread one that is woken when it asked to be, as far as this is allowed.
*/

#include <stdbool.h>

/**
   Let the calling thread be woken in time, whatever else the processors do: in real time where that
   is allowed, else before others that are as important, and without leeway.

   @return Whether it runs in real time. Where not, a sink's lookahead makes up for it.
*/
bool rs_realtime_priority(void);

#endif /* RS_LIVE_REALTIME_H */
