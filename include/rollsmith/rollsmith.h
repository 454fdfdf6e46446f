/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_H
#define ROLLSMITH_H

/**
   @file rollsmith.h All of rollsmith's public interface, from the bottom layer up.

   The heading above each group names the room that its headers belong to: the lint test reads it.
*/

/* base */
#include <rollsmith/status.h>
#include <rollsmith/scalar.h>
#include <rollsmith/rng.h>

/* grad */
#include <rollsmith/net.h>
#include <rollsmith/jacobian.h>
#include <rollsmith/loss.h>
#include <rollsmith/optimiser.h>
#include <rollsmith/policy.h>
#include <rollsmith/objective.h>
#include <rollsmith/rnn.h>
#include <rollsmith/grad.h>

/* rbm */
#include <rollsmith/rbm.h>
#include <rollsmith/gibbs.h>
#include <rollsmith/likelihood.h>
#include <rollsmith/tempered.h>

/* music */
#include <rollsmith/roll.h>
#include <rollsmith/ingest.h>
#include <rollsmith/performance.h>
#include <rollsmith/plan.h>
#include <rollsmith/midi_write.h>
#include <rollsmith/notation.h>
#include <rollsmith/statistics.h>
#include <rollsmith/style.h>

/* settings */
#include <rollsmith/settings.h>

/* files */
#include <rollsmith/tensor_file.h>

/* model */
#include <rollsmith/encoding.h>
#include <rollsmith/rnnrbm.h>
#include <rollsmith/model.h>
#include <rollsmith/steering.h>
#include <rollsmith/generator.h>
#include <rollsmith/look_ahead.h>
#include <rollsmith/inputs.h>
#include <rollsmith/links.h>
#include <rollsmith/evaluator.h>

/* train */
#include <rollsmith/series.h>
#include <rollsmith/trainer.h>
#include <rollsmith/train_log.h>

/* live */
#include <rollsmith/clock.h>
#include <rollsmith/sink.h>
#include <rollsmith/frame_source.h>
#include <rollsmith/model_source.h>
#include <rollsmith/player.h>
#include <rollsmith/score_source.h>
#include <rollsmith/ports.h>

/* view */
#include <rollsmith/draw.h>
#include <rollsmith/progress.h>

#endif /* ROLLSMITH_H */
