/* SPDX-License-Identifier: ISC */

/* Model files: what is written is read, and nothing else is. */

#include "allocations.h"
#include "folder.h"
#include "small.h"

#include <rollsmith/model.h>

#include <unistd.h>

enum { NOTES = 6, HIDDEN = 5, RECURRENT = 4 };

/* ---- Models and their bytes ---- */

static RsModel *sample_model(bool gaussian, bool learned_start, bool articulation) {
  RsSettings settings = small_settings(NOTES, HIDDEN, RECURRENT);
  settings.model.rbm = gaussian ? RS_RBM_GAUSSIAN : RS_RBM_BERNOULLI;
  settings.model.learned_start = learned_start;
  settings.roll.velocity = gaussian;
  settings.roll.articulation = articulation;
  settings.train.learning_rate = 1.0 / 3;
  settings.train.seed = 12345678901234567;
  RsModel *model = random_model(&settings, 1);
  model->training = (RsTrainingSummary){3, 77, 1 << 20, 9, 4321, -1.0 / 7, 100.0 / 3, 3, 8};
  return model;
}

typedef struct {
  unsigned char *bytes;
  size_t size;
} Bytes;

static Bytes saved(const RsModel *model) {
  assert_ok(rs_model_save(model, "m", NULL));
  assert_int_equal(files_here(), 1);
  FILE *stream = fopen("m", "rb");
  assert_non_null(stream);
  Bytes bytes = {malloc(1 << 20), 0};
  bytes.size = fread(bytes.bytes, 1, 1 << 20, stream);
  fclose(stream);
  remove("m");
  return bytes;
}

static void assert_same_bytes(const RsModel *one, const RsModel *two) {
  const Bytes a = saved(one), b = saved(two);
  assert_int_equal(a.size, b.size);
  assert_memory_equal(a.bytes, b.bytes, a.size);
  free(a.bytes);
  free(b.bytes);
}

/* Read a model out of memory, as rs_model_load() does out of a file. */
static RsStatus read_bytes(const void *bytes, size_t size) {
  RsTensorFile *file = NULL;
  RsModel *model = NULL;
  FILE *stream = fmemopen((void *)bytes, size, "rb");
  assert_non_null(stream);
  RsStatus status = rs_tensor_file_read(stream, "x", &file, NULL);
  status = status ? status : rs_model_from_tensors(file, "x", &model, NULL);
  assert_true((status == RS_OK) == (model != NULL));
  fclose(stream);
  rs_model_free(model);
  rs_tensor_file_free(file);
  return status;
}

static size_t header_size(Bytes file) {
  return 8 + file.bytes[0] + 256u * file.bytes[1];
}

/* ---- Round trip ---- */

static void assert_same_training(const RsTrainingSummary *a, const RsTrainingSummary *b) {
  assert_int_equal(a->epochs, b->epochs);
  assert_int_equal(a->updates, b->updates);
  assert_int_equal(a->frames, b->frames);
  assert_int_equal(a->songs, b->songs);
  assert_int_equal(a->song_frames, b->song_frames);
  assert_memory_equal(&a->valid_ll, &b->valid_ll, sizeof a->valid_ll);
  assert_memory_equal(&a->bpm, &b->bpm, sizeof a->bpm);
  assert_int_equal(a->meter_beats, b->meter_beats);
  assert_int_equal(a->meter_unit, b->meter_unit);
}

static void a_model_comes_back_bit_for_bit(void **state) {
  for (unsigned kind = 0; kind < 8; ++kind) {
    RsModel *model = sample_model(kind & 1, kind & 2, kind & 4), *read = NULL;
    assert_ok(rs_model_save(model, "m", NULL));
    assert_ok(rs_model_load("m", &read, NULL));
    remove("m");
    const size_t count = rs_rnnrbm_parameters(model->net);
    assert_int_equal(rs_rnnrbm_parameters(read->net), count);
    assert_memory_equal(read->w, model->w, count * sizeof *model->w);
    assert_memory_equal(&read->inputs, &model->inputs, sizeof model->inputs);
    assert_same_training(&read->training, &model->training);
    assert_same_bytes(read, model); /* hence the settings too */
    rs_model_free(model);
    rs_model_free(read);
  }
}

static void threads_leave_no_trace_in_the_file(void **state) {
  RsModel *one = sample_model(false, true, false), *two = sample_model(false, true, false);
  two->settings.train.threads = 7;
  assert_same_bytes(one, two);
  rs_model_free(one);
  rs_model_free(two);
}

/* Expect the documented shapes of a Gaussian model with all there is. */
static void expect_shapes(size_t notes, size_t hidden, size_t recurrent) {
  const size_t visible = 2 * notes, biases = 2 * visible + hidden;
  const RsTensor wanted[] = {
      {"rbm.weight", RS_TENSOR_F32, 2, {hidden, visible}, NULL},
      {"rnn.weight", RS_TENSOR_F32, 2, {recurrent, visible + recurrent}, NULL},
      {"rnn.bias", RS_TENSOR_F32, 1, {recurrent}, NULL},
      {"output.weight", RS_TENSOR_F32, 2, {biases, recurrent}, NULL},
      {"output.bias", RS_TENSOR_F32, 1, {biases}, NULL},
      {"rnn.start", RS_TENSOR_F32, 1, {recurrent}, NULL},
  };
  const size_t count = sizeof wanted / sizeof *wanted;
  RsSettings settings = small_settings((int)notes, (int)hidden, (int)recurrent);
  settings.model.rbm = RS_RBM_GAUSSIAN;
  settings.model.learned_start = settings.roll.articulation = true;
  RsModel *model = random_model(&settings, 1);
  RsTensorFile *file = NULL;
  assert_ok(rs_model_save(model, "m", NULL));
  assert_ok(rs_tensor_file_load("m", &file, NULL));
  remove("m");
  assert_int_equal(rs_tensor_file_count(file), count);
  for (size_t i = 0; i < count; ++i) {
    const RsTensor *t = wanted + i;
    const void *data = NULL;
    assert_ok(rs_tensor_file_expect(file, t->name, t->type, t->rank, t->shape, &data, NULL));
  }
  rs_tensor_file_free(file);
  rs_model_free(model);
}

static void the_shape_of_every_tensor_is_the_documented_one(void **state) {
  expect_shapes(NOTES, HIDDEN, RECURRENT);
  expect_shapes(1, 1, 1);
}

/* ---- Damage ---- */

static void every_flipped_bit_of_the_header_is_noticed(void **state) {
  RsModel *model = sample_model(false, true, false);
  const Bytes file = saved(model);
  assert_ok(read_bytes(file.bytes, file.size));
  for (size_t at = 0; at < header_size(file); ++at) {
    const unsigned char flips[] = {(unsigned char)(1u << at % 8), 0xFF};
    for (size_t i = 0; i < sizeof flips; ++i) {
      file.bytes[at] ^= flips[i];
      const RsStatus status = read_bytes(file.bytes, file.size);
      file.bytes[at] ^= flips[i];
      if (status != RS_ERR_FORMAT) {
        fail_msg("byte %zu xor %u: status %d", at, flips[i], status);
      }
    }
  }
  free(file.bytes);
  rs_model_free(model);
}

static void flipped_bits_of_the_data_are_noticed(void **state) {
  RsModel *model = sample_model(true, true, false);
  const Bytes file = saved(model);
  for (size_t at = header_size(file); at < file.size; at += 5) {
    file.bytes[at] ^= 1u << at % 8;
    assert_int_equal(read_bytes(file.bytes, file.size), RS_ERR_FORMAT);
    file.bytes[at] ^= 1u << at % 8;
  }
  free(file.bytes);
  rs_model_free(model);
}

static void a_cut_or_lengthened_file_is_refused(void **state) {
  RsModel *model = sample_model(false, false, false);
  const Bytes file = saved(model);
  for (size_t size = 1; size < file.size; size += size < 32 ? 1 : 13) {
    assert_int_equal(read_bytes(file.bytes, size), RS_ERR_FORMAT);
  }
  assert_int_equal(read_bytes(file.bytes, file.size - 1), RS_ERR_FORMAT);
  file.bytes[file.size] = 0;
  assert_int_equal(read_bytes(file.bytes, file.size + 1), RS_ERR_FORMAT);
  free(file.bytes);
  rs_model_free(model);
}

static void write_text(const char *text) {
  FILE *stream = fopen("m", "w");
  assert_non_null(stream);
  fputs(text, stream);
  fclose(stream);
}

static void what_is_no_model_is_refused(void **state) {
  static const char *const cases[][2] = {
      {"", "m: not a model: 0 bytes are too few"},
      {"-\n", "m: not a model: 2 bytes are too few"},
      {"# a song\n60 64 67\n-\n60 64 67\n",
       "m: not a model: it does not begin with the length of a header"},
  };
  RsModel *model = NULL;
  RsError error = {RS_OK, ""};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    write_text(cases[i][0]);
    assert_int_equal(rs_model_load("m", &model, &error), RS_ERR_FORMAT);
    assert_string_equal(error.message, cases[i][1]);
  }
  remove("m");
  assert_int_equal(rs_model_load("m", &model, &error), RS_ERR_READ);
  assert_int_equal(rs_model_load(".", &model, &error), RS_ERR_READ);
  assert_null(model);
}

/* ---- Files that are whole and say what cannot be ---- */

/* The file of a model in memory, to be changed. */
static RsTensorFile *tensors_of(bool learned_start) {
  RsModel *model = sample_model(false, learned_start, false);
  RsTensorFile *file = NULL;
  assert_ok(rs_model_save(model, "m", NULL));
  assert_ok(rs_tensor_file_load("m", &file, NULL));
  remove("m");
  rs_model_free(model);
  return file;
}

static void assert_refused(RsTensorFile *file, const char *message) {
  RsModel *model = NULL;
  RsError error = {RS_OK, ""};
  assert_int_equal(rs_model_from_tensors(file, "x", &model, &error), RS_ERR_FORMAT);
  assert_string_equal(error.message, message);
  assert_null(model);
  rs_tensor_file_free(file);
}

static void assert_string_refused(const char *key, const char *value, const char *message) {
  RsTensorFile *file = tensors_of(true);
  assert_ok(rs_tensor_file_set(file, key, value));
  assert_refused(file, message);
}

#define BAD_SETTINGS "x: bad settings in the model: "

static void bad_strings_are_refused(void **state) {
  assert_string_refused("format", "rollsmith-state",
                        "x: not a rollsmith model; make one with 'rollsmith train'");
  assert_string_refused("version", "3",
                        "x: model format version 3, this program reads up to 2: update rollsmith");
  assert_string_refused("version", "1x",
                        "x: model format version 1x, this program reads up to 2: update rollsmith");
  assert_string_refused("version", "",
                        "x: model format version , this program reads up to 2: update rollsmith");
  assert_string_refused("settings", "{",
                        BAD_SETTINGS "settings: not JSON: string or '}' expected near end of file");
  assert_string_refused("settings", "{\"train\":{\"epochs\":-1}}",
                        BAD_SETTINGS
                        "settings: train.epochs = -1: must be a whole number, 1 to 1000000");
  assert_string_refused("settings", "{\"model\":{\"hidden\":100000000}}",
                        BAD_SETTINGS
                        "settings: model.hidden = 100000000: must be a whole number, 1 to 4096");
  assert_string_refused("settings", "{\"roll\":{\"low\":70,\"high\":60}}",
                        BAD_SETTINGS "roll.low = 70 is above roll.high = 60: must not be");
  assert_string_refused(
      "settings", "{\"roll\":{\"velocity\":true}}",
      BAD_SETTINGS
      "roll.velocity = true: units of a bb model are on or off only; set model.rbm = gb");
  assert_string_refused("training", "{}", "x: bad training record in the model");
  assert_string_refused("training", "no JSON", "x: bad training record in the model");
}

static const char SAMPLE[] = "{\"roll\":{\"low\":60,\"high\":65,\"articulation\":false},"
                             "\"model\":{\"hidden\":%d,\"recurrent\":%d,"
                             "\"learned_start\":%s,\"note_age\":false}}";

static void set_sizes(RsTensorFile *file, int hidden, int recurrent, bool learned_start) {
  char text[256];
  snprintf(text, sizeof text, SAMPLE, hidden, recurrent, learned_start ? "true" : "false");
  assert_ok(rs_tensor_file_set(file, "settings", text));
}

/* A file whose tensors are not those of its settings. */
static void assert_tensors_refused(RsTensorFile *file, const char *what) {
  char message[256];
  snprintf(message, sizeof message,
           "x: written by another version of rollsmith, with other inputs or layers (%s): use that "
           "version, or train the model anew",
           what);
  assert_refused(file, message);
}

static void assert_sizes_refused(int hidden, int recurrent, bool learned_start, const char *what) {
  RsTensorFile *file = tensors_of(true);
  set_sizes(file, hidden, recurrent, learned_start);
  assert_tensors_refused(file, what);
}

static void settings_that_do_not_fit_the_tensors_are_refused(void **state) {
  RsTensorFile *file = tensors_of(true);
  RsModel *model = NULL;
  set_sizes(file, HIDDEN, RECURRENT, true);
  assert_ok(rs_model_from_tensors(file, "x", &model, NULL));
  rs_model_free(model);
  rs_tensor_file_free(file);
  assert_sizes_refused(HIDDEN + 1, RECURRENT, true,
                       "tensor rbm.weight is F32 [5, 6], must be F32 [6, 6]");
  assert_sizes_refused(HIDDEN, RECURRENT - 1, true,
                       "tensor rnn.weight is F32 [4, 10], must be F32 [3, 9]");
  assert_sizes_refused(HIDDEN, RECURRENT, false, "6 tensors where its settings make 5");
  file = tensors_of(false);
  set_sizes(file, HIDDEN, RECURRENT, true);
  assert_tensors_refused(file, "tensor rnn.start is missing");
}

static void absurd_sizes_take_no_memory(void **state) {
  RsTensorFile *file = tensors_of(true);
  set_sizes(file, 4096, 4096, true);
  largest_allocation = 0;
  assert_tensors_refused(file, "tensor rbm.weight is F32 [5, 6], must be F32 [4096, 6]");
  assert_in_range(largest_allocation, 1, 1 << 18); /* the distribution of plans is in the struct */
}

/* ---- Numbers that are none ---- */

static void numbers_that_are_none_are_never_saved(void **state) {
  static const float bad[] = {NAN, INFINITY, -INFINITY};
  RsModel *model = sample_model(false, true, false);
  const size_t count = rs_rnnrbm_parameters(model->net);
  for (size_t i = 0; i < 3 * count; i += 7) {
    const float good = model->w[i % count];
    RsError error = {RS_OK, ""};
    model->w[i % count] = bad[i / count];
    assert_int_equal(rs_model_save(model, "m", &error), RS_ERR_NONFINITE);
    assert_string_equal(error.message, "m: the model cannot be written: NaN or infinity");
    assert_int_equal(files_here(), 0);
    model->w[i % count] = good;
  }
  rs_model_free(model);
}

static void a_failed_save_leaves_the_old_file(void **state) {
  RsModel *model = sample_model(false, true, false), *read = NULL;
  assert_ok(rs_model_save(model, "m", NULL));
  const float good = model->w[0];
  model->w[0] = NAN;
  assert_int_equal(rs_model_save(model, "m", NULL), RS_ERR_NONFINITE);
  model->w[0] = good;
  assert_ok(rs_model_load("m", &read, NULL));
  remove("m");
  assert_same_bytes(read, model);
  rs_model_free(model);
  rs_model_free(read);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      in_folder(a_model_comes_back_bit_for_bit),
      in_folder(threads_leave_no_trace_in_the_file),
      in_folder(the_shape_of_every_tensor_is_the_documented_one),
      in_folder(every_flipped_bit_of_the_header_is_noticed),
      in_folder(flipped_bits_of_the_data_are_noticed),
      in_folder(a_cut_or_lengthened_file_is_refused),
      in_folder(what_is_no_model_is_refused),
      in_folder(bad_strings_are_refused),
      in_folder(settings_that_do_not_fit_the_tensors_are_refused),
      in_folder(absurd_sizes_take_no_memory),
      in_folder(numbers_that_are_none_are_never_saved),
      in_folder(a_failed_save_leaves_the_old_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
