/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_RESUMED_H
#define RS_TESTS_RESUMED_H

/**
   @file resumed.h Trainings that are saved, and how their files are compared.
*/

#include "training.h"

#include "train/trainer_internal.h"

enum { EPOCHS = 8 };

/* ---- Files ---- */

static inline void assert_same_files(const char *one, const char *two) {
  FILE *a = fopen(one, "rb"), *b = fopen(two, "rb");
  assert_true(a && b);
  int x = 0, y = 0;
  for (long at = 0; x != EOF || y != EOF; ++at) {
    x = getc(a);
    y = getc(b);
    if (x != y) {
      fail_msg("%s and %s differ from byte %ld on", one, two, at);
    }
  }
  fclose(a);
  fclose(b);
}

static inline RsTensorFile *tensors_of(const char *path) {
  RsTensorFile *file = NULL;
  assert_ok(rs_tensor_file_load(path, &file, NULL));
  return file;
}

/* Cut `"key":value` out of JSON. */
static inline void cut_member(char *json, const char *key) {
  char mark[32];
  snprintf(mark, sizeof mark, "\"%s\":", key);
  char *at = strstr(json, mark);
  assert_non_null(at);
  char *end = at + strcspn(at, ",}");
  memmove(at, end, strlen(end) + 1);
}

/* Counters but for the time that they took. */
static inline char *timeless_counters(const RsTensorFile *file) {
  char *json = strdup(rs_tensor_file_get(file, "counters"));
  cut_member(json, "seconds");
  cut_member(json, "epoch_seconds");
  cut_member(json, "wall");
  return json;
}

static inline void assert_same_tensors(const RsTensorFile *a, const RsTensorFile *b) {
  assert_int_equal(rs_tensor_file_count(a), rs_tensor_file_count(b));
  for (size_t i = 0; i < rs_tensor_file_count(a); ++i) {
    const RsTensor *t = rs_tensor_file_at(a, i), *u = rs_tensor_file_at(b, i);
    assert_string_equal(t->name, u->name);
    assert_int_equal(t->type, u->type);
    assert_int_equal(t->shape[0], u->shape[0]);
    const size_t width = t->type == RS_TENSOR_U64 ? 8 : 4;
    if (memcmp(t->data, u->data, t->shape[0] * width) != 0) {
      fail_msg("%s differs", t->name);
    }
  }
}

static inline void assert_same_states(const char *one, const char *two) {
  RsTensorFile *a = tensors_of(one), *b = tensors_of(two);
  char *counters_a = timeless_counters(a), *counters_b = timeless_counters(b);
  assert_string_equal(counters_a, counters_b);
  assert_string_equal(rs_tensor_file_get(a, "settings"), rs_tensor_file_get(b, "settings"));
  assert_string_equal(rs_tensor_file_get(a, "songs"), rs_tensor_file_get(b, "songs"));
  assert_same_tensors(a, b);
  free(counters_a);
  free(counters_b);
  rs_tensor_file_free(a);
  rs_tensor_file_free(b);
}

static inline void save_as(RsTrainer *trainer, const char *path) {
  RsError error = {RS_OK, ""};
  if (rs_trainer_save(trainer, path, &error)) {
    fail_msg("%s", error.message);
  }
}

static inline void remove_training(const char *path) {
  char state[64];
  snprintf(state, sizeof state, "%s.state", path);
  remove(path);
  remove(state);
}

static inline void assert_same_trainings(const char *one, const char *two) {
  char a[64], b[64];
  snprintf(a, sizeof a, "%s.state", one);
  snprintf(b, sizeof b, "%s.state", two);
  assert_same_files(one, two);
  assert_same_states(a, b);
}

/* ---- Trainings ---- */

typedef struct {
  RsSongs train, valid;
} Corpus;

static inline Corpus corpus(void) {
  return (Corpus){songs_of(TRAIN_TEXT), songs_of(VALID_TEXT)};
}

static inline void corpus_clear(Corpus *c) {
  rs_songs_clear(&c->train);
  rs_songs_clear(&c->valid);
}

/* Train to the end in one go, into `path`. */
static inline void train_through(const RsSettings *settings, const Corpus *c, const RsSongs *valid,
                                 const char *path) {
  RsTrainer *trainer = trainer_of(settings, &c->train, valid);
  assert_int_equal(run(trainer, -1), RS_TRAINED_EPOCHS);
  save_as(trainer, path);
  rs_trainer_free(trainer);
}

#endif /* RS_TESTS_RESUMED_H */
