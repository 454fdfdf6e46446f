/* SPDX-License-Identifier: ISC */

#include <rollsmith/progress.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

#define CENTURY (36525.0 * DAY)

/* Append to a text; it is truncated to `size`. */
__attribute__((__format__(__printf__, 3, 4))) static size_t add(char *text, size_t size,
                                                                const char *format, ...) {
  const size_t there = strlen(text);
  va_list args;
  va_start(args, format);
  vsnprintf(text + there, size - there, format, args);
  va_end(args);
  return strlen(text);
}

size_t rs_duration_format(double seconds, char *text, size_t size) {
  const long t = seconds > 0 ? lrint(fmin(seconds, CENTURY)) : 0;
  *text = 0;
  if (t >= 2 * DAY) {
    return add(text, size, "%.1f days", (double)t / DAY);
  }
  if (t >= HOUR) {
    return add(text, size, "%ld:%02ld:%02ld", t / HOUR, t / MINUTE % 60, t % 60);
  }
  return add(text, size, "%ld:%02ld", t / MINUTE, t % 60);
}

size_t rs_count_format(double number, char *text, size_t size) {
  char digits[32];
  const int n = snprintf(digits, sizeof digits, "%.0f", fabs(number));
  *text = 0;
  if (number <= -0.5) {
    add(text, size, "-");
  }
  for (int i = 0; i < n; ++i) {
    add(text, size, i && (n - i) % 3 == 0 ? ",%c" : "%c", digits[i]);
  }
  return strlen(text);
}

/* A cost or likelihood: two decimals where it is small, significant digits where it is not. */
static void add_value(char *text, size_t size, const char *name, double value, const char *mark) {
  if (isfinite(value)) {
    add(text, size, fabs(value) < 1000 ? "  %s %.2f%s" : "  %s %.4g%s", name, value, mark);
  } else if (isinf(value)) {
    add(text, size, "  %s %sinfinite", name, value < 0 ? "-" : "");
  }
}

/* Round to three digits, so that the line does not flicker. */
static double three_digits(double value) {
  const double unit = pow(10, floor(log10(value)) - 2);
  return unit > 1 ? rint(value / unit) * unit : value;
}

size_t rs_progress_format(const RsProgress *p, char *text, size_t size) {
  char part[32];
  *text = 0;
  add(text, size, p->epochs ? "epoch %zu/%zu" : "epoch %zu", p->epoch, p->epochs);
  add_value(text, size, "cost", p->cost, "");
  const bool alone = isfinite(p->free_run);
  add_value(text, size, "valid", p->valid, p->best && !alone ? "*" : "");
  if (alone) {
    add(text, size, "  free run %.0f %%%s", 100 * p->free_run, p->best ? "*" : "");
  }
  if (isfinite(p->frames_per_second) && p->frames_per_second > 0) {
    rs_count_format(three_digits(p->frames_per_second), part, sizeof part);
    add(text, size, "  %s frames/s", part);
  }
  const bool known = isfinite(p->seconds_left) && p->seconds_left >= 0;
  if (known || (isfinite(p->seconds) && p->seconds >= 0)) {
    rs_duration_format(known ? p->seconds_left : p->seconds, part, sizeof part);
    add(text, size, "  %s%s", part, known ? " left" : "");
  }
  return strlen(text);
}
