/* SPDX-License-Identifier: ISC */

/* Links of shared weights, doc/math.md, equations I5 to I7, I9 and I10. */

#include "model/input_links.h"

#include "rbm/counts.h"

void rs_link_note(const RsInputs *inputs, RsLinks links, size_t pair, size_t note) {
  const size_t notes = rs_encoding_notes(&inputs->encoding);
  RsLink *to = links.links + *links.count;
  to[0] = (RsLink){(uint32_t)(2 * pair), (uint32_t)note};
  to[1] = (RsLink){(uint32_t)(2 * pair + 1), (uint32_t)(notes + note)};
  *links.count += inputs->encoding.onsets ? 2 : 1;
}

/* What a sounding note is among those that sound. */
static size_t voice_of(bool above, bool below) {
  return above ? below ? RS_VOICE_INNER : RS_VOICE_BOTTOM : below ? RS_VOICE_TOP : RS_VOICE_ONLY;
}

/* Links from one sounding note to those at an interval from it. */
static void link_intervals(const RsInputs *inputs, RsLinks links, size_t case_at, size_t note) {
  const size_t notes = rs_encoding_notes(&inputs->encoding);
  const size_t low = note > RS_INTERVAL_MAX ? note - RS_INTERVAL_MAX : 0;
  for (size_t i = low; i < notes && i <= note + RS_INTERVAL_MAX; ++i) {
    rs_link_note(inputs, links, case_at + i + RS_INTERVAL_MAX - note, i);
  }
}

void rs_link_intervals(const RsInputs *inputs, const RsInputPlace *place, const float *last,
                       RsLinks links) {
  const size_t notes = rs_encoding_notes(&inputs->encoding);
  const size_t beat = rs_inputs_beat_place(inputs, place);
  size_t below = 0, above = 0;
  for (size_t i = 0; i < notes; ++i) {
    below += last[i] > 0;
  }
  for (size_t i = notes; i-- && above < RS_INTERVAL_SOURCES;) {
    if (last[i] > 0) {
      const size_t number = voice_of(above, --below) * RS_BEAT_PLACES + beat;
      link_intervals(inputs, links, inputs->shared_at.intervals / 2 + number * RS_INTERVALS, i);
      ++above;
    }
  }
}

/* Equation I6: degrees of the plan's key. */
static void link_degrees(const RsInputs *inputs, const RsInputPlace *place, RsLinks links) {
  const size_t number = place->plan.pitches * RS_BEAT_PLACES + rs_inputs_beat_place(inputs, place);
  const size_t first = inputs->shared_at.intervals / 2 + RS_INTERVAL_PAIRS + number * 12;
  const size_t distance = (size_t)inputs->encoding.low + 12 - place->plan.key;
  for (size_t i = 0; i < rs_encoding_notes(&inputs->encoding); ++i) {
    rs_link_note(inputs, links, first + (distance + i) % 12, i);
  }
}

/* Distances of all notes from one, whose number in the range may lie outside; `first` is the pair
 * of the least distance. */
static void link_distances(const RsInputs *inputs, size_t first, int centre, RsLinks links) {
  for (size_t i = 0; i < rs_encoding_notes(&inputs->encoding); ++i) {
    const int away = (int)i - centre, most = RS_REGISTER_MAX;
    const int held = away < -most ? -most : away > most ? most : away;
    rs_link_note(inputs, links, first + (size_t)(held + most), i);
  }
}

void rs_link_plan(const RsInputs *inputs, const RsInputPlace *place, RsLinks links) {
  link_degrees(inputs, place, links);
  const size_t first = inputs->shared_at.intervals / 2 + RS_INTERVAL_PAIRS + RS_DEGREE_PAIRS;
  const int low = inputs->encoding.low;
  link_distances(inputs, first, place->plan.top - low, links);
  link_distances(inputs, first + RS_REGISTERS, place->plan.bottom - low, links);
}

void rs_link_melody(const RsInputs *inputs, const RsInputPlace *place, size_t note, bool sounds,
                    RsLinks links) {
  const size_t number = (size_t)sounds * RS_BEAT_PLACES + rs_inputs_beat_place(inputs, place);
  link_distances(inputs, inputs->shared_at.melody / 2 + number * RS_REGISTERS, (int)note, links);
}

void rs_link_contour(const RsInputs *inputs, size_t step, size_t note, RsLinks links) {
  link_distances(inputs, inputs->shared_at.contour / 2 + step * RS_REGISTERS, (int)note, links);
}

/* Links from the weights of one case to the potentials of one plane: equation I7. */
static void link_plane(const RsInputs *inputs, RsLinks links, size_t first, size_t plane,
                       size_t count) {
  for (int c = 0; c < RS_COUNT_CLASSES; ++c) {
    const int change = c - (int)count;
    const int most = RS_COUNT_CHANGE_MAX;
    const size_t class = (size_t)(change > most ? 2 * most : change < -most ? 0 : change + most);
    links.links[(*links.count)++] =
        (RsLink){(uint32_t)(first + plane * RS_COUNT_CHANGES + class),
                 (uint32_t)(inputs->potentials_at + plane * RS_COUNT_CLASSES + (size_t)c)};
  }
}

void rs_link_counts(const RsInputs *inputs, RsLinks links, size_t number, const float *sounding,
                    const float *beginning) {
  const size_t notes = rs_encoding_notes(&inputs->encoding);
  const size_t first = inputs->shared_at.counts + number * RS_COUNT_WEIGHTS;
  link_plane(inputs, links, first, 0, rs_count_class(notes, sounding));
  if (inputs->encoding.onsets) {
    link_plane(inputs, links, first, 1, rs_count_class(notes, beginning));
  }
}
