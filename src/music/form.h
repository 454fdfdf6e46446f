/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_FORM_H
#define RS_MUSIC_FORM_H

/**
   @file form.h The phrases of a song, named by what returns.

   A phrase is four bars of one meter, or what is left of it; a meter of a single bar before
   another, as that of a pickup is, has none. The first is A. A phrase that is like an earlier one,
   frame by frame, has its name; one that varies an earlier one has that one's letter and a prime
   more than the last of these: A', A''; any other has the next letter, after Z AA, AB ... Beyond
   RS_PHRASE_KINDS different ones, new phrases are named by their first bar, "bar 257".
*/

#include <rollsmith/roll.h>
#include <rollsmith/status.h>

/** Bars of a phrase. */
#define RS_PHRASE_BARS 4

/** Most different phrases that are distinguished. */
#define RS_PHRASE_KINDS 64

/** Room for a name. */
#define RS_PHRASE_NAME_SIZE 96

/** The phrases of a song so far. All zeroes before the first. */
typedef struct {
  struct {
    size_t start, frames; ///< Where it came first
    unsigned letter;      ///< From 0
    unsigned primes;      ///< Of the name
  } kinds[RS_PHRASE_KINDS];
  size_t count;     ///< Kinds
  unsigned letters; ///< In use
} RsPhrases;

/**
   Whether a phrase begins in a frame, and what it is called. To be asked of all frames in their
   order.

   @param roll   Borrowed; without a meter map there is no phrase.
   @param frame  Frame.
   @param name   Output, RS_PHRASE_NAME_SIZE bytes, where one begins.
*/
bool rs_phrase_at(RsPhrases *phrases, const RsRoll *roll, size_t frame, char *name);

#endif /* RS_MUSIC_FORM_H */
