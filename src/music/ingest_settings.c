/* SPDX-License-Identifier: ISC */

#include <rollsmith/ingest.h>

#include "music/ingest_limits.h"

RsIngest rs_ingest_defaults(void) {
  return (RsIngest){
      .frames_per_beat = RS_FRAMES_PER_BEAT_DEFAULT,
      .low = RS_LOW_DEFAULT,
      .high = RS_HIGH_DEFAULT,
      .outside = RS_OUTSIDE_FOLD,
      .articulation = true,
      .min_velocity = RS_MIN_VELOCITY_DEFAULT,
      .transpose = RS_TRANSPOSE_AUTO,
      .start = RS_START_KEEP,
      .min_frames = RS_MIN_FRAMES_DEFAULT,
      .max_silence = RS_MAX_SILENCE_DEFAULT,
      .max_frames = RS_MAX_FRAMES_DEFAULT,
  };
}

static RsStatus check_number(const char *name, double value, double low, double high,
                             RsError *error) {
  if (value >= low && value <= high) {
    return RS_OK;
  }
  return rs_error(error, RS_ERR_SETTING, "%s = %g: must be %g to %g", name, value, low, high);
}

/* Range of ingest_limits.h as two arguments */
#define LIMITS(name) RS_##name##_MIN, RS_##name##_MAX

RsStatus rs_ingest_check(const RsIngest *s, RsError *error) {
  RsStatus status = RS_OK;
  if (s->frame_ms != 0) {
    status = check_number("frame_ms", s->frame_ms, 1, RS_FRAME_MS_MAX, error);
  } else {
    status = check_number("frames_per_beat", s->frames_per_beat, LIMITS(FRAMES_PER_BEAT), error);
  }
  status = status ? status : check_number("low", s->low, LIMITS(LOW), error);
  status = status ? status : check_number("high", s->high, s->low, RS_HIGH_MAX, error);
  status =
      status ? status : check_number("min_velocity", s->min_velocity, LIMITS(MIN_VELOCITY), error);
  status = status ? status
                  : check_number("transpose_semitones", s->transpose_semitones, LIMITS(SEMITONES),
                                 error);
  status = status ? status : check_number("min_frames", s->min_frames, LIMITS(MIN_FRAMES), error);
  status = status ? status
                  : check_number("max_silence", (double)s->max_silence, LIMITS(MAX_SILENCE), error);
  return status ? status
                : check_number("max_frames", (double)s->max_frames, LIMITS(MAX_FRAMES), error);
}
