/* SPDX-License-Identifier: ISC */

#ifndef RS_VIEW_SVG_NAMES_H
#define RS_VIEW_SVG_NAMES_H

/**
   @file svg_names.h Makes an SVG by cairo the same each time.
*/

#include <stddef.h>

/**
   Rename the images and groups of an SVG after their order.

   Cairo names them after how many surfaces the process has made before, so that the second of
   two equal pictures has other bytes than the first.

   @param svg   Text, `size` bytes.
   @param size  Number of bytes.
   @return The text with surface0, image1, ... for what cairo named so; to be given to g_free().
*/
char *rs_svg_number_names(const char *svg, size_t size);

#endif /* RS_VIEW_SVG_NAMES_H */
