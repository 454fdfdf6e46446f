/* SPDX-License-Identifier: ISC */

#include "base/memory.h"
#include "base/plural.h"
#include "view/axis.h"
#include "view/page.h"

#include <rollsmith/draw.h>
#include <rollsmith/progress.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two columns of panels, in units of the page. */
enum {
  COLUMNS = 2,
  PANELS = 6,
  ROWS = PANELS / COLUMNS,
  LEFT = 76,     /* of a panel's axes: the labels of the ticks */
  PANEL = 262,   /* height of a panel */
  PLOT_TOP = 34, /* from a panel's top to its axes: its name */
  PLOT = 172,    /* height of its axes */
  GAP = 8,       /* between columns */
};

/* What a panel shows. */
typedef struct {
  const char *name;
  const char *unit;
  size_t offset;    /* of the number in an RsEpochReport */
  bool logarithmic; /* where its values allow it */
  bool marks_best;
  bool share; /* from 0 to 1, and drawn so whatever part of that there is */
  double hue;
} Panel;

static const Panel panels[PANELS] = {
    {"Training cost", "per frame", offsetof(RsEpochReport, train_cost), false, false, false, 25},
    {"Validation log-likelihood", "nats a frame", offsetof(RsEpochReport, valid_ll), false, true,
     false, 255},
    {"Free run", "share of windows like the songs", offsetof(RsEpochReport, free_run), false, false,
     true, 85},
    {"Learning rate", "", offsetof(RsEpochReport, learning_rate), true, false, false, 150},
    {"Gradient norm", "mean, before the clip", offsetof(RsEpochReport, gradient_norm), true, false,
     false, 310},
    {"Speed", "frames a second", offsetof(RsEpochReport, frames_per_second), false, false, false,
     200},
};

/* A panel with its place and its scales. */
typedef struct {
  const Panel *panel;
  double x, y, width; /* of the axes */
  RsAxis across, up;
  const double *epochs, *values;
  const RsTrainHistory *history;
  RsCanvas *canvas;
} Plot;

static double x_of(const Plot *p, double epoch) {
  return p->x + p->width * rs_axis_place(&p->across, epoch);
}

static double y_of(const Plot *p, double value) {
  return p->y + PLOT * (1 - rs_axis_place(&p->up, value));
}

static void draw_up(const Plot *p) {
  for (size_t i = 0; i < p->up.count; ++i) {
    char text[24];
    const double y = y_of(p, p->up.ticks[i]);
    rs_axis_label(&p->up, p->up.ticks[i], text, sizeof text);
    rs_canvas_line(p->canvas, p->x, y, p->x + p->width, y, 0.8, RS_LINE);
    rs_canvas_text(p->canvas, p->x - 8, y + 3.2, 9, RS_ALIGN_RIGHT, RS_WEIGHT_NORMAL, RS_FAINT,
                   text);
  }
}

static void draw_across(const Plot *p) {
  const double bottom = p->y + PLOT;
  for (size_t i = 0; i < p->across.count; ++i) {
    char text[24];
    const double tick = p->across.ticks[i], x = x_of(p, tick);
    if (tick == floor(tick)) { /* there is no half an epoch */
      rs_axis_label(&p->across, tick, text, sizeof text);
      rs_canvas_line(p->canvas, x, bottom, x, bottom + 4, 1, RS_FRAME);
      rs_canvas_text(p->canvas, x, bottom + 15, 9, RS_ALIGN_CENTRE, RS_WEIGHT_NORMAL, RS_FAINT,
                     text);
    }
  }
  rs_canvas_line(p->canvas, p->x, bottom, p->x + p->width, bottom, 1, RS_FRAME);
  rs_canvas_text(p->canvas, p->x + p->width, bottom + 29, 9, RS_ALIGN_RIGHT, RS_WEIGHT_NORMAL,
                 RS_FAINT, "epoch");
}

static void draw_name(const Plot *p) {
  char text[80];
  snprintf(text, sizeof text, "%s%s%s", p->panel->unit,
           *p->panel->unit && p->up.logarithmic ? ", " : "",
           p->up.logarithmic ? "logarithmic" : "");
  rs_canvas_bar(p->canvas, p->x, p->y - 19, 14, 4, 2, rs_colour(0.62, 0.14, p->panel->hue));
  rs_canvas_text(p->canvas, p->x + 20, p->y - 13, 12, RS_ALIGN_LEFT, RS_WEIGHT_BOLD, RS_INK,
                 p->panel->name);
  rs_canvas_text(p->canvas, p->x + p->width, p->y - 13, 10, RS_ALIGN_RIGHT, RS_WEIGHT_NORMAL,
                 RS_FAINT, text);
}

/* The best epoch is marked, and printed in the corner that rising curves
   leave free. */
static void draw_best(const Plot *p, RsColour colour) {
  const size_t count = p->history->count;
  size_t last = count;
  for (size_t i = 0; i < count; ++i) {
    if (p->history->epochs[i].best && isfinite(p->values[i])) {
      last = i;
    }
  }
  if (last < count) {
    char text[64];
    const double x = x_of(p, p->epochs[last]), y = y_of(p, p->values[last]);
    snprintf(text, sizeof text, "best: %s%.3f, epoch %.0f",
             p->values[last] < 0 ? "\xe2\x88\x92" : "", fabs(p->values[last]), p->epochs[last]);
    rs_canvas_dot(p->canvas, x, y, 4.5, 0xffffffff);
    rs_canvas_dot(p->canvas, x, y, 3.2, colour);
    rs_canvas_text(p->canvas, p->x + p->width - 8, p->y + PLOT - 10, 10, RS_ALIGN_RIGHT,
                   RS_WEIGHT_BOLD, rs_colour_mix(colour, RS_INK, 0.4), text);
  }
}

static void draw_curve(const Plot *p, double *xy) {
  const RsColour colour = rs_colour(0.62, 0.14, p->panel->hue);
  size_t known = 0;
  for (size_t i = 0; i < p->history->count; ++i) {
    xy[2 * i] = x_of(p, p->epochs[i]);
    xy[2 * i + 1] = y_of(p, p->values[i]);
    known += isfinite(xy[2 * i + 1]) != 0;
  }
  rs_canvas_curve(p->canvas, xy, p->history->count, 1.8, colour);
  for (size_t i = 0; i < p->history->count && known <= 40; ++i) {
    if (isfinite(xy[2 * i + 1])) { /* points show where curves of few epochs come from */
      rs_canvas_dot(p->canvas, xy[2 * i], xy[2 * i + 1], 2.2, colour);
    }
  }
  if (!known) {
    rs_canvas_text(p->canvas, p->x + p->width / 2, p->y + PLOT / 2.0, 11, RS_ALIGN_CENTRE,
                   RS_WEIGHT_NORMAL, RS_FAINT, "none in this log");
  }
  if (p->panel->marks_best) {
    draw_best(p, colour);
  }
}

/* The scale of the values; a share is seen in the whole that it is part of. */
static RsAxis scale_of(const Panel *panel, const double *values, size_t count) {
  static const double whole[] = {0, 1};
  const RsAxis axis = rs_axis(values, count, panel->logarithmic);
  return panel->share && axis.low >= 0 && axis.high <= 1 ? rs_axis(whole, 2, false) : axis;
}

/* `scratch` has room for four numbers an epoch. */
static void draw_panel(RsCanvas *canvas, const RsTrainHistory *history, size_t number,
                       double *scratch) {
  const double column = (RS_PAGE - RS_MARGIN - GAP) / (double)COLUMNS;
  const size_t count = history->count, row = number / COLUMNS;
  double *epochs = scratch, *values = scratch + count;
  for (size_t i = 0; i < count; ++i) {
    epochs[i] = (double)history->epochs[i].epoch;
    memcpy(&values[i], (const char *)&history->epochs[i] + panels[number].offset, sizeof *values);
  }
  const Plot plot = {
      .panel = &panels[number],
      .x = LEFT + (double)(number % COLUMNS) * (column + GAP),
      .y = RS_TOP + PLOT_TOP + (double)row * PANEL,
      .width = column - LEFT,
      .across = rs_axis(epochs, count, false),
      .up = scale_of(&panels[number], values, count),
      .epochs = epochs,
      .values = values,
      .history = history,
      .canvas = canvas,
  };
  rs_canvas_rectangle(canvas, plot.x, plot.y, plot.width, PLOT, RS_PAPER);
  draw_up(&plot);
  draw_across(&plot);
  draw_name(&plot);
  draw_curve(&plot, scratch + 2 * count);
}

/* What was trained on, and how long. */
static void describe(const RsTrainHistory *h, char *text, size_t size) {
  const RsEpochReport *last = &h->epochs[h->count - 1];
  char frames[32], parameters[32], time[32], speed[32];
  rs_count_format((double)h->start.frames, frames, sizeof frames);
  rs_count_format((double)h->start.parameters, parameters, sizeof parameters);
  rs_count_format((double)last->frames / fmax(last->seconds, 1e-9), speed, sizeof speed);
  rs_duration_format(last->seconds, time, sizeof time);
  snprintf(text, size,
           "%ju song%s, %s frames · %s parameters · seed %ju · %ju epoch%s in %s, %s frames/s%s%s",
           (uintmax_t)h->start.songs, rs_plural(h->start.songs), frames, parameters,
           (uintmax_t)h->seed, (uintmax_t)last->epoch, rs_plural(last->epoch), time, speed,
           *h->reason ? " · ended: " : "", h->reason);
}

RsStatus rs_draw_history(const RsTrainHistory *history, const char *title, const char *path,
                         RsError *error) {
  if (!history->count) {
    return rs_error(error, RS_ERR_EMPTY, "cannot draw %s: the log has no epoch yet", path);
  }
  char text[256];
  RsCanvas *canvas = NULL;
  double *scratch = rs_alloc(history->count, 4 * sizeof *scratch);
  if (!scratch) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory while drawing %s", path);
  }
  const RsStatus status = rs_canvas_new(path, RS_PAGE, RS_TOP + ROWS * PANEL, &canvas, error);
  if (!status) {
    describe(history, text, sizeof text);
    rs_page_head(canvas, LEFT, RS_PAGE - LEFT - RS_MARGIN, title, text);
    for (size_t i = 0; i < PANELS; ++i) {
      draw_panel(canvas, history, i, scratch);
    }
  }
  free(scratch);
  return status ? status : rs_canvas_end(canvas, RS_OK, error);
}
