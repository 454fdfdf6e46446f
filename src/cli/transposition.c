/* SPDX-License-Identifier: ISC */

#include "cli/transposition.h"

#include "cli/number.h"
#include "music/key.h"

#include <string.h>
#include <strings.h>

/* Largest argument of --transpose, semitones: four octaves */
#define FARTHEST 48

/* Semitones above C of a tonic; -1 for an invalid one. @param end Output: rest of the text. */
static int tonic_of(const char *name, const char **end) {
  static const char letters[] = "C.D.EF.G.A.B";
  const char letter = (char)(*name >= 'a' && *name <= 'g' ? *name - 'a' + 'A' : *name);
  const char *found = letter >= 'A' && letter <= 'G' ? strchr(letters, letter) : NULL;
  if (!found) {
    return -1;
  }
  const int sharp = name[1] == '#', flat = name[1] == 'b';
  *end = name + 1 + sharp + flat;
  return ((int)(found - letters) + sharp - flat + 12) % 12;
}

RsStatus rs_transposition_parse_key(const char *name, int *from_common) {
  const char *mode = "";
  const int tonic = tonic_of(name, &mode);
  mode += strspn(mode, " -");
  const bool minor = !strcmp(mode, "m") || !strcasecmp(mode, "min") || !strcasecmp(mode, "minor");
  const bool major = !*mode || !strcasecmp(mode, "maj") || !strcasecmp(mode, "major");
  if (tonic < 0 || (!minor && !major)) {
    return RS_ERR_SETTING;
  }
  const int up = (tonic + (minor ? 3 : 0)) % 12;
  *from_common = up > 6 ? up - 12 : up;
  return RS_OK;
}

RsStatus rs_transposition_parse(const char *transpose, const char *key, RsTranspositionOptions *out,
                                RsError *error) {
  *out = (RsTranspositionOptions){.to_key = key != NULL};
  if (transpose) {
    long semitones = 0;
    if (!rs_parse_number(transpose, -FARTHEST, FARTHEST, &semitones)) {
      return rs_error(error, RS_ERR_SETTING, "--transpose %s: must be a number from -%d to %d",
                      transpose, FARTHEST, FARTHEST);
    }
    out->semitones = (int)semitones;
  }
  if (key && rs_transposition_parse_key(key, &out->from_common)) {
    return rs_error(error, RS_ERR_SETTING,
                    "--key %s: must be a key such as C, F#, Bb, \"D major\", Am or \"C# minor\"",
                    key);
  }
  return RS_OK;
}

int rs_transposition_semitones(const RsTranspositionOptions *options, const RsRoll *song, int key,
                               int prime_transposed) {
  if (!options->to_key) {
    return options->semitones - prime_transposed;
  }
  const int up = options->from_common + (song ? rs_roll_to_common(song) : -key);
  /* The nearest one, -5 to 6: `up` is 12 less or more at most. */
  return options->semitones + (song ? up : (up + 12 + 5) % 12 - 5);
}
