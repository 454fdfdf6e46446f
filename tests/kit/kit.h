/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_KIT_H
#define RS_TESTS_KIT_H

/**
   @file kit.h What every test includes: cmocka in its right order, and assertions in double.
*/

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/** cmocka's own assert_float_equal() casts to float: this one does not. A NaN is never close. */
#define assert_close(a, b, tolerance)                                                              \
  do {                                                                                             \
    const double assert_a_ = (a), assert_b_ = (b), assert_t_ = (tolerance);                        \
    if (!(fabs(assert_a_ - assert_b_) <= assert_t_)) {                                             \
      fail_msg("%s = %.17g, %s = %.17g: apart by %g, allowed %g", #a, assert_a_, #b, assert_b_,    \
               fabs(assert_a_ - assert_b_), assert_t_);                                            \
    }                                                                                              \
  } while (0)

#define assert_ok(call) assert_int_equal((call), RS_OK)

#endif /* RS_TESTS_KIT_H */
