/* SPDX-License-Identifier: ISC */

#include "base/memory.h"
#include "view/note_name.h"
#include "view/page.h"

#include <rollsmith/draw.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Tiles on shelves, in units of the page. */
enum {
  LEFT = 40,
  TILE_WIDTH = 548,  /* of an image, at most */
  TILE_HEIGHT = 420, /* likewise */
  CELL_MAX = 14,     /* side of a weight, at most */
  THIN = 16,         /* height of an image that would be lower */
  CAPTION = 34,      /* above an image: name, shape and scale */
  NARROW = 150,      /* width of a tile, at least: its caption */
  GAP_X = 36,
  GAP_Y = 22,
  TALL = 20,       /* times as many rows as columns: such a matrix is turned */
  TICK = 5,        /* of a note that has its name */
  NAMES_LEFT = 36, /* beside an image whose rows are notes */
  NAMES_BELOW = 16,
  NAME_WIDTH = 34, /* from one name to the next, at least */
  NAME_HEIGHT = 10,
};

/* Where a matrix stands, and how it is seen: turned or as it is. */
typedef struct {
  double x, y, width, height; /* of the image */
  bool turned;
  size_t rows, columns;
  size_t note_rows, note_columns;
} Tile;

static Tile tile_of(const RsMatrix *m) {
  const bool turned = m->rows / TALL > m->columns;
  Tile t = {.turned = turned,
            .rows = turned ? m->columns : m->rows,
            .columns = turned ? m->rows : m->columns,
            .note_rows = turned ? m->note_columns : m->note_rows,
            .note_columns = turned ? m->note_rows : m->note_columns};
  const double columns = (double)t.columns, rows = (double)t.rows;
  const double cell = fmin(fmin(TILE_WIDTH / columns, TILE_HEIGHT / rows), CELL_MAX);
  t.width = fmax(cell * columns, 3);
  t.height = fmax(cell * rows, THIN);
  return t;
}

/* Put the tiles on shelves from left to right; returns where the last shelf ends. */
static double place(const RsMatrix *matrices, size_t count, Tile *tiles) {
  double x = LEFT, y = RS_TOP, shelf = 0;
  for (size_t i = 0; i < count; ++i) {
    tiles[i] = tile_of(&matrices[i]);
    const double left = tiles[i].note_rows ? NAMES_LEFT : 0;
    const double width = fmax(left + tiles[i].width, NARROW);
    if (x > LEFT && x + width > RS_PAGE - RS_MARGIN) {
      x = LEFT;
      y += shelf + GAP_Y;
      shelf = 0;
    }
    tiles[i].x = x + left;
    tiles[i].y = y + CAPTION;
    x += width + GAP_X;
    shelf = fmax(shelf, CAPTION + tiles[i].height + (tiles[i].note_columns ? NAMES_BELOW : 0));
  }
  return y + shelf;
}

static double largest(const RsMatrix *m) {
  double most = 0;
  for (size_t i = 0; i < m->rows * m->columns; ++i) {
    if (isfinite(m->data[i])) {
      most = fmax(most, fabs((double)m->data[i]));
    }
  }
  return most;
}

/* The root of the share spreads the many small weights over more of the colours. Magenta is no
 * number. */
static RsColour colour_of(double value, double most) {
  if (!isfinite(value)) {
    return 0xff00ffff;
  }
  const double share = most > 0 ? sqrt(fabs(value) / most) : 0;
  const RsColour pale = value < 0 ? rs_colour(0.62, 0.13, 250) : rs_colour(0.66, 0.16, 30);
  const RsColour deep = value < 0 ? rs_colour(0.30, 0.11, 262) : rs_colour(0.34, 0.13, 25);
  return share < 0.6 ? rs_colour_mix(0xffffffff, pale, share / 0.6)
                     : rs_colour_mix(pale, deep, (share - 0.6) / 0.4);
}

/* Names below an image whose columns are notes, or left of one whose rows are: of the first note,
   of each C, and of each place where the notes begin again, as far as there is room. */
static void draw_names(RsCanvas *canvas, const RsMatrix *m, const Tile *t, bool rows) {
  const size_t count = rows ? t->note_rows : t->note_columns;
  const double cell = rows ? t->height / (double)t->rows : t->width / (double)t->columns;
  const double apart = rows ? NAME_HEIGHT : NAME_WIDTH;
  const bool octaves = 12 * cell >= apart;
  double free_from = 0;
  for (size_t i = 0; m->notes && i < count; ++i) {
    const int note = m->low + (int)(i % m->notes);
    const double at = cell * (double)i;
    char name[16], text[24];
    if ((i % m->notes && (note % 12 || !octaves)) || at < free_from) {
      continue;
    }
    rs_note_name(note, name, sizeof name);
    snprintf(text, sizeof text, "%s %d", name, note);
    if (rows) {
      const double y = t->y + at;
      rs_canvas_line(canvas, t->x - TICK, y, t->x, y, 0.8, RS_FRAME);
      rs_canvas_text(canvas, t->x - TICK - 2, y + 6, 8, RS_ALIGN_RIGHT, RS_WEIGHT_NORMAL, RS_FAINT,
                     text);
    } else {
      const double x = t->x + at, y = t->y + t->height;
      rs_canvas_line(canvas, x, y, x, y + TICK, 0.8, RS_FRAME);
      rs_canvas_text(canvas, x + 2, y + 10, 8, RS_ALIGN_LEFT, RS_WEIGHT_NORMAL, RS_FAINT, text);
    }
    free_from = at + apart;
  }
}

static RsStatus draw_tile(RsCanvas *canvas, const RsMatrix *m, const Tile *t) {
  const double most = largest(m);
  const double left = t->note_rows ? NAMES_LEFT : 0;
  char text[80];
  RsColour *cells = rs_alloc(m->rows * m->columns, sizeof *cells);
  if (!cells) {
    return RS_ERR_MEMORY;
  }
  for (size_t i = 0; i < m->rows * m->columns; ++i) {
    const size_t to = t->turned ? i % m->columns * m->rows + i / m->columns : i;
    cells[to] = colour_of((double)m->data[i], most);
  }
  snprintf(text, sizeof text, "%zu x %zu%s, ±%.3g", m->rows, m->columns,
           t->turned ? " (turned)" : "", most);
  rs_canvas_text_within(canvas, t->x - left, t->y - 20, fmax(left + t->width, NARROW), 12,
                        RS_WEIGHT_BOLD, RS_INK, m->name);
  rs_canvas_text(canvas, t->x - left, t->y - 7, 9, RS_ALIGN_LEFT, RS_WEIGHT_NORMAL, RS_FAINT, text);
  rs_canvas_rectangle(canvas, t->x - 0.8, t->y - 0.8, t->width + 1.6, t->height + 1.6, RS_FRAME);
  rs_canvas_image(canvas, t->x, t->y, t->width, t->height, cells, t->rows, t->columns);
  draw_names(canvas, m, t, true);
  draw_names(canvas, m, t, false);
  free(cells);
  return RS_OK;
}

/* From the lowest weight to the highest. */
static void draw_scale(RsCanvas *canvas) {
  enum { HALF = 50, STEPS = 2 * HALF + 1 };
  RsColour cells[STEPS];
  for (int i = 0; i < STEPS; ++i) {
    cells[i] = colour_of(i - HALF, HALF);
  }
  const double x = RS_PAGE - RS_MARGIN - 220;
  rs_canvas_image(canvas, x, 40, 220, 9, cells, 1, STEPS);
  rs_canvas_text(canvas, x, 61, 9, RS_ALIGN_LEFT, RS_WEIGHT_NORMAL, RS_FAINT, "−largest");
  rs_canvas_text(canvas, x + 110, 61, 9, RS_ALIGN_CENTRE, RS_WEIGHT_NORMAL, RS_FAINT, "0");
  rs_canvas_text(canvas, x + 220, 61, 9, RS_ALIGN_RIGHT, RS_WEIGHT_NORMAL, RS_FAINT, "+largest");
}

static RsStatus draw_tiles(RsCanvas *canvas, const RsMatrix *matrices, const Tile *tiles,
                           size_t count) {
  RsStatus status = RS_OK;
  for (size_t i = 0; i < count && !status; ++i) {
    status = draw_tile(canvas, &matrices[i], &tiles[i]);
  }
  return status;
}

static RsStatus check(const RsMatrix *matrices, size_t count, const char *path, RsError *error) {
  if (!count) {
    return rs_error(error, RS_ERR_EMPTY, "cannot draw %s: there is no matrix", path);
  }
  for (size_t i = 0; i < count; ++i) {
    if (!matrices[i].rows || !matrices[i].columns) {
      return rs_error(error, RS_ERR_EMPTY, "cannot draw %s: %s has no weights", path,
                      matrices[i].name);
    }
  }
  return RS_OK;
}

RsStatus rs_draw_matrices(const RsMatrix *matrices, size_t count, const char *title,
                          const char *path, RsError *error) {
  RsStatus status = check(matrices, count, path, error);
  if (status) {
    return status;
  }
  RsCanvas *canvas = NULL;
  Tile *tiles = rs_alloc(count, sizeof *tiles);
  if (!tiles) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory while drawing %s", path);
  }
  const double bottom = place(matrices, count, tiles);
  status = rs_canvas_new(path, RS_PAGE, bottom + RS_MARGIN, &canvas, error);
  if (!status) {
    rs_page_head(canvas, LEFT, RS_PAGE - LEFT - RS_MARGIN - 240, title,
                 "each row of an image is a row of its matrix; colours go by the square root; "
                 "notes that come twice: sounding, beginning");
    draw_scale(canvas);
    status = draw_tiles(canvas, matrices, tiles, count);
    if (status) {
      rs_error(error, status, "out of memory while drawing %s", path);
    }
    status = rs_canvas_end(canvas, status, error);
  }
  free(tiles);
  return status;
}
