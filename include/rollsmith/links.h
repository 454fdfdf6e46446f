/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_LINKS_H
#define ROLLSMITH_LINKS_H

/**
   @file links.h Shared weights: parameters that are added to the biases of several units.

   A link adds a shared weight to a bias in a frame. The effect of a past note on the same note now
   is nearly equal for all notes, so one weight is trained on all of them.
*/

#include <rollsmith/status.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A shared weight is added to a bias. */
typedef struct {
  uint32_t weight; ///< Number of the shared weight
  uint32_t bias;   ///< Number of the bias
} RsLink;

/** The links of several rows. All arrays are owned and freed by rs_links_clear(). */
typedef struct {
  size_t most;     ///< Links of a row, at most
  uint32_t *count; ///< Of each row, how many there are
  RsLink *links;   ///< rows x most
} RsLinks;

/** Make room for the links of some rows. @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_links_init(RsLinks *links, size_t rows, size_t most);

/** Free what the links own. */
void rs_links_clear(RsLinks *links);

/** The links from a row on, as if it were the first. Borrows from `links`. */
static inline RsLinks rs_links_from(const RsLinks *links, size_t row) {
  RsLinks from = {links->most, links->count, links->links};
  if (links->count) {
    from.count += row;
    from.links += row * links->most;
  }
  return from;
}

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_LINKS_H */
