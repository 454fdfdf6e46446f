/* SPDX-License-Identifier: ISC */

#include "view/canvas.h"

#include <math.h>

static unsigned byte_of(double value) {
  return (unsigned)lrint(255 * fmin(fmax(value, 0), 1));
}

/* The transfer function of sRGB. */
static unsigned gamma_byte(double linear) {
  return byte_of(linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055);
}

/* Björn Ottosson, "A perceptual color space for image processing", 2020. */
RsColour rs_colour(double lightness, double chroma, double hue) {
  const double a = chroma * cos(hue * M_PI / 180), b = chroma * sin(hue * M_PI / 180);
  const double l = pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
  const double m = pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
  const double s = pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
  const unsigned red = gamma_byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
  const unsigned green = gamma_byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
  const unsigned blue = gamma_byte(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s);
  return red << 24 | green << 16 | blue << 8 | 0xff;
}

RsColour rs_colour_mix(RsColour a, RsColour b, double share) {
  RsColour mixed = 0;
  for (int shift = 0; shift < 32; shift += 8) {
    const double from = (a >> shift & 0xff) / 255.0, to = (b >> shift & 0xff) / 255.0;
    mixed |= byte_of(from + share * (to - from)) << shift;
  }
  return mixed;
}
