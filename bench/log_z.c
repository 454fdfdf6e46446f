/* SPDX-License-Identifier: ISC */

/**
   @file log_z.c Errors of estimates of log Z on a model's machines:
   `log_z MODEL SONGS [FRAMES [RUNGS [ROUNDS [SWEEPS]]]]`.

   Frames of the songs have the biases that follow from the songs' own past. log Z is held against
   enumeration, or, with more than EXACT_HIDDEN hidden units, against the mean of two runs of
   tempered replicas with LONGER times as many rounds. Estimates are those of annealing in either
   direction, and those of tempered replicas that begin at independent units or at the song's frame.
*/

#include "base/memory.h"
#include "model/generator_internal.h"

#include <rollsmith/generator.h>
#include <rollsmith/ingest.h>
#include <rollsmith/likelihood.h>
#include <rollsmith/tempered.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EXACT_HIDDEN = 20, CHAINS = 4, LONGER = 40 };

/* A way of estimating log Z, and what has come of it. */
typedef struct {
  const char *name;
  size_t betas; /* of annealing; 0: tempered replicas */
  bool from_v;
  double sum, squares, sweeps, seconds;
} Method;

static Method methods[] = {
    {.name = "annealed, 10,000 steps, forward", .betas = 10000},
    {.name = "annealed, 10,000 steps, reverse", .betas = 10000, .from_v = true},
    {.name = "annealed, 1,000 steps, forward", .betas = 1000},
    {.name = "annealed, 1,000 steps, reverse", .betas = 1000, .from_v = true},
    {.name = "tempered, from independent units"},
    {.name = "tempered, from the frame", .from_v = true},
};
enum { METHODS = sizeof methods / sizeof *methods };

/* What all frames share. */
typedef struct {
  const RsModel *model;
  size_t rounds, sweeps;
  RsTempered *tempered;
  uint64_t number; /* of the frame */
  double apart;    /* sum of squared differences of the two long runs */
} Task;

static void must(RsStatus status, const RsError *error) {
  if (status) {
    fprintf(stderr, "log_z: %s: %s\n", rs_status_text(status), error->message);
    exit(1);
  }
}

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static const unsigned char *states_of(const RsGenerator *generator) {
  return generator->model->inputs.joint_onsets ? generator->now.states : NULL;
}

/* By annealing of `count` chains; in reverse they first run from the frame at full coupling. */
static double annealed(const RsGenerator *generator, uint64_t number, size_t count, size_t betas,
                       bool reverse, const float *frame) {
  const RsRbm *rbm = rs_rnnrbm_rbm(generator->model->net);
  const size_t notes = rs_rbm_notes(rbm);
  RsAis *ais = NULL;
  RsGibbsChains *chains = NULL;
  float *v = rs_alloc(count, rbm->visible * sizeof *v);
  unsigned char *states = states_of(generator) ? rs_alloc(count, notes) : NULL;
  double log_w[CHAINS];
  for (size_t c = 0; c < count; ++c) {
    memcpy(v + c * rbm->visible, frame, rbm->visible * sizeof *v);
    for (size_t i = 0; states && i < notes; ++i) {
      states[c * notes + i] = states_of(generator)[i];
    }
  }
  must(rs_ais_new(generator->gibbs, count, &ais), &(RsError){RS_OK, ""});
  must(rs_gibbs_chains_new(generator->gibbs, count, &chains), &(RsError){RS_OK, ""});
  const RsRng rng = {1, RS_STREAM_TEST};
  rs_gibbs_seed(chains, count, rng, (number * 16 + 1) * CHAINS);
  rs_gibbs_run(generator->gibbs, chains,
               &(RsGibbsRun){count, generator->now.biases, 0, 1, reverse ? 100 : 0, v, states});
  rs_ais_run(generator->gibbs, ais,
             &(RsAisRun){count, generator->now.biases, 0, betas, reverse, v, rng,
                         (number * 16 + 2 + reverse) * CHAINS, states},
             log_w);
  rs_gibbs_chains_free(chains);
  rs_ais_free(ais);
  free(v);
  free(states);
  const double sign = reverse ? -1 : 1;
  return rs_log_z_uncoupled_within(rbm, generator->model->w, generator->now.biases,
                                   states_of(generator)) +
         sign * rs_log_mean_exp(count, sign, log_w);
}

static double tempered(const Task *task, const RsGenerator *generator, uint64_t number,
                       size_t rounds, bool from_v, const float *frame) {
  const RsRbm *rbm = rs_rnnrbm_rbm(generator->model->net);
  float v[2 * RS_NOTES];
  double log_z = 0;
  memcpy(v, frame, rbm->visible * sizeof *v);
  const RsTemperedRun run = {.biases = generator->now.biases,
                             .coupling = 1,
                             .states = states_of(generator),
                             .sweeps = task->sweeps,
                             .pilot = rounds / 5,
                             .burn_in = rounds / 10,
                             .rounds = rounds,
                             .from_v = from_v,
                             .v = v,
                             .rng = {2, RS_STREAM_TEST},
                             .first = (2 * number + from_v) << 10};
  must(rs_tempered_run(generator->gibbs, task->tempered, &run, &log_z), &(RsError){RS_OK, ""});
  return log_z;
}

static double true_log_z(Task *task, const RsGenerator *generator, const float *frame) {
  const RsRbm *rbm = rs_rnnrbm_rbm(generator->model->net);
  double log_z = 0, scratch[2 * RS_NOTES];
  if (rbm->hidden > EXACT_HIDDEN) {
    const uint64_t number = task->number + 100000;
    const double low = tempered(task, generator, number, LONGER * task->rounds, false, frame);
    const double high = tempered(task, generator, number, LONGER * task->rounds, true, frame);
    task->apart += (high - low) * (high - low);
    return 0.5 * (low + high);
  }
  must(rs_log_z_exact_within(rbm, generator->model->w, generator->now.biases, states_of(generator),
                             scratch, &log_z),
       &(RsError){RS_OK, ""});
  return log_z;
}

static void measure_frame(Task *task, const RsGenerator *generator, const float *frame) {
  const double truth = true_log_z(task, generator, frame);
  for (int i = 0; i < METHODS; ++i) {
    Method *m = methods + i;
    const double begin = seconds_now();
    const double found =
        m->betas ? annealed(generator, task->number, CHAINS, m->betas, m->from_v, frame)
                 : tempered(task, generator, task->number, task->rounds, m->from_v, frame);
    m->seconds += seconds_now() - begin;
    m->sum += found - truth;
    m->squares += (found - truth) * (found - truth);
  }
}

/* A generator that has heard the frames of a song before n, and has the biases of frame n. */
static RsGenerator *generator_at(const RsModel *model, const RsRoll *roll, size_t n) {
  RsError error = {RS_OK, ""};
  RsGenerator *generator = NULL;
  RsRoll past = *roll;
  RsFrame on;
  past.frames = n;
  must(rs_generator_new(model, &model->settings.generate, n, &generator, &error), &error);
  must(rs_generator_prime(generator, &past), &error);
  must(rs_generator_next(generator, &on, NULL, NULL), &error);
  return generator;
}

static void report(const Task *task, size_t rungs, double frames) {
  for (int i = 0; i < METHODS; ++i) {
    const Method *m = methods + i;
    const double mean = m->sum / frames;
    printf("%-34s error %+8.4f +- %.4f, root mean square %.4f, %6.2f ms a frame\n", m->name, mean,
           sqrt((m->squares / frames - mean * mean) / frames), sqrt(m->squares / frames),
           1e3 * m->seconds / frames);
  }
  printf("long runs apart by %.4f, root mean square\n", sqrt(task->apart / frames));
  printf("couplings and swap rates:");
  for (size_t k = 0; k + 1 < rungs; ++k) {
    printf(" %.3f (%.2f)", rs_tempered_coupling(task->tempered, k),
           rs_tempered_swap_rate(task->tempered, k));
  }
  printf(" 1\n");
}

static void measure(Task *task, const RsSongs *songs, size_t frames, size_t rungs) {
  const RsEncoding *encoding = &task->model->inputs.encoding;
  float frame[2 * RS_NOTES];
  for (size_t i = 0; i < frames; ++i) {
    const RsRoll *roll = songs->rolls + i % songs->count;
    const size_t n = 1 + 61 * i % (roll->frames - 1);
    RsGenerator *generator = generator_at(task->model, roll, n);
    if (!task->tempered) {
      must(rs_tempered_new(generator->gibbs, rungs, &task->tempered), &(RsError){RS_OK, ""});
      rs_tempered_set_weights(task->tempered, task->model->w);
    }
    rs_encode_frame(encoding, roll, n, 0, frame);
    for (size_t pass = 0; !i && pass < 10; ++pass) {
      tempered(task, generator, 1000000 + pass, task->rounds, false, frame);
      rs_tempered_space(task->tempered);
    }
    task->number = i;
    measure_frame(task, generator, frame);
    rs_generator_free(generator);
  }
  report(task, rungs, (double)frames);
}

static size_t argument(int argc, char **argv, int which, size_t otherwise) {
  return argc > which ? (size_t)atol(argv[which]) : otherwise;
}

int main(int argc, char **argv) {
  RsError error = {RS_OK, ""};
  RsModel *model = NULL;
  RsSongs songs = {0};
  RsIngestReports reports = {NULL, 0};
  if (argc < 3) {
    fprintf(stderr, "log_z MODEL SONGS [FRAMES [RUNGS [ROUNDS [SWEEPS]]]]\n");
    return 2;
  }
  must(rs_model_load(argv[1], &model, &error), &error);
  const char *path = argv[2];
  must(rs_ingest_paths(&path, 1, &model->settings.roll, NULL, NULL, NULL, &songs, &reports, &error),
       &error);
  Task task = {
      .model = model, .rounds = argument(argc, argv, 5, 400), .sweeps = argument(argc, argv, 6, 2)};
  measure(&task, &songs, argument(argc, argv, 3, 20), argument(argc, argv, 4, 10));
  rs_tempered_free(task.tempered);
  rs_ingest_reports_clear(&reports);
  rs_songs_clear(&songs);
  rs_model_free(model);
  return 0;
}
