/* SPDX-License-Identifier: ISC */

/**
   @file distance.c How far the frames that a generator draws are from the distribution of their
   machines: `distance MODEL SONGS [FRAMES [REPLICAS [SWEEPS]]]`.

   Frames of the songs are drawn given the songs' own past, each by many chains of as many sweeps as
   the model's generate.gibbs_steps, or, with REPLICAS, by as many tempered replicas, and by as many
   chains of 100 times as many sweeps, twice, so that what chance alone makes of the difference is
   known. Where the machine has 16 hidden units or fewer, its exact means take the place of the long
   chains.
*/

#include "base/memory.h"
#include "model/chain.h"
#include "model/generator_internal.h"

#include <rollsmith/generator.h>
#include <rollsmith/ingest.h>
#include <rollsmith/likelihood.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHAINS = 256, LONGER = 100, EXACT_HIDDEN = 16, COUNTS = 16, SHORT = 0, LONG, AGAIN, SETS };

/* What many draws of one frame have in common. */
typedef struct {
  double mean[2 * RS_NOTES]; /* of each value */
  double count[COUNTS];      /* share of frames with so many notes */
  double impossible;         /* share of frames that no song can have: equation T32 */
} Drawn;

/* Sums over frames. */
typedef struct {
  double mean[2], count[2], impossible[2], frames;
} Distances;

static void must(RsStatus status, const RsError *error) {
  if (status) {
    fprintf(stderr, "distance: %s: %s\n", rs_status_text(status), error->message);
    exit(1);
  }
}

static void add_frame(const RsEncoding *encoding, const float *before, const float *v,
                      Drawn *drawn) {
  const size_t notes = rs_encoding_notes(encoding), size = rs_encoding_size(encoding);
  size_t count = 0;
  bool impossible = false;
  for (size_t i = 0; i < notes; ++i) {
    const bool sounds = v[i] > 0, begins = encoding->onsets && v[notes + i] > 0;
    count += sounds;
    impossible |= encoding->onsets && (begins ? !sounds : sounds && !(before[i] > 0));
  }
  for (size_t i = 0; i < size; ++i) {
    drawn->mean[i] += (double)v[i] / CHAINS;
  }
  drawn->count[count < COUNTS ? count : COUNTS - 1] += 1.0 / CHAINS;
  drawn->impossible += (double)impossible / CHAINS;
}

/* States that the notes of the generator's last frame could be in; NULL: any. */
static const unsigned char *states_of(const RsGenerator *generator) {
  return generator->model->inputs.joint_onsets ? generator->now.states : NULL;
}

/* Draws of the frame whose biases the generator has, by chains from the frame before. */
static void draw(const RsGenerator *generator, RsGibbsChains *chains, const float *before,
                 size_t sweeps, uint64_t first, float *v, Drawn *drawn) {
  const RsEncoding *encoding = &generator->model->inputs.encoding;
  const size_t size = rs_encoding_size(encoding), notes = rs_encoding_notes(encoding);
  const unsigned char *one = states_of(generator);
  static unsigned char states[CHAINS * RS_NOTES];
  for (size_t c = 0; c < CHAINS; ++c) {
    memcpy(v + c * size, before, size * sizeof *v);
    memcpy(states + c * notes, one ? one : states, one ? notes : 0);
  }
  rs_gibbs_seed(chains, CHAINS, (RsRng){1, RS_STREAM_TEST}, first * CHAINS);
  rs_chain_run(generator->gibbs, chains,
               &(RsGibbsRun){CHAINS, generator->now.biases, 0, 1, sweeps, v, one ? states : NULL});
  memset(drawn, 0, sizeof *drawn);
  for (size_t c = 0; c < CHAINS; ++c) {
    add_frame(encoding, before, v + c * size, drawn);
  }
}

/* Mean of each value, as the derivative of log Z by its bias. */
static void exact_means(const RsGenerator *generator, double *mean) {
  enum { STEP = 100 };
  const RsRbm *rbm = rs_rnnrbm_rbm(generator->model->net);
  double scratch[2 * RS_NOTES];
  for (size_t i = 0; i < rbm->visible; ++i) {
    double log_z[2] = {0, 0};
    const float bias = generator->now.biases[i], step = 1.0f / STEP;
    for (int side = 0; side < 2; ++side) {
      generator->now.biases[i] = bias + (side ? step : -step);
      must(rs_log_z_exact_within(rbm, generator->model->w, generator->now.biases,
                                 states_of(generator), scratch, log_z + side),
           &(RsError){RS_OK, ""});
    }
    generator->now.biases[i] = bias;
    mean[i] = (log_z[1] - log_z[0]) / (2 * (double)step);
  }
}

/* Draws of the frame by tempered replicas, as the generator makes them. */
static void draw_tempered(const RsGenerator *generator, const float *before, size_t rounds,
                          uint64_t first, Drawn *drawn) {
  const RsEncoding *encoding = &generator->model->inputs.encoding;
  float v[2 * RS_NOTES];
  memset(drawn, 0, sizeof *drawn);
  for (size_t c = 0; c < CHAINS; ++c) {
    memcpy(v, before, rs_encoding_size(encoding) * sizeof *v);
    const RsTemperedRun run = {.biases = generator->now.biases,
                               .coupling = 1,
                               .states = states_of(generator),
                               .sweeps = 1,
                               .pilot = rounds / 4,
                               .burn_in = rounds - rounds / 4,
                               .v = v,
                               .rng = {2, RS_STREAM_TEST},
                               .first = (first * CHAINS + c) * RS_TEMPERED_RUNGS_MAX};
    must(rs_tempered_run(generator->gibbs, generator->tempered, &run, NULL), &(RsError){RS_OK, ""});
    add_frame(encoding, before, v, drawn);
  }
}

static double difference(size_t count, const double *a, const double *b) {
  double sum = 0;
  for (size_t i = 0; i < count; ++i) {
    sum += fabs(a[i] - b[i]);
  }
  return sum;
}

static void measure_frame(const RsGenerator *generator, RsGibbsChains *chains, const float *before,
                          float *v, Distances *distances) {
  const RsRbm *rbm = rs_rnnrbm_rbm(generator->model->net);
  const size_t sweeps = (size_t)generator->settings.gibbs_steps;
  Drawn drawn[SETS];
  for (uint64_t set = 0; set < SETS; ++set) {
    const uint64_t number = (uint64_t)distances->frames * SETS + set;
    if (set == SHORT && generator->tempered) {
      draw_tempered(generator, before, sweeps, number, drawn + set);
    } else {
      draw(generator, chains, before, set == SHORT ? sweeps : LONGER * sweeps, number, v,
           drawn + set);
    }
  }
  if (rbm->hidden <= EXACT_HIDDEN) {
    exact_means(generator, drawn[LONG].mean);
  }
  for (int set = 0; set < 2; ++set) {
    const Drawn *other = drawn + (set ? AGAIN : SHORT);
    distances->mean[set] += difference(rbm->visible, drawn[LONG].mean, other->mean);
    distances->count[set] += 0.5 * difference(COUNTS, drawn[LONG].count, other->count);
    distances->impossible[set] += other->impossible;
  }
  distances->frames += 1;
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

static void measure(const RsModel *model, const RsSongs *songs, size_t frames) {
  const RsRbm *rbm = rs_rnnrbm_rbm(model->net);
  const RsEncoding *encoding = &model->inputs.encoding;
  Distances d = {{0, 0}, {0, 0}, {0, 0}, 0};
  float *v = rs_alloc(CHAINS + 1, rbm->visible * sizeof *v), *before = v + CHAINS * rbm->visible;
  for (size_t i = 0; i < frames; ++i) {
    const RsRoll *roll = songs->rolls + i % songs->count;
    const size_t n = 16 + 61 * i % (roll->frames > 17 ? roll->frames - 17 : 1);
    if (n >= roll->frames) {
      continue;
    }
    RsGenerator *generator = generator_at(model, roll, n);
    RsGibbsChains *chains = NULL;
    must(rs_gibbs_chains_new(generator->gibbs, CHAINS, &chains), &(RsError){RS_OK, ""});
    rs_encode_frame(encoding, roll, n - 1, 0, before);
    measure_frame(generator, chains, before, v, &d);
    rs_gibbs_chains_free(chains);
    rs_generator_free(generator);
  }
  printf("%.0f frames, %d chains each, %d sweeps of %d replicas and %s\n", d.frames, CHAINS,
         model->settings.generate.gibbs_steps,
         model->settings.generate.replicas ? model->settings.generate.replicas : 1,
         rbm->hidden <= EXACT_HIDDEN ? "exact means" : "100 times as many");
  printf("means of values, summed over a frame: apart by %.4f, by chance %.4f\n",
         d.mean[0] / d.frames, d.mean[1] / d.frames);
  printf("number of notes, total variation: %.4f, by chance %.4f\n", d.count[0] / d.frames,
         d.count[1] / d.frames);
  printf("frames that no song can have: %.4f, of long chains %.4f\n", d.impossible[0] / d.frames,
         d.impossible[1] / d.frames);
  free(v);
}

int main(int argc, char **argv) {
  RsError error = {RS_OK, ""};
  RsModel *model = NULL;
  RsSongs songs = {0};
  RsIngestReports reports = {NULL, 0};
  if (argc < 3) {
    fprintf(stderr, "distance MODEL SONGS [FRAMES]\n");
    return 2;
  }
  must(rs_model_load(argv[1], &model, &error), &error);
  const char *path = argv[2];
  must(rs_ingest_paths(&path, 1, &model->settings.roll, NULL, NULL, NULL, &songs, &reports, &error),
       &error);
  model->settings.generate.replicas = argc > 4 ? atoi(argv[4]) : 0;
  if (argc > 5) {
    model->settings.generate.gibbs_steps = atoi(argv[5]);
  }
  measure(model, &songs, argc > 3 ? (size_t)atol(argv[3]) : 100);
  rs_ingest_reports_clear(&reports);
  rs_songs_clear(&songs);
  rs_model_free(model);
  return 0;
}
