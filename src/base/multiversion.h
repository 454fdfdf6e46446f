/* SPDX-License-Identifier: ISC */

#ifndef RS_BASE_MULTIVERSION_H
#define RS_BASE_MULTIVERSION_H

/**
   @file multiversion.h Function multiversioning: a function compiled for several instruction sets,
   of which the loader chooses the best.

   A function marked RS_MULTIVERSION is compiled for the baseline of the target and, where compiler
   and loader support target_clones (tested by the build), for AVX2 and AVX-512. Functions that it
   calls must be inlined into it: RS_ALWAYS_INLINE.
*/

#if defined RS_TARGET_CLONES
#define RS_MULTIVERSION __attribute__((target_clones(RS_TARGET_CLONES)))
#else
#define RS_MULTIVERSION
#endif

#define RS_ALWAYS_INLINE static inline __attribute__((always_inline))

#endif /* RS_BASE_MULTIVERSION_H */
