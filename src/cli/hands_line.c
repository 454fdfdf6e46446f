#include "cli/hands.h"
#include "cli/output.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* What the person is told. */

/// A terminal that stands still (Ctrl-S, a connection that is stuck) holds no one up: what does not
/// get there is not said
static bool can_say(void) {
  struct pollfd terminal = {.fd = STDERR_FILENO, .events = POLLOUT};
  return poll(&terminal, 1, 0) == 1 && terminal.revents & POLLOUT;
}

void rs_hands_say(RsHands *hands, const char *format, ...) {
  va_list arguments;
  if (hands->options->quiet || !can_say()) {
    return;
  }
  if (hands->raw) {
    rs_over_line("%s", "");
  }
  va_start(arguments, format);
  rs_say_arguments(hands->options, format, arguments);
  va_end(arguments);
}

static void name_notes(const RsFrame *notes, char *text, size_t size) {
  static const char *const names[] = {"C",  "C#", "D",  "D#", "E",  "F",
                                      "F#", "G",  "G#", "A",  "A#", "B"};
  size_t used = 0;
  text[0] = '\0';
  for (int n = rs_frame_next(notes, 0); n < RS_NOTES && used + 8 < size;
       n = rs_frame_next(notes, n + 1)) {
    used += (size_t)snprintf(text + used, size - used, "%s%d ", names[n % 12], n / 12 - 1);
  }
}

/// What was changed by hand
static void name_changes(const RsHands *hands, char *text, size_t size) {
  char temperature[16] = "", density[16] = "", transpose[16] = "";
  if (hands->piece->is_model) {
    snprintf(temperature, sizeof(temperature), "T %.2f  ", hands->temperature);
  }
  if (hands->density) {
    snprintf(density, sizeof(density), "max %d  ", hands->density);
  }
  if (hands->transpose) {
    snprintf(transpose, sizeof(transpose), "%+d  ", hands->transpose);
  }
  snprintf(text, size, "%s%s%s%s%s%s", temperature, density, transpose, hands->mute ? "mute  " : "",
           hands->hold ? "hold  " : "", hands->pause ? "pause  " : "");
}

void rs_hands_tell(RsHands *hands) {
  const RsPlayerView view = rs_player_view(hands->player);
  const double bar = hands->piece->frames_per_quarter * hands->piece->quarters_per_bar;
  const double place = (double)view.frame / bar, beats = hands->piece->quarters_per_bar;
  const long bars = (long)place, beat = (long)((place - (double)bars) * beats);
  char notes[40], changes[80];
  if (!can_say()) {
    return;
  }
  name_notes(&view.sounding, notes, sizeof(notes));
  name_changes(hands, changes, sizeof(changes));
  rs_over_line("bar %ld.%ld  %.1f bpm  %s%slate %.1f ms  %s", bars + 1, beat + 1, view.bpm,
               view.waiting_for_port       ? "NO PORT  "
               : view.waiting_for_receiver ? "NOT READ  "
               : view.running              ? ""
                                           : "waiting  ",
               changes, view.lateness_ms > 0 ? view.lateness_ms : 0, notes);
}
