#ifndef RS_LIVE_URGENCY_H
#define RS_LIVE_URGENCY_H

/**
   @file urgency.h Makes a thread one that is woken when it asked to be, as far as this is allowed.
*/

#include <stdbool.h>

/**
   Let the calling thread be woken in time, whatever else the processors do: in real time where that
   is allowed, else before others that are as important, and without leeway.

   @return Whether it runs in real time. Where not, a sink's lookahead makes up for it.
*/
bool rs_be_urgent(void);

#endif /* RS_LIVE_URGENCY_H */
