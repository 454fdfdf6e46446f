/* SPDX-License-Identifier: ISC */

#include "music/form.h"

#include "music/likeness.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Whether a meter is that of a pickup or of a single bar amid others. */
static bool is_one_bar(const RsRoll *roll, size_t change, double bar) {
  return change + 1 < roll->meter_count &&
         (double)(roll->meters[change + 1].frame - roll->meters[change].frame) < bar + 0.5;
}

/* Whether a phrase begins there: some whole phrases after the meter began. */
static bool begins(const RsRoll *roll, size_t frame, RsBarPlace *place) {
  if (!rs_roll_bar(roll, frame, place) || place->frame_in_bar) {
    return false;
  }
  const double bar = rs_meter_bar_frames(place->beats, place->unit, roll->frames_per_beat);
  const size_t since = frame - roll->meters[place->change].frame;
  return !is_one_bar(roll, place->change, bar) &&
         (size_t)llround((double)since / bar) % RS_PHRASE_BARS == 0;
}

/* Where the phrase that begins in a bar ends: with the meter or the song at the latest. */
static size_t end_of(const RsRoll *roll, RsBarPlace place) {
  const size_t change = place.change;
  for (size_t bar = 0; bar < RS_PHRASE_BARS && place.bar_start < roll->frames; ++bar) {
    rs_roll_next_bar(roll, &place);
    if (place.change != change) {
      break;
    }
  }
  return place.bar_start < roll->frames ? place.bar_start : roll->frames;
}

static void put_letter(unsigned letter, unsigned primes, char *name) {
  size_t at = 0;
  if (letter >= 26) {
    name[at++] = (char)('A' + letter / 26 - 1);
  }
  name[at++] = (char)('A' + letter % 26);
  memset(name + at, '\'', primes);
  name[at + primes] = 0;
}

/* The kind that is most like a phrase, and how much it is. */
static size_t most_alike(const RsPhrases *phrases, const RsRoll *roll, size_t start, size_t frames,
                         float *likeness) {
  size_t best = 0;
  *likeness = 0;
  for (size_t k = 0; k < phrases->count; ++k) {
    const bool fits = phrases->kinds[k].frames >= frames;
    const float like =
        fits ? rs_likeness(roll->on + start, roll->on + phrases->kinds[k].start, frames) : 0;
    if (like > *likeness) {
      *likeness = like;
      best = k;
    }
  }
  return best;
}

static unsigned most_primes(const RsPhrases *phrases, unsigned letter) {
  unsigned most = 0;
  for (size_t k = 0; k < phrases->count; ++k) {
    const unsigned primes = phrases->kinds[k].primes;
    most = phrases->kinds[k].letter == letter && primes > most ? primes : most;
  }
  return most;
}

bool rs_phrase_at(RsPhrases *phrases, const RsRoll *roll, size_t frame, char *name) {
  RsBarPlace place;
  float likeness;
  if (!begins(roll, frame, &place)) {
    return false;
  }
  const size_t frames = end_of(roll, place) - frame;
  const size_t like = most_alike(phrases, roll, frame, frames, &likeness);
  if (likeness >= RS_LIKE_SAME) {
    put_letter(phrases->kinds[like].letter, phrases->kinds[like].primes, name);
    return true;
  }
  if (phrases->count == RS_PHRASE_KINDS) {
    snprintf(name, RS_PHRASE_NAME_SIZE, "bar %zu", place.bar + 1);
    return true;
  }
  const bool varies = likeness >= RS_LIKE_VARIED;
  const unsigned letter = varies ? phrases->kinds[like].letter : phrases->letters++;
  const unsigned primes = varies ? most_primes(phrases, letter) + 1 : 0;
  phrases->kinds[phrases->count].start = frame;
  phrases->kinds[phrases->count].frames = frames;
  phrases->kinds[phrases->count].letter = letter;
  phrases->kinds[phrases->count].primes = primes;
  ++phrases->count;
  put_letter(letter, primes, name);
  return true;
}
