/* SPDX-License-Identifier: ISC */

#include "cluster/transport_mpi.h"

RsStatus rs_mpi_begin(const RsTransport **out, RsError *error) {
  return rs_error(
      error, RS_ERR_SETTING,
      "--mpi: rollsmith was built without MPI; build it with meson setup -Dmpi=enabled");
}

void rs_mpi_end(void) {}

void rs_mpi_abort(int exit_status) {}
