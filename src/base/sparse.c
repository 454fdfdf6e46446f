/* SPDX-License-Identifier: ISC */

#include "base/sparse.h"
#include "base/multiversion.h"

#if defined __SSE2__
#include <immintrin.h>
#endif

/* A vector counts as sparse with at most one nonzero element in SPARSE: above that, a dense product
   was measured to be faster. */
enum { SPARSE = 5 };

bool rs_few_nonzeros(size_t nonzeros, size_t n) {
  return nonzeros <= n / SPARSE;
}

RS_MULTIVERSION
bool rs_is_sparse(size_t n, const rs_scalar *v) {
  size_t on = 0;
  for (size_t i = 0; i < n; ++i) {
    on += v[i] != 0;
  }
  return rs_few_nonzeros(on, n);
}

/* Columns are counted in blocks of this size; the search ends at a block that brings no gain. */
enum { BLOCK = RS_VECTOR_MULTIPLE };

RS_ALWAYS_INLINE void count_nonzero(size_t rows, size_t columns, const rs_scalar *a, size_t lda,
                                    uint32_t *on) {
  for (size_t r = 0; r < rows; ++r) {
    for (size_t j = 0; j < columns; ++j) {
      on[j] += a[r * lda + j] != 0;
    }
  }
}

RS_MULTIVERSION
size_t rs_sparse_columns(size_t rows, size_t columns, const rs_scalar *a, size_t lda) {
  size_t best = 0, looked = 0;
  int64_t gain = 0, most = 0;
  while (looked < columns && looked - best < BLOCK) {
    uint32_t on[BLOCK] = {0};
    const size_t count = columns - looked < BLOCK ? columns - looked : BLOCK;
    if (count == BLOCK) {
      count_nonzero(rows, BLOCK, a + looked, lda, on);
    } else {
      count_nonzero(rows, count, a + looked, lda, on);
    }
    for (size_t j = 0; j < count; ++j, ++looked) {
      gain += (int64_t)rows - SPARSE * (int64_t)on[j];
      best = gain > most ? looked + 1 : best;
      most = gain > most ? gain : most;
    }
  }
  return best;
}

/* Bit i is set where v_i is not zero, for up to RS_VECTOR_MULTIPLE scalars. */
RS_ALWAYS_INLINE uint32_t nonzero_bits(size_t n, const rs_scalar *v) {
  uint32_t bits = 0;
  for (size_t i = 0; i < n; ++i) {
    bits |= (uint32_t)(v[i] != 0) << i;
  }
  return bits;
}

#if defined __SSE2__ && !defined RS_SCALAR_DOUBLE && !defined RS_SCALAR_COMPLEX

/* Four masks of 32 bits, all ones where the scalar is not zero. */
RS_ALWAYS_INLINE __m128i nonzero_of_four(const rs_scalar *v) {
  return _mm_castps_si128(_mm_cmpneq_ps(_mm_loadu_ps(v), _mm_setzero_ps()));
}

/* Bits of RS_VECTOR_MULTIPLE scalars, in intrinsics since compilers do not vectorise this. */
RS_ALWAYS_INLINE uint32_t nonzero_bits_of_whole(const rs_scalar *v) {
  const __m128i low = _mm_packs_epi32(nonzero_of_four(v), nonzero_of_four(v + 4));
  const __m128i high = _mm_packs_epi32(nonzero_of_four(v + 8), nonzero_of_four(v + 12));
  return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(low, high));
}

#else

RS_ALWAYS_INLINE uint32_t nonzero_bits_of_whole(const rs_scalar *v) {
  return nonzero_bits(RS_VECTOR_MULTIPLE, v);
}

#endif

/* Bits of the last scalars of n, from `base` on, by a load that overlaps those before them. */
RS_ALWAYS_INLINE uint32_t nonzero_bits_of_rest(size_t base, size_t n, const rs_scalar *v) {
  const size_t before = RS_VECTOR_MULTIPLE - (n - base);
  return base ? nonzero_bits_of_whole(v + base - before) >> before : nonzero_bits(n, v);
}

/* Bits of up to 64 scalars from `base` on. */
RS_ALWAYS_INLINE uint64_t nonzero_word(size_t base, size_t n, const rs_scalar *v) {
  enum { WORD = 64 };
  uint64_t word = 0;
  if (n - base >= WORD) {
    for (size_t i = 0; i < WORD; i += RS_VECTOR_MULTIPLE) {
      word |= (uint64_t)nonzero_bits_of_whole(v + base + i) << i;
    }
    return word;
  }
  size_t i = 0;
  for (; base + i + RS_VECTOR_MULTIPLE <= n; i += RS_VECTOR_MULTIPLE) {
    word |= (uint64_t)nonzero_bits_of_whole(v + base + i) << i;
  }
  return base + i < n ? word | (uint64_t)nonzero_bits_of_rest(base + i, n, v) << i : word;
}

RS_MULTIVERSION
void rs_nonzero_bits(size_t n, const rs_scalar *v, uint64_t *bits) {
  for (size_t base = 0; base < n; base += 64) {
    bits[base / 64] = nonzero_word(base, n, v);
  }
}

/* Word by word: one branch misprediction per word rather than one per element. */
RS_MULTIVERSION
size_t rs_list_nonzero(size_t n, const rs_scalar *v, uint32_t *list) {
  size_t count = 0;
  for (size_t base = 0; base < n; base += 64) {
    for (uint64_t word = nonzero_word(base, n, v); word; word &= word - 1) {
      list[count++] = (uint32_t)base + (uint32_t)__builtin_ctzll(word);
    }
  }
  return count;
}

void rs_find_nonzeros(size_t rows, size_t columns, const rs_scalar *a, RsNonzeros *out) {
  out->first[0] = 0;
  for (size_t r = 0; r < rows; ++r) {
    const size_t first = out->first[r];
    out->first[r + 1] = first + rs_list_nonzero(columns, a + r * columns, out->list + first);
  }
}

/* For rows that are shorter than a vector. */
RS_ALWAYS_INLINE void gather_short(size_t count, const uint32_t *list, const rs_scalar *v, size_t n,
                                   const rs_scalar *a, size_t lda, rs_scalar *sum) {
  for (size_t m = 0; m < count; ++m) {
    const rs_scalar value = v[list[m]], *row = a + list[m] * lda;
    for (size_t i = 0; i < n; ++i) {
      sum[i] += value * row[i];
    }
  }
}

RS_ALWAYS_INLINE void scatter_short(size_t count, const uint32_t *list, const rs_scalar *v,
                                    rs_scalar alpha, size_t n, const rs_scalar *s, rs_scalar *a,
                                    size_t lda) {
  for (size_t m = 0; m < count; ++m) {
    const rs_scalar value = alpha * v[list[m]];
    rs_scalar *row = a + list[m] * lda;
    for (size_t i = 0; i < n; ++i) {
      row[i] += value * s[i];
    }
  }
}

#if defined RS_SCALAR_COMPLEX

RS_MULTIVERSION
void rs_gather_rows(size_t count, const uint32_t *list, const rs_scalar *v, size_t n,
                    const rs_scalar *a, size_t lda, rs_scalar *sum) {
  gather_short(count, list, v, n, a, lda, sum);
}

RS_MULTIVERSION
void rs_scatter_rows(size_t count, const uint32_t *list, const rs_scalar *v, rs_scalar alpha,
                     size_t n, const rs_scalar *s, rs_scalar *a, size_t lda) {
  scatter_short(count, list, v, alpha, n, s, a, lda);
}

#else

/* The remainder of a row is handled by a last vector that overlaps the one before it: all operands
   are loaded before anything is stored. */
enum { LANES = RS_VECTOR_MULTIPLE, TILE_VECTORS = 4 };

typedef rs_scalar Vector
    __attribute__((vector_size(LANES * sizeof(rs_scalar)), aligned(sizeof(rs_scalar)), may_alias));

/* A few vectors of the sum, kept in registers; the last one begins at `end`. */
RS_ALWAYS_INLINE void gather_tile(int vectors, size_t end, size_t count, const uint32_t *list,
                                  const rs_scalar *v, const rs_scalar *a, size_t lda,
                                  rs_scalar *sum) {
  Vector total[TILE_VECTORS];
  for (int c = 0; c < vectors; ++c) {
    total[c] = *(Vector *)(sum + (c + 1 < vectors ? (size_t)c * LANES : end));
  }
  for (size_t m = 0; m < count; ++m) {
    const rs_scalar value = v[list[m]], *row = a + list[m] * lda;
    for (int c = 0; c < vectors; ++c) {
      total[c] += value * *(const Vector *)(row + (c + 1 < vectors ? (size_t)c * LANES : end));
    }
  }
  for (int c = 0; c < vectors; ++c) {
    *(Vector *)(sum + (c + 1 < vectors ? (size_t)c * LANES : end)) = total[c];
  }
}

RS_MULTIVERSION
void rs_gather_rows(size_t count, const uint32_t *list, const rs_scalar *v, size_t n,
                    const rs_scalar *a, size_t lda, rs_scalar *sum) {
  enum { WIDE = TILE_VECTORS * LANES };
  while (n >= WIDE + LANES || n == WIDE) {
    gather_tile(TILE_VECTORS, WIDE - LANES, count, list, v, a, lda, sum);
    a += WIDE, sum += WIDE, n -= WIDE;
  }
  if (n > WIDE) { /* leaves a whole vector */
    gather_tile(2, LANES, count, list, v, a, lda, sum);
    a += 2 * LANES, sum += 2 * LANES, n -= 2 * LANES;
  }
  switch ((n + LANES - 1) / LANES) {
  case 4:
    gather_tile(4, n - LANES, count, list, v, a, lda, sum);
    break;
  case 3:
    gather_tile(3, n - LANES, count, list, v, a, lda, sum);
    break;
  case 2:
    gather_tile(2, n - LANES, count, list, v, a, lda, sum);
    break;
  default:
    if (n == LANES) {
      gather_tile(1, 0, count, list, v, a, lda, sum);
    } else {
      gather_short(count, list, v, n, a, lda, sum);
    }
  }
}

RS_ALWAYS_INLINE void add_row(size_t n, rs_scalar value, const rs_scalar *s, rs_scalar *row) {
  const size_t end = n - LANES;
  const Vector last = *(Vector *)(row + end) + value * *(const Vector *)(s + end);
  for (size_t i = 0; i < end; i += LANES) {
    *(Vector *)(row + i) += value * *(const Vector *)(s + i);
  }
  *(Vector *)(row + end) = last;
}

RS_MULTIVERSION
void rs_scatter_rows(size_t count, const uint32_t *list, const rs_scalar *v, rs_scalar alpha,
                     size_t n, const rs_scalar *s, rs_scalar *a, size_t lda) {
  if (n < LANES) {
    scatter_short(count, list, v, alpha, n, s, a, lda);
    return;
  }
  for (size_t m = 0; m < count; ++m) {
    add_row(n, alpha * v[list[m]], s, a + list[m] * lda);
  }
}

#endif

/* Element by element. */
RS_ALWAYS_INLINE void transpose_rest(size_t rows, size_t columns, const rs_scalar *a, size_t lda,
                                     rs_real beta, rs_scalar *b, size_t ldb) {
  for (size_t j = 0; j < columns; ++j) {
    for (size_t i = 0; i < rows; ++i) {
      b[j * ldb + i] = beta != 0 ? b[j * ldb + i] + a[i * lda + j] : a[i * lda + j];
    }
  }
}

enum { FOUR = 4 };

/* Transpose 4 x 4 elements; in intrinsics for float, which compilers do not vectorise. */
RS_ALWAYS_INLINE void transpose_four(const rs_scalar *a, size_t lda, rs_real beta, rs_scalar *b,
                                     size_t ldb) {
#if defined __SSE2__ && !defined RS_SCALAR_DOUBLE && !defined RS_SCALAR_COMPLEX
  __m128 row[FOUR];
  for (size_t i = 0; i < FOUR; ++i) {
    row[i] = _mm_loadu_ps(a + i * lda);
  }
  _MM_TRANSPOSE4_PS(row[0], row[1], row[2], row[3]);
  for (size_t j = 0; j < FOUR; ++j) {
    const __m128 before = beta != 0 ? _mm_loadu_ps(b + j * ldb) : _mm_setzero_ps();
    _mm_storeu_ps(b + j * ldb, beta != 0 ? _mm_add_ps(before, row[j]) : row[j]);
  }
#else
  transpose_rest(FOUR, FOUR, a, lda, beta, b, ldb);
#endif
}

/* Transpose a tile that is small enough for both matrices to stay in the cache. */
RS_ALWAYS_INLINE void transpose_tile(size_t rows, size_t columns, const rs_scalar *a, size_t lda,
                                     rs_real beta, rs_scalar *b, size_t ldb) {
  const size_t high = rows / FOUR * FOUR, wide = columns / FOUR * FOUR;
  for (size_t r = 0; r < high; r += FOUR) {
    for (size_t c = 0; c < wide; c += FOUR) {
      transpose_four(a + r * lda + c, lda, beta, b + c * ldb + r, ldb);
    }
  }
  transpose_rest(high, columns - wide, a + wide, lda, beta, b + wide * ldb, ldb);
  transpose_rest(rows - high, columns, a + high * lda, lda, beta, b + high, ldb);
}

RS_MULTIVERSION
void rs_transpose(size_t rows, size_t columns, const rs_scalar *a, size_t lda, rs_real beta,
                  rs_scalar *b, size_t ldb) {
  enum { TILE = RS_VECTOR_MULTIPLE };
  for (size_t r = 0; r < rows; r += TILE) {
    for (size_t c = 0; c < columns; c += TILE) {
      const size_t high = rows - r < TILE ? rows - r : TILE;
      const size_t wide = columns - c < TILE ? columns - c : TILE;
      transpose_tile(high, wide, a + r * lda + c, lda, beta, b + c * ldb + r, ldb);
    }
  }
}
