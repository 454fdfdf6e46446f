/* SPDX-License-Identifier: ISC */

#include "base/plural.h"
#include "view/bars.h"
#include "view/note_name.h"
#include "view/page.h"

#include <rollsmith/draw.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

/* The page, in units. */
enum {
  LEFT = 76,         /* margin with the names of the notes */
  BOTTOM = 20,       /* margin */
  BETWEEN = 38,      /* below each system, with the numbers of the bars */
  CELL_MIN = 7,      /* width of a frame, at least where the song is not too long */
  CELL_MAX = 22,     /* and at most */
  HEIGHT_MAX = 3000, /* of the page: longer songs get narrower frames */
  ROWS_MIN = 24,     /* notes from the lowest to the highest row, at least */
  LEGEND = 320,      /* width that the legend takes, beside the title */
  NAMES_ROW = 10,    /* height of a row from which on every note has its name */
};

static const RsColour dark_row = 0xf2f0e9ff, octave_line = 0xd9d4c6ff;

typedef struct {
  const RsRoll *roll;
  RsCanvas *canvas;
  RsBars bars;
  int low, high; /* rows */
  double row;    /* height of a row */
  double cell;   /* width of a frame */
  size_t bars_a_system;
  size_t systems;
} Page;

/* Part of the song in one line of the page. */
typedef struct {
  size_t first_bar, last_bar; /* [first, last) */
  size_t first, last;         /* frames, likewise */
  double x, y, width, height;
} System;

static void choose_rows(Page *page) {
  RsFrame all = {{0, 0}};
  for (size_t f = 0; f < page->roll->frames; ++f) {
    all.bits[0] |= page->roll->on[f].bits[0];
    all.bits[1] |= page->roll->on[f].bits[1];
  }
  int low = rs_frame_next(&all, 0), high = low;
  for (int n = low; n < RS_NOTES; n = rs_frame_next(&all, n + 1)) {
    high = n;
  }
  if (low == RS_NOTES) {
    low = high = 60;
  }
  for (low -= 2, high += 2; high - low + 1 < ROWS_MIN;) {
    --low;
    ++high;
  }
  page->low = low < 0 ? 0 : low;
  page->high = high > RS_NOTES - 1 ? RS_NOTES - 1 : high;
  page->row = fmin(fmax(320.0 / (page->high - page->low + 1), 5), 10);
}

static double system_height(const Page *page) {
  return page->row * (page->high - page->low + 1);
}

/* Mean length of a bar, frames. */
static double mean_bar(const Page *page) {
  return (double)page->bars.end / (double)page->bars.count;
}

static size_t longest_system(const Page *page) {
  size_t longest = 0;
  for (size_t bar = 0; bar < page->bars.count; bar += page->bars_a_system) {
    const size_t frames =
        rs_bars_start(&page->bars, bar + page->bars_a_system) - rs_bars_start(&page->bars, bar);
    longest = frames > longest ? frames : longest;
  }
  return longest;
}

/* Whole bars in each system, and about as many in the last as in the others. */
static void choose_systems(Page *page) {
  const double room = RS_PAGE - LEFT - RS_MARGIN;
  const size_t bars = page->bars.count;
  size_t most = (size_t)fmax(floor(room / CELL_MIN / mean_bar(page)), 1);
  const size_t systems = (size_t)((HEIGHT_MAX - RS_TOP - BOTTOM) / (system_height(page) + BETWEEN));
  if (bars > most * systems) {
    most = (bars + systems - 1) / systems;
  }
  page->systems = (bars + most - 1) / most;
  page->bars_a_system = (bars + page->systems - 1) / page->systems;
  page->systems = (bars + page->bars_a_system - 1) / page->bars_a_system;
  page->cell = fmin(room / (double)longest_system(page), CELL_MAX);
}

static System system_at(const Page *page, size_t number) {
  System s = {.first_bar = number * page->bars_a_system};
  s.last_bar = s.first_bar + page->bars_a_system;
  s.last_bar = s.last_bar < page->bars.count ? s.last_bar : page->bars.count;
  s.first = rs_bars_start(&page->bars, s.first_bar);
  s.last = rs_bars_start(&page->bars, s.last_bar);
  s.height = system_height(page);
  s.x = LEFT;
  s.y = RS_TOP + (double)number * (s.height + BETWEEN);
  s.width = page->cell * (double)(s.last - s.first);
  return s;
}

static double row_y(const Page *page, const System *s, int note) {
  return s->y + page->row * (page->high - note);
}

static double frame_x(const Page *page, const System *s, size_t frame) {
  return s->x + page->cell * (double)(frame - s->first);
}

static bool is_black(int note) {
  return 0x54a >> note % 12 & 1; /* C# D# F# G# A# */
}

static void draw_rows(const Page *page, const System *s) {
  rs_canvas_rectangle(page->canvas, s->x, s->y, s->width, s->height, RS_PAPER);
  for (int n = page->low; n <= page->high; ++n) {
    const double y = row_y(page, s, n);
    const bool c = n % 12 == 0;
    char text[16];
    if (is_black(n)) {
      rs_canvas_rectangle(page->canvas, s->x, y, s->width, page->row, dark_row);
    }
    if (c) {
      rs_canvas_line(page->canvas, s->x, y + page->row, s->x + s->width, y + page->row, 0.8,
                     octave_line);
    }
    if (c || page->row >= NAMES_ROW) {
      rs_note_name(n, text, sizeof text);
      rs_canvas_text(page->canvas, s->x - 32, y + page->row / 2 + 3.2, 9, RS_ALIGN_RIGHT,
                     c ? RS_WEIGHT_BOLD : RS_WEIGHT_NORMAL, c ? RS_INK : RS_FAINT, text);
      snprintf(text, sizeof text, "%d", n);
      rs_canvas_text(page->canvas, s->x - 8, y + page->row / 2 + 3.2, 9, RS_ALIGN_RIGHT,
                     RS_WEIGHT_NORMAL, RS_FAINT, text);
    }
  }
}

static void draw_bar_grid(const Page *page, const System *s, size_t number) {
  const RsBar *bar = &page->bars.bars[number];
  const size_t end = rs_bars_start(&page->bars, number + 1);
  for (size_t f = bar->start; f < end; ++f) {
    const RsPlace place = rs_bar_place(bar, f);
    const double x = frame_x(page, s, f);
    if (place == RS_PLACE_BAR) {
      rs_canvas_line(page->canvas, x, s->y, x, s->y + s->height + 4, 1.1, RS_FRAME);
    } else if (place <= RS_PLACE_BEAT && page->cell * bar->meter.beat_frames >= 4) {
      rs_canvas_line(page->canvas, x, s->y, x, s->y + s->height, 0.8, RS_LINE);
    }
  }
}

static void draw_grid(const Page *page, const System *s) {
  for (size_t bar = s->first_bar; bar < s->last_bar; ++bar) {
    draw_bar_grid(page, s, bar);
  }
  const double end = s->x + s->width;
  rs_canvas_line(page->canvas, end, s->y, end, s->y + s->height + 4, 1.1, RS_FRAME);
}

/* Every bar is numbered where there is room for it, else every second, fifth, tenth ... */
static void draw_bar_numbers(const Page *page, const System *s) {
  static const size_t steps[] = {1, 2, 4, 5, 10, 20, 50, 100, 200, 500, 1000};
  size_t i = 0;
  while (i + 1 < sizeof steps / sizeof *steps &&
         (double)steps[i] * page->cell * mean_bar(page) < 26) {
    ++i;
  }
  for (size_t bar = s->first_bar; bar < s->last_bar; ++bar) {
    char text[24];
    if (bar % steps[i] == 0) {
      snprintf(text, sizeof text, "%zu", bar + 1);
      rs_canvas_text(page->canvas, frame_x(page, s, rs_bars_start(&page->bars, bar)) + 3,
                     s->y + s->height + 11, 9, RS_ALIGN_LEFT, RS_WEIGHT_NORMAL, RS_FAINT, text);
    }
  }
}

/* Pitch classes a fifth apart are neighbours in hue, so that consonant notes have similar colours.
   Yellow is made lighter than the rest, for dark yellow is brown. */
static RsColour note_colour(int note, int velocity) {
  const double hue = 15 + 30.0 * (note * 7 % 12);
  const double light = 0.675 + 0.085 * cos((hue - 100) * M_PI / 180);
  const RsColour full = rs_colour(light, 0.14, hue);
  return rs_colour_mix(rs_colour(0.92, 0.035, hue), full, fmin(velocity / 100.0, 1));
}

/* The frame after the last one of a note that is on in frame f, or `end` if that is before. */
static size_t note_end(const RsRoll *roll, int note, size_t f, size_t end) {
  do {
    ++f;
  } while (f < end && rs_frame_has(&roll->on[f], note) &&
           !(roll->onset && rs_frame_has(&roll->onset[f], note)));
  return f;
}

static void draw_note(const Page *page, const System *s, int note, size_t first, size_t last,
                      int velocity) {
  const double x = frame_x(page, s, first), y = row_y(page, s, note);
  const double width = page->cell * (double)(last - first) - fmin(1.2, page->cell / 4);
  const RsColour colour = note_colour(note, velocity);
  rs_canvas_bar(page->canvas, x + 0.3, y + 0.4, width, page->row - 0.8, page->row * 0.3,
                rs_colour_mix(colour, RS_INK, 0.35));
  rs_canvas_bar(page->canvas, x + 0.8, y + 0.9, width - 1, page->row - 1.8, page->row * 0.25,
                colour);
}

/* Notes that begin in the system, and those that go on from the one before; cut off at its end. */
static void draw_notes(const Page *page, const System *s) {
  const RsRoll *roll = page->roll;
  const size_t end = s->last < roll->frames ? s->last : roll->frames;
  for (size_t f = s->first; f < end; ++f) {
    const RsFrame begins = f == s->first ? roll->on[f] : rs_roll_begins(roll, f);
    for (int n = rs_frame_next(&begins, 0); n < RS_NOTES; n = rs_frame_next(&begins, n + 1)) {
      const int velocity = roll->velocity ? roll->velocity[f * RS_NOTES + (size_t)n] : 127;
      draw_note(page, s, n, f, note_end(roll, n, f, end), velocity);
    }
  }
}

static size_t count_notes(const RsRoll *roll) {
  size_t notes = 0;
  for (size_t f = 0; f < roll->frames; ++f) {
    const RsFrame begins = rs_roll_begins(roll, f);
    notes += (size_t)rs_frame_count(&begins);
  }
  return notes;
}

/* The pitch classes in their colours, along the circle of fifths. */
static void draw_legend(const Page *page) {
  static const char *const names[] = {"C",  "G",  "D",  "A",  "E",  "B",
                                      "F♯", "C♯", "G♯", "D♯", "A♯", "F"};
  for (int i = 0; i < 12; ++i) {
    const double x = RS_PAGE - RS_MARGIN - 24 * (12 - i);
    rs_canvas_bar(page->canvas, x + 1, 40, 22, 9, 3, note_colour(7 * i, 127));
    rs_canvas_text(page->canvas, x + 12, 61, 9, RS_ALIGN_CENTRE, RS_WEIGHT_NORMAL, RS_FAINT,
                   names[i]);
  }
}

/* Whether there is a second meter, other than that of a short bar at the beginning. */
static bool changes_meter(const RsRoll *roll) {
  for (size_t i = 0; i < roll->meter_count; ++i) {
    const RsMeterChange *meter = &roll->meters[i];
    if (meter->frame && (meter->beats != roll->meter_beats || meter->unit != roll->meter_unit)) {
      return true;
    }
  }
  return false;
}

static void draw_head(const Page *page, const char *title) {
  const RsRoll *roll = page->roll;
  const char *name = title ? title : roll->name ? roll->name : "A song without a name";
  const size_t notes = count_notes(roll);
  char text[160];
  snprintf(text, sizeof text, "%zu bar%s of %u/%u%s at %.4g bpm · %zu frame%s · %zu note%s",
           page->bars.count, rs_plural(page->bars.count), roll->meter_beats, roll->meter_unit,
           changes_meter(roll) ? " and other meters" : "", roll->bpm, roll->frames,
           rs_plural(roll->frames), notes, rs_plural(notes));
  rs_page_head(page->canvas, LEFT, RS_PAGE - LEFT - RS_MARGIN - LEGEND, name, text);
  draw_legend(page);
}

static RsStatus draw_page(Page *page, const char *title, const char *path, RsError *error) {
  choose_rows(page);
  choose_systems(page);
  const System last = system_at(page, page->systems - 1);
  const RsStatus status =
      rs_canvas_new(path, RS_PAGE, last.y + last.height + BETWEEN + BOTTOM, &page->canvas, error);
  if (status) {
    return status;
  }
  draw_head(page, title);
  for (size_t i = 0; i < page->systems; ++i) {
    const System s = system_at(page, i);
    draw_rows(page, &s);
    draw_grid(page, &s);
    draw_notes(page, &s);
    draw_bar_numbers(page, &s);
  }
  return rs_canvas_end(page->canvas, RS_OK, error);
}

RsStatus rs_draw_roll(const RsRoll *roll, const char *title, const char *path, RsError *error) {
  if (!roll->frames) {
    return rs_error(error, RS_ERR_EMPTY, "cannot draw %s: the song has no frames", path);
  }
  Page page = {.roll = roll};
  RsStatus status = rs_bars_of(roll, &page.bars);
  if (status) {
    return rs_error(error, status, "cannot draw %s: out of memory", path);
  }
  status = draw_page(&page, title, path, error);
  rs_bars_clear(&page.bars);
  return status;
}
