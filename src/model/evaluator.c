/* SPDX-License-Identifier: ISC */

/* Likelihood of songs, doc/math.md, equations K3, A6, A7 and A15, and accuracy, T3. */

#include "model/evaluator_shared.h"

#include "base/linear_algebra.h"
#include "base/memory.h"
#include "base/thread_pool.h"
#include "base/low_discrepancy.h"
#include "model/log_z.h"

#include <rollsmith/likelihood.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Frames that are worked on at a time. */
enum { BLOCK = 256 };

/* Sums over the frames of one song. */
typedef struct {
  RsStatus status;
  size_t frames;
  double ll, ll_reverse, ll_exact, accuracy, swap_rate;
} Sums;

/* What all songs share. */
typedef struct {
  const RsRnnRbm *net;
  const float *w;
  const RsInputs *inputs;
  const RsSongs *songs;
  const RsEvaluationSettings *settings;
  RsGibbs *gibbs;
  const uint64_t *first; /* number of each song's first frame */
  double share;          /* share of the frames that is evaluated */
  Sums *sums;            /* one a song */
  const RsTransport *transport;
  RsPiece own; /* songs of this process */
} Job;

/* Memory of one song's evaluation: up to BLOCK frames, of which some are chosen. */
typedef struct {
  RsInputHistory *history; /* of the song */
  RsSongPlan plan;         /* of the song */
  double plan_ll;          /* what it adds to the log-likelihood of a frame */
  RsRnnRbmLearner *learner;
  RsLogZ *estimate;
  RsGibbsChains *chains; /* of predictions */
  RsRbmWork *work;
  float *x, *v;  /* the block: inputs, and the frame */
  RsLinks links; /* of the block */
  size_t count;  /* chosen rows */
  float *biases; /* chosen rows: biases */
  float *chosen; /* chosen rows: v */
  float *before; /* chosen rows: the frame before */
  float *sample; /* chosen rows: scratch for chains */
  unsigned char
      *states;        /* chosen rows: states of their notes; NULL where frames are not restricted */
  float *free_energy; /* chosen rows */
  double *log_z;      /* chosen rows */
  double *scratch;    /* of enumeration */
} Bench;

static void bench_free(Bench *b) {
  rs_input_history_free(b->history);
  rs_song_plan_clear(&b->plan);
  rs_rnnrbm_learner_free(b->learner);
  rs_log_z_free(b->estimate);
  rs_gibbs_chains_free(b->chains);
  rs_rbm_work_free(b->work);
  free(b->x);
  rs_links_clear(&b->links);
  free(b->v);
  free(b->biases);
  free(b->chosen);
  free(b->before);
  free(b->sample);
  free(b->states);
  free(b->free_energy);
  free(b->log_z);
  free(b->scratch);
}

static RsStatus bench_new(const Job *job, Bench *b) {
  const RsRbm *rbm = rs_rnnrbm_rbm(job->net);
  *b = (Bench){
      .x = rs_alloc(BLOCK, job->inputs->size * sizeof(float)),
      .v = rs_alloc(BLOCK, rbm->visible * sizeof(float)),
      .biases = rs_alloc(BLOCK, rs_rbm_biases(rbm) * sizeof(float)),
      .chosen = rs_alloc(BLOCK, rbm->visible * sizeof(float)),
      .before = rs_alloc(BLOCK, rbm->visible * sizeof(float)),
      .sample = rs_alloc(BLOCK, rbm->visible * sizeof(float)),
      .free_energy = rs_alloc(BLOCK, sizeof(float)),
      .log_z = rs_alloc(BLOCK, sizeof(double)),
      .scratch = rs_alloc(rbm->visible, sizeof(double)),
  };
  if (job->inputs->joint_onsets) {
    b->states = rs_alloc(BLOCK, rs_rbm_notes(rbm));
  }
  RsStatus status = RS_ERR_MEMORY;
  if ((b->states || !job->inputs->joint_onsets) && b->x && b->v && b->biases && b->chosen &&
      b->before && b->sample && b->free_energy && b->log_z && b->scratch) {
    status = rs_rnnrbm_learner_new(job->net, RS_ENGINE_BPTT, BLOCK, 1, &b->learner, NULL);
  }
  status = status ? status : rs_input_history_new(job->inputs, &b->history);
  status = status ? status : rs_links_init(&b->links, BLOCK, job->inputs->links);
  const RsLogZMachine machine = {job->gibbs, rbm, job->w, job->settings};
  status = status ? status : rs_log_z_new(&machine, BLOCK, &b->estimate);
  status = status ? status : rs_gibbs_chains_new(job->gibbs, BLOCK, &b->chains);
  return status ? status : rs_rbm_work_new(rbm, BLOCK, &b->work);
}

/*
  Whether a frame is evaluated where not all are. Multiples of the golden ratio are spread evenly
  over the frames, and evenly over the places in a beat, which every n-th frame would not be.
*/
static bool is_chosen(const Job *job, uint64_t number) {
  return rs_low_discrepancy(number) < job->share;
}

/* Encode a block of a song: what is known before each frame, and the frame. */
static void encode(const Job *job, Bench *b, const RsRoll *roll, size_t start, size_t frames) {
  const size_t visible = rs_rnnrbm_rbm(job->net)->visible;
  for (size_t n = 0; n < frames; ++n) {
    RsInputPlace place;
    const bool placed = rs_input_place(job->inputs, roll, start + n, &place);
    float *v = b->v + n * visible;
    if (placed) {
      place.plan = rs_song_plan_at(&b->plan, place.bar, rs_inputs_quarter(job->inputs, &place));
    }
    rs_encode_frame(&job->inputs->encoding, roll, start + n, 0, v);
    rs_input_history_fill(b->history, placed ? &place : NULL, b->x + n * job->inputs->size,
                          rs_links_from(&b->links, n));
    rs_input_history_add(b->history, placed ? &place : NULL, v, v);
  }
}

/* Run the net over a block of a song, and gather the rows that are to be evaluated. */
static RsStatus fill(const Job *job, Bench *b, size_t song, size_t start, size_t frames) {
  const RsRbm *rbm = rs_rnnrbm_rbm(job->net);
  const size_t row = rs_rbm_biases(rbm);
  encode(job, b, job->songs->rolls + song, start, frames);
  rs_rnnrbm_set_links(b->learner, &b->links);
  const RsStatus status = rs_rnnrbm_forward(b->learner, job->w, frames, b->x, NULL);
  const float *biases = rs_rnnrbm_biases(b->learner);
  b->count = 0;
  for (size_t n = 0; !status && n < frames; ++n) {
    if (is_chosen(job, job->first[song] + start + n)) {
      memcpy(b->biases + b->count * row, biases + n * row, row * sizeof(float));
      memcpy(b->chosen + b->count * rbm->visible, b->v + n * rbm->visible,
             rbm->visible * sizeof(float));
      memcpy(b->before + b->count * rbm->visible, b->x + n * job->inputs->size,
             rbm->visible * sizeof(float));
      if (b->states) {
        rs_inputs_states(job->inputs, b->before + b->count * rbm->visible,
                         b->chosen + b->count * rbm->visible,
                         b->states + b->count * rs_rbm_notes(rbm));
      }
      ++b->count;
    }
  }
  return status;
}

/* Run the samples of the chosen rows for some Gibbs steps at full coupling. */
static void run_chains(const Job *job, Bench *b, uint64_t number) {
  const RsRbm *rbm = rs_rnnrbm_rbm(job->net);
  rs_gibbs_seed(b->chains, b->count, (RsRng){job->settings->seed, RS_STREAM_EVALUATE}, number);
  rs_gibbs_run(job->gibbs, b->chains,
               &(RsGibbsRun){b->count, b->biases, rs_rbm_biases(rbm), 1, job->settings->gibbs_steps,
                             b->sample, b->states});
}

/* States of the notes of a chosen row; NULL where frames are not restricted. */
static const unsigned char *states_of(const Job *job, const Bench *b, size_t row) {
  return b->states ? b->states + row * rs_rbm_notes(rs_rnnrbm_rbm(job->net)) : NULL;
}

/* Add the chosen rows' log p(v) with an estimate of Z; in reverse from samples that begin at the
 * data. */
static RsStatus add_estimate(const Job *job, Bench *b, size_t song, size_t start, bool reverse,
                             double *sum) {
  const RsLogZFrames frames = {b->count, b->biases, b->chosen, b->states, job->first[song] + start};
  const RsStatus status = rs_log_z_estimate(b->estimate, &frames, reverse, b->log_z);
  for (size_t n = 0; !status && n < b->count; ++n) {
    *sum += b->plan_ll - (double)b->free_energy[n] - b->log_z[n];
  }
  return status;
}

static RsStatus exact_ll(const Job *job, Bench *b, double *sum) {
  const RsRbm *rbm = rs_rnnrbm_rbm(job->net);
  RsStatus status = RS_OK;
  for (size_t n = 0; !status && n < b->count; ++n) {
    double log_z = 0;
    status = rs_log_z_exact_within(rbm, job->w, b->biases + n * rs_rbm_biases(rbm),
                                   states_of(job, b, n), b->scratch, &log_z);
    *sum -= (double)b->free_energy[n] + log_z;
  }
  return status;
}

/* Right notes over the larger of notes predicted and notes there; both silent is right. */
static double frame_accuracy(const RsEncoding *encoding, const float *predicted,
                             const float *there) {
  RsFrame p, t, onset;
  rs_decode_frame(encoding, predicted, &p, &onset, NULL);
  rs_decode_frame(encoding, there, &t, &onset, NULL);
  const RsFrame both = {{p.bits[0] & t.bits[0], p.bits[1] & t.bits[1]}};
  const int most =
      rs_frame_count(&p) > rs_frame_count(&t) ? rs_frame_count(&p) : rs_frame_count(&t);
  return most ? (double)rs_frame_count(&both) / most : 1;
}

/* A prediction is a sample whose chain begins at the frame before. */
static double accuracy(const Job *job, Bench *b, size_t song, size_t start) {
  const size_t visible = rs_rnnrbm_rbm(job->net)->visible;
  memcpy(b->sample, b->before, b->count * visible * sizeof(float));
  run_chains(job, b, job->first[song] + start);
  double sum = 0;
  for (size_t n = 0; n < b->count; ++n) {
    sum += frame_accuracy(&job->inputs->encoding, b->sample + n * visible, b->chosen + n * visible);
  }
  return sum;
}

static RsStatus evaluate_block(const Job *job, Bench *b, size_t song, size_t start, Sums *sums) {
  const RsRbm *rbm = rs_rnnrbm_rbm(job->net);
  const RsEvaluationSettings *settings = job->settings;
  rs_rbm_free_energy(rbm, job->w, b->count, b->biases, b->chosen, b->work, b->free_energy);
  sums->frames += b->count;
  RsStatus status = add_estimate(job, b, song, start, false, &sums->ll);
  if (!status && settings->reverse) {
    status = add_estimate(job, b, song, start, true, &sums->ll_reverse);
  }
  if (settings->accuracy) {
    sums->accuracy += accuracy(job, b, song, start);
  }
  sums->ll_exact += (double)b->count * b->plan_ll;
  return !status && settings->exact ? exact_ll(job, b, &sums->ll_exact) : status;
}

/* The plan of a song; its log-probability is shared out to the frames. */
static RsStatus take_plan(const Job *job, Bench *b, const RsRoll *roll) {
  const RsPlanPrior *prior = job->inputs->plan;
  const unsigned meter = rs_inputs_plan_meter(job->inputs, roll->meter_beats, roll->meter_unit);
  const RsStatus status = prior ? rs_song_plan(prior, roll, &b->plan) : RS_OK;
  if (!status && prior && roll->frames) {
    b->plan_ll = rs_plan_log_probability(prior, &b->plan, meter) / (double)roll->frames;
  }
  return status;
}

static void evaluate_song(void *context, size_t turn) {
  const Job *job = context;
  const size_t song = job->own.offset + turn;
  Sums *sums = job->sums + song;
  Bench bench;
  const size_t frames = job->songs->rolls[song].frames;
  sums->status = bench_new(job, &bench);
  sums->status = sums->status ? sums->status : take_plan(job, &bench, job->songs->rolls + song);
  for (size_t start = 0; !sums->status && start < frames; start += BLOCK) {
    const size_t length = frames - start < BLOCK ? frames - start : BLOCK;
    sums->status = fill(job, &bench, song, start, length);
    if (!sums->status && bench.count) {
      sums->status = evaluate_block(job, &bench, song, start, sums);
    }
  }
  sums->swap_rate = sums->status ? NAN : rs_log_z_swap_rate(bench.estimate);
  bench_free(&bench);
}

/* Equation A15. */
static double error_over_songs(const Job *job, double ll, double frames) {
  double squares = 0, songs = 0;
  for (size_t i = 0; i < job->songs->count; ++i) {
    const Sums *one = job->sums + i;
    const double apart = one->ll - ll * (double)one->frames;
    squares += apart * apart;
    songs += one->frames > 0;
  }
  return songs > 1 ? sqrt(squares * (songs / (songs - 1))) / frames : NAN;
}

/* Add up in the order of the songs, so that the threads' order does not show. */
static RsStatus add_up(const Job *job, RsEvaluation *out) {
  const RsEvaluationSettings *settings = job->settings;
  Sums all = {RS_OK, 0, 0, 0, 0, 0, NAN};
  for (size_t i = 0; i < job->songs->count; ++i) {
    const Sums *one = job->sums + i;
    all.status = all.status ? all.status : one->status;
    all.frames += one->frames;
    all.ll += one->ll;
    all.ll_reverse += one->ll_reverse;
    all.ll_exact += one->ll_exact;
    all.accuracy += one->accuracy;
    all.swap_rate = one->frames ? fmin(all.swap_rate, one->swap_rate) : all.swap_rate;
    out->songs += job->songs->rolls[i].frames > 0;
  }
  const double frames = (double)all.frames;
  out->frames = all.frames;
  out->ll = all.ll / frames;
  out->ll_reverse = settings->reverse ? all.ll_reverse / frames : NAN;
  out->ll_exact = settings->exact ? all.ll_exact / frames : NAN;
  out->ll_error = error_over_songs(job, out->ll, frames);
  out->swap_rate = all.swap_rate;
  out->accuracy = settings->accuracy ? all.accuracy / frames : NAN;
  if (!all.status && !isfinite(out->ll)) {
    return RS_ERR_NONFINITE;
  }
  return all.status;
}

static RsStatus run_job(Job *job, RsEvaluation *out) {
  RsThreadPool *pool = NULL;
  rs_blas_one_thread(); /* threads are ours, over songs */
  RsStatus status = rs_gibbs_new(rs_rnnrbm_rbm(job->net), false, &job->gibbs);
  if (!status) {
    status = rs_thread_pool_new(job->settings->threads, &pool);
  }
  if (!status) {
    rs_gibbs_set_weights(job->gibbs, job->w);
    rs_thread_pool_run(pool, job->own.size, evaluate_song, job);
  }
  status = rs_agree(job->transport, status, NULL);
  status = status
               ? status
               : rs_gather_shares(job->transport, job->sums, job->songs->count, sizeof *job->sums);
  status = status ? status : add_up(job, out);
  rs_thread_pool_free(pool);
  rs_gibbs_free(job->gibbs);
  return status;
}

RsStatus rs_evaluate(const RsRnnRbm *net, const float *w, const RsInputs *inputs,
                     const RsSongs *songs, const RsEvaluationSettings *settings, RsEvaluation *out,
                     RsError *error) {
  return rs_evaluate_shared(net, w, inputs, songs, settings, rs_transport_alone(), out, error);
}

RsStatus rs_evaluate_shared(const RsRnnRbm *net, const float *w, const RsInputs *inputs,
                            const RsSongs *songs, const RsEvaluationSettings *settings,
                            const RsTransport *transport, RsEvaluation *out, RsError *error) {
  *out = (RsEvaluation){0};
  if (settings->replicas && rs_rnnrbm_rbm(net)->kind == RS_RBM_GAUSSIAN) {
    return rs_error(error, RS_ERR_SETTING,
                    "tempered replicas are for notes that are on or off; of a model of velocities "
                    "log Z is estimated by evaluate.method = ais");
  }
  RsEvaluationSettings effective = *settings;
  effective.exact = settings->exact && rs_rnnrbm_rbm(net)->hidden <= RS_EVALUATION_EXACT_MAX;
  uint64_t *first = rs_alloc(songs->count, sizeof *first);
  Sums *sums = rs_alloc(songs->count, sizeof *sums);
  uint64_t total = 0;
  for (size_t i = 0; first && i < songs->count; ++i) {
    first[i] = total;
    total += songs->rolls[i].frames;
  }
  const size_t wanted = settings->max_frames ? settings->max_frames : (size_t)total;
  Job job = {.net = net,
             .w = w,
             .inputs = inputs,
             .songs = songs,
             .settings = &effective,
             .first = first,
             .share = 1,
             .sums = sums,
             .transport = transport,
             .own = rs_share_of(transport, transport->rank, songs->count)};
  job.share = wanted && total > wanted ? (double)wanted / (double)total : 1;
  RsStatus status = first && sums ? total ? RS_OK : RS_ERR_EMPTY : RS_ERR_MEMORY;
  status = rs_agree(transport, status, NULL);
  if (!status) {
    status = run_job(&job, out);
  }
  free(first);
  free(sums);
  if (status) {
    rs_error(error, status, "the songs cannot be evaluated: %s", rs_status_text(status));
  }
  return status;
}
