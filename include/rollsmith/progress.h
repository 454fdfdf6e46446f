#ifndef ROLLSMITH_PROGRESS_H
#define ROLLSMITH_PROGRESS_H

/**
   @file progress.h One line that tells how a training goes.
*/

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Room for a line, terminating zero included. */
#define RS_PROGRESS_SIZE 160

/** How far a training is. Numbers that are not known yet are NaN, or 0 where they count. */
typedef struct {
  size_t epoch;             ///< That is under way or done, from 1 up
  size_t epochs;            ///< Where it ends; 0 where it ends by time alone
  double cost;              ///< Training cost
  double valid;             ///< Log-likelihood of the validation songs, nats a frame
  double free_run;          ///< Share of what the model plays alone that is like the songs, 0..1
  bool best;                ///< Whether these two are the best so far: marked with a star
  double frames_per_second; ///< Speed
  double seconds;           ///< Since the start
  double seconds_left;      ///< Until the end
} RsProgress;

/**
   The line, without a line end:

       epoch 12/200  cost 7.41  valid -6.80  free run 88 %*  182,000 frames/s  1:12 left

   What is not known is left out; without a time left, the time since the start is told.

   @param progress  Borrowed.
   @param text      Output, cut to `size` bytes, terminating zero included.
   @param size      Room, such as RS_PROGRESS_SIZE; at least 1.
   @return Length of the line in bytes.
*/
size_t rs_progress_format(const RsProgress *progress, char *text, size_t size);

/**
   A time for people: 0:07, 1:12, 1:02:05, or days from two days up.

   @param seconds  At least 0; more than a century is taken for one.
   @param text     Output.
   @param size     Room; 16 is enough.
   @return Length in bytes.
*/
size_t rs_duration_format(double seconds, char *text, size_t size);

/**
   A whole number with commas between the thousands, rounded.

   @param number  Any finite number between -1e15 and 1e15.
   @param text    Output.
   @param size    Room; 32 is enough.
   @return Length in bytes.
*/
size_t rs_count_format(double number, char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_PROGRESS_H */
