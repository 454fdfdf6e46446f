/* SPDX-License-Identifier: ISC */

#ifndef RS_MODEL_LOG_Z_H
#define RS_MODEL_LOG_Z_H

/**
   @file log_z.h Estimates of log Z of frames, from either side: doc/math.md, equations A5 and A13.
*/

#include <rollsmith/evaluator.h>
#include <rollsmith/gibbs.h>

/** Memory of estimates. */
typedef struct RsLogZ RsLogZ;

/** What all frames have in common; borrowed. */
typedef struct {
  const RsGibbs *gibbs;
  const RsRbm *rbm;
  const float *w;
  const RsEvaluationSettings *settings;
} RsLogZMachine;

/** Frames. */
typedef struct {
  size_t count;                ///< At most as many as there is memory for
  const float *biases;         ///< count x biases
  const float *v;              ///< count x V: the frames themselves
  const unsigned char *states; ///< count x notes: states of notes; NULL: any
  uint64_t number;             ///< Number of the first one, below 2^28; unique to it
} RsLogZFrames;

/** Memory for up to `most` frames. @return RS_OK, RS_ERR_OVERFLOW, RS_ERR_MEMORY. */
RsStatus rs_log_z_new(const RsLogZMachine *machine, size_t most, RsLogZ **out);

/** NULL is allowed. */
void rs_log_z_free(RsLogZ *estimate);

/**
   Estimate log Z of each frame.

   @param reverse  From the other side, for which samples begin at the frames.
   @param log_z    Output, `count` values.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_log_z_estimate(RsLogZ *estimate, const RsLogZFrames *frames, bool reverse,
                           double *log_z);

/** The lowest share of accepted swaps; NaN without replicas. */
double rs_log_z_swap_rate(const RsLogZ *estimate);

#endif /* RS_MODEL_LOG_Z_H */
