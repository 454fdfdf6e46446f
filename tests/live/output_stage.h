/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_OUTPUT_STAGE_H
#define RS_TESTS_OUTPUT_STAGE_H

/**
   @file output_stage.h An output alone, at a clock that stands until it is moved, whose messages
   are recorded.
*/

#include "stage.h"

#include "live/output.h"

/* To be closed; at most so many messages are recorded. */
static inline void open_output(const RsPlayerSettings *settings, int64_t beginning, size_t messages,
                               RsSimulatedClock *clock, RsSink **sink, RsOutput *output) {
  rs_clock_simulate(clock, beginning);
  assert_ok(rs_sink_record_new(&clock->clock, messages, sink));
  assert_ok(rs_output_init(output, settings, *sink));
}

static inline void close_output(RsSink *sink, RsOutput *output) {
  rs_output_clear(output);
  rs_sink_free(sink);
}

#endif /* RS_TESTS_OUTPUT_STAGE_H */
