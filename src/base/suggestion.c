/* SPDX-License-Identifier: ISC */

#include "base/suggestion.h"

#include <stdint.h>
#include <string.h>

static size_t smallest(size_t a, size_t b, size_t c) {
  const size_t ab = a < b ? a : b;
  return ab < c ? ab : c;
}

size_t rs_edit_distance(const char *a, const char *b) {
  const size_t rows = strlen(a), columns = strlen(b);
  size_t row[RS_SUGGESTION_MAX + 1];
  if (rows > RS_SUGGESTION_MAX || columns > RS_SUGGESTION_MAX) {
    return SIZE_MAX;
  }
  for (size_t j = 0; j <= columns; ++j) {
    row[j] = j;
  }
  for (size_t i = 1; i <= rows; ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= columns; ++j) {
      const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = smallest(row[j] + 1, row[j - 1] + 1, replaced);
    }
  }
  return row[columns];
}

RsSuggestion rs_suggestion(const char *word) {
  return (RsSuggestion){.word = word, .distance = 2 + strlen(word) / 4};
}

/* Whether the word is a prefix of the candidate, of two letters or more. */
static bool begins(const char *candidate, const char *word) {
  const size_t length = strlen(word);
  return length > 1 && !strncmp(candidate, word, length);
}

bool rs_suggestion_offer(RsSuggestion *search, const char *candidate) {
  const size_t distance =
      begins(candidate, search->word) ? 1 : rs_edit_distance(search->word, candidate);
  if (distance >= search->distance) {
    return false;
  }
  search->distance = distance;
  return true;
}
