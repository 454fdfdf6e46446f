/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_GENERATOR_KIT_H
#define RS_TESTS_GENERATOR_KIT_H

/* Generators of small models. */

#include "by_hand.h"
#include "frames.h"

#include <rollsmith/generator.h>

static const RsGenerateSettings plain = {.gibbs_steps = 30, .temperature = 1};

static inline RsGenerator *generator_of(const RsModel *model, RsGenerateSettings settings,
                                        uint64_t seed) {
  RsGenerator *generator = NULL;
  assert_ok(rs_generator_new(model, &settings, seed, &generator, NULL));
  return generator;
}

static inline RsFrame next(RsGenerator *generator) {
  RsFrame on;
  assert_ok(rs_generator_next(generator, &on, NULL, NULL));
  return on;
}

static inline void prime(RsGenerator *generator, const char *text) {
  RsSongs songs = songs_of(text);
  assert_ok(rs_generator_prime(generator, songs.rolls));
  rs_songs_clear(&songs);
}

/* A recurrent unit for each visible one, which repeats the frame before; one hidden unit. */
static inline RsModel *repeating_model(int notes, bool onsets) {
  RsSettings settings = small_settings(notes, 1, notes * (onsets ? 2 : 1));
  settings.roll.articulation = onsets;
  RsModel *model = model_of(&settings);
  const size_t size = rs_encoding_size(&model->inputs.encoding);
  for (size_t i = 0; i < size; ++i) {
    part_of(model, "rnn.weight")[i * 2 * size + i] = 40;
    part_of(model, "rnn.bias")[i] = -20;
    part_of(model, "output.weight")[i * size + i] = 40;
  }
  return model;
}

enum { LENGTH = 100 };

#endif /* RS_TESTS_GENERATOR_KIT_H */
