/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_PLAN_EXACT_H
#define RS_MUSIC_PLAN_EXACT_H

/**
   @file plan_exact.h Which quarter notes of a bar return as they were: doc/math.md, equations P7
   and P9.
*/

#include <rollsmith/plan.h>

/** Learn how often they do. @param plans  `count` plans. */
void rs_plan_learn_exact(size_t count, const RsSongPlan *plans, RsPlanPrior *out);

/** The natural logarithm of the probability of a bar's quarter notes given its label. */
double rs_plan_exact_log_probability(const RsPlanPrior *prior, const RsBarPlan *bar);

#endif /* RS_MUSIC_PLAN_EXACT_H */
