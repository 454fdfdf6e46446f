#ifndef RS_RBM_GIBBS_WHOLE_H
#define RS_RBM_GIBBS_WHOLE_H

/**
   @file gibbs_whole.h What a kernel draws units from in whole numbers of 16 bits, 32 at a time.

   A unit is on where a random number u of 16 bits is below 2^16 sigmoid(x) - 1/2. Its field x is a
   sum of whole numbers, and the sigmoid is taken from a curve of straight pieces, so the limit is
   off by something; by how much at most is known. Units whose u is so near that this could decide
   are doubtful, and drawn again from the exact field with the same u.
*/

#include "rbm/gibbs_kernel.h"

#include <stdbool.h>

/** Pieces of a curve: the highest 6 bits of a field say which. */
#define RS_GIBBS_PIECES 64

/** The most visible units. */
#define RS_GIBBS_WHOLE_VISIBLE 128

/** Fields of hidden units are drawn with so many units to the left and right of 0. */
#define RS_GIBBS_HIDDEN_RANGE 8

/** The same of visible units, which are surer of themselves. */
#define RS_GIBBS_VISIBLE_RANGE 16

/** Sums of visible units are brought to so many whole numbers a unit. */
#define RS_GIBBS_VISIBLE_UNIT 256

/** Doublings that bring these to the curve's 2^15 / RS_GIBBS_VISIBLE_RANGE. */
#define RS_GIBBS_VISIBLE_DOUBLINGS 3

/** What is added to the margin of every visible unit. */
#define RS_GIBBS_VISIBLE_MARGIN 4

/** 2^16 sigmoid(x) - 1/2 for x in [-range, range), which is [-2^15, 2^15) in whole numbers: in the
 * piece (x >> 10) mod 64, start + (rise (x mod 1024) >> 10). */
typedef struct {
  uint16_t start[RS_GIBBS_PIECES];
  uint16_t rise[RS_GIBBS_PIECES];
  float error[RS_GIBBS_PIECES]; ///< How far off it is at most
  float steep[RS_GIBBS_PIECES]; ///< The largest slope of 2^16 sigmoid, a unit
} RsGibbsCurve;

/** Fill a curve. */
void rs_gibbs_curve(double range, RsGibbsCurve *curve);

struct RsGibbsWhole {
  int doublings; ///< That bring fields of hidden units to 2^15 / RS_GIBBS_HIDDEN_RANGE whole
                 ///< numbers a unit; 0 where weights are too large for all of this
  RsGibbsCurve hidden_curve, visible_curve;
  uint16_t *hidden_margin;  ///< (visible + 1) x RS_GIBBS_PIECES: how far off a limit of a hidden
                            ///< unit can be, with so many visible units on
  uint16_t *visible_margin; ///< coarse_pad: the same, as a share of 2^-16 of the piece's rise
  int16_t *rows;            ///< Two for each visible unit, to take off and to add, hidden_pad long;
                            ///< two of zeros behind RS_GIBBS_WHOLE_VISIBLE units
  int32_t *reach;           ///< What these add to the largest sum that there can be
  int16_t *ratio;           ///< coarse_pad: scale RS_GIBBS_VISIBLE_UNIT 2^15
  uint32_t *hidden_units;   ///< A bit for each that is none of padding
  uint32_t *visible_units;  ///< The same
};

/** The memory of it in weights->whole, which stays NULL if units are too many.

    @return false without memory. */
bool rs_gibbs_whole_new(RsGibbsWeights *weights);

/** NULL is taken. */
void rs_gibbs_whole_free(RsGibbsWhole *whole);

/** Fill weights->whole once the rest of the weights is there. */
void rs_gibbs_whole_set(const RsGibbsWeights *weights);

#endif /* RS_RBM_GIBBS_WHOLE_H */
