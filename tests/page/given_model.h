/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_GIVEN_MODEL_H
#define RS_TESTS_GIVEN_MODEL_H

/**
   @file given_model.h A model with random weights, and a player that is given its parts as a page
   gives them.
*/

#include "page/player.h"
#include "settings/keys.h"

#include <rollsmith/generator.h>
#include <rollsmith/rng.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A small model that knows 4/4 and 3/4; NULL where it cannot be made. */
static inline RsModel *some_model(void) {
  const RsKnownMeter meters[] = {{4, 4, 0.75}, {3, 4, 0.25}};
  RsSettings settings;
  RsModel *model = NULL;
  rs_settings_init(&settings);
  settings.model.hidden = 48;
  settings.model.recurrent = 16;
  settings.generate.gibbs_steps = 5;
  if (rs_model_new(&settings, 2, meters, &model, NULL)) {
    return NULL;
  }
  const size_t count = rs_rnnrbm_parameters(model->net);
  double *normal = calloc(count, sizeof(*normal));
  rs_rng_normal((RsRng){1, RS_STREAM_TEST}, 0, count, normal);
  for (size_t i = 0; i < count; ++i) {
    model->w[i] = (float)(0.3 * normal[i] - 0.02);
  }
  free(normal);
  return model;
}

/* Give a player the settings of a model. @return Whether it took all. */
static inline bool give_settings(RsPagePlayer *player, const RsModel *model) {
  const RsKeyTable table = rs_settings_table();
  bool good = true;
  for (size_t i = 0; i < table.count; ++i) {
    char name[80], value[RS_KEY_TEXT_SIZE];
    snprintf(name, sizeof(name), "%s.%s", table.keys[i].section, table.keys[i].name);
    rs_key_format(&table.keys[i], &model->settings, value);
    good = good && !rs_page_player_setting(player, name, value);
  }
  return good;
}

static inline bool give_tensor(RsPagePlayer *player, const RsTensor *tensor) {
  uint32_t shape[RS_TENSOR_RANK];
  for (size_t i = 0; i < tensor->rank; ++i) {
    shape[i] = (uint32_t)tensor->shape[i];
  }
  return !rs_page_player_tensor(player, tensor->name, "F32", tensor->rank, shape, tensor->data);
}

/* All but the tensors, and rs_page_player_model(). */
static inline RsPagePlayer *player_with_strings(const RsModel *model) {
  RsPagePlayer *player = rs_page_player_new();
  if (!give_settings(player, model)) {
    fprintf(stderr, "%s\n", rs_page_player_message(player));
  }
  for (size_t i = 0; i < model->inputs.meter_count; ++i) {
    const RsKnownMeter *meter = &model->inputs.meters[i];
    rs_page_player_meter(player, meter->beats, meter->unit, meter->share);
  }
  const RsTrainingSummary *training = &model->training;
  rs_page_player_training(player, training->bpm, training->meter_beats, training->meter_unit);
  return player;
}

#endif /* RS_TESTS_GIVEN_MODEL_H */
