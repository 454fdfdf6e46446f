/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_PROCESSES_H
#define RS_TRAIN_PROCESSES_H

/**
   @file processes.h What the processes of a training exchange.

   Each process works on its share of the groups of streams (rs_share_of()) and has all parameters.
   In each update every process gets from all others the gradients of their groups for a part of the
   parameters, adds them up in the order of the groups, and gives the sum to all; each then takes
   the same step. So the parameters are those of one process alone, and all processes have them.
*/

#include "cluster/transport.h"
#include "train/counters.h"
#include "train/group.h"
#include "train/parameters.h"

/** The state of one of the processes. */
typedef struct {
  const RsTransport *transport; /**< Borrowed */
  RsPiece own;                  /**< Groups of this process */
  float *out; /**< Gradients of its groups, by the process that adds them up; NULL where alone */
  float *in;  /**< Gradients of all groups, of the parameters that this process adds up; or NULL */
} RsProcesses;

/** Groups of streams, at most: the largest train.groups. */
enum { RS_GROUPS_MAX = 64 };

/**
   The processes of a training.

   @param transport   Borrowed for their life.
   @param groups      Number of groups, of all processes.
   @param parameters  Number of parameters.
   @param out         Output, to be given to rs_processes_clear(), also after a failure.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_processes_init(const RsTransport *transport, size_t groups, size_t parameters,
                           RsProcesses *out);

/** Free what the processes own. */
void rs_processes_clear(RsProcesses *processes);

/**
   Before an update: the clock of process 0 is that of all, and all stop where one is to stop.

   @param counters  Times are changed in all processes but 0.
   @param stop      Whether this process is to stop; output: whether any is.
   @return RS_OK; as RsTransport.gather().
*/
RsStatus rs_processes_turn(const RsProcesses *processes, RsTrainCounters *counters, bool *stop);

/**
   Status and cost of each group, of this process's groups, to all.

   @param groups  All of them, `count`.
   @param status  Of what this process did beside its groups.
   @return RS_OK where all succeeded; the first status that is another one, the same in all
   processes; or as RsTransport.gather().
*/
RsStatus rs_processes_outcomes(const RsProcesses *processes, RsTrainGroup *groups, size_t count,
                               RsStatus status);

/**
   The sum of the gradients of all groups, in their order, times a factor.

   @param groups  All of them, `count`, at most RS_GROUPS_MAX; the gradients of this process's
   groups are cleared.
   @param share   The factor.
   @param p       g is overwritten, with the same numbers in all processes.
   @return RS_OK; as RsTransport.exchange().
*/
RsStatus rs_processes_collect(const RsProcesses *processes, RsTrainGroup *groups, size_t count,
                              float share, RsParameters *p);

/**
   The state that groups carry from update to update, of this process's groups, to all.

   @param groups  All of them, `count`.
   @return RS_OK, RS_ERR_MEMORY; as RsTransport.gather().
*/
RsStatus rs_processes_states(const RsProcesses *processes, RsTrainGroup *groups, size_t count,
                             size_t visible);

#endif /* RS_TRAIN_PROCESSES_H */
