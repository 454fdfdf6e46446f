/* SPDX-License-Identifier: ISC */

#include "cluster/transport_mpi.h"

#include <limits.h>
#include <mpi.h>
#include <stdlib.h>

static RsTransport mpi;

/* A piece as MPI takes it. */
static bool fits(RsPiece piece, int *offset, int *size) {
  *offset = (int)piece.offset;
  *size = (int)piece.size;
  return piece.offset <= INT_MAX && piece.size <= INT_MAX;
}

static bool all_fit(const RsPiece *pieces, int *offsets, int *sizes) {
  bool fit = true;
  for (size_t i = 0; i < mpi.size; ++i) {
    fit = fits(pieces[i], offsets + i, sizes + i) && fit;
  }
  return fit;
}

static RsStatus status_of(int result) {
  return result == MPI_SUCCESS ? RS_OK : RS_ERR_IO;
}

static RsStatus gather(void *context, void *data, const RsPiece *pieces) {
  int offsets[RS_RANKS_MAX], sizes[RS_RANKS_MAX];
  if (!all_fit(pieces, offsets, sizes)) {
    return RS_ERR_OVERFLOW;
  }
  return status_of(MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, data, sizes, offsets,
                                  MPI_BYTE, MPI_COMM_WORLD));
}

static RsStatus exchange(void *context, const void *out, const RsPiece *sent, void *in,
                         const RsPiece *received) {
  int out_offsets[RS_RANKS_MAX], out_sizes[RS_RANKS_MAX];
  int in_offsets[RS_RANKS_MAX], in_sizes[RS_RANKS_MAX];
  const bool fit = all_fit(sent, out_offsets, out_sizes) && all_fit(received, in_offsets, in_sizes);
  if (!fit) {
    return RS_ERR_OVERFLOW;
  }
  return status_of(MPI_Alltoallv(out, out_sizes, out_offsets, MPI_BYTE, in, in_sizes, in_offsets,
                                 MPI_BYTE, MPI_COMM_WORLD));
}

RsStatus rs_mpi_begin(const RsTransport **out, RsError *error) {
  int provided = 0, rank = 0, size = 1;
  /* Open MPI: a process that waits leaves the processor to others, as a busy machine needs it. */
  setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
  int result = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
  result =
      result == MPI_SUCCESS ? MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN) : result;
  result = result == MPI_SUCCESS ? MPI_Comm_rank(MPI_COMM_WORLD, &rank) : result;
  result = result == MPI_SUCCESS ? MPI_Comm_size(MPI_COMM_WORLD, &size) : result;
  if (result != MPI_SUCCESS || provided < MPI_THREAD_FUNNELED) {
    return rs_error(error, RS_ERR_IO, "--mpi: MPI cannot begin; start with mpirun");
  }
  if (size > RS_RANKS_MAX) {
    return rs_error(error, RS_ERR_SETTING, "--mpi: %d processes are too many: at most %d", size,
                    RS_RANKS_MAX);
  }
  mpi = (RsTransport){
      .rank = (size_t)rank, .size = (size_t)size, .gather = gather, .exchange = exchange};
  *out = &mpi;
  return RS_OK;
}

void rs_mpi_end(void) {
  if (mpi.size) {
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    mpi.size = 0;
  }
}

void rs_mpi_abort(int exit_status) {
  if (mpi.size) {
    MPI_Abort(MPI_COMM_WORLD, exit_status);
  }
}
