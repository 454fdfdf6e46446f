/* SPDX-License-Identifier: ISC */

/* Features of the bars so far, doc/math.md, equation T38. */

#include "model/generator_internal.h"

void rs_generated_bars_start(RsGeneratedBars *bars) {
  *bars = (RsGeneratedBars){.known = false};
}

void rs_generated_bars_end(RsGeneratedBars *bars, size_t frame_in_bar) {
  if (!frame_in_bar && bars->features.frames) {
    rs_bar_features_end(&bars->features, bars->before);
    bars->known = true;
  }
}

void rs_generated_bars_add(const RsGenerator *generator, const RsBarPlace *bar, size_t frame_in_bar,
                           const RsFrame *on, const RsFrame *begins, RsBarFeatures *features) {
  const double frames_per_beat = generator->model->inputs.frames_per_beat;
  const bool on_beat = rs_begins_beat(bar, frame_in_bar, frames_per_beat);
  rs_bar_features_add(features, on, begins, on_beat, generator->plan.now.key);
}

void rs_generated_bars_observe(RsGenerator *generator, const RsInputPlace *place) {
  const RsEncoding *encoding = &generator->model->inputs.encoding;
  RsBarFeatures *features = &generator->bars.features;
  RsBarPlace bar;
  RsFrame on, begins;
  if (!place || !rs_roll_bar(&generator->clock, generator->position, &bar)) {
    return;
  }
  rs_generated_bars_end(&generator->bars, place->frame_in_bar);
  rs_decode_frame(encoding, generator->now.v, &on, &begins, NULL);
  rs_complete_begins(encoding->onsets, &features->on, &on, &begins);
  rs_generated_bars_add(generator, &bar, place->frame_in_bar, &on, &begins, features);
}
