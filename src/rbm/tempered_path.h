/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_TEMPERED_PATH_H
#define RS_RBM_TEMPERED_PATH_H

/**
   @file tempered_path.h Machines between one of independent units and a Bernoulli machine, built
   about a reference point: doc/math.md, equations A9 and A10.
*/

#include <rollsmith/rbm.h>

#include <stdbool.h>
#include <stdint.h>

#define rs_tempered_path_init RS_FLAVOURED(rs_tempered_path_init)
#define rs_tempered_path_clear RS_FLAVOURED(rs_tempered_path_clear)
#define rs_tempered_path_set_weights RS_FLAVOURED(rs_tempered_path_set_weights)
#define rs_tempered_path_open RS_FLAVOURED(rs_tempered_path_open)
#define rs_tempered_path_biases RS_FLAVOURED(rs_tempered_path_biases)
#define rs_tempered_path_field RS_FLAVOURED(rs_tempered_path_field)
#define rs_tempered_path_mean RS_FLAVOURED(rs_tempered_path_mean)
#define rs_tempered_path_gap RS_FLAVOURED(rs_tempered_path_gap)
#define rs_tempered_path_base RS_FLAVOURED(rs_tempered_path_base)

/** The path of a frame. */
typedef struct {
  RsRbm rbm;
  rs_scalar *columns;      /**< V x H: W transposed */
  const rs_scalar *biases; /**< Of the frame */
  rs_scalar coupling;      /**< W is multiplied by this */
  rs_scalar *v, *h;        /**< V and H values: the reference point */
  rs_scalar *up, *down;    /**< H and V values: W v and W'h of the reference, with the coupling */
  uint32_t *on;            /**< V: numbers of the units that are on */
  double constant;         /**< h'W v of the reference, with the coupling */
  rs_scalar *centre;       /**< H values: b + up */
  rs_scalar *scratch;      /**< 3 x H, rounded up to whole vectors */
} RsTemperedPath;

/** Memory for the paths of frames. @return Whether there was enough. */
bool rs_tempered_path_init(RsTemperedPath *path, const RsRbm *rbm);

void rs_tempered_path_clear(RsTemperedPath *path);

/** Take over the weights w, hidden x visible. */
void rs_tempered_path_set_weights(RsTemperedPath *path, const rs_scalar *w);

/** The path of a frame about path->v and path->h, which the caller has set. */
void rs_tempered_path_open(RsTemperedPath *path, const rs_scalar *biases, rs_scalar coupling);

/** Biases of the machine at `beta`, whose coupling is beta times that of the path. */
void rs_tempered_path_biases(const RsTemperedPath *path, double beta, rs_scalar *biases);

/**
   What W sends to the hidden units from v, less what it sends from the reference.

   @param field  Output, H values.
   @return Their product with the reference's hidden units.
*/
double rs_tempered_path_field(const RsTemperedPath *path, const rs_scalar *v, rs_scalar *field);

/** Add the mean hidden units of the machine itself, given v with this field. */
void rs_tempered_path_mean(const RsTemperedPath *path, const rs_scalar *field, rs_scalar *sum);

/** log f at `high` less log f at `low`, at a v with this field and its product with the reference.
 */
double rs_tempered_path_gap(const RsTemperedPath *path, double low, double high,
                            const rs_scalar *field, double product);

/** log Z at 0, where units are independent. */
double rs_tempered_path_base(const RsTemperedPath *path, const rs_scalar *biases,
                             const unsigned char *states);

#endif /* RS_RBM_TEMPERED_PATH_H */
