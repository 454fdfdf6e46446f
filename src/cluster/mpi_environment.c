/* SPDX-License-Identifier: ISC */

#include "cluster/transport_mpi.h"

#include <stdlib.h>

size_t rs_mpi_started_with(void) {
  /* Of Open MPI, and of what MPICH and its kin use. */
  static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"};
  size_t size = 1;
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
    const char *text = getenv(names[i]);
    const long number = text ? strtol(text, NULL, 10) : 0;
    size = number > 1 ? (size_t)number : size;
  }
  return size;
}
