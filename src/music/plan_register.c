#include "music/plan_register.h"

#include <math.h>
#include <stdlib.h>

/* A song counts for the notes at most so far from its own, less with the distance. */
enum { REACH = 3 };

/* A share of all probability is spread evenly, so that any register is possible. */
#define EVEN 0.05f

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

static size_t span_of(const RsFramePlan *texture) {
  const size_t span = (size_t)(texture->top - texture->bottom);
  return span < RS_PLAN_SPANS ? span : RS_PLAN_SPANS - 1;
}

/* Add a song at `value` to a distribution that is not yet divided by its sum. */
static void add_near(size_t size, size_t value, float *p) {
  for (int d = -REACH; d <= REACH; ++d) {
    const long at = (long)value + d;
    if (at >= 0 && at < (long)size) {
      p[at] += (float)(REACH + 1 - abs(d));
    }
  }
}

/* Mix songs of all classes in, and an even share. */
static void finish(size_t size, const float *all, float *p) {
  float sum = 0, all_sum = 0;
  for (size_t i = 0; i < size; ++i) {
    all_sum += all[i];
  }
  for (size_t i = 0; i < size; ++i) {
    p[i] += all_sum > 0 ? (REACH + 1) * all[i] / all_sum : 0;
    sum += p[i];
  }
  for (size_t i = 0; i < size; ++i) {
    p[i] = (sum > 0 ? (1 - EVEN) * p[i] / sum : 0) + (sum > 0 ? EVEN : 1) / (float)size;
  }
}

void rs_plan_learn_registers(size_t count, const RsSongPlan *plans, RsPlanPrior *out) {
  float tops[RS_NOTES] = {0}, spans[RS_PLAN_SPANS] = {0};
  for (size_t i = 0; i < count; ++i) {
    const RsFramePlan *texture = &plans[i].texture;
    if (plans[i].bars) {
      add_near(RS_NOTES, texture->top, tops);
      add_near(RS_PLAN_SPANS, span_of(texture), spans);
      add_near(RS_NOTES, texture->top, out->top[texture->polyphony]);
      add_near(RS_PLAN_SPANS, span_of(texture), out->span[texture->polyphony]);
    }
  }
  for (size_t c = 0; c < RS_PLAN_CLASSES; ++c) {
    finish(RS_NOTES, tops, out->top[c]);
    finish(RS_PLAN_SPANS, spans, out->span[c]);
  }
}

double rs_plan_register_log_probability(const RsPlanPrior *prior, const RsFramePlan *texture) {
  return log((double)prior->top[texture->polyphony][texture->top]) +
         log((double)prior->span[texture->polyphony][span_of(texture)]);
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
  const size_t span = rs_plan_draw(RS_PLAN_SPANS, prior->span[texture->polyphony], places[1]);
  texture->top = (unsigned char)top;
  texture->bottom = (unsigned char)(span < top ? top - span : 0);
}
