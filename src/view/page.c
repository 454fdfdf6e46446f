/* SPDX-License-Identifier: ISC */

#include "view/page.h"

void rs_page_head(RsCanvas *canvas, double x, double width, const char *title,
                  const char *subtitle) {
  rs_canvas_title(canvas, title);
  rs_canvas_text_within(canvas, x, 40, width, 20, RS_WEIGHT_BOLD, RS_INK, title);
  rs_canvas_text_within(canvas, x, 61, width, 11, RS_WEIGHT_NORMAL, RS_FAINT, subtitle);
}
