/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_KERNEL_VECTOR_H
#define RS_RBM_KERNEL_VECTOR_H

/**
   @file kernel_vector.h Common definitions of the kernels.

   A kernel is a source file of its own. It defines the width of its vectors, VECTOR floats, and how
   many of them are added at a time and stay in registers, TILE; includes this; defines what its
   instruction set has own instructions for, as kernel_portable.h does it with loops; and includes
   kernel_body.h, which is the rest.
*/

#include "rbm/kernel.h"

#include <string.h>

/* Numbers of 16 bits of a vector. */
#define COARSE (2 * VECTOR)

typedef float Vector __attribute__((vector_size(4 * VECTOR)));
typedef int16_t Coarse __attribute__((vector_size(4 * VECTOR)));

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Keeps a pointer in a register of its own, where compilers otherwise keep one for each of the
 * vectors that it leads to. */
#define KEEP(pointer) __asm__("" : "+r"(pointer))

/* RS_GIBBS_PAD numbers, whatever vectors there are. */
typedef uint32_t Words __attribute__((vector_size(4 * RS_GIBBS_PAD)));

/* The random state of a chain, in registers as far as they reach. */
typedef struct {
  Words s[4];
} Rng;

ALWAYS_INLINE Words rotate(Words x, int by) {
  return x << by | x >> (32 - by);
}

/* One step of xoshiro128++ (Blackman and Vigna, 2019) in every lane. */
ALWAYS_INLINE Words next_words(Rng *rng) {
  const Words s0 = rng->s[0];
  const Words s1 = rng->s[1];
  const Words s2 = rng->s[2] ^ s0;
  const Words s3 = rng->s[3] ^ s1;
  const Words words = rotate(s0 + rng->s[3], 7) + s0;
  rng->s[1] = s1 ^ s2;
  rng->s[0] = s0 ^ s3;
  rng->s[2] = s2 ^ s1 << 9;
  rng->s[3] = rotate(s3, 11);
  return words;
}

/* e^-x to 2e-7 relative; where x is beyond +-87, e^-+87. A polynomial of 2^f, f in [-1/2, 1/2]. */
ALWAYS_INLINE float exp_minus(float x) {
  float t = -1.44269504f * x;
  t = t < 126.0f ? t : 126.0f;
  t = t > -126.0f ? t : -126.0f;
  const float shifted = t + RS_GIBBS_ROUNDER;
  const float f = t - (shifted - RS_GIBBS_ROUNDER);
  float p = 1.5403530e-4f * f + 1.3333558e-3f;
  p = p * f + 9.6181291e-3f;
  p = p * f + 5.5504109e-2f;
  p = p * f + 2.4022651e-1f;
  p = p * f + 6.9314718e-1f;
  p = p * f + 1.0f;
  union {
    float real;
    uint32_t bits;
  } whole = {.real = shifted}, power = {.real = p};
  power.bits += whole.bits << 23;
  return power.real;
}

/* log m for m in [1, 2) to 2e-6, but for a constant: in differences it is gone. */
#define LOG_1 4.205235f
#define LOG_2 (-3.64712048f)
#define LOG_3 2.22694349f
#define LOG_4 (-0.85207957f)
#define LOG_5 0.183700845f
#define LOG_6 (-0.0170296114f)

#define LOG_OF_2 0.693147181f

/* Which of the units from `base` on are not padding. */
ALWAYS_INLINE unsigned real_units(const RsGibbsBits *units, size_t base) {
  return (unsigned)(units[base / RS_GIBBS_WORD] >> base % RS_GIBBS_WORD) & 0xFFFF;
}

/* Potentials on counts: kernel_counts.h. */
enum { CLASSES = RS_GIBBS_CLASSES, LAST_CLASS = CLASSES - 1 };

/* A row of the table in vectors. */
enum { DOUBLES = VECTOR / 2, ROW_VECTORS = CLASSES / DOUBLES };

typedef double Doubles __attribute__((vector_size(8 * DOUBLES)));
typedef int64_t DoubleOrder __attribute__((vector_size(8 * DOUBLES)));

typedef struct {
  Doubles x[ROW_VECTORS];
} Row;

#endif /* RS_RBM_KERNEL_VECTOR_H */
