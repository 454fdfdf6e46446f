/* SPDX-License-Identifier: ISC */

/* Shared weights: links of note ages, intervals, counts and the melody. */

#include "inputs_kit.h"

/* ---- Ages ---- */

/* Class of a note's age, from 1 frame on. */
static size_t age_class(size_t age) {
  return age <= 4 ? age - 1 : age <= 8 ? 4 : age <= 16 ? 5 : 6;
}

/* Expect the note at `place` to have this age, 0 being silence, and all other notes to be silent.
 */
static void expect_age(const Past *past, size_t place, size_t age) {
  const float *ages = past->x + past->inputs->at.age;
  for (size_t i = 0; i < RS_NOTE_AGES * NOTES; ++i) {
    assert_true(ages[i] == (age && i == age_class(age) * NOTES + place));
  }
}

static void ages_are_counted_from_the_onset(void **state) {
  const RsInputs inputs = inputs_with((RsModelSettings){.note_age = true});
  Past past = past_of(&inputs);
  RsRoll roll = silent_roll(60);
  add_note(&roll, LOW + 5, 3, 40);
  rs_frame_set(roll.onset + 30, LOW + 5); /* begins again */
  for (size_t n = 0; n < roll.frames; ++n) {
    add_roll_frame(&past, &roll, n, 0);
    expect_age(&past, 5, n <= 3 || n > 40 ? 0 : n <= 30 ? n - 3 : n - 30);
  }
  past_free(&past);
  rs_roll_clear(&roll);
}

static void without_onsets_ages_are_counted_from_silence(void **state) {
  const RsModelSettings parts = {.note_age = true};
  const RsIngest settings = frames_of(FRAMES_PER_BEAT, false);
  const RsInputs inputs = rs_inputs(&settings, &parts, 0, NULL);
  Past past = past_of(&inputs);
  RsRoll roll = silent_roll(30);
  add_note(&roll, LOW, 2, 20);
  rs_frame_set(roll.onset + 10, LOW);
  for (size_t n = 0; n < roll.frames; ++n) {
    add_roll_frame(&past, &roll, n, 0);
    expect_age(&past, 0, n <= 2 || n > 20 ? 0 : n - 2);
  }
  past_free(&past);
  rs_roll_clear(&roll);
}

/* ---- Links ---- */

/* Expect the links of two ears to be the same, one note apart. */
static void expect_same_links(const Past *a, const Past *b) {
  const size_t count = *a->links.count;
  assert_int_equal(*b->links.count, count);
  assert_true(count <= a->inputs->links);
  for (size_t i = 0; i < count; ++i) {
    const RsLink one = a->links.links[i], other = b->links.links[i];
    assert_int_equal(one.weight, other.weight);
    assert_int_equal(one.bias + 1, other.bias);
    assert_true(one.weight < a->inputs->shared && other.bias < VISIBLE);
    assert_int_equal(one.weight % 2, one.bias >= NOTES); /* the second of a pair is for onsets */
  }
}

static void notes_share_their_weights(void **state) {
  const RsInputs inputs = all_inputs();
  Past low = past_of(&inputs), high = past_of(&inputs);
  RsRoll roll = random_roll(12, 400);
  size_t links = 0;
  assert_ok(rs_roll_add_meter(&roll, 0, 3, 4));
  assert_ok(rs_roll_add_meter(&roll, 120, 4, 4));
  for (size_t n = 0; n < roll.frames; ++n) {
    add_roll_frame(&low, &roll, n, 0);
    add_roll_frame(&high, &roll, n, 1);
    expect_same_links(&low, &high);
    links += *low.links.count;
  }
  assert_true(links > 400 * 2);
  past_free(&low);
  past_free(&high);
  rs_roll_clear(&roll);
}

/* The weight that a note of this age is linked to at this place of a bar of 4/4. */
static uint32_t age_weight(size_t age, size_t in_bar) {
  const RsInputs inputs = inputs_with((RsModelSettings){.metre = true, .note_age = true});
  Past past = past_of(&inputs);
  RsRoll roll = roll_in(4, 4);
  add_note(&roll, LOW + 3, 32 + in_bar - age, 32 + in_bar);
  for (size_t n = 0; n <= 32 + in_bar; ++n) {
    add_roll_frame(&past, &roll, n, 0);
  }
  assert_int_equal(*past.links.count, 2);
  assert_int_equal(past.links.links[0].bias, 3);
  assert_int_equal(past.links.links[1].bias, NOTES + 3);
  assert_int_equal(past.links.links[1].weight, past.links.links[0].weight + 1);
  const uint32_t weight = past.links.links[0].weight;
  past_free(&past);
  rs_roll_clear(&roll);
  return weight;
}

static void each_age_at_each_place_has_weights_of_its_own(void **state) {
  static const size_t ages[RS_NOTE_AGES] = {1, 2, 3, 4, 6, 12, 20};
  uint32_t seen[RS_NOTE_AGES * 16];
  size_t count = 0;
  for (size_t in_bar = 0; in_bar < 16; ++in_bar) {
    for (size_t i = 0; i < RS_NOTE_AGES; ++i) {
      const uint32_t weight = age_weight(ages[i], in_bar);
      for (size_t k = 0; k < count; ++k) {
        assert_int_not_equal(seen[k], weight);
      }
      seen[count++] = weight;
    }
  }
  assert_int_equal(age_weight(7, 5), age_weight(5, 5)); /* of the same class */
}

/* The states of notes at all distances that are linked in some music, as bits. */
static unsigned linked_states(bool articulation) {
  const RsIngest how = frames_of(FRAMES_PER_BEAT, articulation);
  const RsInputs inputs = rs_inputs(&how, &(RsModelSettings){.lookback = true}, KNOWN_COUNT, KNOWN);
  Past past = past_of(&inputs);
  RsRoll roll = random_roll(3, 400);
  unsigned states = 0;
  assert_ok(rs_roll_add_meter(&roll, 0, 3, 4));
  for (size_t n = 0; n < roll.frames; ++n) {
    add_roll_frame(&past, &roll, n, 0);
    for (size_t i = 0; i < *past.links.count; ++i) {
      const size_t pair = (past.links.links[i].weight - inputs.shared_at.lookback) / 2;
      states |= 1u << pair / RS_GATES % RS_LOOKBACK_STATES;
    }
  }
  past_free(&past);
  rs_roll_clear(&roll);
  return states;
}

/* Held or begun then, and silent then: without onsets what is silent now counts as begun then, and
   what sounds as held. What is silent then and now is linked where something is planned alone. */
static void without_onsets_notes_have_fewer_states(void **state) {
  assert_int_equal(linked_states(true), 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4);
  assert_int_equal(linked_states(false), 1 << 1 | 1 << 2 | 1 << 4);
}

/* ---- Shared weights of intervals and counts ---- */

/* How often a shared weight is linked to a bias. */
static size_t links_between(const RsLinks *links, size_t weight, size_t bias) {
  size_t count = 0;
  for (size_t i = 0; i < *links->count; ++i) {
    count += links->links[i].weight == weight && links->links[i].bias == bias;
  }
  return count;
}

/* Two notes, the upper one begun in frame 5 of a bar of 4/4: frame 6 is the middle of its beat. */
static void intervals_and_counts_are_linked_by_voice_and_place(void **state) {
  const RsInputs inputs =
      inputs_with((RsModelSettings){.metre = true, .counts = true, .intervals = true, .hidden = 9});
  RsRoll roll = roll_in(4, 4);
  Past past = past_of(&inputs);
  add_note(&roll, LOW + 3, 0, 16);
  add_note(&roll, LOW + 7, 5, 16);
  for (size_t n = 0; n < 7; ++n) {
    add_roll_frame(&past, &roll, n, 0);
  }
  const size_t top = 25 * (3 * 1 + 1), bottom = 25 * (3 * 2 + 1);
  assert_int_equal(*past.links.count, 2 * 2 * NOTES + 2 * RS_COUNT_CLASSES);
  for (size_t j = 0; j < NOTES; ++j) {
    assert_int_equal(links_between(&past.links, 2 * (top + j + 12 - 7), j), 1);
    assert_int_equal(links_between(&past.links, 2 * (bottom + j + 12 - 3) + 1, NOTES + j), 1);
  }
  const size_t first = 2 * (300 + 144 + 82) + 14 * (1 + 6), kappa = VISIBLE + 9;
  assert_int_equal(links_between(&past.links, first + 3, kappa + 2), 1); /* as many sound */
  assert_int_equal(links_between(&past.links, first + 1, kappa + 0), 1); /* two fewer */
  assert_int_equal(links_between(&past.links, first + 6, kappa + 7), 1); /* three more or more */
  assert_int_equal(links_between(&past.links, first + 7 + 2, kappa + 8 + 1), 1); /* one begins */
  assert_float_equal(past.x[inputs.at.counts + 2], 1, 0);
  assert_int_equal(inputs.shared, 2 * (300 + 144 + 82) + 14 * (1 + 40));
  past_free(&past);
  rs_roll_clear(&roll);
}

/* Whether all notes, and nothing else, are linked by their distance from one of the melody. */
static void assert_melody(const RsInputs *inputs, const Past *past, size_t note, size_t number) {
  assert_int_equal(*past->links.count, 2 * NOTES);
  for (size_t j = 0; j < NOTES; ++j) {
    const size_t pair = 41 * number + 20 + j - note;
    assert_int_equal(links_between(&past->links, 2 * pair, j), 1);
    assert_int_equal(links_between(&past->links, 2 * pair + 1, NOTES + j), 1);
    assert_float_equal(past->x[inputs->at.melody + j], j == note, 0);
  }
}

/* A low note under the highest one is none of the melody, nor is one that goes on when that ends.
 */
static void the_melody_is_the_line_of_the_highest_notes(void **state) {
  const RsInputs inputs = inputs_with((RsModelSettings){.metre = true, .melody = true});
  RsRoll roll = roll_in(4, 4);
  Past past = past_of(&inputs);
  add_note(&roll, LOW + 8, 1, 5);
  add_note(&roll, LOW + 2, 3, 9);
  add_roll_frame(&past, &roll, 0, 0);
  add_roll_frame(&past, &roll, 1, 0);
  assert_int_equal(*past.links.count, 0); /* of frame 1: nothing has begun before */
  add_roll_frame(&past, &roll, 2, 0);
  assert_melody(&inputs, &past, 8, 3 + 1); /* it sounds, and frame 2 is the middle of its beat */
  add_roll_frame(&past, &roll, 3, 0);
  add_roll_frame(&past, &roll, 4, 0);
  assert_melody(&inputs, &past, 8, 3 + 0);
  add_roll_frame(&past, &roll, 5, 0);
  add_roll_frame(&past, &roll, 6, 0);
  assert_melody(&inputs, &past, 8, 0 + 1); /* it has ended */
  assert_int_equal(inputs.shared, 2 * 6 * 41);
  past_free(&past);
  rs_roll_clear(&roll);
}

/* Whether all notes have links of their own by their distance from one after a step of the class.
 */
static void assert_contour(const RsInputs *inputs, const Past *past, size_t note, size_t step) {
  assert_int_equal(*past->links.count, 4 * NOTES);
  for (size_t j = 0; j < NOTES; ++j) {
    const size_t pair = 246 + 41 * step + 20 + j - note;
    assert_int_equal(links_between(&past->links, 2 * pair, j), 1);
    assert_int_equal(links_between(&past->links, 2 * pair + 1, NOTES + j), 1);
  }
  for (size_t i = 0; i < 8; ++i) {
    assert_float_equal(past->x[inputs->at.contour + i], i == step, 0);
  }
}

static void the_last_step_of_the_melody_has_weights_of_its_own(void **state) {
  const RsInputs inputs =
      inputs_with((RsModelSettings){.metre = true, .melody = true, .contour = true});
  static const struct {
    size_t note, step;
  } line[] = {{6, 0}, {1, 1}, {5, 6},  {2, 2},  {1, 3}, {1, 4},
              {3, 5}, {6, 6}, {11, 7}, {10, 3}, {6, 2}};
  enum { COUNT = sizeof line / sizeof *line };
  RsRoll roll = roll_in(4, 4);
  Past past = past_of(&inputs);
  for (size_t n = 0; n < COUNT; ++n) {
    add_note(&roll, LOW + (int)line[n].note, n, n + 1);
  }
  add_roll_frame(&past, &roll, 0, 0);
  for (size_t n = 1; n < COUNT; ++n) {
    add_roll_frame(&past, &roll, n, 0);
    assert_contour(&inputs, &past, line[n - 1].note, line[n - 1].step);
  }
  assert_int_equal(inputs.shared, 2 * (6 + 8) * 41);
  past_free(&past);
  rs_roll_clear(&roll);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ages_are_counted_from_the_onset),
      cmocka_unit_test(without_onsets_ages_are_counted_from_silence),
      cmocka_unit_test(notes_share_their_weights),
      cmocka_unit_test(without_onsets_notes_have_fewer_states),
      cmocka_unit_test(each_age_at_each_place_has_weights_of_its_own),
      cmocka_unit_test(intervals_and_counts_are_linked_by_voice_and_place),
      cmocka_unit_test(the_melody_is_the_line_of_the_highest_notes),
      cmocka_unit_test(the_last_step_of_the_melody_has_weights_of_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
