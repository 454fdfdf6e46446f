/* SPDX-License-Identifier: ISC */

#ifndef RS_BASE_LOW_DISCREPANCY_H
#define RS_BASE_LOW_DISCREPANCY_H

/**
   @file low_discrepancy.h A low-discrepancy sequence.
*/

#include <stdint.h>

/**
   Element `number` of the additive recurrence with the golden ratio, frac(number x phi), in [0, 1):
   consecutive elements are evenly distributed, and so are every n-th ones.
*/
static inline double rs_low_discrepancy(uint64_t number) {
  return (uint32_t)((uint32_t)number * 0x9E3779B9u) * 0x1p-32;
}

#endif /* RS_BASE_LOW_DISCREPANCY_H */
