/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_ONE_INPUT_H
#define RS_TESTS_ONE_INPUT_H

/**
   @file one_input.h What a fuzzer tries: bytes as a song, read with every setting that has code of
   its own.
*/

#include <rollsmith/ingest.h>

#include <stdlib.h>

/** A roll is as it has to be: its onsets sound, it is within the range and ends in a note. */
static inline void check_roll(const RsRoll *roll, const RsIngest *settings) {
  for (size_t t = 0; t < roll->frames; ++t) {
    const RsFrame *on = &roll->on[t], *onset = &roll->onset[t];
    if ((onset->bits[0] & ~on->bits[0]) || (onset->bits[1] & ~on->bits[1]) ||
        (rs_frame_count(on) && rs_frame_next(on, 0) < settings->low) ||
        rs_frame_next(on, settings->high + 1) < RS_NOTES) {
      abort();
    }
  }
}

static inline void one_input(const uint8_t *data, size_t size) {
  RsIngest settings = rs_ingest_defaults();
  settings.frame_ms = size % 2 ? 100 : 0;
  settings.pedal = settings.articulation = true;
  settings.velocity = size % 3 == 0;
  settings.transpose = RS_TRANSPOSE_COMMON;
  settings.max_frames = 10000;
  settings.max_silence = 500;
  RsSongs songs = {0};
  RsIngestReport report;
  const RsStatus st = rs_ingest_memory(data, size, "input", &settings, &songs, &report);
  const size_t accounted = report.counts.kept + report.counts.dropped + report.drums;
  if (!st != (songs.count > 0) || (!st && report.notes != accounted)) {
    abort();
  }
  for (size_t i = 0; i < songs.count; ++i) {
    check_roll(&songs.rolls[i], &settings);
  }
  rs_songs_clear(&songs);
  rs_ingest_report_clear(&report);
}

#endif /* RS_TESTS_ONE_INPUT_H */
