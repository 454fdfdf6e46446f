/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_PITCH_CLASSES_H
#define RS_MUSIC_PITCH_CLASSES_H

/**
   @file pitch_classes.h Estimates from the counts of the twelve pitch classes, from C.
*/

#include <stddef.h>

/** Number of pitch classes. */
#define RS_PITCH_CLASSES 12

/** Entropy in bits; 0 where all counts are 0. Equation T6 of doc/math.md. */
double rs_pitch_class_entropy(const size_t counts[RS_PITCH_CLASSES]);

/** Largest share that fits a major scale, which is also that of a natural minor one; 1 where all
 * counts are 0. Equation T7 of doc/math.md. */
double rs_pitch_class_scale(const size_t counts[RS_PITCH_CLASSES]);

#endif /* RS_MUSIC_PITCH_CLASSES_H */
