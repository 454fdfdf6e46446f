/* SPDX-License-Identifier: ISC */

#ifndef RS_VIEW_PAGE_H
#define RS_VIEW_PAGE_H

/**
   @file page.h What all pictures have in common: their width, their margins, their greys and their
   head.
*/

#include "view/canvas.h"

enum {
  RS_PAGE = 1200, ///< Width of a page
  RS_TOP = 84,    ///< Height of its head
  RS_MARGIN = 28, ///< Left free on the right and below
};

#define RS_INK 0x33302bffu   ///< Titles
#define RS_FAINT 0x8a857bffu ///< Labels
#define RS_PAPER 0xfbfaf6ffu ///< Ground that something is drawn on
#define RS_LINE 0xe4dfd3ffu  ///< Grid
#define RS_FRAME 0xb5ae9effu ///< Axes and bar lines

/** Title and, below it in small, a subtitle; both begin at `x` and are cut to `width`. */
void rs_page_head(RsCanvas *canvas, double x, double width, const char *title,
                  const char *subtitle);

#endif /* RS_VIEW_PAGE_H */
