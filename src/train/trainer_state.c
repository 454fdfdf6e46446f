/* SPDX-License-Identifier: ISC */

#include "train/trainer_state.h"

#include "base/memory.h"
#include "settings/keys.h"

#include <jansson.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* ---- Counters: one list of fields, for writing and for reading ---- */

static const struct {
  const char *name;
  size_t offset;
  bool real;
} FIELDS[] = {
    {"epoch", offsetof(RsTrainCounters, epoch), false},
    {"updates", offsetof(RsTrainCounters, updates), false},
    {"frames", offsetof(RsTrainCounters, frames), false},
    {"since_best", offsetof(RsTrainCounters, since_best), false},
    {"since_decay", offsetof(RsTrainCounters, since_decay), false},
    {"recoveries", offsetof(RsTrainCounters, recoveries), false},
    {"costs", offsetof(RsTrainCounters, costs), false},
    {"epoch_updates", offsetof(RsTrainCounters, epoch_updates), false},
    {"epoch_recoveries", offsetof(RsTrainCounters, epoch_recoveries), false},
    {"seconds", offsetof(RsTrainCounters, seconds), true},
    {"wall", offsetof(RsTrainCounters, wall), true},
    {"learning_rate", offsetof(RsTrainCounters, learning_rate), true},
    {"best", offsetof(RsTrainCounters, best), true},
    {"have_best", offsetof(RsTrainCounters, have_best), false},
    {"norm_sum", offsetof(RsTrainCounters, norm_sum), true},
    {"cost_sum", offsetof(RsTrainCounters, cost_sum), true},
    {"epoch_seconds", offsetof(RsTrainCounters, epoch_seconds), true},
    {"astray", offsetof(RsTrainCounters, passages), false},
};
enum { FIELD_COUNT = sizeof FIELDS / sizeof *FIELDS };

char *rs_state_counters_to_json(const RsTrainCounters *counters) {
  json_t *json = json_object();
  for (size_t i = 0; json && i < FIELD_COUNT; ++i) {
    const void *field = (const char *)counters + FIELDS[i].offset;
    json_object_set_new(json, FIELDS[i].name,
                        FIELDS[i].real ? json_real(*(const double *)field)
                                       : json_integer((json_int_t) * (const uint64_t *)field));
  }
  char *text =
      json ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(17)) : NULL;
  json_decref(json);
  return text;
}

bool rs_state_counters_from_json(const char *text, RsTrainCounters *counters) {
  json_t *json = text ? json_loads(text, 0, NULL) : NULL;
  bool good = json;
  for (size_t i = 0; good && i < FIELD_COUNT; ++i) {
    void *field = (char *)counters + FIELDS[i].offset;
    const json_t *value = json_object_get(json, FIELDS[i].name);
    if (FIELDS[i].real) {
      good = json_is_number(value);
      *(double *)field = json_number_value(value);
    } else {
      good = json_is_integer(value) && json_integer_value(value) >= 0;
      *(uint64_t *)field = (uint64_t)json_integer_value(value);
    }
  }
  json_decref(json);
  return good;
}

/* ---- Settings that must be the same for resuming ---- */

/* Settings with the defaults of all that may change between stop and resume. */
static RsSettings fixed_settings(const RsSettings *settings) {
  RsSettings fixed = *settings;
  RsSettings standard;
  rs_settings_init(&standard);
  fixed.train.epochs = standard.train.epochs;
  fixed.train.updates = standard.train.updates;
  fixed.train.minutes = standard.train.minutes;
  fixed.train.patience = standard.train.patience;
  fixed.train.keep_songs = standard.train.keep_songs;
  fixed.generate = standard.generate;
  fixed.evaluate = standard.evaluate;
  return fixed;
}

RsStatus rs_state_settings(const RsSettings *settings, char **out) {
  const RsSettings fixed = fixed_settings(settings);
  return rs_settings_to_json(&fixed, out);
}

RsStatus rs_state_settings_from_json(const char *json, const char *path, RsSettings *settings,
                                     RsError *error) {
  RsError detail = {RS_ERR_FORMAT, "they are not JSON"};
  json_t *root = json ? json_loads(json, 0, NULL) : NULL;
  json_object_del(root, "generate");
  json_object_del(root, "evaluate");
  char *text = root ? json_dumps(root, 0) : NULL;
  const RsStatus status = text ? rs_settings_from_json(settings, text, &detail) : RS_ERR_FORMAT;
  free(text);
  json_decref(root);
  return status ? rs_error(error, status == RS_ERR_MEMORY ? status : RS_ERR_FORMAT,
                           "%s: has settings that this program cannot take up: %.300s; train "
                           "without --resume",
                           path, detail.message)
                : RS_OK;
}

RsStatus rs_state_same_settings(const RsSettings *theirs, const RsSettings *ours, const char *path,
                                RsError *error) {
  const RsSettings there = fixed_settings(theirs), here = fixed_settings(ours);
  const RsKey *key = rs_keys_difference(rs_settings_table(), &there, &here);
  if (!key) {
    return RS_OK;
  }
  char then[RS_KEY_TEXT_SIZE], now[RS_KEY_TEXT_SIZE];
  rs_key_format(key, &there, then);
  rs_key_format(key, &here, now);
  return rs_error(error, RS_ERR_FORMAT,
                  "%s: was made with other settings, %s.%s = %s and not %s; give the same ones, or "
                  "train without --resume",
                  path, key->section, key->name, then, now);
}

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t size) {
  const unsigned char *bytes = data;
  for (size_t i = 0; i < size; ++i) {
    hash = (hash ^ bytes[i]) * UINT64_C(0x100000001B3); /* FNV-1a */
  }
  return hash;
}

/* A number, lowest byte first on any machine. */
static uint64_t hash_number(uint64_t hash, uint64_t number) {
  unsigned char bytes[8];
  for (unsigned i = 0; i < 8; ++i) {
    bytes[i] = (unsigned char)(number >> (8 * i));
  }
  return hash_bytes(hash, bytes, sizeof bytes);
}

static uint64_t hash_frames(uint64_t hash, const RsFrame *frames, size_t count) {
  for (size_t i = 0; frames && i < count; ++i) {
    hash = hash_number(hash_number(hash, frames[i].bits[0]), frames[i].bits[1]);
  }
  return hash;
}

static uint64_t hash_meters(uint64_t hash, const RsRoll *roll) {
  for (size_t i = 0; i < roll->meter_count; ++i) {
    hash = hash_number(hash, roll->meters[i].frame);
    hash = hash_number(hash_number(hash, roll->meters[i].beats), roll->meters[i].unit);
  }
  return hash;
}

/* Everything in a song that training looks at. */
static uint64_t hash_song(uint64_t hash, const RsRoll *roll) {
  hash = hash_number(hash, roll->frames);
  hash = hash_number(hash, rs_roll_planes(roll));
  hash = hash_frames(hash, roll->on, roll->frames);
  hash = hash_frames(hash, roll->onset, roll->frames);
  hash = hash_bytes(hash, roll->velocity, roll->velocity ? roll->frames * RS_NOTES : 0);
  hash = hash_number(hash, (uint64_t)(1e6 * roll->bpm));
  hash = hash_meters(hash, roll);
  return hash_number(hash_number(hash, roll->meter_beats), roll->meter_unit);
}

static uint64_t hash_songs(uint64_t hash, const RsSongs *songs) {
  hash = hash_number(hash, songs ? songs->count : 0);
  for (size_t i = 0; songs && i < songs->count; ++i) {
    hash = hash_song(hash, songs->rolls + i);
  }
  return hash;
}

void rs_state_songs(const RsTrainer *trainer, char text[17]) {
  uint64_t hash = UINT64_C(0xCBF29CE484222325);
  hash = hash_songs(hash, trainer->train);
  hash = hash_songs(hash, trainer->valid);
  snprintf(text, 17, "%016llx", (unsigned long long)hash);
}

/* ---- Arrays ---- */

/* A passage is saved as the numbers that it consists of. */
enum { PASSAGE_NUMBERS = sizeof(RsPassage) / sizeof(uint64_t) };

enum { FIXED_ARRAYS = 8, GROUP_ARRAYS = 2 };

static size_t sample_count(const RsTrainer *trainer, const RsTrainGroup *group) {
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  return rs_trainer_settings(trainer)->persistent > 0 ? rs_batch_rows(&group->batch) * visible : 0;
}

RsStateArray *rs_state_arrays(const RsTrainer *trainer, uint64_t *position, size_t *count) {
  RsStateArray *arrays =
      rs_alloc(FIXED_ARRAYS + GROUP_ARRAYS * trainer->group_count, sizeof *arrays);
  if (!arrays) {
    return NULL;
  }
  const RsParameters *p = &trainer->parameters;
  const RsReplay *replay = &trainer->replay;
  const RsStateArray fixed[FIXED_ARRAYS] = {
      {"parameters", RS_TENSOR_F32, p->count, p->w, NULL},
      {"optimiser.0", RS_TENSOR_F32, rs_optimiser_state_size(p->optimisers[0]),
       rs_optimiser_state(p->optimisers[0]), NULL},
      {"optimiser.1", RS_TENSOR_F32, rs_optimiser_state_size(p->optimisers[1]),
       rs_optimiser_state(p->optimisers[1]), NULL},
      {"average", RS_TENSOR_F32, p->count, p->average, NULL},
      {"good", RS_TENSOR_F32, rs_parameters_good_size(p), p->good, NULL},
      {"position", RS_TENSOR_U64, rs_series_position_size(trainer->series), position, NULL},
      {"astray", RS_TENSOR_F32, rs_replay_size(replay), replay->frames, NULL},
      {"passages", RS_TENSOR_U64, replay->passages ? RS_PASSAGES * PASSAGE_NUMBERS : 0,
       replay->passages, NULL},
  };
  memcpy(arrays, fixed, sizeof fixed);
  *count = FIXED_ARRAYS;
  for (size_t i = 0; i < trainer->group_count; ++i) {
    const RsTrainGroup *group = trainer->groups + i;
    RsRnnLearner *rnn = rs_rnnrbm_learner_rnn(group->learner);
    RsStateArray *carry = arrays + (*count)++;
    RsStateArray *sample = arrays + (*count)++;
    *carry = (RsStateArray){
        .type = RS_TENSOR_F32, .count = rs_rnn_learner_carry_size(rnn), .learner = rnn};
    *sample = (RsStateArray){
        .type = RS_TENSOR_F32, .count = sample_count(trainer, group), .data = group->sample};
    snprintf(carry->name, sizeof carry->name, "carry.%zu", i);
    snprintf(sample->name, sizeof sample->name, "chains.%zu", i);
  }
  return arrays;
}

char *rs_state_path(const char *model_path) {
  char *name = NULL;
  return asprintf(&name, "%s.state", model_path) < 0 ? NULL : name;
}
