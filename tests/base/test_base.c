/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "base/linear_algebra.h"
#include "base/memory.h"
#include "base/thread_pool.h"
#include "base/portable_math.h"

#include <rollsmith/rng.h>
#include <rollsmith/status.h>

#include <string.h>

static void an_error_carries_its_message(void **state) {
  RsError error = {RS_OK, ""};
  assert_int_equal(rs_error(&error, RS_ERR_FORMAT, "line %d of %s", 3, "x"), RS_ERR_FORMAT);
  assert_int_equal(error.status, RS_ERR_FORMAT);
  assert_string_equal(error.message, "line 3 of x");
  assert_int_equal(rs_error(NULL, RS_ERR_IO, "nobody listens"), RS_ERR_IO);
}

static void a_long_message_is_cut(void **state) {
  RsError error;
  char text[2 * RS_ERROR_MESSAGE_SIZE];
  memset(text, 'a', sizeof text - 1);
  text[sizeof text - 1] = 0;
  rs_error(&error, RS_ERR_IO, "%s", text);
  assert_int_equal(strlen(error.message), RS_ERROR_MESSAGE_SIZE - 1);
}

static void every_status_has_a_text_of_its_own(void **state) {
  for (int a = RS_OK; a <= RS_ERR_READ; ++a) {
    assert_string_not_equal(rs_status_text((RsStatus)a), rs_status_text((RsStatus)999));
    for (int b = RS_OK; b < a; ++b) {
      assert_string_not_equal(rs_status_text((RsStatus)a), rs_status_text((RsStatus)b));
    }
  }
}

static void memory_is_zeroed_aligned_and_never_wraps(void **state) {
  unsigned char *memory = rs_alloc(7, 13);
  assert_non_null(memory);
  assert_int_equal((uintptr_t)memory % RS_ALIGNMENT, 0);
  for (size_t i = 0; i < 7 * 13; ++i) {
    assert_int_equal(memory[i], 0);
  }
  free(memory);
  assert_null(rs_alloc(SIZE_MAX / 2, 3));
  assert_null(rs_alloc(SIZE_MAX, 1));
  void *nothing = rs_alloc(0, 8);
  assert_non_null(nothing);
  free(nothing);
}

/* The first known-answer vector of the paper's code: counter 0, key 0. */
static void philox_gives_its_known_answer(void **state) {
  uint32_t words[6];
  rs_rng_words((RsRng){0, 0}, 0, 6, words);
  assert_int_equal(words[0], 0x6627e8d5);
  assert_int_equal(words[1], 0xe169c58d);
  assert_int_equal(words[2], 0xbc57ac4c);
  assert_int_equal(words[3], 0x9b00dbd8);
}

static void a_word_depends_on_its_place_alone(void **state) {
  const RsRng rng = {42, RS_STREAM_TEST};
  uint32_t many[11], few[3], other[11];
  rs_rng_words(rng, 5, 11, many);
  rs_rng_words(rng, 5, 3, few);
  assert_memory_equal(many, few, sizeof few);
  rs_rng_words(rng, 6, 11, other);
  assert_memory_not_equal(many, other, sizeof many);
  rs_rng_words((RsRng){42, RS_STREAM_GIBBS}, 5, 11, other);
  assert_memory_not_equal(many, other, sizeof many);
  rs_rng_words((RsRng){43, RS_STREAM_TEST}, 5, 11, other);
  assert_memory_not_equal(many, other, sizeof many);
}

static void portable_functions_are_those_of_the_library(void **state) {
  for (int i = 1; i < 100000; ++i) {
    const double x = i * 0.00137, turns = i / 100000.0;
    double cosine, sine;
    assert_close(rs_portable_log(x), log(x), 4e-16 * fmax(1e-3, fabs(log(x))));
    rs_portable_sincos(turns, &cosine, &sine);
    assert_close(cosine, cos(2 * M_PI * turns), 2e-15);
    assert_close(sine, sin(2 * M_PI * turns), 2e-15);
  }
  assert_close(rs_portable_log(1), 0, 0);
  assert_close(rs_portable_log(0x1p-1000), -1000 * M_LN2, 1e-13);
}

/* To the bit, on every processor and with every C library. */
static void normal_numbers_are_the_same_everywhere(void **state) {
  const double expected[] = {0x1.6d96ff04871f8p+0, 0x1.7f9943e9190f3p-1, -0x1.70be3291f38a4p-2};
  double x[3];
  rs_rng_normal((RsRng){1, RS_STREAM_TEST}, 7, 3, x);
  assert_memory_equal(x, expected, sizeof x);
}

static void normal_numbers_have_their_moments(void **state) {
  enum { N = 100001 };
  double *x = rs_alloc(N, sizeof *x);
  rs_rng_normal((RsRng){1, RS_STREAM_TEST}, 0, N, x);
  double mean = 0, square = 0, fourth = 0;
  for (size_t i = 0; i < N; ++i) {
    mean += x[i] / N;
    square += x[i] * x[i] / N;
    fourth += x[i] * x[i] * x[i] * x[i] / N;
  }
  assert_close(mean, 0, 0.015);
  assert_close(square, 1, 0.02);
  assert_close(fourth, 3, 0.15);
  free(x);
}

static void whole_numbers_stay_below_their_bound(void **state) {
  size_t seen[7] = {0};
  for (uint64_t i = 0; i < 7000; ++i) {
    const uint32_t n = rs_rng_below((RsRng){3, RS_STREAM_TEST}, i, 7);
    assert_in_range(n, 0, 6);
    ++seen[n];
    assert_true(rs_rng_uniform((RsRng){3, RS_STREAM_TEST}, i) < 1.0);
  }
  for (size_t i = 0; i < 7; ++i) {
    assert_in_range(seen[i], 850, 1150);
  }
}

static void add_square(void *context, size_t turn) {
  ((size_t *)context)[turn] += turn * turn;
}

static void every_turn_is_taken_once(void **state) {
  enum { TURNS = 1000 };
  for (size_t threads = 1; threads <= 4; ++threads) {
    RsThreadPool *pool = NULL;
    assert_ok(rs_thread_pool_new(threads, &pool));
    assert_int_equal(rs_thread_pool_size(pool), threads);
    size_t *result = rs_alloc(TURNS, sizeof *result);
    for (size_t round = 0; round < 50; ++round) {
      rs_thread_pool_run(pool, TURNS, add_square, result);
    }
    for (size_t i = 0; i < TURNS; ++i) {
      assert_int_equal(result[i], 50 * i * i);
    }
    free(result);
    rs_thread_pool_free(pool);
  }
}

static void products_are_what_the_definition_says(void **state) {
  const rs_scalar a[6] = {1, 2, 3, 4, 5, 6};    /* 2 x 3 */
  const rs_scalar b[6] = {7, 8, 9, 10, 11, 12}; /* 3 x 2 */
  rs_scalar c[4] = {100, 100, 100, 100};
  rs_gemm(RS_PLAIN, RS_PLAIN, 2, 2, 3, a, 3, b, 2, 1, c, 2);
  assert_close(c[0], 158, 0);
  assert_close(c[3], 254, 0);
  rs_gemm(RS_TRANSPOSED, RS_TRANSPOSED, 3, 3, 2, a, 3, b, 2, 0, (rs_scalar[9]){0}, 3);
  rs_scalar y[3] = {1, 1, 1};
  rs_gemv(RS_TRANSPOSED, 2, 3, a, 3, b, 0, y);
  assert_close(y[0], 39, 0);
  assert_close(y[2], 69, 0);
  assert_close(rs_dot(3, a, b), 50, 0);
  assert_close(rs_norm(2, (rs_scalar[]){3, 4}), 5, 1e-15);
  assert_true(rs_all_finite(6, a));
  assert_false(rs_all_finite(2, (rs_scalar[]){1, NAN}));
  assert_false(rs_all_finite(2, (rs_scalar[]){-INFINITY, 1}));
}

static void a_vector_is_scaled_or_drawn_towards_another(void **state) {
  enum { N = 37 };
  rs_scalar x[N], y[N], z[N];
  for (size_t i = 0; i < N; ++i) {
    x[i] = (rs_scalar)i;
    z[i] = -(rs_scalar)i;
  }
  rs_scaled_copy(N, (rs_scalar)0.5, x, y);
  rs_lerp(N, (rs_real)0.25, x, z);
  for (size_t i = 0; i < N; ++i) {
    assert_true(y[i] == (rs_scalar)0.5 * x[i] && z[i] == (rs_scalar)-0.5 * x[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_vector_is_scaled_or_drawn_towards_another),
      cmocka_unit_test(an_error_carries_its_message),
      cmocka_unit_test(a_long_message_is_cut),
      cmocka_unit_test(every_status_has_a_text_of_its_own),
      cmocka_unit_test(memory_is_zeroed_aligned_and_never_wraps),
      cmocka_unit_test(philox_gives_its_known_answer),
      cmocka_unit_test(a_word_depends_on_its_place_alone),
      cmocka_unit_test(portable_functions_are_those_of_the_library),
      cmocka_unit_test(normal_numbers_are_the_same_everywhere),
      cmocka_unit_test(normal_numbers_have_their_moments),
      cmocka_unit_test(whole_numbers_stay_below_their_bound),
      cmocka_unit_test(every_turn_is_taken_once),
      cmocka_unit_test(products_are_what_the_definition_says),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
