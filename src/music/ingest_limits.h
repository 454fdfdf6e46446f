/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_INGEST_LIMITS_H
#define RS_MUSIC_INGEST_LIMITS_H

/**
   @file ingest_limits.h Defaults and ranges of RsIngest, used by rs_ingest_defaults(), by
   rs_ingest_check() and by the table of settings.
*/

// clang-format off
enum {
  RS_FRAMES_PER_BEAT_DEFAULT = 4,   RS_FRAMES_PER_BEAT_MIN = 1,    RS_FRAMES_PER_BEAT_MAX = 960,
  RS_FRAME_MS_DEFAULT = 0,          RS_FRAME_MS_MIN = 0,           RS_FRAME_MS_MAX = 60000,
  RS_LOW_DEFAULT = 48,              RS_LOW_MIN = 0,                RS_LOW_MAX = 127,
  RS_HIGH_DEFAULT = 83,             RS_HIGH_MIN = 0,               RS_HIGH_MAX = 127,
  RS_MIN_VELOCITY_DEFAULT = 1,      RS_MIN_VELOCITY_MIN = 1,       RS_MIN_VELOCITY_MAX = 127,
  RS_SEMITONES_DEFAULT = 0,         RS_SEMITONES_MIN = -127,       RS_SEMITONES_MAX = 127,
  RS_MIN_FRAMES_DEFAULT = 1,        RS_MIN_FRAMES_MIN = 0,         RS_MIN_FRAMES_MAX = 1000,
  RS_MAX_SILENCE_DEFAULT = 64,      RS_MAX_SILENCE_MIN = 0,        RS_MAX_SILENCE_MAX = 16777216,
  RS_MAX_FRAMES_DEFAULT = 1048576,  RS_MAX_FRAMES_MIN = 1,         RS_MAX_FRAMES_MAX = 16777216,
};
// clang-format on

#endif /* RS_MUSIC_INGEST_LIMITS_H */
