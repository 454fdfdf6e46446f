/* SPDX-License-Identifier: ISC */

#ifndef RS_BASE_SUGGESTION_H
#define RS_BASE_SUGGESTION_H

/**
   @file suggestion.h "Did you mean ...?": the candidate with the smallest edit distance to a
   misspelt word.
*/

#include <stdbool.h>
#include <stddef.h>

/** Longest word that is compared. */
#define RS_SUGGESTION_MAX 64

/** State of a search, initialised by rs_suggestion(). */
typedef struct {
  const char *word; ///< Misspelt word, borrowed
  size_t distance;  ///< A candidate must be closer than this
} RsSuggestion;

/** Begin a search: up to 1 + length / 4 edits are accepted, or a candidate that starts with `word`.
 */
RsSuggestion rs_suggestion(const char *word);

/** Compare a candidate. @return Whether it is closer than all before it, and close enough. */
bool rs_suggestion_offer(RsSuggestion *search, const char *candidate);

/** Levenshtein distance of two words; SIZE_MAX where one is longer than RS_SUGGESTION_MAX. */
size_t rs_edit_distance(const char *a, const char *b);

#endif /* RS_BASE_SUGGESTION_H */
