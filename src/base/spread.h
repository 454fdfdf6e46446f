#ifndef RS_BASE_SPREAD_H
#define RS_BASE_SPREAD_H

/**
   @file spread.h Numbers spread evenly over an interval.
*/

#include <stdint.h>

/**
   The fraction of `number` times the golden ratio, in [0, 1): whole numbers in a row are spread
   evenly over the interval, and so are those in any fixed step, which every n-th would not be.
*/
static inline double rs_spread(uint64_t number) {
  return (uint32_t)((uint32_t)number * 0x9E3779B9u) * 0x1p-32;
}

#endif /* RS_BASE_SPREAD_H */
