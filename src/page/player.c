/* SPDX-License-Identifier: ISC */

/* The model of a page: its parts, in the order of doc/model-format.md. */

#include "page/player_internal.h"

#include "settings/keys.h"

#include <stdlib.h>
#include <string.h>

RsPagePlayer *rs_page_player_new(void) {
  RsPagePlayer *player = calloc(1, sizeof(*player));
  if (!player || rs_tensor_file_new(&player->tensors)) {
    free(player);
    return NULL;
  }
  rs_settings_init_for_reading(&player->record.settings);
  return player;
}

void rs_page_player_free(RsPagePlayer *player) {
  if (player) {
    rs_page_player_clear_song(player);
    rs_tensor_file_free(player->tensors);
    rs_model_free(player->model);
    free(player->midi);
    free(player);
  }
}

const char *rs_page_player_message(const RsPagePlayer *player) {
  return player->error.message;
}

int rs_page_player_setting(RsPagePlayer *player, const char *key, const char *value) {
  return rs_page_result(
      rs_settings_set(&player->record.settings, key, value, "settings", &player->error));
}

void rs_page_player_version_1(RsPagePlayer *player) {
  rs_model_settings_of_version_1(&player->record.settings);
}

int rs_page_player_meter(RsPagePlayer *player, unsigned beats, unsigned unit, double share) {
  RsModelRecord *record = &player->record;
  if (record->meter_count == RS_METERS_MAX) {
    return rs_page_result(
        rs_error(&player->error, RS_ERR_FORMAT, "bad list of meters in the model"));
  }
  record->meters[record->meter_count++] = (RsKnownMeter){beats, unit, share};
  return 0;
}

void rs_page_player_training(RsPagePlayer *player, double bpm, unsigned beats, unsigned unit) {
  player->record.training =
      (RsTrainingSummary){.bpm = bpm, .meter_beats = beats, .meter_unit = unit};
}

/* The type of a name in the header. @return Whether there is one. */
static bool type_of(const char *name, RsTensorType *type) {
  static const char *const names[] = {[RS_TENSOR_F32] = "F32",
                                      [RS_TENSOR_F64] = "F64",
                                      [RS_TENSOR_U64] = "U64",
                                      [RS_TENSOR_U8] = "U8"};
  for (size_t i = 0; i < sizeof(names) / sizeof(*names); ++i) {
    if (!strcmp(names[i], name)) {
      *type = (RsTensorType)i;
      return true;
    }
  }
  return false;
}

int rs_page_player_tensor(RsPagePlayer *player, const char *name, const char *type, size_t rank,
                          const uint32_t *shape, const void *data) {
  RsTensor tensor = {.name = name, .rank = rank, .data = data};
  RsStatus status = type_of(type, &tensor.type) ? RS_OK : RS_ERR_FORMAT;
  for (size_t i = 0; i < rank && i < RS_TENSOR_RANK; ++i) {
    tensor.shape[i] = shape[i];
  }
  status = status ? status : rs_tensor_file_add(player->tensors, &tensor);
  return rs_page_result(
      status ? rs_error(&player->error, status, "tensor %s: %s", name, rs_status_text(status))
             : RS_OK);
}

int rs_page_player_model(RsPagePlayer *player) {
  const int no_copy = player->record.settings.generate.no_copy;
  RsStatus status = rs_model_assemble(&player->record, player->tensors, "the model", &player->model,
                                      &player->error);
  rs_tensor_file_free(player->tensors);
  player->tensors = NULL;
  if (!status && no_copy) {
    status = rs_model_index_runs(player->model, (size_t)no_copy, &player->error);
  }
  return rs_page_result(status);
}
