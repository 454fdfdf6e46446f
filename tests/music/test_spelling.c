/* SPDX-License-Identifier: ISC */

/* Names of notes in a key. */

#include "kit.h"

#include "music/spelling.h"

#include <rollsmith/notation.h>

#include <stdbool.h>
#include <string.h>

/* Names of the notes from 60 to 71, without octaves */
static void assert_names(int sharps, bool minor, const char *expected) {
  const RsKeySignature key = {true, sharps, minor};
  char names[100] = "";
  for (int note = 60; note < 72; ++note) {
    const RsSpelling is = rs_spell(key, note);
    static const char *const signs[] = {"bb", "b", "", "#", "##"};
    const size_t length = strlen(names);
    snprintf(names + length, sizeof names - length, "%s%c%s", note > 60 ? " " : "",
             "CDEFGAB"[is.letter], signs[is.alteration + 2]);
  }
  assert_string_equal(names, expected);
}

static void notes_are_spelled_by_the_key(void **state) {
  assert_names(0, false, "C C# D Eb E F F# G G# A Bb B");
  assert_names(0, true, "C C# D D# E F F# G G# A Bb B");
  assert_names(-4, false, "C Db D Eb E F Gb G Ab A Bb Cb");
  assert_names(4, true, "B# C# D D# E E# F# F## G# A A# B");
  assert_names(-7, false, "C Db Ebb Eb Fb F Gb G Ab Bbb Bb Cb");
}

static void a_spelling_is_the_note(void **state) {
  static const int natural[] = {0, 2, 4, 5, 7, 9, 11};
  for (int sharps = -7; sharps <= 7; ++sharps) {
    for (int note = 0; note < RS_NOTES; ++note) {
      const RsSpelling is = rs_spell((RsKeySignature){true, sharps, note % 2}, note);
      assert_int_equal(12 * (is.octave + 1) + natural[is.letter] + is.alteration, note);
    }
  }
}

static void a_key_signature_alters_its_letters(void **state) {
  for (int sharps = -7; sharps <= 7; ++sharps) {
    int sum = 0;
    for (int letter = 0; letter < 7; ++letter) {
      sum += rs_key_alteration((RsKeySignature){true, sharps, false}, letter);
    }
    assert_int_equal(sum, sharps);
  }
  assert_int_equal(rs_key_alteration((RsKeySignature){true, 1, false}, 3), 1);   /* F sharp */
  assert_int_equal(rs_key_alteration((RsKeySignature){true, -1, false}, 6), -1); /* B flat */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(notes_are_spelled_by_the_key),
      cmocka_unit_test(a_spelling_is_the_note),
      cmocka_unit_test(a_key_signature_alters_its_letters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
