/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_SMALL_H
#define RS_TESTS_SMALL_H

/**
   @file small.h Small songs and small models, for the tests of everything made of them.
*/

#include "kit.h"
#include "seed.h"

#include <rollsmith/model.h>

#include <string.h>

/* The songs of a .roll text. */
static inline RsSongs songs_of(const char *text) {
  RsSongs songs = {0};
  assert_ok(rs_songs_parse(text, strlen(text), "test", &songs, NULL));
  return songs;
}

/* Settings with `notes` notes from 60 on, and few units; v(n-1) is all that the net is given. */
static inline RsSettings small_settings(int notes, int hidden, int recurrent) {
  RsSettings settings;
  rs_settings_init(&settings);
  settings.roll.low = 60;
  settings.roll.high = 59 + notes;
  settings.roll.outside = RS_OUTSIDE_DROP;
  settings.roll.articulation = false;
  settings.model.metre = settings.model.lookback = settings.model.note_age = false;
  settings.model.plan = settings.model.counts = settings.model.intervals = false;
  settings.model.melody = settings.model.joint_onsets = false;
  settings.model.filters = 0;
  settings.train.updates = 0;
  settings.train.anneal = settings.train.loose_chains = false;
  settings.train.centre = true;
  settings.train.from_past = settings.train.rnn_weight_decay = settings.train.weight_decay = 0;
  settings.train.free_run_weight = 4;
  settings.train.keep_later = 0;
  settings.train.average = 0.999;
  settings.train.patience = 10;
  settings.model.hidden = hidden;
  settings.model.recurrent = recurrent;
  return settings;
}

/* A model that knows some meters. */
static inline RsModel *model_with(const RsSettings *settings, size_t count,
                                  const RsKnownMeter *meters) {
  RsModel *model = NULL;
  RsError error = {RS_OK, ""};
  if (rs_model_new(settings, count, meters, &model, &error)) {
    fail_msg("%s", error.message);
  }
  return model;
}

static inline RsModel *model_of(const RsSettings *settings) {
  return model_with(settings, 0, NULL);
}

/* Give a model normal numbers of this spread for parameters. */
static inline void randomise(RsModel *model, double spread) {
  const size_t count = rs_rnnrbm_parameters(model->net);
  double *normal = test_calloc(count, sizeof *normal);
  rs_rng_normal(test_rng(7), 0, count, normal);
  for (size_t i = 0; i < count; ++i) {
    model->w[i] = (float)(spread * normal[i]);
  }
  test_free(normal);
}

static inline RsModel *random_model(const RsSettings *settings, double spread) {
  RsModel *model = model_of(settings);
  randomise(model, spread);
  return model;
}

/* The values of a tensor, such as "output.bias". */
static inline float *part_of(const RsModel *model, const char *name) {
  RsRnnRbmTensor part = {.name = ""};
  for (size_t i = 0; strcmp(part.name, name) && rs_rnnrbm_tensor(model->net, i, &part); ++i) {
  }
  assert_string_equal(part.name, name);
  return model->w + part.offset;
}

#endif /* RS_TESTS_SMALL_H */
