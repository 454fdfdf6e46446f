#ifndef RS_BASE_NEAREST_H
#define RS_BASE_NEAREST_H

/**
   @file nearest.h "Did you mean ...?": the word nearest to one that was mistyped.
*/

#include <stdbool.h>
#include <stddef.h>

/** Words longer than this are near to nothing. */
#define RS_NEAREST_LONGEST 64

/** A search, begun by rs_nearest(). */
typedef struct {
  const char *word; ///< What was typed
  size_t distance;  ///< Nothing at this distance or further is good enough
} RsNearest;

/** A search for `word`: about one letter in four may be wrong, or all that follows be missing. */
RsNearest rs_nearest(const char *word);

/** Offer a candidate. @return Whether it is the best so far and near enough to suggest. */
bool rs_nearest_offer(RsNearest *search, const char *candidate);

/** Letters to insert, delete or replace to come from a to b; SIZE_MAX for words that are too long.
 */
size_t rs_edit_distance(const char *a, const char *b);

#endif /* RS_BASE_NEAREST_H */
