/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_EVALUATOR_H
#define ROLLSMITH_EVALUATOR_H

/**
   @file evaluator.h How good a model is: log-likelihood and accuracy of songs.

   The log-likelihood is the sum of log p(v_n | v_<n) over every frame of every song, the first ones
   too, divided by the number of frames, in nats; the state starts anew with each song. A frame's
   partition function is estimated by annealed importance sampling or by tempered replicas, from
   either side, or summed up exactly where the hidden layer is small: doc/math.md, section A.
*/

#include <rollsmith/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What to find out, and with how much effort. */
typedef struct {
  size_t replicas;    ///< Tempered replicas of a frame, 2 to 256; 0: AIS
  size_t rounds;      ///< Rounds in which replicas are measured, at least 2
  size_t chains;      ///< AIS chains a frame, at least 1
  size_t betas;       ///< Steps of the annealed path, at least 1
  bool reverse;       ///< Whether to compute the reverse estimate too
  bool exact;         ///< Whether Z is to be summed up where the hidden layer is small enough
  bool accuracy;      ///< Whether to compute accuracy
  size_t gibbs_steps; ///< Of a prediction, and before a reverse path
  size_t max_frames;  ///< Evaluate about this many frames, spread evenly over the songs; 0: all
  uint64_t seed;      ///< Of the random numbers
  size_t threads;     ///< Threads; 0: one a processor; never changes a result
} RsEvaluationSettings;

/** Hidden layers of up to this many units are summed up exactly. */
#define RS_EVALUATION_EXACT_MAX 16

/** Results. Values that were not requested are NaN. */
typedef struct {
  size_t songs;      ///< Songs with frames
  size_t frames;     ///< Frames evaluated
  double ll;         ///< Nats a frame, by forward AIS, which tends to be too high, or by replicas
                     ///< that begin at independent units
  double ll_reverse; ///< Nats a frame, by reverse AIS, which tends to be too low, or by replicas
                     ///< that begin at the frame
  double ll_error;   ///< Standard error of ll over songs: equation A15; NaN for a single song
  double swap_rate;  ///< The lowest share of accepted swaps of replicas; NaN for AIS
  double ll_exact;   ///< Nats a frame, exact
  double accuracy;   ///< Mean over frames of right notes / max(predicted, there), 0..1
} RsEvaluation;

/**
   Evaluate parameters on songs.

   @param net       Topology.
   @param w         Parameters.
   @param inputs    How frames become vectors, and what the recurrent net is given.
   @param songs     Songs.
   @param settings  What to find out.
   @param out       Output.
   @param error     Detail of a failure, or NULL.
   @return RS_OK, RS_ERR_EMPTY where there is no frame, RS_ERR_NONFINITE where parameters are not
   finite, RS_ERR_SETTING for replicas of a Gaussian model, RS_ERR_MEMORY.
*/
RsStatus rs_evaluate(const RsRnnRbm *net, const float *w, const RsInputs *inputs,
                     const RsSongs *songs, const RsEvaluationSettings *settings, RsEvaluation *out,
                     RsError *error);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_EVALUATOR_H */
