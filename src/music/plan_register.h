/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_PLAN_REGISTER_H
#define RS_MUSIC_PLAN_REGISTER_H

/**
   @file plan_register.h The register of a song: equation P6 of doc/math.md.
*/

#include <rollsmith/plan.h>

/** The mean highest and lowest notes of the frames of a song that sound, into a texture. */
void rs_plan_register(const RsRoll *roll, RsFramePlan *texture);

/** Learn the distribution of registers from some plans, those with bars, each in its own key. */
void rs_plan_learn_registers(size_t count, const RsSongPlan *plans, RsPlanPrior *out);

/** The natural logarithm of the probability of a song's register. */
double rs_plan_register_log_probability(const RsPlanPrior *prior, const RsSongPlan *plan);

/** The number that a random place, 0 .. 1, falls on, of `size` with the probabilities p. */
size_t rs_plan_draw(size_t size, const float *p, double place);

#endif /* RS_MUSIC_PLAN_REGISTER_H */
