/* SPDX-License-Identifier: ISC */

#include "music/spelling.h"

/* Remainder of a division that rounds down. */
static int modulo(int number, int divisor) {
  return (number % divisor + divisor) % divisor;
}

/* Place on the line of fifths, C being 0, of the lowest pitch class that a key uses. */
static int lowest_fifth(RsKeySignature key) {
  const int from_tonic = key.known && key.minor ? -2 : -3;
  return (key.known ? key.sharps : 0) + from_tonic;
}

/* Letter of a place on the line of fifths: four letters a fifth. */
static int letter_of(int fifth) {
  return modulo(4 * fifth, 7);
}

/* Alteration of a place: F (-1) to B (5) are natural, and each seven further have a sharp more. */
static int alteration_of(int fifth) {
  return (fifth + 1 - modulo(fifth + 1, 7)) / 7;
}

RsSpelling rs_spell(RsKeySignature key, int note) {
  static const int natural[] = {0, 2, 4, 5, 7, 9, 11};
  const int lowest = lowest_fifth(key);
  const int fifth = lowest + modulo(7 * note - lowest, 12); /* 7 is its own inverse modulo 12 */
  const int letter = letter_of(fifth), alteration = alteration_of(fifth);
  const int semitones = note - alteration - natural[letter]; /* 12 an octave */
  return (RsSpelling){letter, alteration, semitones / 12 - 1};
}

int rs_key_alteration(RsKeySignature key, int letter) {
  const int fifth = modulo(2 * letter + 1, 7) - 1; /* of the natural note, -1..5 */
  const int sharps = key.known ? key.sharps : 0;
  return alteration_of(fifth + 7 * (sharps > fifth + 1) - 7 * (sharps < fifth - 5));
}

bool rs_same_place(RsSpelling a, RsSpelling b) {
  return a.letter == b.letter && a.octave == b.octave;
}
