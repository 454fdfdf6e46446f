/* SPDX-License-Identifier: ISC */

/* Particles that look ahead to given notes, doc/math.md, equations T35 to T37. */

#include <rollsmith/look_ahead.h>

#include "base/elementwise.h"
#include "base/memory.h"
#include "model/generator_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Steps of the numbers for the seeds of particles and for choices, beyond those of all chains. */
#define SEEDS_STEP ((uint64_t)1 << 41)
#define CHOICES_STEP ((uint64_t)1 << 42)

/* A frame that a particle has made */
typedef struct {
  RsFrame on, onset;
  uint8_t velocity[RS_NOTES];
} Made;

typedef struct {
  RsGenerator *generator;
  uint64_t seed;     /* of its own random numbers */
  double log_weight; /* -INFINITY: another past was decided */
  Made *made;        /* of the frames that are not decided, a ring */
} Particle;

struct RsLookAhead {
  RsLookAheadSettings settings;
  Particle particles[RS_PARTICLES_MAX];
  size_t ring;     /* frames of each ring */
  size_t first;    /* number of the first frame that is not decided */
  size_t next;     /* number of the next frame */
  bool velocities; /* whether there are any */
  RsRng rng;
  uint64_t step; /* of the next random number */
};

/* ---- Construction ---- */

static RsStatus check(const RsModel *model, const RsLookAheadSettings *settings, RsError *error) {
  const RsRbm *rbm = rs_rnnrbm_rbm(model->net);
  if (rbm->kind != RS_RBM_BERNOULLI) {
    return rs_error(error, RS_ERR_SETTING,
                    "a Gaussian model cannot look ahead: the likelihood of given notes is known of "
                    "binary models alone");
  }
  if (settings->particles < 2 || settings->particles > RS_PARTICLES_MAX || !settings->frames) {
    return rs_error(error, RS_ERR_SETTING, "looking ahead takes 2 to %d particles, and a frame",
                    RS_PARTICLES_MAX);
  }
  return settings->betas || rbm->hidden <= RS_EXACT_HIDDEN_MAX
             ? RS_OK
             : rs_error(error, RS_ERR_SETTING,
                        "%zu hidden units are too many to be enumerated: at most %d", rbm->hidden,
                        RS_EXACT_HIDDEN_MAX);
}

/* A particle's generator goes on with random numbers of its own. */
static RsStatus copy_state(Particle *particle, const RsGenerator *from) {
  const RsStatus status = rs_generator_copy(particle->generator, from);
  particle->generator->rng.seed = particle->seed;
  return status;
}

static uint64_t seed_of_particle(uint64_t seed, size_t k) {
  uint32_t words[2];
  rs_rng_words((RsRng){seed, RS_STREAM_LOOK_AHEAD}, SEEDS_STEP + k, 2, words);
  return (uint64_t)words[1] << 32 | words[0];
}

static RsStatus make_particle(RsLookAhead *ahead, size_t k, const RsModel *model,
                              const RsGenerateSettings *generate, const RsGenerator *start,
                              RsError *error) {
  Particle *particle = &ahead->particles[k];
  const uint64_t seed = start->rng.seed;
  particle->seed = k ? seed_of_particle(seed, k) : seed;
  particle->made = rs_alloc(ahead->ring, sizeof *particle->made);
  RsStatus status = particle->made ? RS_OK : RS_ERR_MEMORY;
  status = status ? status
                  : rs_generator_new(model, generate, particle->seed, &particle->generator, error);
  status = status ? status
                  : rs_given_weight_new(start, ahead->settings.betas, &particle->generator->weight);
  return status ? status : copy_state(particle, start);
}

RsStatus rs_look_ahead_new(const RsModel *model, const RsGenerateSettings *generate,
                           const RsLookAheadSettings *settings, const RsGenerator *start,
                           RsLookAhead **out, RsError *error) {
  RsStatus status = check(model, settings, error);
  if (status) {
    return status;
  }
  RsLookAhead *ahead = rs_alloc(1, sizeof *ahead);
  if (!ahead) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  ahead->settings = *settings;
  ahead->ring = settings->frames + 1;
  ahead->velocities = model->inputs.encoding.velocities;
  ahead->rng = (RsRng){start->rng.seed, RS_STREAM_LOOK_AHEAD};
  ahead->step = CHOICES_STEP;
  for (size_t k = 0; !status && k < settings->particles; ++k) {
    status = make_particle(ahead, k, model, generate, start, error);
  }
  if (status) {
    rs_look_ahead_free(ahead);
    return rs_error(error, status, "%s", rs_status_text(status));
  }
  *out = ahead;
  return RS_OK;
}

void rs_look_ahead_free(RsLookAhead *ahead) {
  if (ahead) {
    for (size_t k = 0; k < ahead->settings.particles; ++k) {
      rs_generator_free(ahead->particles[k].generator);
      free(ahead->particles[k].made);
    }
    free(ahead);
  }
}

/* ---- Weights ---- */

/* The weights, divided by the largest. @return Their sum. */
static double weights(const RsLookAhead *ahead, double *w) {
  double highest = -INFINITY, sum = 0;
  for (size_t k = 0; k < ahead->settings.particles; ++k) {
    highest = fmax(highest, ahead->particles[k].log_weight);
  }
  for (size_t k = 0; k < ahead->settings.particles; ++k) {
    w[k] = exp(ahead->particles[k].log_weight - highest);
    sum += w[k];
  }
  return sum;
}

static double random_number(RsLookAhead *ahead) {
  return rs_rng_uniform(ahead->rng, ahead->step++);
}

/* A particle, by its weight. */
static size_t choose(RsLookAhead *ahead) {
  double w[RS_PARTICLES_MAX];
  double left = weights(ahead, w) * random_number(ahead);
  size_t k = 0, last = 0;
  for (; k < ahead->settings.particles; ++k) {
    last = w[k] > 0 ? k : last;
    left -= w[k];
    if (left < 0) {
      return k;
    }
  }
  return last; /* by rounding */
}

/* How often each particle goes on: equation T37. */
static void count_copies(RsLookAhead *ahead, const double *w, double sum, size_t *copies) {
  const size_t particles = ahead->settings.particles;
  double reach = 0, mark = random_number(ahead);
  for (size_t k = 0; k < particles; ++k) {
    reach += w[k] / sum * (double)particles;
    for (copies[k] = 0; mark < reach && k < particles; ++mark) {
      ++copies[k];
    }
  }
}

static RsStatus copy_particle(RsLookAhead *ahead, size_t to, size_t from) {
  Particle *target = &ahead->particles[to];
  const Particle *source = &ahead->particles[from];
  memcpy(target->made, source->made, ahead->ring * sizeof *target->made);
  return copy_state(target, source->generator);
}

/* Particles that go on more than once take the places of those that do not. */
static RsStatus resample(RsLookAhead *ahead, const double *w, double sum) {
  const size_t particles = ahead->settings.particles;
  size_t copies[RS_PARTICLES_MAX];
  RsStatus status = RS_OK;
  count_copies(ahead, w, sum, copies);
  for (size_t to = 0, from = 0; !status && to < particles; ++to) {
    if (copies[to]) {
      continue;
    }
    while (from < particles && copies[from] < 2) {
      ++from;
    }
    if (from < particles) {
      status = copy_particle(ahead, to, from);
      --copies[from];
    } else { /* by rounding one is missing: the heaviest goes on */
      status = copy_particle(ahead, to, choose(ahead));
    }
    copies[to] = 1;
  }
  for (size_t k = 0; k < particles; ++k) {
    ahead->particles[k].log_weight = 0;
  }
  return status;
}

/* Resample where the weights are worth less than half of the particles: equation T37. */
static RsStatus resample_if_uneven(RsLookAhead *ahead) {
  double w[RS_PARTICLES_MAX], squares = 0;
  const double sum = weights(ahead, w);
  for (size_t k = 0; k < ahead->settings.particles; ++k) {
    squares += w[k] * w[k];
  }
  return 2 * sum * sum < squares * (double)ahead->settings.particles ? resample(ahead, w, sum)
                                                                     : RS_OK;
}

/* ---- Frames ---- */

static Made *made_at(const RsLookAhead *ahead, const Particle *particle, size_t frame) {
  return &particle->made[frame % ahead->ring];
}

/* All particles have made a frame. */
static RsStatus go_on(RsLookAhead *ahead) {
  for (size_t k = 0; k < ahead->settings.particles; ++k) {
    Particle *particle = &ahead->particles[k];
    particle->log_weight += rs_given_weight_log(particle->generator->weight);
  }
  ++ahead->next;
  return resample_if_uneven(ahead);
}

RsStatus rs_look_ahead_next(RsLookAhead *ahead, const RsGivenNotes *given) {
  RsStatus status = RS_OK;
  for (size_t k = 0; !status && k < ahead->settings.particles; ++k) {
    Particle *particle = &ahead->particles[k];
    Made *made = made_at(ahead, particle, ahead->next);
    rs_generator_clamp(particle->generator, given);
    memset(made, 0, sizeof *made);
    status = rs_generator_next(particle->generator, &made->on, &made->onset, made->velocity);
  }
  return status ? status : go_on(ahead);
}

RsStatus rs_look_ahead_prime(RsLookAhead *ahead, const RsRoll *roll, size_t frame) {
  RsStatus status = RS_OK;
  for (size_t k = 0; !status && k < ahead->settings.particles; ++k) {
    Particle *particle = &ahead->particles[k];
    Made *made = made_at(ahead, particle, ahead->next);
    *made = (Made){.on = roll->on[frame], .onset = rs_roll_begins(roll, frame)};
    if (roll->velocity) {
      memcpy(made->velocity, roll->velocity + frame * RS_NOTES, RS_NOTES);
    }
    status = rs_generator_prime_frame(particle->generator, roll, frame);
  }
  return status ? status : go_on(ahead);
}

/* Particles with another frame there have no weight any more. */
static void decide(RsLookAhead *ahead, const Made *made) {
  for (size_t k = 0; k < ahead->settings.particles; ++k) {
    Particle *particle = &ahead->particles[k];
    if (memcmp(made_at(ahead, particle, ahead->first), made, sizeof *made) != 0) {
      particle->log_weight = -INFINITY;
    }
  }
  ++ahead->first;
}

bool rs_look_ahead_take(RsLookAhead *ahead, bool now, RsFrame *on, RsFrame *onset,
                        uint8_t *velocity) {
  const size_t made_frames = ahead->next - ahead->first;
  if (!made_frames || (!now && made_frames < ahead->ring)) {
    return false;
  }
  const Made made = *made_at(ahead, &ahead->particles[choose(ahead)], ahead->first);
  *on = made.on;
  if (onset) {
    *onset = made.onset;
  }
  if (velocity && ahead->velocities) {
    memcpy(velocity, made.velocity, RS_NOTES);
  }
  decide(ahead, &made);
  return true;
}
