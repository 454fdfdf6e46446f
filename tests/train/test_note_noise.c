/* SPDX-License-Identifier: ISC */

/* Input noise: which notes are replaced, and that each stays as long as it is. */

#include "small.h"

#include "train/note_noise.h"

enum { LOW = 60, NOTES = 12, VISIBLE = 2 * NOTES, LENGTH = 4 };

static RsEncoding encoding_of(bool articulation) {
  RsSettings settings = small_settings(NOTES, 1, 1);
  settings.roll.articulation = articulation;
  return rs_encoding(&settings.roll);
}

static RsEncoding encoding_with_velocities(bool articulation) {
  RsSettings settings = small_settings(NOTES, 1, 1);
  settings.roll.articulation = articulation;
  settings.roll.velocity = true;
  return rs_encoding(&settings.roll);
}

/* One note at a time, of 1 to 4 frames, now and then the same again without a rest. */
static RsRoll melody(size_t frames) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, frames, RS_PLANE_ONSET));
  for (size_t n = 0; n < frames;) {
    uint32_t words[4];
    rs_rng_words(test_rng(4), n, 4, words);
    const size_t end = n + 1 + words[0] % LENGTH;
    rs_frame_set(roll.onset + n, LOW + (int)(words[1] % NOTES));
    for (; n < end && n < frames; ++n) {
      rs_frame_set(roll.on + n, LOW + (int)(words[1] % NOTES));
    }
  }
  return roll;
}

/* Chords that begin at any time, with a velocity for each note. */
static RsRoll chords(size_t frames) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, frames, RS_PLANE_ONSET | RS_PLANE_VELOCITY));
  for (size_t n = 0; n + LENGTH < frames; ++n) {
    uint32_t words[4];
    rs_rng_words(test_rng(6), n, 4, words);
    const int note = LOW + (int)(words[1] % NOTES);
    if (words[0] % 2 && !rs_frame_has(roll.on + n, note)) {
      rs_frame_set(roll.onset + n, note);
      for (size_t k = 0; k <= words[2] % LENGTH; ++k) {
        rs_frame_set(roll.on + n + k, note);
        roll.velocity[(n + k) * RS_NOTES + (size_t)note] = (uint8_t)(1 + words[3] % 127);
      }
    }
  }
  return roll;
}

/* A song as it is, its targets and its noisy frames; frames x VISIBLE each. */
typedef struct {
  size_t frames;
  float *is, *v, *noisy;
} Reading;

/* Share of the notes that are held beyond their end. */
static double held_share = 0;

static Reading read_song(const RsEncoding *encoding, const RsRoll *roll, double share,
                         uint64_t number) {
  const size_t size = rs_encoding_size(encoding);
  Reading reading = {.frames = roll->frames};
  RsNoteNoise noise = {.sounds = {false}};
  const RsNoisySong song = {.encoding = encoding,
                            .song = roll,
                            .share = share,
                            .held = held_share,
                            .rng = test_rng(9),
                            .reading = number};
  reading.is = test_calloc(roll->frames, size * sizeof(float));
  reading.v = test_calloc(roll->frames, size * sizeof(float));
  reading.noisy = test_calloc(roll->frames, size * sizeof(float));
  for (size_t n = 0; n < roll->frames; ++n) {
    rs_encode_frame(encoding, roll, n, 0, reading.is + n * size);
    memcpy(reading.v + n * size, reading.is + n * size, size * sizeof(float));
    rs_note_noise_next(&noise, &song, n, reading.v + n * size, reading.noisy + n * size);
  }
  return reading;
}

static void reading_free(Reading *reading) {
  test_free(reading->is);
  test_free(reading->v);
  test_free(reading->noisy);
}

/* The one note of a part of a frame, -1 where there is none. */
static int one_note(const float *part) {
  int note = -1;
  for (int i = 0; i < NOTES; ++i) {
    assert_true(part[i] == 0 || (part[i] == 1 && note < 0));
    note = part[i] > 0 ? i : note;
  }
  return note;
}

static void without_noise_every_frame_is_as_it_was(void **state) {
  for (int i = 0; i < 4; ++i) {
    const RsEncoding encoding = i / 2 ? encoding_with_velocities(i % 2) : encoding_of(i % 2);
    RsRoll roll = chords(300);
    Reading reading = read_song(&encoding, &roll, 0, 1);
    const size_t bytes = roll.frames * rs_encoding_size(&encoding) * sizeof(float);
    assert_memory_equal(reading.v, reading.is, bytes);
    assert_memory_equal(reading.noisy, reading.is, bytes);
    reading_free(&reading);
    rs_roll_clear(&roll);
  }
}

static void what_begins_is_always_the_songs(void **state) {
  const RsEncoding encoding = encoding_of(true);
  RsRoll roll = chords(2000);
  Reading reading = read_song(&encoding, &roll, 0.5, 1);
  size_t wrong = 0;
  for (size_t n = 0; n < roll.frames; ++n) {
    const float *is = reading.is + n * VISIBLE, *v = reading.v + n * VISIBLE;
    assert_memory_equal(v + NOTES, is + NOTES, NOTES * sizeof *v);
    for (size_t i = 0; i < NOTES; ++i) {
      assert_true(v[i] == 1 || is[NOTES + i] == 0);
      wrong += v[i] != is[i];
    }
  }
  assert_true(wrong > 100);
  reading_free(&reading);
  rs_roll_clear(&roll);
}

/* From its second frame on, a note is to be predicted where it was moved to. */
static void a_note_keeps_its_length_where_it_is_moved_to(void **state) {
  const RsEncoding encoding = encoding_of(true);
  RsRoll roll = melody(4000);
  Reading reading = read_song(&encoding, &roll, 0.5, 1);
  int to = -1;
  for (size_t n = 0; n < roll.frames; ++n) {
    const float *is = reading.is + n * VISIBLE, *v = reading.v + n * VISIBLE;
    const float *noisy = reading.noisy + n * VISIBLE;
    const bool begins = one_note(is + NOTES) >= 0;
    to = begins ? one_note(noisy) : to;
    assert_int_equal(one_note(noisy), to);
    assert_int_equal(one_note(noisy + NOTES), begins ? to : -1);
    assert_int_equal(one_note(v), begins ? one_note(is) : to);
  }
  reading_free(&reading);
  rs_roll_clear(&roll);
}

static void without_onsets_a_note_is_one_from_silence_to_silence(void **state) {
  const RsEncoding encoding = encoding_of(false);
  RsRoll roll = melody(4000);
  Reading reading = read_song(&encoding, &roll, 0.5, 1);
  int before = -1, to = -1;
  for (size_t n = 0; n < roll.frames; ++n) {
    const int is = one_note(reading.is + n * NOTES);
    const bool begins = is != before;
    to = begins ? one_note(reading.noisy + n * NOTES) : to;
    assert_int_equal(one_note(reading.noisy + n * NOTES), to);
    assert_int_equal(one_note(reading.v + n * NOTES), begins ? is : to);
    before = is;
  }
  reading_free(&reading);
  rs_roll_clear(&roll);
}

/* Of the notes that are replaced a quarter is left out, and 11 of 12 others are moved. */
static void a_share_of_the_notes_is_replaced(void **state) {
  const RsEncoding encoding = encoding_of(true);
  RsRoll roll = melody(40000);
  for (int k = 0; k <= 4; ++k) {
    Reading reading = read_song(&encoding, &roll, 0.25 * k, 2);
    double notes = 0, missed = 0, moved = 0;
    for (size_t n = 0; n < roll.frames; ++n) {
      const int begins = one_note(reading.is + n * VISIBLE + NOTES);
      const int noisy = one_note(reading.noisy + n * VISIBLE);
      notes += begins >= 0;
      missed += begins >= 0 && noisy < 0;
      moved += begins >= 0 && noisy >= 0 && noisy != begins;
    }
    assert_close(missed / notes, 0.25 * k * 0.25, 0.01);
    assert_close(moved / notes, 0.25 * k * 0.75 * 11 / 12, 0.02);
    reading_free(&reading);
  }
  rs_roll_clear(&roll);
}

/* Notes move to pitches of the song alone: here two of the twelve. */
static void a_note_is_replaced_by_one_of_the_song(void **state) {
  const RsEncoding encoding = encoding_of(true);
  RsRoll roll;
  size_t second = 0, seventh = 0;
  assert_ok(rs_roll_init(&roll, NULL, 2000, RS_PLANE_ONSET));
  for (size_t n = 0; n < roll.frames; ++n) {
    rs_frame_set(roll.on + n, n % 2 ? LOW + 2 : LOW + 7);
    rs_frame_set(roll.onset + n, n % 2 ? LOW + 2 : LOW + 7);
  }
  Reading reading = read_song(&encoding, &roll, 1, 3);
  for (size_t n = 0; n < roll.frames; n += 2) {
    const int noisy = one_note(reading.noisy + n * VISIBLE);
    assert_true(noisy == -1 || noisy == 2 || noisy == 7);
    second += noisy == 2;
    seventh += noisy == 7;
  }
  assert_close(second, 375, 60);
  assert_close(seventh, 375, 60);
  reading_free(&reading);
  rs_roll_clear(&roll);
}

/* Of a chord, one note as often as another. */
static void a_note_is_replaced_by_any_note_of_a_chord(void **state) {
  const RsEncoding encoding = encoding_of(true);
  RsRoll roll;
  size_t became[NOTES] = {0};
  assert_ok(rs_roll_init(&roll, NULL, 4000, RS_PLANE_ONSET));
  for (size_t n = 0; n < roll.frames; n += 2) {
    rs_frame_set(roll.on + n, LOW + 5);
    rs_frame_set(roll.on + n + 1, LOW + 2);
    rs_frame_set(roll.on + n + 1, LOW + 7);
    roll.onset[n] = roll.on[n];
    roll.onset[n + 1] = roll.on[n + 1];
  }
  Reading reading = read_song(&encoding, &roll, 1, 3);
  for (size_t n = 0; n < roll.frames; n += 2) {
    const int noisy = one_note(reading.noisy + n * VISIBLE);
    became[noisy < 0 ? 0 : noisy] += 1;
  }
  assert_close(became[0], 500, 70); /* left out */
  assert_close(became[2], 375, 60);
  assert_close(became[5], 750, 80);
  assert_close(became[7], 375, 60);
  reading_free(&reading);
  rs_roll_clear(&roll);
}

/* A note is held in the frames after its end, and is to be predicted in none of them. */
static void some_notes_are_held_beyond_their_end(void **state) {
  const RsEncoding encoding = encoding_of(true);
  RsRoll roll = melody(20000);
  held_share = 0.4;
  Reading reading = read_song(&encoding, &roll, 0, 4);
  held_share = 0;
  double ends = 0, held = 0;
  for (size_t n = 1; n < roll.frames; ++n) {
    const float *is = reading.is + n * VISIBLE, *noisy = reading.noisy + n * VISIBLE;
    assert_memory_equal(reading.v + n * VISIBLE, is, VISIBLE * sizeof *is);
    assert_memory_equal(noisy + NOTES, is + NOTES, NOTES * sizeof *is);
    for (size_t i = 0; i < NOTES; ++i) {
      const bool ended = (is - VISIBLE)[i] > 0 && is[i] == 0;
      assert_true(noisy[i] > 0 || is[i] == 0);
      ends += ended;
      held += ended && noisy[i] > 0;
    }
  }
  assert_close(held / ends, 0.4, 0.03);
  reading_free(&reading);
  rs_roll_clear(&roll);
}

static void a_note_that_begins_anew_is_no_longer_held(void **state) {
  const RsEncoding encoding = encoding_of(true);
  RsRoll roll;
  double held = 0;
  assert_ok(rs_roll_init(&roll, NULL, 20000, RS_PLANE_ONSET));
  for (size_t n = 0; n < roll.frames; n += 2) {
    rs_frame_set(roll.on + n, LOW);
    rs_frame_set(roll.onset + n, LOW);
  }
  held_share = 0.4;
  Reading reading = read_song(&encoding, &roll, 0, 4);
  held_share = 0;
  for (size_t n = 1; n < roll.frames; n += 2) {
    held += reading.noisy[n * VISIBLE] > 0;
  }
  assert_close(held / (double)(roll.frames / 2), 0.4, 0.03);
  reading_free(&reading);
  rs_roll_clear(&roll);
}

static void each_reading_has_noise_of_its_own_and_always_the_same(void **state) {
  const RsEncoding encoding = encoding_of(true);
  RsRoll roll = chords(500);
  const size_t bytes = roll.frames * VISIBLE * sizeof(float);
  Reading one = read_song(&encoding, &roll, 0.3, 5), again = read_song(&encoding, &roll, 0.3, 5);
  Reading other = read_song(&encoding, &roll, 0.3, 6);
  assert_memory_equal(one.noisy, again.noisy, bytes);
  assert_memory_equal(one.v, again.v, bytes);
  assert_memory_not_equal(one.noisy, other.noisy, bytes);
  reading_free(&one);
  reading_free(&again);
  reading_free(&other);
  rs_roll_clear(&roll);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_noise_every_frame_is_as_it_was),
      cmocka_unit_test(what_begins_is_always_the_songs),
      cmocka_unit_test(a_note_keeps_its_length_where_it_is_moved_to),
      cmocka_unit_test(without_onsets_a_note_is_one_from_silence_to_silence),
      cmocka_unit_test(a_share_of_the_notes_is_replaced),
      cmocka_unit_test(a_note_is_replaced_by_one_of_the_song),
      cmocka_unit_test(a_note_is_replaced_by_any_note_of_a_chord),
      cmocka_unit_test(some_notes_are_held_beyond_their_end),
      cmocka_unit_test(a_note_that_begins_anew_is_no_longer_held),
      cmocka_unit_test(each_reading_has_noise_of_its_own_and_always_the_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
