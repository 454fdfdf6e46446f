#ifndef RS_BASE_PARALLEL_H
#define RS_BASE_PARALLEL_H

/**
   @file parallel.h A team of threads for loops whose turns do not touch each other.

   A result must never depend on the number of threads: a turn writes only what is its own, and sums
   over turns are taken afterwards, in the order of the turns.
*/

#include <rollsmith/status.h>

#include <stddef.h>

typedef struct RsTeam RsTeam;

/** One turn of a loop. @param context What rs_team_run() was given. @param turn 0 .. turns - 1. */
typedef void (*RsTurn)(void *context, size_t turn);

/**
   A team.

   @param threads  Number of threads that work, the caller's own included; 0 means one a processor.
   @param out      Output, to be given to rs_team_free().
   @return RS_OK, RS_ERR_MEMORY where a thread cannot be had.
*/
RsStatus rs_team_new(size_t threads, RsTeam **out);

/** End the threads. NULL is allowed. */
void rs_team_free(RsTeam *team);

/** Number of threads that work, the caller's own included. A NULL team is one thread. */
size_t rs_team_size(const RsTeam *team);

/**
   Run the turns of a loop, in any order, and return when all are done. The caller's thread works
   too.

   @param team     Team, or NULL to run in the caller's thread alone.
   @param turns    Number of turns.
   @param turn     Called once a turn.
   @param context  Handed to every turn.
*/
void rs_team_run(RsTeam *team, size_t turns, RsTurn turn, void *context);

#endif /* RS_BASE_PARALLEL_H */
