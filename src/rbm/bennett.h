/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_BENNETT_H
#define RS_RBM_BENNETT_H

/**
   @file bennett.h Bennett's acceptance ratio: doc/math.md, equation A12.
*/

#include <rollsmith/scalar.h>

#include <stddef.h>

#define rs_bennett RS_FLAVOURED(rs_bennett)

/**
   log of the ratio of two partition functions, Z_high / Z_low.

   @param count    Samples of either machine, at least 1.
   @param low      log f_high - log f_low at samples of the lower machine, `count` values.
   @param high     The same at samples of the higher machine.
   @param scratch  `count` values.
*/
double rs_bennett(size_t count, const rs_scalar *low, const rs_scalar *high, rs_scalar *scratch);

#endif /* RS_RBM_BENNETT_H */
