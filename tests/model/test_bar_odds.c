/* SPDX-License-Identifier: ISC */

/* The discriminator of bars: its log-odds, and its tensors in a file. */

#include "folder.h"
#include "small.h"

#include "model/discriminator.h"

#include <rollsmith/net.h>

#include <stdlib.h>

static void fill(float *values, size_t count, uint64_t step) {
  double normal[RS_DISCRIMINATOR_HIDDEN * RS_DISCRIMINATOR_INPUTS];
  rs_rng_normal(test_rng(8), step, count, normal);
  for (size_t i = 0; i < count; ++i) {
    values[i] = (float)(0.3 * normal[i]);
  }
}

#define FILL(member, step) fill(made->member, sizeof made->member / sizeof(float), step)

static RsDiscriminator *random_discriminator(void) {
  RsDiscriminator *made = calloc(1, sizeof *made);
  assert_non_null(made);
  FILL(mean, 0);
  FILL(scale, 1);
  FILL(hidden, 2);
  FILL(bias, 3);
  FILL(output, 4);
  return made;
}

static void the_log_odds_are_those_of_a_net(void **state) {
  const RsLayerSpec layers[] = {
      {.outputs = RS_DISCRIMINATOR_HIDDEN, .activation = RS_RELU, .bias = RS_BIAS_OWN},
      {.outputs = 1, .activation = RS_IDENTITY, .bias = RS_BIAS_OWN},
  };
  RsDiscriminator *d = random_discriminator();
  float bars[RS_DISCRIMINATOR_INPUTS], x[RS_DISCRIMINATOR_INPUTS];
  RsNet *net = NULL;
  RsNetWork *work = NULL;
  for (size_t i = 0; i < RS_DISCRIMINATOR_INPUTS; ++i) {
    bars[i] = 0.1f * (float)(i % 7) - 0.2f;
    x[i] = (bars[i] - d->mean[i]) * d->scale[i];
  }
  assert_ok(rs_net_new(RS_DISCRIMINATOR_INPUTS, 2, layers, &net, NULL));
  assert_ok(rs_net_work_new(net, 1, &work, NULL));
  float w[sizeof *d / sizeof(float)]; /* W1, b1, W2, b2 */
  memcpy(w, d->hidden, sizeof d->hidden);
  memcpy(w + sizeof d->hidden / sizeof *w, d->bias, sizeof d->bias);
  memcpy(w + (sizeof d->hidden + sizeof d->bias) / sizeof *w, d->output, sizeof d->output);
  assert_ok(rs_net_forward(net, w, 1, x, work, NULL));
  assert_close(rs_discriminator_log_odds(d, bars, bars + RS_BAR_FEATURES),
               (double)rs_net_output(work)[0], 1e-5);
  rs_net_work_free(work);
  rs_net_free(net);
  free(d);
}

static void it_is_kept_in_the_model_file(void **state) {
  const char *path = "a.model";
  const RsSettings settings = small_settings(6, 2, 2);
  RsModel *model = model_with(&settings, 0, NULL), *read = NULL;
  assert_ok(rs_model_save(model, path, NULL));
  assert_ok(rs_model_load(path, &read, NULL));
  assert_null(read->discriminator);
  rs_model_free(read);
  model->discriminator = random_discriminator();
  assert_ok(rs_model_save(model, path, NULL));
  assert_ok(rs_model_load(path, &read, NULL));
  assert_memory_equal(read->discriminator, model->discriminator, sizeof(RsDiscriminator));
  rs_model_free(read);
  rs_model_free(model);
  unlink(path);
}

/* A tensor of the features of both bars: the number of each in its row, and 1 for the bar itself.
 */
static void add_features(RsTensorFile *file, const char *name, size_t rows, size_t features) {
  float *values = calloc(rows, 2 * features * sizeof *values);
  assert_non_null(values);
  for (size_t i = 0; i < rows * 2 * features; ++i) {
    values[i] = (float)(i % features) + (i / features % 2 ? 100 : 0);
  }
  const RsTensor tensor = {name,
                           RS_TENSOR_F32,
                           rows > 1 ? 2 : 1,
                           {rows > 1 ? rows : 2 * features, 2 * features},
                           values};
  assert_ok(rs_tensor_file_add(file, &tensor));
  free(values);
}

static RsTensorFile *file_of(size_t features) {
  float hidden[RS_DISCRIMINATOR_HIDDEN + 1] = {0};
  RsTensorFile *file = NULL;
  assert_ok(rs_tensor_file_new(&file));
  add_features(file, "discriminator.mean", 1, features);
  add_features(file, "discriminator.scale", 1, features);
  add_features(file, "discriminator.hidden.weight", RS_DISCRIMINATOR_HIDDEN, features);
  const RsTensor bias = {
      "discriminator.hidden.bias", RS_TENSOR_F32, 1, {RS_DISCRIMINATOR_HIDDEN}, hidden};
  const RsTensor output = {
      "discriminator.output", RS_TENSOR_F32, 1, {RS_DISCRIMINATOR_HIDDEN + 1}, hidden};
  assert_ok(rs_tensor_file_add(file, &bias));
  assert_ok(rs_tensor_file_add(file, &output));
  return file;
}

static void features_that_a_file_does_not_have_count_nothing(void **state) {
  enum { FEATURES = 66 };
  RsModel model = {.discriminator = NULL};
  RsTensorFile *file = file_of(FEATURES);
  assert_ok(rs_discriminator_read(file, "a.model", &model, NULL));
  for (size_t i = 0; i < RS_DISCRIMINATOR_HIDDEN * RS_DISCRIMINATOR_INPUTS; ++i) {
    const size_t feature = i % RS_BAR_FEATURES, bar = i / RS_BAR_FEATURES % 2;
    const float wanted = feature < FEATURES ? (float)(feature + 100 * bar) : 0;
    assert_true(model.discriminator->hidden[i] == wanted);
    assert_true(i >= RS_DISCRIMINATOR_INPUTS || model.discriminator->mean[i] == wanted);
    assert_true(i >= RS_DISCRIMINATOR_INPUTS || model.discriminator->scale[i] == wanted);
  }
  free(model.discriminator);
  rs_tensor_file_free(file);
}

static void more_features_than_there_are_are_refused(void **state) {
  RsModel model = {.discriminator = NULL};
  RsError error;
  RsTensorFile *file = file_of(RS_BAR_FEATURES + 1);
  assert_int_equal(rs_discriminator_read(file, "a.model", &model, &error), RS_ERR_FORMAT);
  assert_non_null(strstr(error.message, "a.model: "));
  assert_null(model.discriminator);
  rs_tensor_file_free(file);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_log_odds_are_those_of_a_net),
      in_folder(it_is_kept_in_the_model_file),
      cmocka_unit_test(features_that_a_file_does_not_have_count_nothing),
      cmocka_unit_test(more_features_than_there_are_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
