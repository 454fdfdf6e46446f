/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_PROGRESS_H
#define ROLLSMITH_PROGRESS_H

/**
   @file progress.h The progress line of a training.
*/

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Size of a line in bytes, including the terminating zero. */
#define RS_PROGRESS_SIZE 160

/** Progress of a training. Numbers that are not known are NaN, counts are 0. */
typedef struct {
  size_t epoch;             ///< Current or finished epoch, from 1
  size_t epochs;            ///< Number of epochs; 0 where only time is limited
  double cost;              ///< Training cost
  double valid;             ///< Log-likelihood of the validation songs, nats a frame
  double free_run;          ///< Similarity of generated music to the songs, 0..1
  bool best;                ///< Whether the validation is the best so far: marked with a star
  double frames_per_second; ///< Training frames per second
  double seconds;           ///< Time since the start
  double seconds_left;      ///< Estimated time to the end
} RsProgress;

/**
   Format the line, without a line feed:

       epoch 12/200  cost 7.41  valid -6.80  free run 88 %*  182,000 frames/s  1:12 left

   Numbers that are not known are left out; without `seconds_left`, `seconds` is used.

   @param progress  Borrowed.
   @param text      Output, truncated to `size` bytes including the terminating zero.
   @param size      Size of `text` in bytes, such as RS_PROGRESS_SIZE; at least 1.
   @return Length of the line in bytes.
*/
size_t rs_progress_format(const RsProgress *progress, char *text, size_t size);

/**
   Format a duration: 0:07, 1:12, 1:02:05, or in days from two days on.

   @param seconds  At least 0; clamped to a century.
   @param text     Output.
   @param size     Size of `text` in bytes; 16 is enough.
   @return Length in bytes.
*/
size_t rs_duration_format(double seconds, char *text, size_t size);

/**
   Format a number, rounded, with commas between the thousands.

   @param number  Any finite number between -1e15 and 1e15.
   @param text    Output.
   @param size    Size of `text` in bytes; 32 is enough.
   @return Length in bytes.
*/
size_t rs_count_format(double number, char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_PROGRESS_H */
