/* SPDX-License-Identifier: ISC */

#ifndef RS_BENCH_STOPWATCH_H
#define RS_BENCH_STOPWATCH_H

/**
   @file stopwatch.h The time that this thread has spent in some functions of the library, which the
   linker puts stopwatches around (bench/meson.build): a training is measured as it runs, not as a
   copy of it.
*/

/** What is measured. RS_PART_BLAS lies within the others. */
typedef enum {
  RS_PART_SERIES,    ///< Frames from songs
  RS_PART_FORWARD,   ///< The recurrent net forward
  RS_PART_SAMPLING,  ///< Gibbs chains
  RS_PART_PHASES,    ///< Gradient of the RBM
  RS_PART_BACKWARD,  ///< The recurrent net backward
  RS_PART_OPTIMISER, ///< Steps of the parameters
  RS_PART_BLAS,      ///< Products of matrices, in any of these
  RS_PART_COUNT
} RsMeasuredPart;

/** Name of a part. */
const char *rs_part_name(RsMeasuredPart part);

/** Seconds of a clock that only moves forward. */
double rs_now(void);

/** Seconds spent in each part since the thread began, RS_PART_COUNT values. */
const double *rs_stopwatch(void);

#endif /* RS_BENCH_STOPWATCH_H */
