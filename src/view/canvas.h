/* SPDX-License-Identifier: ISC */

#ifndef RS_VIEW_CANVAS_H
#define RS_VIEW_CANVAS_H

/**
   @file canvas.h A page to draw on: a PNG or an SVG by the name of its file. The only user of
   cairo.

   Texts of an SVG are text elements above everything else, in a font of the viewer.

   Lengths are in units of the page, y goes down. A PNG has two pixels a unit, or fewer where the
   page is too large for that. An error while drawing is kept and returned by
   rs_canvas_end().
*/

#include <rollsmith/status.h>

#include <stddef.h>
#include <stdint.h>

/** Red, green, blue and opacity: 0xrrggbbaa. */
typedef uint32_t RsColour;

/** Alignment of a text. */
typedef enum { RS_ALIGN_LEFT, RS_ALIGN_CENTRE, RS_ALIGN_RIGHT } RsAlign;

/** Weight of a text. */
typedef enum { RS_WEIGHT_NORMAL, RS_WEIGHT_BOLD } RsWeight;

typedef struct RsCanvas RsCanvas;

/**
   A white page.

   @param path    File that it becomes, copied; its name ends in .png or .svg.
   @param width   In units.
   @param height  In units.
   @param out     Output, to be given to rs_canvas_end().
   @param error   Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_ARGUMENT for another name or a page too large.
*/
RsStatus rs_canvas_new(const char *path, double width, double height, RsCanvas **out,
                       RsError *error);

/**
   Check that a picture may have a name.

   @return RS_OK, RS_ERR_ARGUMENT where `path` ends neither in .png nor in .svg.
*/
RsStatus rs_canvas_check_name(const char *path, RsError *error);

/**
   Write the page, whole or not at all, and free it.

   @param canvas  NULL is allowed, and returns `so_far`.
   @param so_far  RS_OK to write; anything else, which is returned then, to free it only.
   @param error   Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_IO, or `so_far`.
*/
RsStatus rs_canvas_end(RsCanvas *canvas, RsStatus so_far, RsError *error);

/** What the page is called, for those who cannot see it: the title of an SVG. Copied. */
void rs_canvas_title(RsCanvas *canvas, const char *title);

/** A filled rectangle. */
void rs_canvas_rectangle(RsCanvas *canvas, double x, double y, double width, double height,
                         RsColour colour);

/** A filled rectangle with round corners. */
void rs_canvas_bar(RsCanvas *canvas, double x, double y, double width, double height, double radius,
                   RsColour colour);

/** A straight line. */
void rs_canvas_line(RsCanvas *canvas, double x0, double y0, double x1, double y1, double thickness,
                    RsColour colour);

/**
   A curve through points, of straight lines.

   @param xy         `points` pairs of x and y; those where y is a NaN are passed over.
   @param points     Number of points.
*/
void rs_canvas_curve(RsCanvas *canvas, const double *xy, size_t points, double thickness,
                     RsColour colour);

/** A filled circle. */
void rs_canvas_dot(RsCanvas *canvas, double x, double y, double radius, RsColour colour);

/** A text on a base line, in UTF-8; invalid bytes are shown as such. */
void rs_canvas_text(RsCanvas *canvas, double x, double y, double size, RsAlign align,
                    RsWeight weight, RsColour colour, const char *text);

/** A text on a base line from `x` on; where it is wider than `width`, it is cut and ends in three
 * dots. */
void rs_canvas_text_within(RsCanvas *canvas, double x, double y, double width, double size,
                           RsWeight weight, RsColour colour, const char *text);

/**
   An image of rows x columns opaque cells, stretched to a rectangle.

   @param cells  Row-major, rows x columns colours.
*/
void rs_canvas_image(RsCanvas *canvas, double x, double y, double width, double height,
                     const RsColour *cells, size_t rows, size_t columns);

/**
   A colour by its lightness (0..1), chroma (0 is grey, 0.13 is full) and hue (degrees), in OKLCH:
   colours of one lightness look equally light. Opaque.
*/
RsColour rs_colour(double lightness, double chroma, double hue);

/** A colour between two: all of `a` at share 0, all of `b` at share 1. */
RsColour rs_colour_mix(RsColour a, RsColour b, double share);

#endif /* RS_VIEW_CANVAS_H */
