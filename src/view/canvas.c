/* SPDX-License-Identifier: ISC */

#include "view/canvas.h"

#include "base/atomic_file.h"
#include "base/open_file.h"
#include "base/printable.h"
#include "view/svg_names.h"

#include <cairo-svg.h>
#include <cairo.h>
#include <glib.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
  PIXELS_MAX = 32767, /* cairo's own limit on the side of an image */
  CURVE_RUNS = 1024,  /* into which a curve of more points is divided */
  TEXT_SIZE = 2048,   /* of a text: more than a line of the widest page has room for */
};

#define PIXELS_A_UNIT 2.0

/* The bytes of a picture, as cairo hands them over. */
typedef struct {
  unsigned char *data;
  size_t size, room;
} Bytes;

struct RsCanvas {
  char *path;
  bool svg;
  GString *texts; /* elements of an SVG */
  GString *title;
  Bytes bytes;
  cairo_surface_t *surface;
  cairo_t *cairo;
};

static cairo_status_t append(void *context, const unsigned char *data, unsigned size) {
  Bytes *bytes = context;
  if (bytes->room - bytes->size < size) {
    const size_t room = 2 * (bytes->size + size);
    unsigned char *more = realloc(bytes->data, room);
    if (!more) {
      return CAIRO_STATUS_NO_MEMORY;
    }
    bytes->data = more;
    bytes->room = room;
  }
  memcpy(bytes->data + bytes->size, data, size);
  bytes->size += size;
  return CAIRO_STATUS_SUCCESS;
}

static bool ends_in(const char *path, const char *end) {
  const size_t n = strlen(path), m = strlen(end);
  return n >= m && !strcasecmp(path + n - m, end);
}

RsStatus rs_canvas_check_name(const char *path, RsError *error) {
  if (ends_in(path, ".png") || ends_in(path, ".svg") || !strcmp(path, RS_STANDARD_OUTPUT)) {
    return RS_OK;
  }
  return rs_error(error, RS_ERR_ARGUMENT, "cannot draw %s: a picture's name ends in .png or .svg",
                  path);
}

static void make_surface(RsCanvas *canvas, double width, double height) {
  if (canvas->svg) {
    canvas->surface = cairo_svg_surface_create_for_stream(append, &canvas->bytes, width, height);
    canvas->cairo = cairo_create(canvas->surface);
    return;
  }
  const double scale = fmin(PIXELS_A_UNIT, PIXELS_MAX / fmax(width, height));
  canvas->surface =
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(width * scale), (int)(height * scale));
  canvas->cairo = cairo_create(canvas->surface);
  cairo_scale(canvas->cairo, scale, scale);
}

static void discard(RsCanvas *canvas) {
  if (canvas->cairo) {
    cairo_destroy(canvas->cairo);
  }
  if (canvas->surface) {
    cairo_surface_destroy(canvas->surface);
  }
  g_string_free(canvas->texts, TRUE);
  g_string_free(canvas->title, TRUE);
  free(canvas->bytes.data);
  free(canvas->path);
  free(canvas);
}

static RsStatus out_of_memory(const char *path, RsError *error) {
  return rs_error(error, RS_ERR_MEMORY, "out of memory while drawing %s", path);
}

RsStatus rs_canvas_new(const char *path, double width, double height, RsCanvas **out,
                       RsError *error) {
  *out = NULL;
  const RsStatus status = rs_canvas_check_name(path, error);
  if (status) {
    return status;
  }
  if (!(width >= 1 && height >= 1 && width <= PIXELS_MAX && height <= PIXELS_MAX)) {
    return rs_error(error, RS_ERR_ARGUMENT, "cannot draw %s: %.0f x %.0f is not a possible size",
                    path, width, height);
  }
  RsCanvas *canvas = calloc(1, sizeof *canvas);
  if (!canvas || !(canvas->path = strdup(path))) {
    free(canvas);
    return out_of_memory(path, error);
  }
  canvas->svg = ends_in(path, ".svg");
  canvas->texts = g_string_new(NULL);
  canvas->title = g_string_new(NULL);
  make_surface(canvas, width, height);
  rs_canvas_rectangle(canvas, 0, 0, width, height, 0xffffffff);
  *out = canvas;
  return RS_OK;
}

static RsStatus write_png(RsCanvas *canvas, RsError *error) {
  if (cairo_surface_write_to_png_stream(canvas->surface, append, &canvas->bytes)) {
    return out_of_memory(canvas->path, error);
  }
  return rs_write_file_atomically(canvas->path, canvas->bytes.data, canvas->bytes.size, error);
}

/* What cairo has drawn, with a title at its beginning and the texts at its end. */
static GString *whole_svg(const RsCanvas *canvas) {
  char *drawn = rs_svg_number_names((const char *)canvas->bytes.data, canvas->bytes.size);
  GString *svg = g_string_new(drawn);
  const char *end = g_strrstr(svg->str, "</svg>"), *begin = strstr(svg->str, "<svg");
  begin = begin ? strchr(begin, '>') : NULL;
  if (begin && end) {
    char *title = g_markup_printf_escaped("\n<title>%s</title>", canvas->title->str);
    const gssize after = begin + 1 - svg->str;
    g_string_insert(svg, end - svg->str, canvas->texts->str);
    g_string_insert(svg, after, canvas->title->len ? title : "");
    g_free(title);
  }
  g_free(drawn);
  return svg;
}

static RsStatus write_svg(RsCanvas *canvas, RsError *error) {
  cairo_surface_finish(canvas->surface);
  if (cairo_surface_status(canvas->surface)) {
    return out_of_memory(canvas->path, error);
  }
  GString *svg = whole_svg(canvas);
  const RsStatus status = rs_write_file_atomically(canvas->path, svg->str, svg->len, error);
  g_string_free(svg, TRUE);
  return status;
}

RsStatus rs_canvas_end(RsCanvas *canvas, RsStatus so_far, RsError *error) {
  if (!canvas) {
    return so_far;
  }
  RsStatus status = so_far;
  if (!status && cairo_status(canvas->cairo)) {
    status = out_of_memory(canvas->path, error);
  }
  if (!status) {
    status = canvas->svg ? write_svg(canvas, error) : write_png(canvas, error);
  }
  discard(canvas);
  return status;
}

static void use(RsCanvas *canvas, RsColour c) {
  cairo_set_source_rgba(canvas->cairo, (c >> 24) / 255.0, (c >> 16 & 0xff) / 255.0,
                        (c >> 8 & 0xff) / 255.0, (c & 0xff) / 255.0);
}

void rs_canvas_rectangle(RsCanvas *canvas, double x, double y, double width, double height,
                         RsColour colour) {
  use(canvas, colour);
  cairo_rectangle(canvas->cairo, x, y, width, height);
  cairo_fill(canvas->cairo);
}

void rs_canvas_bar(RsCanvas *canvas, double x, double y, double width, double height, double radius,
                   RsColour colour) {
  const double r = fmin(radius, fmin(width, height) / 2);
  use(canvas, colour);
  cairo_new_sub_path(canvas->cairo);
  cairo_arc(canvas->cairo, x + width - r, y + r, r, -M_PI / 2, 0);
  cairo_arc(canvas->cairo, x + width - r, y + height - r, r, 0, M_PI / 2);
  cairo_arc(canvas->cairo, x + r, y + height - r, r, M_PI / 2, M_PI);
  cairo_arc(canvas->cairo, x + r, y + r, r, M_PI, 1.5 * M_PI);
  cairo_close_path(canvas->cairo);
  cairo_fill(canvas->cairo);
}

void rs_canvas_line(RsCanvas *canvas, double x0, double y0, double x1, double y1, double thickness,
                    RsColour colour) {
  use(canvas, colour);
  cairo_set_line_width(canvas->cairo, thickness);
  cairo_move_to(canvas->cairo, x0, y0);
  cairo_line_to(canvas->cairo, x1, y1);
  cairo_stroke(canvas->cairo);
}

static void line_to(RsCanvas *canvas, const double *xy, size_t i) {
  if (isfinite(xy[2 * i + 1])) { /* the first line_to of a path is a move_to */
    cairo_line_to(canvas->cairo, xy[2 * i], xy[2 * i + 1]);
  }
}

/* Points [first, last) of a curve by at most four of them: both ends, the lowest and the highest.
 */
static void line_along(RsCanvas *canvas, const double *xy, size_t first, size_t last) {
  size_t low = first, high = first;
  for (size_t i = first; i < last; ++i) {
    low = xy[2 * i + 1] < xy[2 * low + 1] || isnan(xy[2 * low + 1]) ? i : low;
    high = xy[2 * i + 1] > xy[2 * high + 1] || isnan(xy[2 * high + 1]) ? i : high;
  }
  line_to(canvas, xy, first);
  line_to(canvas, xy, low < high ? low : high);
  line_to(canvas, xy, low < high ? high : low);
  line_to(canvas, xy, last - 1);
}

void rs_canvas_curve(RsCanvas *canvas, const double *xy, size_t points, double thickness,
                     RsColour colour) {
  use(canvas, colour);
  cairo_set_line_width(canvas->cairo, thickness);
  cairo_set_line_join(canvas->cairo, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap(canvas->cairo, CAIRO_LINE_CAP_ROUND);
  cairo_new_path(canvas->cairo); /* a text leaves a current point */
  /* Strokes that cross cost the square of their number. */
  const size_t run = (points + CURVE_RUNS - 1) / CURVE_RUNS;
  for (size_t i = 0; i < points; i += run) {
    line_along(canvas, xy, i, points - i < run ? points : i + run);
  }
  cairo_stroke(canvas->cairo);
  cairo_set_line_cap(canvas->cairo, CAIRO_LINE_CAP_BUTT);
}

void rs_canvas_dot(RsCanvas *canvas, double x, double y, double radius, RsColour colour) {
  use(canvas, colour);
  cairo_new_sub_path(canvas->cairo);
  cairo_arc(canvas->cairo, x, y, radius, 0, 2 * M_PI);
  cairo_fill(canvas->cairo);
}

static void use_font(RsCanvas *canvas, double size, RsWeight weight) {
  cairo_select_font_face(canvas->cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                         weight == RS_WEIGHT_BOLD ? CAIRO_FONT_WEIGHT_BOLD
                                                  : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(canvas->cairo, size);
}

static double text_width(RsCanvas *canvas, const char *text) {
  cairo_text_extents_t extents;
  cairo_text_extents(canvas->cairo, text, &extents);
  return extents.x_advance;
}

void rs_canvas_title(RsCanvas *canvas, const char *title) {
  char shown[TEXT_SIZE];
  rs_printable(title, shown, sizeof shown);
  g_string_assign(canvas->title, shown);
}

static void add_text(RsCanvas *canvas, double x, double y, double size, RsAlign align,
                     RsWeight weight, RsColour colour, const char *text) {
  static const char *const anchors[] = {"start", "middle", "end"};
  char *escaped = g_markup_escape_text(text, -1);
  g_string_append_printf(canvas->texts,
                         "<text x=\"%.2f\" y=\"%.2f\" font-family=\"sans-serif\" "
                         "font-size=\"%g\" font-weight=\"%s\" text-anchor=\"%s\" "
                         "fill=\"#%06x\">%s</text>\n",
                         x, y, size, weight == RS_WEIGHT_BOLD ? "bold" : "normal", anchors[align],
                         colour >> 8, escaped);
  g_free(escaped);
}

void rs_canvas_text(RsCanvas *canvas, double x, double y, double size, RsAlign align,
                    RsWeight weight, RsColour colour, const char *text) {
  char shown[TEXT_SIZE];
  rs_printable(text, shown, sizeof shown);
  if (canvas->svg) {
    add_text(canvas, x, y, size, align, weight, colour, shown);
    return;
  }
  use_font(canvas, size, weight);
  use(canvas, colour);
  if (align != RS_ALIGN_LEFT) {
    x -= text_width(canvas, shown) * (align == RS_ALIGN_CENTRE ? 0.5 : 1);
  }
  cairo_move_to(canvas->cairo, x, y);
  cairo_show_text(canvas->cairo, shown);
}

/* Where a text is cut, at a whole character, for not more than `most` bytes to stay. */
static size_t cut_at(const char *text, size_t most) {
  while (most && ((unsigned char)text[most] & 0xc0) == 0x80) {
    --most;
  }
  return most;
}

void rs_canvas_text_within(RsCanvas *canvas, double x, double y, double width, double size,
                           RsWeight weight, RsColour colour, const char *text) {
  char shown[TEXT_SIZE], cut[TEXT_SIZE + sizeof "…"];
  size_t fits = 0, too_long = rs_printable(text, shown, sizeof shown);
  use_font(canvas, size, weight);
  if (text_width(canvas, shown) > width) {
    while (too_long - fits > 1) { /* halves what is between */
      const size_t middle = fits + (too_long - fits) / 2;
      snprintf(cut, sizeof cut, "%.*s…", (int)cut_at(shown, middle), shown);
      *(text_width(canvas, cut) > width ? &too_long : &fits) = middle;
    }
    snprintf(cut, sizeof cut, "%.*s…", (int)cut_at(shown, fits), shown);
  } else {
    snprintf(cut, sizeof cut, "%s", shown);
  }
  rs_canvas_text(canvas, x, y, size, RS_ALIGN_LEFT, weight, colour, cut);
}

static cairo_surface_t *image_of(const RsColour *cells, size_t rows, size_t columns) {
  cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)columns, (int)rows);
  if (cairo_surface_status(image)) {
    return image;
  }
  unsigned char *pixels = cairo_image_surface_get_data(image);
  const size_t stride = (size_t)cairo_image_surface_get_stride(image);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) {
      const uint32_t pixel = cells[r * columns + c] >> 8;
      memcpy(pixels + r * stride + 4 * c, &pixel, sizeof pixel);
    }
  }
  cairo_surface_mark_dirty(image);
  return image;
}

void rs_canvas_image(RsCanvas *canvas, double x, double y, double width, double height,
                     const RsColour *cells, size_t rows, size_t columns) {
  if (!rows || !columns || rows > PIXELS_MAX || columns > PIXELS_MAX) {
    return;
  }
  cairo_surface_t *image = image_of(cells, rows, columns);
  const double cell = fmin(width / (double)columns, height / (double)rows) * PIXELS_A_UNIT;
  cairo_save(canvas->cairo);
  cairo_translate(canvas->cairo, x, y);
  cairo_scale(canvas->cairo, width / (double)columns, height / (double)rows);
  cairo_set_source_surface(canvas->cairo, image, 0, 0);
  cairo_pattern_set_filter(cairo_get_source(canvas->cairo),
                           cell >= 1 ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_GOOD);
  if (canvas->svg) {
    cairo_paint(canvas->cairo);
  } else { /* pixels outside are not mixed into the edges */
    cairo_pattern_set_extend(cairo_get_source(canvas->cairo), CAIRO_EXTEND_PAD);
    cairo_rectangle(canvas->cairo, 0, 0, (double)columns, (double)rows);
    cairo_fill(canvas->cairo);
  }
  cairo_restore(canvas->cairo);
  cairo_surface_destroy(image);
}
