/* SPDX-License-Identifier: ISC */

/**
   @file machine.c The probability of each frame under a small Boltzmann machine, in double.

       cc machine.c $(pkg-config --cflags --libs rollsmith) -lm -o machine && ./machine

   The numerical layers exist for float, double and double complex: a file picks its own before it
   includes anything of rollsmith (scalar.h).
*/

#define RS_SCALAR_DOUBLE
#include <rollsmith/rollsmith.h>

#include <math.h>
#include <stdio.h>

enum { VISIBLE = 3, HIDDEN = 2, FRAMES = 8 };

/* Every frame that three notes can make. */
static void count_through(double v[FRAMES][VISIBLE]) {
  for (int frame = 0; frame < FRAMES; ++frame) {
    for (int note = 0; note < VISIBLE; ++note) {
      v[frame][note] = frame >> note & 1;
    }
  }
}

static RsStatus free_energies(const RsRbm *rbm, const double *w, const double *biases, double *f) {
  RsRbmWork *work = NULL;
  double v[FRAMES][VISIBLE];
  double rows[FRAMES][VISIBLE + HIDDEN];
  RsStatus status = rs_rbm_work_new(rbm, FRAMES, &work);
  if (status) {
    return status;
  }
  count_through(v);
  for (int frame = 0; frame < FRAMES; ++frame) {
    for (int i = 0; i < VISIBLE + HIDDEN; ++i) {
      rows[frame][i] = biases[i];
    }
  }
  rs_rbm_free_energy(rbm, w, FRAMES, rows[0], v[0], work, f);
  rs_rbm_work_free(work);
  return RS_OK;
}

int main(void) {
  const RsRbm rbm = {RS_RBM_BERNOULLI, VISIBLE, HIDDEN, 0};
  const double w[HIDDEN * VISIBLE] = {2, -1, 2, -2, 3, -2}; /* a third, or the note between */
  const double biases[VISIBLE + HIDDEN] = {-1, -1, -1, 0, 0};
  double f[FRAMES], log_z = 0, sum = 0;

  RsStatus status = free_energies(&rbm, w, biases, f);
  if (!status) {
    status = rs_log_z_exact(&rbm, w, biases, &log_z);
  }
  if (status) {
    fprintf(stderr, "machine: %s\n", rs_status_text(status));
    return 1;
  }
  for (int frame = 0; frame < FRAMES; ++frame) {
    const double p = exp(-f[frame] - log_z);
    printf("%d%d%d  %.4f\n", frame & 1, frame >> 1 & 1, frame >> 2 & 1, p);
    sum += p;
  }
  printf("sum  %.4f\n", sum);
  return 0;
}
