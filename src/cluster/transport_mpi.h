/* SPDX-License-Identifier: ISC */

#ifndef RS_CLUSTER_TRANSPORT_MPI_H
#define RS_CLUSTER_TRANSPORT_MPI_H

/**
   @file transport_mpi.h Messages by MPI, where it is built in.
*/

#include "cluster/transport.h"

/**
   Begin to use MPI; once in a program.

   @param out    Output: a static transport, until rs_mpi_end().
   @return RS_OK; RS_ERR_SETTING where MPI is not built in, or for more than RS_RANKS_MAX processes;
   RS_ERR_IO where MPI cannot begin.
*/
RsStatus rs_mpi_begin(const RsTransport **out, RsError *error);

/** End the use of MPI, if it was begun: waits until all processes do so. */
void rs_mpi_end(void);

/** End all processes at once, if MPI was begun. @param exit_status Of the program. */
void rs_mpi_abort(int exit_status);

/** Number of processes that a program for MPI was started with, from its environment;
 * else 1. MPI need not be built in. */
size_t rs_mpi_started_with(void);

#endif /* RS_CLUSTER_TRANSPORT_MPI_H */
