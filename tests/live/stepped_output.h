/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_STEPPED_OUTPUT_H
#define RS_TESTS_STEPPED_OUTPUT_H

/**
   @file stepped_output.h An output that plays chords, stepped by a clock that stands until it is
   moved.
*/

#include "output_stage.h"

typedef struct {
  RsSimulatedClock clock;
  RsSink *sink;
  RsOutput output;
  Chords chords;
  unsigned generation;
  unsigned rewound; // As the chords know it
} Stage;

static const int64_t beginning = 5 * RS_SECOND;

enum { MESSAGES = 1 << 14 }; // Recorded at most: memory is slow under a sanitizer

static inline Stage *enter(RsPlayerSettings settings, int64_t lookahead) {
  Stage *stage = calloc(1, sizeof(*stage));
  stage->chords = chords();
  open_output(&settings, beginning, MESSAGES, &stage->clock, &stage->sink, &stage->output);
  stage->sink->lookahead = lookahead;
  return stage;
}

static inline void leave(Stage *stage) {
  close_output(stage->sink, &stage->output);
  free(stage);
}

/* What the prefetch does where the output asks for a place of the music. */
static inline void place_chords(Stage *stage) {
  const unsigned wanted = atomic_load(&stage->output.shared.rewound);
  if (stage->output.queue.can_locate && wanted != stage->rewound) {
    chords_place(&stage->chords.source, atomic_load(&stage->output.shared.song_frame));
  }
  stage->rewound = wanted;
}

static inline void feed(Stage *stage) {
  place_chords(stage);
  while (rs_ring_count(&stage->output.shared.frames) < 8) {
    RsQueuedFrame queued = {.generation = stage->generation,
                            .rewound = atomic_load(&stage->output.shared.rewound)};
    queued.status = stage->chords.source.next(&stage->chords.source, &queued.frame);
    rs_ring_push(&stage->output.shared.frames, &queued);
  }
}

/* Play until a time, or the end. */
static inline void play_until(Stage *stage, int64_t time) {
  RsClock *clock = &stage->clock.clock;
  while (stage->output.state != RS_OUTPUT_DONE && clock->now(clock) < time) {
    feed(stage);
    const int64_t next = rs_output_step(&stage->output, clock->now(clock));
    if (stage->output.state != RS_OUTPUT_DONE) {
      clock->sleep_until(clock, next < time ? next : time);
    }
  }
}

static inline void command(Stage *stage, RsPlayerControl control, double value) {
  const RsQueuedCommand queued = {command_of(control, value), stage->generation, stage->clock.time};
  assert_true(rs_ring_push(&stage->output.shared.commands, &queued));
}

static inline const RsRecorded *recorded(const Stage *stage, size_t *count) {
  return rs_sink_recorded(stage->sink, count);
}

#endif /* RS_TESTS_STEPPED_OUTPUT_H */
