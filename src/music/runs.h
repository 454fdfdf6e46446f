/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_RUNS_H
#define RS_MUSIC_RUNS_H

/**
   @file runs.h An index of all runs of frames of some songs, at any transposition.

   A run has a fixed number of frames, sounds in its first and its last, and is not one chord all
   along. Two runs are alike where one is a transposition of the other, by a hash value of 50 bits
   or more: one in a million windows may be counted wrongly.
*/

#include <rollsmith/roll.h>
#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>

/** An index. */
typedef struct RsRuns RsRuns;

/**
   Index some songs.

   @param songs   Borrowed for the call.
   @param length  Frames of a run, at least 2; RS_WINDOW at most for rs_runs_copied().
   @param near    Whether runs are alike too where one frame differs, as long as the others are not
   one chord all along: takes `length` times the memory.
   @param out     Output, to be given to rs_runs_free(); NULL after an error.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_runs_new(const RsSongs *songs, size_t length, bool near, RsRuns **out);

/** Free an index. NULL is allowed. */
void rs_runs_free(RsRuns *runs);

/**
   Number of whole windows of RS_WINDOW frames of a roll that hold a run of the songs. Takes time in
   proportion to the frames.

   @param runs    Borrowed.
   @param roll    Borrowed.
   @param own     Whether the roll is one of the songs: then only what stands in another counts.
   @param copied  Output.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_runs_copied(const RsRuns *runs, const RsRoll *roll, bool own, size_t *copied);

/** The last frames of music that is being made. */
typedef struct RsRunTail RsRunTail;

/**
   The tail of music that has not begun.

   @param runs  Borrowed for the tail's life.
   @param out   Output, to be given to rs_run_tail_free(); NULL after an error.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_run_tail_new(const RsRuns *runs, RsRunTail **out);

/** Free a tail. NULL is allowed. */
void rs_run_tail_free(RsRunTail *tail);

/** Give a tail of the same runs the frames that came to another one. */
void rs_run_tail_copy(RsRunTail *to, const RsRunTail *from);

/** Other music begins: no run reaches back to what came before. */
void rs_run_tail_start(RsRunTail *tail);

/** Whether this frame would complete a run of the songs. A silent one never does. */
bool rs_run_tail_copies(RsRunTail *tail, const RsFrame *next);

/** This frame came. */
void rs_run_tail_add(RsRunTail *tail, const RsFrame *next);

#endif /* RS_MUSIC_RUNS_H */
