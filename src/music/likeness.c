/* SPDX-License-Identifier: ISC */

#include "music/likeness.h"

float rs_likeness(const RsFrame *a, const RsFrame *b, size_t frames) {
  double sum = 0;
  for (size_t n = 0; n < frames; ++n) {
    const RsFrame *x = a + n, *y = b + n;
    const RsFrame both = {{x->bits[0] & y->bits[0], x->bits[1] & y->bits[1]}};
    const RsFrame any = {{x->bits[0] | y->bits[0], x->bits[1] | y->bits[1]}};
    const int count = rs_frame_count(&any);
    sum += count ? (double)rs_frame_count(&both) / count : 1;
  }
  return (float)(sum / (double)frames);
}
