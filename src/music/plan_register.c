/* SPDX-License-Identifier: ISC */

#include "music/plan_register.h"

#include <math.h>
#include <stdlib.h>

/* A song counts for the notes at most so far from its own, less with the distance. */
enum { REACH = 2 };

/* A share of all probability is spread evenly, so that any song has a likelihood. A song that is
 * generated with such a register is silent, which must be rare: 0.01 makes two of a hundred so. */
#define EVEN 1e-5f

/* A note of the plan of a song that is transposed. */
static unsigned char moved(unsigned char note, int by) {
  const int to = note + by;
  return (unsigned char)(to < 0 ? 0 : to >= RS_NOTES ? RS_NOTES - 1 : to);
}

RsFramePlan rs_plan_transposed(RsFramePlan plan, int semitones) {
  plan.top = moved(plan.top, semitones);
  plan.bottom = moved(plan.bottom, semitones);
  plan.key = (unsigned char)((semitones % 12 + 12) % 12);
  return plan;
}

void rs_plan_register(const RsRoll *roll, RsFramePlan *texture) {
  double top = 0, bottom = 0, sounding = 0;
  for (size_t n = 0; n < roll->frames; ++n) {
    if (rs_frame_count(roll->on + n)) {
      top += rs_frame_highest(roll->on + n);
      bottom += rs_frame_next(roll->on + n, 0);
      ++sounding;
    }
  }
  texture->top = (unsigned char)(sounding > 0 ? lround(top / sounding) : 60);
  texture->bottom = (unsigned char)(sounding > 0 ? lround(bottom / sounding) : 60);
}

/* Add a song at `note` to a distribution that is not yet divided by its sum. */
static void add_near(int note, float *p) {
  for (int d = -REACH; d <= REACH; ++d) {
    if (note + d >= 0 && note + d < RS_NOTES) {
      p[note + d] += (float)(REACH + 1 - abs(d));
    }
  }
}

/* Mix songs of all classes in, and an even share. */
static void finish(const float *all, float *p) {
  float sum = 0, all_sum = 0;
  for (size_t i = 0; i < RS_NOTES; ++i) {
    all_sum += all[i];
  }
  for (size_t i = 0; i < RS_NOTES; ++i) {
    p[i] += all_sum > 0 ? (REACH + 1) * all[i] / all_sum : 0;
    sum += p[i];
  }
  for (size_t i = 0; i < RS_NOTES; ++i) {
    p[i] = (sum > 0 ? (1 - EVEN) * p[i] / sum : 0) + (sum > 0 ? EVEN : 1) / (float)RS_NOTES;
  }
}

void rs_plan_learn_registers(size_t count, const RsSongPlan *plans, RsPlanPrior *out) {
  float tops[RS_NOTES] = {0}, bottoms[RS_NOTES] = {0};
  for (size_t i = 0; i < count; ++i) {
    const RsFramePlan own = rs_plan_transposed(plans[i].texture, plans[i].key);
    if (plans[i].bars) {
      add_near(own.top, tops);
      add_near(own.bottom, bottoms);
      add_near(own.top, out->top[own.polyphony]);
      add_near(own.bottom, out->bottom[own.polyphony]);
    }
  }
  for (size_t c = 0; c < RS_PLAN_CLASSES; ++c) {
    finish(tops, out->top[c]);
    finish(bottoms, out->bottom[c]);
  }
}

double rs_plan_register_log_probability(const RsPlanPrior *prior, const RsSongPlan *plan) {
  const RsFramePlan own = rs_plan_transposed(plan->texture, plan->key);
  return log((double)prior->top[own.polyphony][own.top]) +
         log((double)prior->bottom[own.polyphony][own.bottom]);
}

size_t rs_plan_draw(size_t size, const float *p, double place) {
  size_t i = 0;
  double sum = (double)p[0];
  while (i + 1 < size && place >= sum) {
    sum += (double)p[++i];
  }
  return i;
}

void rs_plan_draw_register(const RsPlanPrior *prior, const double places[2], RsFramePlan *texture) {
  const size_t top = rs_plan_draw(RS_NOTES, prior->top[texture->polyphony], places[0]);
  const size_t bottom = rs_plan_draw(RS_NOTES, prior->bottom[texture->polyphony], places[1]);
  texture->top = (unsigned char)top;
  texture->bottom = (unsigned char)(bottom < top ? bottom : top);
}
