/* SPDX-License-Identifier: ISC */

/**
   @file samples.c Fingerprints and speed of the samplers, in the flavour that this is compiled for.

     samples                 a line for each sampler: its name, hash of what it draws, hash of
                             log weights
     samples ROUNDS [NAME]   the same with nanoseconds a sweep: of sampling and of annealing, the
                             least of so many rounds; of those with NAME in their name
*/

#include <rollsmith/likelihood.h>

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHAINS = 32, STEPS = 20, BETAS = 60 };

/* A sampler, and what it runs. */
typedef struct {
  const char *name;
  RsRbm shape;
  double spread; /* standard deviation of the weights */
  double bias;   /* of visible units */
  double coupling;
  bool plain, share;
} Case;

static const Case cases[] = {
    {"binary", {RS_RBM_BERNOULLI, 88, 150, 0}, 0.2, -3, 1, false, false},
    {"binary, numbers shared", {RS_RBM_BERNOULLI, 88, 150, 0}, 0.2, -3, 1, false, true},
    {"binary, coupling 0.7", {RS_RBM_BERNOULLI, 88, 150, 0}, 0.2, -3, 0.7, false, false},
    {"binary, large weights", {RS_RBM_BERNOULLI, 88, 150, 0}, 2, -20, 1, false, false},
    {"binary, huge weights", {RS_RBM_BERNOULLI, 88, 150, 0}, 60, 0, 1, false, false},
    {"binary, wide", {RS_RBM_BERNOULLI, 176, 150, 0}, 0.2, -3, 1, false, false},
    {"binary, many hidden", {RS_RBM_BERNOULLI, 88, 2000, 0}, 0.05, -3, 1, false, false},
    {"binary, dense", {RS_RBM_BERNOULLI, 88, 150, 0}, 0.2, -3, 1, true, false},
    {"counts", {RS_RBM_BERNOULLI, 72, 200, 2}, 0.2, -3, 1, false, false},
    {"counts, numbers shared", {RS_RBM_BERNOULLI, 72, 200, 2}, 0.2, -3, 1, false, true},
    {"counts, coupling 0.7", {RS_RBM_BERNOULLI, 72, 200, 2}, 0.2, -3, 0.7, false, false},
    {"counts, one plane", {RS_RBM_BERNOULLI, 88, 150, 1}, 0.2, -3, 1, false, false},
    {"counts, wide", {RS_RBM_BERNOULLI, 176, 200, 2}, 0.2, -3, 1, false, false},
    {"counts, three notes", {RS_RBM_BERNOULLI, 72, 200, 2}, 0.2, -3, 1, false, false},
    {"counts, three, shared", {RS_RBM_BERNOULLI, 72, 200, 2}, 0.2, -3, 1, false, true},
    {"counts, dense", {RS_RBM_BERNOULLI, 72, 200, 2}, 0.2, -3, 1, true, false},
    {"gaussian", {RS_RBM_GAUSSIAN, 36, 150, 0}, 0.2, 0, 1, false, false},
    {"gaussian, dense", {RS_RBM_GAUSSIAN, 36, 150, 0}, 0.2, 0, 1, true, false},
};

/* The most likely number of notes of the cases whose name says so. */
enum { NOTES = 3 };

/* Weights and a row of biases a chain. */
typedef struct {
  rs_scalar *w, *biases;
} Machine;

static rs_scalar *random_scalars(size_t count, RsRngStream stream, double spread) {
  rs_scalar *x = rs_alloc(count, sizeof *x);
  double *normal = rs_alloc(count, sizeof *normal);
  if (!x || !normal) {
    exit(1);
  }
  rs_rng_normal((RsRng){1, stream}, 0, count, normal);
  for (size_t i = 0; i < count; ++i) {
    x[i] = (rs_scalar)(spread * normal[i]);
  }
  free(normal);
  return x;
}

static Machine new_machine(const Case *c) {
  const size_t stride = rs_rbm_biases(&c->shape);
  Machine m = {random_scalars(c->shape.hidden * c->shape.visible, RS_STREAM_TEST, c->spread),
               random_scalars(CHAINS * stride, RS_STREAM_EVALUATE, 0.5)};
  for (size_t n = 0; n < CHAINS; ++n) {
    for (size_t i = 0; i < c->shape.visible; ++i) {
      m.biases[n * stride + i] += (rs_scalar)c->bias;
    }
    for (size_t k = 0; strstr(c->name, "three") && k < 2 * RS_COUNT_CLASSES; ++k) {
      const double apart = (double)(k % RS_COUNT_CLASSES) - NOTES;
      m.biases[n * stride + rs_rbm_potentials(&c->shape) + k] = (rs_scalar)(-apart * apart);
    }
  }
  return m;
}

/* FNV-1a. */
static unsigned long long hash_of(const void *bytes, size_t size) {
  unsigned long long hash = 0xCBF29CE484222325;
  for (size_t i = 0; i < size; ++i) {
    hash = (hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001B3;
  }
  return hash;
}

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double least(double a, double b) {
  return a < b ? a : b;
}

/* What a case is run with. */
typedef struct {
  RsGibbs *gibbs;
  RsGibbsChains *chains;
  RsAis *ais;
  rs_scalar *v;
  double log_w[2 * CHAINS];
} Bench;

static Bench new_bench(const Case *c, const Machine *m) {
  Bench b = {.v = rs_alloc(CHAINS, c->shape.visible * sizeof *b.v)};
  if (!b.v || rs_gibbs_new(&c->shape, c->plain, &b.gibbs) ||
      rs_gibbs_chains_new(b.gibbs, CHAINS, &b.chains) || rs_ais_new(b.gibbs, CHAINS, &b.ais)) {
    exit(1);
  }
  rs_gibbs_set_weights(b.gibbs, m->w);
  rs_gibbs_share(b.chains, c->share);
  return b;
}

/* Chains from silence. @return Seconds a sweep of a chain. */
static double sample(const Case *c, const Machine *m, Bench *b) {
  const RsGibbsRun run = {
      CHAINS, m->biases, rs_rbm_biases(&c->shape), (rs_scalar)c->coupling, STEPS, b->v, NULL};
  const double begin = seconds_now();
  memset(b->v, 0, CHAINS * c->shape.visible * sizeof *b->v);
  rs_gibbs_seed(b->chains, CHAINS, (RsRng){1, RS_STREAM_TEST}, 500);
  rs_gibbs_run(b->gibbs, b->chains, &run);
  return (seconds_now() - begin) / (CHAINS * STEPS);
}

/* There and back again. @return Seconds a step of a chain. */
static double anneal(const Case *c, const Machine *m, Bench *b) {
  const double begin = seconds_now();
  for (int reverse = 0; reverse < 2; ++reverse) {
    const RsAisRun run = {.count = CHAINS,
                          .biases = m->biases,
                          .stride = rs_rbm_biases(&c->shape),
                          .betas = BETAS,
                          .reverse = reverse,
                          .rng = {1, RS_STREAM_TEST},
                          .first = 1000,
                          .v = b->v};
    rs_ais_run(b->gibbs, b->ais, &run, b->log_w + reverse * CHAINS);
  }
  return (seconds_now() - begin) / (2 * CHAINS * BETAS);
}

static void report(const Case *c, int rounds) {
  const Machine m = new_machine(c);
  Bench b = new_bench(c, &m);
  const size_t bytes = CHAINS * c->shape.visible * sizeof *b.v;
  double sampling = sample(c, &m, &b);
  const unsigned long long samples = hash_of(b.v, bytes);
  double annealing = anneal(c, &m, &b);
  const unsigned long long weights = hash_of(b.log_w, sizeof b.log_w);
  printf("%-24s %016llx %016llx", c->name, samples, weights);
  for (int i = 0; i < rounds; ++i) {
    sampling = least(sampling, sample(c, &m, &b));
    annealing = least(annealing, anneal(c, &m, &b));
  }
  if (rounds) {
    printf(" %8.0f %8.0f", 1e9 * sampling, 1e9 * annealing);
  }
  printf("\n");
  rs_ais_free(b.ais);
  rs_gibbs_chains_free(b.chains);
  rs_gibbs_free(b.gibbs);
  free(b.v);
  free(m.w);
  free(m.biases);
}

int main(int argc, char **argv) {
  const int rounds = argc > 1 ? atoi(argv[1]) : 0;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    if (argc <= 2 || strstr(cases[i].name, argv[2])) {
      report(cases + i, rounds);
    }
  }
  return 0;
}
