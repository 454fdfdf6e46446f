/* SPDX-License-Identifier: ISC */

#include "music/notation_write.h"

#include "base/atomic_file.h"
#include "music/midi_settings.h"

#include <stdlib.h>

const char *rs_score_title(const RsScore *score) {
  const char *name = score->settings->name ? score->settings->name : score->roll->name;
  return name ? name : "";
}

bool rs_score_phrase(RsScore *score, const RsMeasure *measure, char *name) {
  return score->settings->phrases &&
         rs_phrase_at(&score->phrases, score->roll, measure->start, name);
}

bool rs_meter_is_written(const RsMeasure *measure) {
  return (measure->unit & (measure->unit - 1)) == 0;
}

static RsStatus compose(const RsRoll *roll, const RsMidiSettings *settings, double bpm,
                        RsStatus (*format)(RsScore *score), RsStringBuffer *text) {
  RsNotation notation;
  RsScore score = {.roll = roll, .settings = settings, .notation = &notation, .text = text};
  RsStatus status = rs_notation_init(roll, bpm, settings->key, &notation);
  if (!status) {
    status = format(&score);
  }
  free(score.chords.list);
  rs_notation_clear(&notation);
  return status;
}

RsStatus rs_score_write(const RsRoll *roll, const RsMidiSettings *settings,
                        RsStatus (*format)(RsScore *score), const char *path, RsError *error) {
  RsStringBuffer text = {.data = NULL};
  double bpm = 0;
  char *data = NULL;
  size_t size = 0;
  RsStatus status = rs_midi_settings_check(roll, settings, &bpm, error);
  if (status) {
    return status;
  }
  status = compose(roll, settings, bpm, format, &text);
  const RsStatus taken = rs_string_buffer_take(&text, &data, &size);
  status = status ? status : taken;
  status = status ? rs_error(error, status, "out of memory while composing sheet music")
                  : rs_write_file_atomically(path, data, size, error);
  free(data);
  return status;
}
