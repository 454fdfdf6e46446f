/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_COLLAPSED_H
#define RS_RBM_COLLAPSED_H

/**
   @file collapsed.h The hidden units of a Gaussian machine, its visible ones summed out.

   What is left is a machine of H units that send each other G = W W', equation G13:

       log p(h) = given'h + own / 2 sum_j G_jj h_j + others / 2 sum_{j != k} G_jk h_j h_k + const

   with given = b + W (a o e^{-z/2}), and own = others = 1 but along annealed paths.
*/

#include <rollsmith/scalar.h>

#include <stddef.h>
#include <stdint.h>

#define rs_collapsed_exchange RS_FLAVOURED(rs_collapsed_exchange)
#define rs_collapsed_pass RS_FLAVOURED(rs_collapsed_pass)
#define rs_collapsed_draw RS_FLAVOURED(rs_collapsed_draw)
#define rs_collapsed_bond RS_FLAVOURED(rs_collapsed_bond)

/** The machine. Borrows all of its arrays. */
typedef struct {
  size_t hidden;         /**< H */
  const rs_scalar *gram; /**< G, H x H */
  const rs_scalar *given;
  double own;
  double others;
} RsCollapsed;

/** sum = G h. */
void rs_collapsed_exchange(const RsCollapsed *machine, const rs_scalar *h, rs_scalar *sum);

/**
   Draw each hidden unit in turn, given all others.

   @param words  Random words, one a unit.
   @param h      The units, 0 or 1, changed.
   @param sum    G h, kept up to date.
*/
void rs_collapsed_pass(const RsCollapsed *machine, const uint32_t *words, rs_scalar *h,
                       rs_scalar *sum);

/** Draw hidden units that do not act on each other: others counts as 0. Leaves sum = G h. */
void rs_collapsed_draw(const RsCollapsed *machine, const uint32_t *words, rs_scalar *h,
                       rs_scalar *sum);

/** What `others` multiplies: 1/2 sum over j != k of G_jk h_j h_k. @param sum G h. */
double rs_collapsed_bond(const RsCollapsed *machine, const rs_scalar *h, const rs_scalar *sum);

#endif /* RS_RBM_COLLAPSED_H */
