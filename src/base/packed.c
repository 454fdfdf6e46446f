/* SPDX-License-Identifier: ISC */

#include "base/packed.h"
#include "base/multiversion.h"
#include "base/memory.h"
#include "base/sparse.h"

#include <stdint.h>
#include <string.h>

/* A packed matrix consists of panels of LANES columns, each stored row by row, the last one padded
   with zeros. A tile of C, some rows and a few panels wide, is kept in registers over the rows of
   its panels. */
enum {
  LANES = 64 / sizeof(rs_scalar), /* of AVX-512; narrower vectors take several registers */
  TILE_ROWS = 6,                  /* 6 x 4 sums and 4 loads fit in 32 registers */
  FEW_ROWS = 4,                   /* where fewer rows are left */
  TILE_PANELS = 4,
  DEPTH = 192, /* rows of 4 panels, 48 KiB in float, stay in the first-level cache */
};

bool rs_packed_size(size_t k, size_t n, size_t *size) {
  return n <= SIZE_MAX - LANES && rs_multiply_sizes(k, (n + LANES - 1) / LANES * LANES, size);
}

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

RS_ALWAYS_INLINE void copy_columns(size_t k, size_t wide, const rs_scalar *b, size_t ldb,
                                   rs_scalar *panel) {
  for (size_t i = 0; i < k; ++i) {
    memcpy(panel + i * LANES, b + i * ldb, wide * sizeof *panel);
  }
}

static void pack_plain(size_t k, size_t wide, const rs_scalar *b, size_t ldb, rs_scalar *panel) {
  if (wide == LANES) {
    copy_columns(k, LANES, b, ldb, panel);
  } else {
    copy_columns(k, wide, b, ldb, panel);
  }
}

void rs_pack(RsTranspose b_as, size_t k, size_t n, const rs_scalar *b, size_t ldb,
             rs_scalar *packed) {
  for (size_t at = 0; at < n; at += LANES, packed += k * LANES) {
    const size_t wide = least(n - at, LANES);
    if (wide < LANES) {
      memset(packed, 0, k * LANES * sizeof *packed);
    }
    if (b_as == RS_PLAIN) {
      pack_plain(k, wide, b + at, ldb, packed);
    } else {
      rs_transpose(wide, k, b + at * ldb, ldb, 0, packed, LANES);
    }
  }
}

/* The part of A' and of C that belongs to a tile, and its panels. */
typedef struct {
  const rs_scalar *a;
  size_t down, along; /* stride from row to row of A', and from column to column */
  const rs_scalar *b;
  size_t apart; /* stride from panel to panel */
  size_t depth;
  const rs_scalar *s; /* addend, or NULL */
  size_t lds;
  rs_scalar *c;
  size_t ldc;
  size_t last; /* columns of the last panel */
} Tile;

#if defined RS_SCALAR_COMPLEX

RS_ALWAYS_INLINE void multiply_tile(size_t rows, size_t panels, const Tile *t) {
  for (size_t r = 0; r < rows; ++r) {
    for (size_t j = 0; j < (panels - 1) * LANES + t->last; ++j) {
      const rs_scalar *b = t->b + j / LANES * t->apart + j % LANES;
      rs_scalar sum = t->s ? t->s[r * t->lds + j] : 0;
      for (size_t i = 0; i < t->depth; ++i) {
        sum += t->a[r * t->down + i * t->along] * b[i * LANES];
      }
      t->c[r * t->ldc + j] = sum;
    }
  }
}

#else

typedef rs_scalar Vector __attribute__((vector_size(64), aligned(sizeof(rs_scalar)), may_alias));

#if defined __clang__

/* A vector from two adjacent ones, from scalar `first` on. */
RS_ALWAYS_INLINE void lanes_of_two(const Vector *two, size_t first, Vector *to) {
  memcpy(to, (const rs_scalar *)two + first, sizeof *to);
}

#else

#if defined RS_SCALAR_DOUBLE
typedef int64_t Lanes __attribute__((vector_size(64)));
static const Lanes in_order = {0, 1, 2, 3, 4, 5, 6, 7};
#else
typedef int32_t Lanes __attribute__((vector_size(64)));
static const Lanes in_order = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#endif

/* A vector from two adjacent ones, from scalar `first` on; both stay in registers. */
RS_ALWAYS_INLINE void lanes_of_two(const Vector *two, size_t first, Vector *to) {
  *to = __builtin_shuffle(two[0], two[1], in_order + (int)first);
}

#endif

/* Copy part of a vector, in moves of constant lengths. */
RS_ALWAYS_INLINE void move_part(size_t lanes, const rs_scalar *from, rs_scalar *to) {
  size_t at = 0;
#pragma GCC unroll 4
  for (size_t wide = LANES / 2; wide; wide /= 2) {
    if (lanes & wide) {
      memcpy(to + at, from + at, wide * sizeof *to);
      at += wide;
    }
  }
}

/* Load the last panel's part of a row: with one load that overlaps the panel before it, if any.
   Lanes beyond the end are not used. */
RS_ALWAYS_INLINE void load_end(size_t panels, size_t lanes, const rs_scalar *from, Vector *end) {
  if (panels > 1) {
    const Vector two[2] = {*(const Vector *)(from + lanes - LANES)};
    lanes_of_two(two, LANES - lanes, end);
    return;
  }
  rs_scalar part[LANES] = {0};
  move_part(lanes, from, part);
  *end = *(const Vector *)part;
}

RS_ALWAYS_INLINE void store_end(size_t panels, size_t lanes, const Vector *end, rs_scalar *to) {
  if (panels > 1) {
    lanes_of_two(end - 1, lanes, (Vector *)(to + lanes - LANES));
    return;
  }
  rs_scalar part[LANES];
  *(Vector *)part = *end;
  move_part(lanes, part, to);
}

/* Unrolled by pragma: else the compiler stores the tile in memory before and after the loop. */
RS_ALWAYS_INLINE void sum_tile(size_t rows, size_t panels, bool whole, const Tile *t) {
  Vector total[TILE_ROWS][TILE_PANELS];
#pragma GCC unroll 8
  for (size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 8
    for (size_t p = 0; p < panels; ++p) {
      const size_t at = r * t->lds + p * LANES;
      if (!t->s) {
        total[r][p] = (Vector){0};
      } else if (whole || p + 1 < panels) {
        total[r][p] = *(const Vector *)(t->s + at);
      } else {
        load_end(panels, t->last, t->s + at, &total[r][p]);
      }
    }
  }
  const rs_scalar *a = t->a, *b = t->b;
  for (size_t i = 0; i < t->depth; ++i, a += t->along, b += LANES) {
#pragma GCC unroll 8
    for (size_t p = 0; p < panels; ++p) {
      const Vector row = *(const Vector *)(b + p * t->apart);
#pragma GCC unroll 8
      for (size_t r = 0; r < rows; ++r) {
        total[r][p] += a[r * t->down] * row;
      }
    }
  }
#pragma GCC unroll 8
  for (size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 8
    for (size_t p = 0; p < panels; ++p) {
      rs_scalar *to = t->c + r * t->ldc + p * LANES;
      if (whole || p + 1 < panels) {
        *(Vector *)to = total[r][p];
      } else {
        store_end(panels, t->last, &total[r][p], to);
      }
    }
  }
}

RS_ALWAYS_INLINE void multiply_tile(size_t rows, size_t panels, const Tile *t) {
  if (t->last == LANES) {
    sum_tile(rows, panels, true, t);
  } else {
    sum_tile(rows, panels, false, t);
  }
}

#endif

/* Constant trip counts, so that the compiler keeps the tile in registers. */
RS_ALWAYS_INLINE void multiply_rows(size_t rows, size_t panels, const Tile *t) {
  switch (panels) {
  case 4:
    multiply_tile(rows, 4, t);
    break;
  case 3:
    multiply_tile(rows, 3, t);
    break;
  case 2:
    multiply_tile(rows, 2, t);
    break;
  default:
    multiply_tile(rows, 1, t);
  }
}

/* Go on to the next rows of C. */
RS_ALWAYS_INLINE void move_down(size_t rows, Tile *t) {
  t->a += rows * t->down;
  t->s = t->s ? t->s + rows * t->lds : NULL; /* NULL + 0 is undefined in C */
  t->c += rows * t->ldc;
}

/* All rows of C, as wide as a tile; FEW_ROWS at a time where whole tiles would leave fewer. */
RS_MULTIVERSION
static void multiply_panels(size_t m, size_t panels, Tile t) {
  for (; m >= TILE_ROWS + FEW_ROWS || m == TILE_ROWS; m -= TILE_ROWS, move_down(TILE_ROWS, &t)) {
    multiply_rows(TILE_ROWS, panels, &t);
  }
  for (; m >= FEW_ROWS; m -= FEW_ROWS, move_down(FEW_ROWS, &t)) {
    multiply_rows(FEW_ROWS, panels, &t);
  }
  for (; m; --m, move_down(1, &t)) {
    multiply_rows(1, panels, &t);
  }
}

/* Panels of a tile, by the number and width of the processor's vector registers. */
static size_t panels_of_tile(void) {
#if defined RS_TARGET_CLONES
  return __builtin_cpu_supports("avx512f") ? TILE_PANELS : 1;
#elif defined __AVX512F__
  return TILE_PANELS;
#else
  return 1;
#endif
}

const rs_scalar *rs_packed_row(const rs_scalar *packed, size_t i) {
  return packed + i * LANES;
}

void rs_gemm_packed(RsTranspose a_as, size_t m, size_t n, size_t k, const rs_scalar *a, size_t lda,
                    const rs_scalar *packed, size_t rows, const rs_scalar *s, size_t lds,
                    rs_scalar *c, size_t ldc) {
  const size_t wide = panels_of_tile() * LANES;
  const bool plain = a_as == RS_PLAIN;
  const size_t slices = k / DEPTH + 1, depth = k / slices + 1; /* of about equal depth */
  for (size_t from = 0; from < k || !from; from += depth) {
    for (size_t at = 0; at < n; at += wide) {
      const size_t columns = least(n - at, wide), panels = (columns + LANES - 1) / LANES;
      const rs_scalar *start = from ? c : s;
      multiply_panels(m, panels,
                      (Tile){.a = a + (plain ? from : from * lda),
                             .down = plain ? lda : 1,
                             .along = plain ? 1 : lda,
                             .b = packed + at * rows + from * LANES,
                             .apart = rows * LANES,
                             .depth = least(k - from, depth),
                             .s = start ? start + at : NULL,
                             .lds = from ? ldc : lds,
                             .c = c + at,
                             .ldc = ldc,
                             .last = columns - (panels - 1) * LANES});
    }
  }
}
