/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include <rollsmith/tensor_file.h>

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define PATH "test_tensor_file.tmp"

static const float weights[6] = {0.0f, -1.5f, 3.25e-30f, 1e30f, -0.0f, 7.0f};
static const double cost[1] = {0.1};
static const uint64_t counters[2] = {UINT64_MAX, 42};
static const uint8_t flags[3] = {0, 1, 255};

static void add(RsTensorFile *file, RsTensor tensor) {
  assert_ok(rs_tensor_file_add(file, &tensor));
}

/// A small file with a tensor of each type, added in no order
static RsTensorFile *sample(void) {
  RsTensorFile *file = NULL;
  assert_ok(rs_tensor_file_new(&file));
  add(file, (RsTensor){"z.flags", RS_TENSOR_U8, 1, {3}, flags});
  add(file, (RsTensor){"rbm.weight", RS_TENSOR_F32, 2, {2, 3}, weights});
  add(file, (RsTensor){"cost", RS_TENSOR_F64, 0, {0}, cost});
  add(file, (RsTensor){"a.counters", RS_TENSOR_U64, 1, {2}, counters});
  add(file, (RsTensor){"nothing", RS_TENSOR_F32, 2, {0, 5}, NULL});
  assert_ok(rs_tensor_file_set(file, "format", "test"));
  assert_ok(rs_tensor_file_set(file, "words", "\"\\ \xc3\xa9 \n"));
  return file;
}

typedef struct {
  unsigned char *bytes;
  size_t size;
} Bytes;

static Bytes slurp(const char *path) {
  FILE *stream = fopen(path, "rb");
  assert_non_null(stream);
  Bytes bytes = {malloc(1 << 20), 0};
  bytes.size = fread(bytes.bytes, 1, 1 << 20, stream);
  fclose(stream);
  return bytes;
}

static Bytes sample_bytes(void) {
  RsTensorFile *file = sample();
  assert_ok(rs_tensor_file_save(file, PATH, NULL));
  rs_tensor_file_free(file);
  const Bytes bytes = slurp(PATH);
  remove(PATH);
  return bytes;
}

static RsStatus read_bytes(const void *bytes, size_t size, RsError *error) {
  RsTensorFile *file = NULL;
  FILE *stream = fmemopen((void *)bytes, size, "rb");
  assert_non_null(stream);
  const RsStatus status = rs_tensor_file_read(stream, "x", &file, error);
  assert_true((status == RS_OK) == (file != NULL));
  rs_tensor_file_free(file);
  fclose(stream);
  return status;
}

static size_t header_size(Bytes bytes) {
  return bytes.bytes[0] + 256u * bytes.bytes[1];
}

/* ---- Good files ---- */

static void what_is_written_is_read_bit_by_bit(void **state) {
  RsTensorFile *file = sample(), *read = NULL;
  assert_ok(rs_tensor_file_save(file, PATH, NULL));
  assert_ok(rs_tensor_file_load(PATH, &read, NULL));
  assert_int_equal(rs_tensor_file_count(read), 5);
  const RsTensor *tensor = rs_tensor_file_find(read, "rbm.weight");
  assert_int_equal(tensor->rank, 2);
  assert_int_equal(tensor->shape[0], 2);
  assert_int_equal(tensor->shape[1], 3);
  assert_memory_equal(tensor->data, weights, sizeof(weights));
  assert_memory_equal(rs_tensor_file_find(read, "cost")->data, cost, sizeof(cost));
  assert_memory_equal(rs_tensor_file_find(read, "a.counters")->data, counters, sizeof(counters));
  assert_memory_equal(rs_tensor_file_find(read, "z.flags")->data, flags, sizeof(flags));
  assert_string_equal(rs_tensor_file_get(read, "format"), "test");
  assert_string_equal(rs_tensor_file_get(read, "words"), "\"\\ \xc3\xa9 \n");
  assert_string_equal(rs_tensor_file_key(read, 0), "format");
  assert_string_equal(rs_tensor_file_key(read, 1), "words");
  assert_null(rs_tensor_file_key(read, 2));
  assert_null(rs_tensor_file_get(read, "checksum"));
  assert_null(rs_tensor_file_find(read, "weight"));
  rs_tensor_file_free(file);
  rs_tensor_file_free(read);
  remove(PATH);
}

/// Known bytes: the layout must not change, nor depend on the machine
static void the_layout_is_that_of_safetensors(void **state) {
  static const char header[] =
      "{\"__metadata__\":{\"checksum\":\"................\",\"format\":\"test\"},"
      "\"a\":{\"data_offsets\":[8,12],\"dtype\":\"F32\",\"shape\":[1]},"
      "\"b\":{\"data_offsets\":[0,8],\"dtype\":\"U64\",\"shape\":[1]}}";
  static const unsigned char data[12] = {8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0x80, 0x3f};
  const uint64_t eight = 0x0102030405060708u;
  const float one = 1;
  RsTensorFile *file = NULL;
  assert_ok(rs_tensor_file_new(&file));
  add(file, (RsTensor){"a", RS_TENSOR_F32, 1, {1}, &one});
  add(file, (RsTensor){"b", RS_TENSOR_U64, 1, {1}, &eight});
  assert_ok(rs_tensor_file_set(file, "format", "test"));
  assert_ok(rs_tensor_file_save(file, PATH, NULL));
  rs_tensor_file_free(file);
  const Bytes bytes = slurp(PATH);
  remove(PATH);
  assert_int_equal(header_size(bytes) % 8, 0);
  assert_int_equal(bytes.size, 8 + header_size(bytes) + sizeof(data));
  assert_memory_equal(bytes.bytes + bytes.size - sizeof(data), data, sizeof(data));
  memset(bytes.bytes + 8 + strlen("{\"__metadata__\":{\"checksum\":\""), '.', 16);
  assert_memory_equal(bytes.bytes + 8, header, strlen(header));
  for (size_t i = strlen(header); i < header_size(bytes); ++i) {
    assert_int_equal(bytes.bytes[8 + i], ' ');
  }
  free(bytes.bytes);
}

static void the_same_content_gives_the_same_bytes(void **state) {
  const Bytes a = sample_bytes(), b = sample_bytes();
  assert_int_equal(a.size, b.size);
  assert_memory_equal(a.bytes, b.bytes, a.size);
  free(a.bytes);
  free(b.bytes);
}

static void a_string_that_is_set_again_is_replaced(void **state) {
  RsTensorFile *file = sample();
  assert_ok(rs_tensor_file_set(file, "format", "other"));
  assert_string_equal(rs_tensor_file_get(file, "format"), "other");
  rs_tensor_file_free(file);
}

static void what_cannot_be_written_is_refused(void **state) {
  RsTensorFile *file = sample();
  const float bad[2] = {0, NAN};
  const double endless[1] = {INFINITY};
  const RsTensor nan = {"nan", RS_TENSOR_F32, 1, {2}, bad};
  const RsTensor inf = {"inf", RS_TENSOR_F64, 1, {1}, endless};
  const RsTensor twice = {"cost", RS_TENSOR_F64, 0, {0}, cost};
  const RsTensor metadata = {"__metadata__", RS_TENSOR_F64, 0, {0}, cost};
  const RsTensor nameless = {"", RS_TENSOR_F64, 0, {0}, cost};
  const RsTensor deep = {"deep", RS_TENSOR_F64, 5, {1, 1, 1, 1}, cost};
  const RsTensor huge = {"huge", RS_TENSOR_F64, 3, {SIZE_MAX / 2, 4, 4}, cost};
  assert_int_equal(rs_tensor_file_add(file, &nan), RS_ERR_NONFINITE);
  assert_int_equal(rs_tensor_file_add(file, &inf), RS_ERR_NONFINITE);
  assert_int_equal(rs_tensor_file_add(file, &twice), RS_ERR_ARGUMENT);
  assert_int_equal(rs_tensor_file_add(file, &metadata), RS_ERR_ARGUMENT);
  assert_int_equal(rs_tensor_file_add(file, &nameless), RS_ERR_ARGUMENT);
  assert_int_equal(rs_tensor_file_add(file, &deep), RS_ERR_ARGUMENT);
  assert_int_equal(rs_tensor_file_add(file, &huge), RS_ERR_OVERFLOW);
  assert_int_equal(rs_tensor_file_set(file, "checksum", "0"), RS_ERR_ARGUMENT);
  assert_int_equal(rs_tensor_file_set(file, "latin", "\xe9"), RS_ERR_ARGUMENT);
  assert_int_equal(rs_tensor_file_count(file), 5);
  rs_tensor_file_free(file);
}

static void a_tensor_of_another_shape_is_not_what_was_expected(void **state) {
  RsTensorFile *file = sample();
  const size_t right[2] = {2, 3}, wrong[2] = {3, 2};
  const void *data = NULL;
  RsError error = {RS_OK, ""};
  assert_ok(rs_tensor_file_expect(file, "rbm.weight", RS_TENSOR_F32, 2, right, &data, &error));
  assert_memory_equal(data, weights, sizeof(weights));
  assert_int_equal(
      rs_tensor_file_expect(file, "rbm.weight", RS_TENSOR_F32, 2, wrong, &data, &error),
      RS_ERR_FORMAT);
  assert_string_equal(error.message, "tensor rbm.weight is F32 [2, 3], must be F32 [3, 2]");
  assert_int_equal(rs_tensor_file_expect(file, "rbm.weight", RS_TENSOR_F64, 2, right, &data, NULL),
                   RS_ERR_FORMAT);
  assert_int_equal(rs_tensor_file_expect(file, "rbm.weight", RS_TENSOR_F32, 1, right, &data, NULL),
                   RS_ERR_FORMAT);
  assert_int_equal(rs_tensor_file_expect(file, "rbm.bias", RS_TENSOR_F32, 2, right, &data, &error),
                   RS_ERR_FORMAT);
  assert_string_equal(error.message, "tensor rbm.bias is missing");
  rs_tensor_file_free(file);
}

/* ---- Damage ---- */

static void every_flipped_bit_is_noticed(void **state) {
  const Bytes good = sample_bytes();
  assert_ok(read_bytes(good.bytes, good.size, NULL));
  for (size_t i = 0; i < 8 * good.size; ++i) {
    good.bytes[i / 8] ^= (unsigned char)(1u << i % 8);
    RsError error = {RS_OK, ""};
    assert_int_equal(read_bytes(good.bytes, good.size, &error), RS_ERR_FORMAT);
    assert_int_equal(error.status, RS_ERR_FORMAT);
    good.bytes[i / 8] ^= (unsigned char)(1u << i % 8);
  }
  free(good.bytes);
}

static void a_file_cut_anywhere_is_refused(void **state) {
  const Bytes good = sample_bytes();
  for (size_t size = 1; size < good.size; ++size) {
    assert_int_equal(read_bytes(good.bytes, size, NULL), RS_ERR_FORMAT);
  }
  free(good.bytes);
}

static void a_file_with_more_behind_it_is_refused(void **state) {
  Bytes bytes = sample_bytes();
  bytes.bytes[bytes.size] = 0;
  assert_int_equal(read_bytes(bytes.bytes, bytes.size + 1, NULL), RS_ERR_FORMAT);
  free(bytes.bytes);
}

/// FNV-1a as the reader computes it, so that hostile files get as far as they can
static void sign(unsigned char *bytes, size_t size) {
  uint64_t hash = 0xcbf29ce484222325u;
  char digits[17];
  char *mark = strstr((char *)bytes + 8, "\"checksum\":\"");
  if (!mark) {
    return;
  }
  memset(mark + 12, '0', 16);
  for (size_t i = 0; i < size; ++i) {
    hash = (hash ^ bytes[i]) * 0x100000001b3u;
  }
  snprintf(digits, sizeof(digits), "%016" PRIx64, hash);
  memcpy(mark + 12, digits, 16);
}

#define SIGNED "\"__metadata__\":{\"checksum\":\"0000000000000000\"}"

/// A file with a right checksum, this header and some bytes of data; gives the message
static void assert_header(const char *header, size_t data, const char *message) {
  unsigned char bytes[1024] = {(unsigned char)strlen(header), (unsigned char)(strlen(header) >> 8)};
  const size_t size = 8 + strlen(header) + data;
  RsError error = {RS_OK, ""};
  memcpy(bytes + 8, header, strlen(header));
  sign(bytes, size);
  read_bytes(bytes, size, &error);
  assert_string_equal(error.message, message);
}

static void hostile_headers_are_refused_with_what_is_wrong(void **state) {
  static const struct {
    const char *header;
    size_t data;
    const char *message;
  } cases[] = {
      {"{" SIGNED "}", 0, ""},
      {"{" SIGNED ",\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, ""},
      {"[]", 0, "x: not a model: its header is not a JSON object"},
      {"{}", 0, "x: damaged: it has no checksum"},
      {"{\"__metadata__\":{\"checksum\": \"0000000000000000\"}}", 0,
       "x: damaged: it has no checksum"},
      {"{\"__metadata__\":{\"checksum\":\"0000000000000000\",\"n\":1}}", 0,
       "x: damaged: its metadata must be strings"},
      {"{" SIGNED "}", 1, "x: damaged: there are bytes behind the last tensor"},
      {"{" SIGNED ",\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}", 4,
       "x: damaged: tensor a: the file ends before its data does"},
      {"{" SIGNED ",\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4,
       "x: damaged: tensor a: its shape does not fit its data"},
      {"{" SIGNED ",\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4,
       "x: damaged: tensor a: its data_offsets must be two numbers, the lower one first"},
      {"{" SIGNED ",\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", 4,
       "x: damaged: tensor a: its data_offsets must be two numbers, the lower one first"},
      {"{" SIGNED ",\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4,
       "x: damaged: tensor a: its shape must be at most four sizes"},
      {"{" SIGNED ",\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1],\"data_offsets\":[0,4]}}", 4,
       "x: damaged: tensor a: its shape must be at most four sizes"},
      {"{" SIGNED ",\"a\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4,
       "x: damaged: tensor a: its dtype must be F32, F64, U64 or U8"},
      {"{" SIGNED ",\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],"
       "\"data_offsets\":[0,0]}}",
       0, "x: damaged: tensor a: its shape does not fit its data"},
      {"{" SIGNED ",\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
       "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
       4, "x: damaged: tensor b: it overlaps the one before"},
      {"{" SIGNED ",\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8,
       "x: damaged: tensor a: there is a gap before"},
      {"{" SIGNED ",\"a\":7}", 0, "x: damaged: tensor a: its dtype must be F32, F64, U64 or U8"},
      {"{" SIGNED ",\"\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}", 1,
       "x: damaged: a tensor without a name"},
      {"{" SIGNED ",\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1],\"more\":1}}", 1,
       "x: damaged: tensor a: its dtype must be F32, F64, U64 or U8"},
      {"{" SIGNED ",\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]},"
       "\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[1,2]}}",
       2, "x: not a model: its header is not a JSON object: duplicate object key near '\"a\"'"},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    assert_header(cases[i].header, cases[i].data, cases[i].message);
  }
}

static void a_header_that_nests_too_deep_is_refused(void **state) {
  const size_t depth = 100000;
  unsigned char *bytes = calloc(depth + 8, 1);
  bytes[0] = (unsigned char)depth;
  bytes[1] = (unsigned char)(depth >> 8);
  bytes[2] = (unsigned char)(depth >> 16);
  memset(bytes + 8, '[', depth);
  assert_int_equal(read_bytes(bytes, depth + 8, NULL), RS_ERR_FORMAT);
  free(bytes);
}

static void a_value_that_is_no_number_is_refused(void **state) {
  static const char header[] =
      "{" SIGNED ",\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
  unsigned char bytes[256] = {sizeof(header) - 1};
  const size_t size = 8 + sizeof(header) - 1 + 4;
  RsError error = {RS_OK, ""};
  memcpy(bytes + 8, header, sizeof(header) - 1);
  memcpy(bytes + size - 4, "\0\0\xc0\x7f", 4);
  sign(bytes, size);
  assert_int_equal(read_bytes(bytes, size, &error), RS_ERR_FORMAT);
  assert_string_equal(error.message, "x: damaged: tensor a: a value is not a number or infinite");
}

static void what_is_no_model_at_all_is_refused(void **state) {
  RsTensorFile *file = NULL;
  RsError error = {RS_OK, ""};
  static const char text[] = "Hear now a text that is no model.\n";
  assert_int_equal(read_bytes(text, sizeof(text), &error), RS_ERR_FORMAT);
  assert_string_equal(error.message,
                      "x: not a model: it does not begin with the length of a header");
  assert_int_equal(read_bytes("MThd", 4, &error), RS_ERR_FORMAT);
  assert_string_equal(error.message, "x: not a model: 4 bytes are too few");
  assert_int_equal(rs_tensor_file_load("/no/such/file", &file, &error), RS_ERR_READ);
  assert_string_equal(error.message, "cannot read /no/such/file: No such file or directory");
  assert_int_equal(rs_tensor_file_load("/", &file, &error), RS_ERR_READ);
  assert_int_equal(rs_tensor_file_load("/dev/zero", &file, &error), RS_ERR_READ);
  assert_string_equal(error.message, "cannot read /dev/zero: not a regular file; save its contents "
                                     "to one first");
}

static void an_output_that_cannot_be_written_is_said(void **state) {
  RsTensorFile *file = sample();
  RsError error = {RS_OK, ""};
  assert_int_equal(rs_tensor_file_save(file, "/no/such/folder/x", &error), RS_ERR_IO);
  assert_int_equal(rs_tensor_file_save(file, "/", &error), RS_ERR_IO);
  assert_int_equal(rs_tensor_file_save(file, "/dev/full", &error), RS_ERR_IO);
  assert_string_equal(error.message, "cannot write /dev/full: No space left on device");
  rs_tensor_file_free(file);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_written_is_read_bit_by_bit),
      cmocka_unit_test(the_layout_is_that_of_safetensors),
      cmocka_unit_test(the_same_content_gives_the_same_bytes),
      cmocka_unit_test(a_string_that_is_set_again_is_replaced),
      cmocka_unit_test(what_cannot_be_written_is_refused),
      cmocka_unit_test(a_tensor_of_another_shape_is_not_what_was_expected),
      cmocka_unit_test(every_flipped_bit_is_noticed),
      cmocka_unit_test(a_file_cut_anywhere_is_refused),
      cmocka_unit_test(a_file_with_more_behind_it_is_refused),
      cmocka_unit_test(hostile_headers_are_refused_with_what_is_wrong),
      cmocka_unit_test(a_header_that_nests_too_deep_is_refused),
      cmocka_unit_test(a_value_that_is_no_number_is_refused),
      cmocka_unit_test(what_is_no_model_at_all_is_refused),
      cmocka_unit_test(an_output_that_cannot_be_written_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
