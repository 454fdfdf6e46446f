/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_TRAIN_PROCESSES_H
#define RS_CLI_TRAIN_PROCESSES_H

/**
   @file train_processes.h Training with several processes: train --mpi.

   Process 0 alone writes files and messages.
*/

#include "cli/options.h"
#include "cluster/transport.h"

#include <rollsmith/trainer.h>

/**
   Connect the processes that mpirun started, with --mpi, and see that they are of one build.

   @param transport  Output: that of one process alone without --mpi.
   @return RS_OK; RS_ERR_SETTING without --mpi where mpirun started several processes, with it where
   MPI is not built in; as rs_agree(), RS_ERR_SETTING for another build or processor.
*/
RsStatus rs_train_processes_begin(const RsOptions *options, const RsTransport **transport,
                                  RsError *error);

/** Options of a process: those of all but 0 write nothing. @return A copy that borrows. */
RsOptions rs_train_processes_options(const RsOptions *options, const RsTransport *transport);

/**
   See that all processes have the same settings.

   @return RS_OK; as rs_agree(), RS_ERR_SETTING with the first key that differs.
*/
RsStatus rs_train_processes_settings(const RsTransport *transport, const RsSettings *settings,
                                     RsError *error);

/**
   Let a trainer train with the other processes, and report how many there are.

   @return RS_OK; as rs_trainer_join().
*/
RsStatus rs_train_processes_join(const RsOptions *options, const RsTransport *transport,
                                 RsTrainer *trainer, RsError *error);

/** The signal that stopped one of the processes is recorded in all. @return RS_OK; as
 * RsTransport.gather(). */
RsStatus rs_train_processes_signal(const RsTransport *transport);

/**
   End what rs_train_processes_begin() began; without effect where it did not.

   @param error        Status of the command in this process.
   @param exit_status  The exit status that it has.
   @return The exit status of this process: 0 in all but 0, where all processes end together.
*/
int rs_train_processes_end(const RsError *error, int exit_status);

#endif /* RS_CLI_TRAIN_PROCESSES_H */
