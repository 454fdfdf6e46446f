/* SPDX-License-Identifier: ISC */

/* Generators: models that repeat, seeds, burn-in and memory. */

#include "allocations.h"
#include "generator_kit.h"

/* ---- A model that repeats its input ---- */

static void the_primer_decides_what_follows(void **state) {
  RsModel *model = repeating_model(12, false);
  RsGenerator *generator = generator_of(model, plain, 1);
  prime(generator, "65\n60 64 67\n");
  assert_frame(next(generator), 60, 64, 67);
  assert_frame(next(generator), 60, 64, 67);
  prime(generator, "60 64\n62 71\n");
  assert_frame(next(generator), 62, 71);
  rs_generator_free(generator);
  rs_model_free(model);
}

static void a_primer_begins_a_song_anew(void **state) {
  RsModel *model = repeating_model(12, false);
  RsGenerator *generator = generator_of(model, plain, 1);
  RsRoll nothing;
  prime(generator, "60 64 67\n");
  assert_ok(rs_roll_init(&nothing, NULL, 0, RS_PLANE_NONE));
  assert_ok(rs_generator_prime(generator, &nothing));
  const RsFrame on = next(generator), silence = SILENCE;
  assert_true(rs_frame_equal(&on, &silence));
  rs_roll_clear(&nothing);
  rs_generator_free(generator);
  rs_model_free(model);
}

static void onsets_are_notes_that_did_not_sound_before(void **state) {
  RsModel *model = repeating_model(12, false);
  RsGenerator *generator = generator_of(model, plain, 1);
  RsFrame on, onset;
  const RsFrame silence = SILENCE;
  part_of(model, "output.bias")[5] = 100; /* 65 sounds whatever was before */
  prime(generator, "60 64\n");
  assert_ok(rs_generator_next(generator, &on, &onset, NULL));
  assert_frame(on, 60, 64, 65);
  assert_frame(onset, 65);
  assert_ok(rs_generator_next(generator, &on, &onset, NULL));
  assert_true(rs_frame_equal(&onset, &silence));
  rs_generator_free(generator);
  rs_model_free(model);
}

static void a_model_with_articulation_strikes_notes_again(void **state) {
  RsModel *model = repeating_model(12, true);
  RsGenerator *generator = generator_of(model, plain, 1);
  RsFrame on, onset;
  prime(generator, "60\n60 64\n");
  for (int i = 0; i < 3; ++i) {
    assert_ok(rs_generator_next(generator, &on, &onset, NULL));
    assert_frame(on, 60, 64);
    assert_frame(onset, 64);
  }
  rs_generator_free(generator);
  rs_model_free(model);
}

/* A model that repeats the frame before, and with it what has begun there. */
static void a_note_that_sounds_after_silence_is_heard_to_begin(void **state) {
  RsModel *model = repeating_model(12, true);
  RsGenerator *generator = generator_of(model, plain, 1);
  RsFrame on, onset;
  part_of(model, "output.bias")[5] = 100; /* 65 sounds, and nothing says that it begins */
  prime(generator, "60 64\n");
  for (int i = 0; i < 3; ++i) {
    assert_ok(rs_generator_next(generator, &on, &onset, NULL));
    assert_frame(on, 60, 64, 65);
    assert_frame(onset, 60, 64, 65);
  }
  rs_generator_free(generator);
  rs_model_free(model);
}

/* The first note is as certain as the bar is the first one of 32, 64 ... of 2/4. */
static void sections_begin_anew_after_32_bars(void **state) {
  enum { BAR = 8, BARS = 70, SECTIONS = 5 };
  const RsKnownMeter meter = {2, 4, 1};
  RsSettings settings = small_settings(1, 1, 1);
  settings.model.metre = true;
  RsModel *model = model_with(&settings, 1, &meter);
  const size_t biases = rs_rbm_biases(rs_rnnrbm_rbm(model->net));
  const size_t sections = model->inputs.at.metre + 1 + 4 + 8;
  for (size_t i = 0; i < SECTIONS; ++i) {
    part_of(model, "direct.weight")[(sections + i) * biases] = i ? -100 : 100;
  }
  RsGenerator *generator = generator_of(model, plain, 1);
  for (int n = 0; n < BARS * BAR; ++n) {
    const RsFrame on = next(generator);
    assert_int_equal(rs_frame_count(&on), n / BAR % 32 < 8);
  }
  rs_generator_free(generator);
  rs_model_free(model);
}

/* A note that sounds by the odds 1 to e, and begins by those of e to 1, whether or not it sounds.
 * After silence a song has both or neither: both, where the note begins in the first draw. */
static void a_frame_that_no_song_can_have_is_drawn_again(void **state) {
  RsSettings settings = small_settings(1, 1, 1);
  settings.roll.articulation = true;
  RsModel *model = model_of(&settings);
  part_of(model, "output.bias")[0] = -1;
  part_of(model, "output.bias")[1] = 1;
  RsGenerator *generator = generator_of(model, plain, 1);
  int after_silence = 0, begun = 0;
  bool sounded = false;
  for (int i = 0; i < 8000; ++i) {
    const RsFrame on = next(generator);
    const bool sounds = rs_frame_count(&on) > 0;
    after_silence += !sounded;
    begun += !sounded && sounds;
    sounded = sounds;
  }
  assert_close((double)begun / after_silence, 1 / (1 + exp(-1)), 0.03); /* else that of 1 */
  rs_generator_free(generator);
  rs_model_free(model);
}

/* The same note where it is drawn jointly: after silence it begins by the odds of both biases, and
 * after a sound it is held by those of the first. */
static void a_note_that_sounds_and_begins_is_drawn_at_once(void **state) {
  RsSettings settings = small_settings(1, 1, 1);
  settings.roll.articulation = settings.model.counts = settings.model.joint_onsets = true;
  RsModel *model = model_of(&settings);
  part_of(model, "output.bias")[0] = -1;
  part_of(model, "output.bias")[1] = 2;
  RsGenerator *generator = generator_of(model, plain, 1);
  const double odds[2][2] = {{0, exp(1)},
                             {exp(-1), exp(1)}}; /* after silence, after a sound: held, begun */
  double seen[2][3] = {{0}};
  bool sounded = false;
  for (int i = 0; i < 8000; ++i) {
    RsFrame on, onset;
    assert_ok(rs_generator_next(generator, &on, &onset, NULL));
    const bool sounds = rs_frame_count(&on) > 0, begins = rs_frame_count(&onset) > 0;
    ++seen[sounded][sounds ? 1 + begins : 0];
    sounded = sounds;
  }
  for (int s = 0; s < 2; ++s) {
    const double all = 1 + odds[s][0] + odds[s][1], count = seen[s][0] + seen[s][1] + seen[s][2];
    for (int k = 0; k < 2; ++k) {
      const double p = odds[s][k] / all;
      assert_close(seen[s][1 + k] / count, p, 4.5 * sqrt(p * (1 - p) / count));
    }
  }
  rs_generator_free(generator);
  rs_model_free(model);
}

static void velocities_are_kept_in_their_range(void **state) {
  static const float means[] = {-1, 0.23f, 0.5f, 2, 0.27f};
  static const uint8_t wanted[] = {0, 0, 43, 127, 4};
  RsSettings settings = small_settings(5, 1, 1);
  settings.model.rbm = RS_RBM_GAUSSIAN;
  settings.roll.velocity = true;
  settings.model.deviation_low = 0.0005;
  settings.model.deviation_high = 0.0009;
  RsModel *model = model_of(&settings);
  for (size_t i = 0; i < 5; ++i) {
    part_of(model, "output.bias")[i] = means[i];
    part_of(model, "output.bias")[5 + 1 + i] = 3; /* far above the bound */
  }
  RsGenerator *generator = generator_of(model, plain, 1);
  RsFrame on;
  uint8_t velocity[RS_NOTES];
  for (int i = 0; i < 100; ++i) {
    memset(velocity, 99, sizeof velocity);
    assert_ok(rs_generator_next(generator, &on, NULL, velocity));
    assert_frame(on, 62, 63, 64);
    for (int note = 0; note < RS_NOTES; ++note) {
      const uint8_t mean = note >= 60 && note < 65 ? wanted[note - 60] : 0;
      assert_in_range(velocity[note], mean > 0 ? mean - 1 : 0, mean);
    }
  }
  rs_generator_free(generator);
  rs_model_free(model);
}

/* ---- Seeds, burn-in, memory ---- */

static RsRoll song_of(const RsModel *model, RsGenerateSettings settings, uint64_t seed) {
  RsGenerator *generator = generator_of(model, settings, seed);
  RsRoll roll;
  assert_ok(rs_generator_song(generator, "a song", LENGTH, &roll));
  rs_generator_free(generator);
  return roll;
}

static size_t same_frames(const RsRoll *a, const RsRoll *b) {
  size_t same = 0;
  for (size_t n = 0; n < LENGTH; ++n) {
    same += rs_frame_equal(a->on + n, b->on + n);
  }
  return same;
}

/* Every third note of the range is given, on or off by turns, and moves on frame by frame. */
static RsGivenNotes notes_at(const RsModel *model, size_t frame) {
  RsGivenNotes given = {.velocity = NULL};
  const RsEncoding *encoding = &model->inputs.encoding;
  for (int note = encoding->low; note <= encoding->high; ++note) {
    if (((size_t)note + frame / 3) % 3 == 0) {
      rs_frame_set(&given.known, note);
      if (((size_t)note + frame / 2) % 2 == 0) {
        rs_frame_set(&given.on, note);
        if (frame % 2 == 0) {
          rs_frame_set(&given.begins, note);
        }
      }
    }
  }
  return given;
}

static void expect_given(const RsModel *model, RsGenerateSettings settings) {
  RsGenerator *generator = generator_of(model, settings, 5);
  RsFrame before = {{0, 0}};
  for (size_t n = 0; n < 200; ++n) {
    const RsGivenNotes given = notes_at(model, n);
    RsFrame on, onset;
    rs_generator_clamp(generator, &given);
    assert_ok(rs_generator_next(generator, &on, &onset, NULL));
    for (size_t i = 0; i < 2; ++i) {
      assert_int_equal(on.bits[i] & given.known.bits[i], given.on.bits[i]);
      if (model->inputs.encoding.onsets) {
        const uint64_t begins = given.on.bits[i] & (given.begins.bits[i] | ~before.bits[i]);
        assert_int_equal(onset.bits[i] & given.known.bits[i], begins);
      }
    }
    before = on;
  }
  rs_generator_free(generator);
}

static void given_notes_come_out_as_they_are_given(void **state) {
  for (int kind = 0; kind < 8; ++kind) {
    RsSettings settings = small_settings(9, 6, 5);
    settings.model.rbm = kind & 1 ? RS_RBM_GAUSSIAN : RS_RBM_BERNOULLI;
    settings.roll.articulation = kind & 2;
    settings.model.counts = settings.model.joint_onsets = kind & 4;
    RsModel *model = model_of(&settings);
    RsGenerateSettings capped = plain;
    capped.max_polyphony = 1;
    rs_rnnrbm_initialise(model->net, 3, NULL, model->w);
    expect_given(model, plain);
    expect_given(model, capped);
    rs_model_free(model);
  }
}

static void a_seed_makes_its_song_again(void **state) {
  for (int gaussian = 0; gaussian < 2; ++gaussian) {
    RsModel *model = tiny_model(gaussian);
    RsRoll one = song_of(model, plain, 5), again = song_of(model, plain, 5);
    RsRoll other = song_of(model, plain, 6);
    assert_int_equal(same_frames(&one, &again), LENGTH);
    assert_in_range(same_frames(&one, &other), 0, LENGTH / 2);
    rs_roll_clear(&one);
    rs_roll_clear(&again);
    rs_roll_clear(&other);
    rs_model_free(model);
  }
}

/* Wherever it has been, it goes on as the other one does, from any frame. */
static void a_copy_goes_on_as_the_other_one(void **state) {
  const RsKnownMeter meter = {3, 4, 1};
  RsSettings settings = small_settings(9, 6, 5);
  settings.roll.articulation = settings.model.counts = settings.model.joint_onsets = true;
  settings.model.metre = settings.model.lookback = settings.model.note_age = true;
  RsModel *model = model_with(&settings, 1, &meter);
  rs_rnnrbm_initialise(model->net, 3, NULL, model->w);
  RsGenerator *one = generator_of(model, plain, 1), *other = generator_of(model, plain, 2);
  prime(other, "60 61\n62\n");
  for (int n = 0; n < 100; ++n) {
    if (n % 9 == 0) {
      assert_ok(rs_generator_copy(other, one));
    }
    RsFrame on[2], onset[2];
    assert_ok(rs_generator_next(one, &on[0], &onset[0], NULL));
    assert_ok(rs_generator_next(other, &on[1], &onset[1], NULL));
    assert_memory_equal(&on[0], &on[1], sizeof *on);
    assert_memory_equal(&onset[0], &onset[1], sizeof *onset);
  }
  rs_generator_free(one);
  rs_generator_free(other);
  rs_model_free(model);
}

static void burn_in_is_thrown_away(void **state) {
  RsModel *model = tiny_model(false);
  RsGenerateSettings settings = plain;
  settings.burn_in = 7;
  RsGenerator *burnt = generator_of(model, settings, 3), *fresh = generator_of(model, plain, 3);
  for (int n = 0; n < 7; ++n) {
    next(fresh);
  }
  for (int n = 0; n < LENGTH; ++n) {
    const RsFrame a = next(burnt), b = next(fresh);
    assert_true(rs_frame_equal(&a, &b));
  }
  rs_generator_free(burnt);
  rs_generator_free(fresh);
  rs_model_free(model);
}

static void a_song_has_tempo_meter_and_planes_of_its_model(void **state) {
  for (int articulation = 0; articulation < 2; ++articulation) {
    RsSettings settings = small_settings(NOTES, HIDDEN, RECURRENT);
    settings.roll.articulation = articulation;
    settings.roll.frames_per_beat = 6;
    RsModel *model = random_model(&settings, 0.5);
    model->training.bpm = 93;
    model->training.meter_beats = 3;
    model->training.meter_unit = 8;
    RsRoll roll = song_of(model, plain, 1);
    assert_string_equal(roll.name, "a song");
    assert_int_equal(roll.frames, LENGTH);
    assert_int_equal(roll.frames_per_beat, 6);
    assert_close(roll.bpm, 93, 0);
    assert_int_equal(roll.meter_beats, 3);
    assert_int_equal(roll.meter_unit, 8);
    assert_true((roll.onset != NULL) == articulation);
    assert_null(roll.velocity);
    for (size_t n = 0; articulation && n < LENGTH; ++n) {
      assert_int_equal(roll.onset[n].bits[0] & ~roll.on[n].bits[0], 0);
    }
    rs_roll_clear(&roll);
    rs_model_free(model);
  }
}

static void frames_take_no_memory(void **state) {
  for (int gaussian = 0; gaussian < 2; ++gaussian) {
    RsModel *model = tiny_model(gaussian);
    RsGenerator *generator = generator_of(model, plain, 3);
    RsSongs songs = songs_of("60\n61 62\n");
    assert_true(allocations > 0);
    allocations = 0;
    assert_ok(rs_generator_prime(generator, songs.rolls));
    for (int n = 0; n < LENGTH; ++n) {
      next(generator);
    }
    rs_generator_set(generator, 0.5, 2);
    next(generator);
    assert_int_equal(allocations, 0);
    rs_songs_clear(&songs);
    rs_generator_free(generator);
    rs_model_free(model);
  }
}

static void a_model_with_a_number_that_is_none_is_refused(void **state) {
  RsModel *model = tiny_model(false);
  const size_t count = rs_rnnrbm_parameters(model->net);
  for (size_t i = 0; i < count; ++i) {
    RsGenerator *generator = NULL;
    RsError error = {RS_OK, ""};
    const float good = model->w[i];
    model->w[i] = NAN;
    assert_int_equal(rs_generator_new(model, &plain, 1, &generator, &error), RS_ERR_NONFINITE);
    assert_int_equal(error.status, RS_ERR_NONFINITE);
    assert_null(generator);
    model->w[i] = good;
  }
  rs_model_free(model);
  rs_generator_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_primer_decides_what_follows),
      cmocka_unit_test(a_primer_begins_a_song_anew),
      cmocka_unit_test(onsets_are_notes_that_did_not_sound_before),
      cmocka_unit_test(a_model_with_articulation_strikes_notes_again),
      cmocka_unit_test(a_note_that_sounds_after_silence_is_heard_to_begin),
      cmocka_unit_test(a_frame_that_no_song_can_have_is_drawn_again),
      cmocka_unit_test(a_note_that_sounds_and_begins_is_drawn_at_once),
      cmocka_unit_test(sections_begin_anew_after_32_bars),
      cmocka_unit_test(velocities_are_kept_in_their_range),
      cmocka_unit_test(given_notes_come_out_as_they_are_given),
      cmocka_unit_test(a_seed_makes_its_song_again),
      cmocka_unit_test(a_copy_goes_on_as_the_other_one),
      cmocka_unit_test(burn_in_is_thrown_away),
      cmocka_unit_test(a_song_has_tempo_meter_and_planes_of_its_model),
      cmocka_unit_test(frames_take_no_memory),
      cmocka_unit_test(a_model_with_a_number_that_is_none_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
