/* SPDX-License-Identifier: ISC */

/* Inputs that follow from the frames before, doc/math.md, equations I1, I3, I4, I7, I9 and I10. */

#include "model/input_links.h"
#include "model/input_melody.h"

#include "base/memory.h"
#include "music/plan_labels.h"
#include "rbm/counts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Distances of lookback in bars, ascending. */
static const size_t LOOKBACK_BARS[RS_LOOKBACKS] = {1, 2, 4, 8};

/* In rings: the starts of the longest distance of bars and of the current one, and frames: bars of
   more than some 450 frames are looked back on less far. */
enum { LONGEST = 8, STARTS = 16, FRAMES_MAX = 4096 };

/* Likeness decays by this share a frame, and where its classes end. */
#define DECAY 0.25f
static const float LIKENESS_ENDS[RS_LIKE_CLASSES - 1] = {0.3f, 0.6f, 0.85f};

/* The last frame of each class of note age but the last one. */
static const unsigned AGE_ENDS[RS_NOTE_AGES - 1] = {1, 2, 3, 4, 8, 16};

struct RsInputHistory {
  const RsInputs *inputs;
  size_t visible;                          /* values of a frame */
  size_t capacity;                         /* frames of the ring */
  float *frames;                           /* capacity x visible: frame n stands at n % capacity */
  float *last;                             /* the frame before the next one, with its noise */
  int64_t length;                          /* frames so far */
  int64_t from;                            /* frames that are not looked back on */
  int64_t starts[STARTS];                  /* first frame of bar b, at b % STARTS */
  size_t bars;                             /* number of the current bar + 1; 0 before the first */
  size_t first_bar;                        /* number of the first bar */
  uint64_t (*on)[2];                       /* capacity: notes of each frame of the ring, as bits */
  float like[RS_LOOKBACKS][RS_LIKE_KINDS]; /* running means of likeness with frames before */
  RsMelody melody;                         /* of the noisy frames */
  unsigned char label;                     /* of the plan of the frame before the next one */
  unsigned age[RS_NOTES]; /* frames that each note of the range has sounded, 0 where silent */
};

size_t rs_inputs_frames(const RsInputs *inputs) {
  const unsigned oldest = AGE_ENDS[RS_NOTE_AGES - 2] + 1;
  double longest = 0;
  for (size_t i = 0; inputs->lookback && i < inputs->meter_count; ++i) {
    const RsKnownMeter *meter = inputs->meters + i;
    longest =
        fmax(longest, rs_meter_bar_frames(meter->beats, meter->unit, inputs->frames_per_beat));
  }
  const double reach = fmin((LONGEST + 1) * ceil(longest), FRAMES_MAX);
  return (size_t)fmax(reach, inputs->note_age ? oldest : 1);
}

RsStatus rs_input_history_new(const RsInputs *inputs, RsInputHistory **out) {
  RsInputHistory *history = rs_alloc(1, sizeof *history);
  if (!history) {
    return RS_ERR_MEMORY;
  }
  history->inputs = inputs;
  history->visible = rs_encoding_size(&inputs->encoding);
  history->capacity = rs_inputs_frames(inputs);
  history->frames = rs_alloc(history->capacity, history->visible * sizeof *history->frames);
  history->last = rs_alloc(history->visible, sizeof *history->last);
  history->on = rs_alloc(history->capacity, sizeof *history->on);
  if (!history->frames || !history->last || !history->on) {
    rs_input_history_free(history);
    return RS_ERR_MEMORY;
  }
  rs_input_history_start(history, NULL);
  *out = history;
  return RS_OK;
}

void rs_input_history_free(RsInputHistory *history) {
  if (history) {
    free(history->frames);
    free(history->last);
    free(history->on);
    free(history);
  }
}

void rs_input_history_copy(RsInputHistory *to, const RsInputHistory *from) {
  const RsInputHistory own = *to;
  *to = *from;
  to->frames =
      memcpy(own.frames, from->frames, from->capacity * from->visible * sizeof *to->frames);
  to->last = memcpy(own.last, from->last, from->visible * sizeof *to->last);
  to->on = memcpy(own.on, from->on, from->capacity * sizeof *to->on);
}

void rs_input_history_start(RsInputHistory *history, const float *before) {
  history->length = history->from = 0;
  history->bars = 0;
  history->label = 0;
  rs_melody_start(&history->melody);
  memset(history->age, 0, sizeof history->age);
  memset(history->like, 0, sizeof history->like);
  if (before) {
    memmove(history->last, before, history->visible * sizeof *before);
  } else {
    memset(history->last, 0, history->visible * sizeof *history->last);
  }
}

void rs_input_history_jump(RsInputHistory *history) {
  history->from = history->length;
  history->bars = 0;
}

static float *frame_at(const RsInputHistory *history, int64_t n) {
  return history->frames + (size_t)n % history->capacity * history->visible;
}

const float *rs_input_history_last(const RsInputHistory *history) {
  return history->last;
}

static void count_ages(RsInputHistory *history, const float *v) {
  const RsEncoding *encoding = &history->inputs->encoding;
  const size_t notes = rs_encoding_notes(encoding);
  const float threshold = encoding->velocities ? RS_ENCODING_GAP : 0.5f;
  for (size_t i = 0; i < notes; ++i) {
    const bool begins = encoding->onsets && v[notes + i] > 0.5f;
    history->age[i] = !(v[i] > threshold) ? 0 : begins ? 1 : history->age[i] + 1;
  }
}

/* The first frame of a bar, as far as it is known: the one that the next frame stands in too. */
static int64_t start_of(const RsInputHistory *history, const RsInputPlace *place, size_t bar) {
  return bar == place->bar ? history->length - (int64_t)place->frame_in_bar
                           : history->starts[bar % STARTS];
}

/* The frame at the same place some bars ago (equation I3), -1 where there is none. */
static int64_t look_back(const RsInputHistory *history, const RsInputPlace *place, size_t bars) {
  if (!history->bars || place->bar < history->first_bar + bars) {
    return -1;
  }
  const size_t bar = place->bar - bars;
  const int64_t n = start_of(history, place, bar) + (int64_t)place->frame_in_bar;
  const bool in_bar = n < start_of(history, place, bar + 1);
  const bool kept = n >= history->from && n >= history->length - (int64_t)history->capacity;
  return in_bar && kept && n < history->length ? n : -1;
}

/* The Jaccard index of two frames; two silences are alike. */
static float jaccard(const uint64_t a[2], const uint64_t b[2]) {
  const int both = __builtin_popcountll(a[0] & b[0]) + __builtin_popcountll(a[1] & b[1]);
  const int either = __builtin_popcountll(a[0] | b[0]) + __builtin_popcountll(a[1] | b[1]);
  return either ? (float)both / (float)either : 1;
}

static int top_of(const uint64_t on[2]) {
  return on[1] ? 127 - __builtin_clzll(on[1]) : on[0] ? 63 - __builtin_clzll(on[0]) : -1;
}

/* How much the next frame, `on`, is like those some bars ago. */
static void compare(RsInputHistory *history, const RsInputPlace *place, const uint64_t on[2]) {
  for (size_t k = 0; k < RS_LOOKBACKS; ++k) {
    const int64_t n = place ? look_back(history, place, LOOKBACK_BARS[k]) : -1;
    const uint64_t *then = history->on[(size_t)(n < 0 ? 0 : n) % history->capacity];
    const float now[RS_LIKE_KINDS] = {n < 0 ? 0 : jaccard(on, then),
                                      n >= 0 && top_of(on) == top_of(then)};
    for (int i = 0; i < RS_LIKE_KINDS; ++i) {
      history->like[k][i] += DECAY * (now[i] - history->like[k][i]);
    }
  }
}

/* Equation I9: the highest note of a frame, where it begins, is one of the melody. `on` are the
 * notes of `v`, history->last is the frame before. */
static void follow_melody(RsInputHistory *history, const uint64_t on[2], const float *v) {
  const RsEncoding *encoding = &history->inputs->encoding;
  const int top = top_of(on);
  if (top >= 0 && (encoding->onsets ? v[rs_encoding_notes(encoding) + (size_t)top] > 0
                                    : !(history->last[top] > 0))) {
    rs_melody_add(&history->melody, top);
  }
}

void rs_input_history_add(RsInputHistory *history, const RsInputPlace *place, const float *v,
                          const float *noisy) {
  uint64_t on[2] = {0, 0}, noisy_on[2] = {0, 0};
  for (size_t i = 0; i < rs_encoding_notes(&history->inputs->encoding); ++i) {
    on[i / 64] |= (uint64_t)(v[i] > 0) << i % 64;
    noisy_on[i / 64] |= (uint64_t)(noisy[i] > 0) << i % 64;
  }
  if (history->inputs->lookback) {
    compare(history, place, noisy_on);
  }
  if (place && place->bar + 1 != history->bars) {
    history->first_bar = history->bars ? history->first_bar : place->bar;
    history->bars = place->bar + 1;
    history->starts[place->bar % STARTS] = history->length - (int64_t)place->frame_in_bar;
  }
  history->label = place ? place->plan.label : 0;
  if (history->inputs->melody) {
    follow_melody(history, noisy_on, noisy);
  }
  memcpy(frame_at(history, history->length), v, history->visible * sizeof *v);
  memcpy(history->last, noisy, history->visible * sizeof *noisy);
  memcpy(history->on[(size_t)history->length % history->capacity], on, sizeof on);
  ++history->length;
  if (history->inputs->note_age) {
    count_ages(history, noisy);
  }
}

static size_t age_class(unsigned age) {
  size_t class = 0;
  while (class < RS_NOTE_AGES - 1 && age > AGE_ENDS[class]) {
    ++class;
  }
  return class;
}

static size_t like_class(float like) {
  size_t class = 0;
  while (class < RS_LIKE_CLASSES - 1 && like >= LIKENESS_ENDS[class]) {
    ++class;
  }
  return class;
}

/* Equation I4: the age of each note that sounds, and for the lengths of all notes at this place. */
static void fill_ages(const RsInputHistory *history, const RsInputPlace *place, float *x,
                      RsLinks links) {
  const RsInputs *inputs = history->inputs;
  const size_t notes = rs_encoding_notes(&inputs->encoding);
  const size_t at = rs_inputs_place(inputs, place) * RS_NOTE_AGES;
  for (size_t i = 0; i < notes; ++i) {
    if (history->age[i]) {
      const size_t class = age_class(history->age[i]);
      x[inputs->at.age + class * notes + i] = 1;
      rs_link_note(inputs, links, at + class, i);
    }
  }
}

/* What is planned of the bar LOOKBACK_BARS[k] ago: 0 nothing, else a level of its label. */
static size_t level_of(const RsInputs *inputs, const RsInputPlace *place, size_t k) {
  const size_t label = inputs->planned ? place->plan.label : 0;
  return label && rs_plan_lag_number(label) == k ? rs_plan_level(label) : 0;
}

static size_t gate_place(const RsInputHistory *history, const RsInputPlace *place) {
  if (history->inputs->planned && place->plan.label != history->label) {
    return RS_GATE_FIRST;
  }
  return rs_inputs_quarter(history->inputs, place) ? RS_GATE_LATER : RS_GATE_BEGINNING;
}

/* Number of the case: what is planned, likeness, and the place in the bar. Likeness does not matter
 * where a bar is planned to return as it was: after a wrong note it goes on. */
static size_t gate_of(const RsInputHistory *history, const RsInputPlace *place, size_t k) {
  const bool exact = level_of(history->inputs, place, k) == RS_PLAN_LEVELS;
  const size_t like = exact ? RS_LIKE_CLASSES - 1 : like_class(history->like[k][RS_LIKE_ALL]);
  return (level_of(history->inputs, place, k) * RS_LIKE_CLASSES + like) * RS_GATE_PLACES +
         gate_place(history, place);
}

/* State of a note, of RS_LOOKBACK_STATES. */
static size_t state_of(const RsEncoding *encoding, const float *then, const float *last, size_t i) {
  const bool now = last[i] > 0, on = then[i] > 0;
  const bool begins = encoding->onsets ? then[rs_encoding_notes(encoding) + i] > 0 : on && !now;
  return on ? 2 * begins + now : RS_LOOKBACK_STATES - 1 - now;
}

/* Number of the pair of shared weights of a distance, a state and a gate. */
static size_t lookback_pair(const RsInputs *inputs, size_t k, size_t state, size_t gate) {
  return inputs->shared_at.lookback / 2 + (k * RS_LOOKBACK_STATES + state) * RS_GATES + gate;
}

/* Whether a note is to sound and to begin where its bar returns as it was, by its state. */
static bool returns_on(size_t state) {
  return state < RS_LOOKBACK_STATES - 2;
}

static bool returns_begins(size_t state) {
  return returns_on(state) && state != 1;
}

void rs_inputs_first_shared(const RsInputs *inputs, float size, float *q) {
  const size_t first = RS_PLAN_LEVELS * RS_LIKE_CLASSES * RS_GATE_PLACES;
  for (size_t i = 0; inputs->lookback && i < RS_LOOKBACKS * RS_LOOKBACK_STATES; ++i) {
    const size_t state = i % RS_LOOKBACK_STATES;
    for (size_t gate = first; gate < RS_GATES; ++gate) {
      float *pair = q + 2 * lookback_pair(inputs, i / RS_LOOKBACK_STATES, state, gate);
      pair[0] = returns_on(state) ? size : -size;
      pair[1] = returns_begins(state) ? size : -size;
    }
  }
}

/* Notes that are silent then and now have links only where something is planned. */
static void link_lookback(const RsInputHistory *history, const RsInputPlace *place, size_t k,
                          const float *then, RsLinks links) {
  const RsInputs *inputs = history->inputs;
  const size_t gate = gate_of(history, place, k);
  const bool planned = level_of(inputs, place, k) > 0;
  for (size_t i = 0; i < rs_encoding_notes(&inputs->encoding); ++i) {
    const size_t state = state_of(&inputs->encoding, then, history->last, i);
    if (planned || state < RS_LOOKBACK_STATES - 1) {
      rs_link_note(inputs, links, lookback_pair(inputs, k, state, gate), i);
    }
  }
}

/* Equation I7: how many notes sounded in the last frame. */
static void fill_counts(const RsInputHistory *history, const RsInputPlace *place, float *x,
                        RsLinks links) {
  const RsInputs *inputs = history->inputs;
  const size_t notes = rs_encoding_notes(&inputs->encoding);
  x[inputs->at.counts + rs_count_class(notes, history->last)] = 1;
  rs_link_counts(inputs, links, rs_inputs_place(inputs, place), history->last, history->last);
}

/* Equations I9 and I10. */
static void fill_melody(const RsInputHistory *history, const RsInputPlace *place, float *x,
                        RsLinks links) {
  const RsInputs *inputs = history->inputs;
  const size_t note = (size_t)history->melody.note, step = (size_t)history->melody.step;
  x[inputs->at.melody + note] = 1;
  rs_link_melody(inputs, place, note, history->last[note] > 0, links);
  if (inputs->contour) {
    x[inputs->at.contour + step] = 1;
    rs_link_contour(inputs, step, note, links);
  }
}

/* Equation I3. */
static void fill_lookback(const RsInputHistory *history, const RsInputPlace *place, float *x,
                          RsLinks links) {
  const RsInputs *inputs = history->inputs;
  for (size_t k = 0; k < RS_LOOKBACKS; ++k) {
    const int64_t n = look_back(history, place, LOOKBACK_BARS[k]);
    if (n < 0) {
      continue;
    }
    float *like = x + inputs->at.likeness + k * RS_LIKENESSES;
    for (size_t i = 0; i < RS_LIKE_KINDS; ++i) {
      like[i * RS_LIKE_CLASSES + like_class(history->like[k][i])] = 1;
    }
    const float *then = frame_at(history, n);
    memcpy(x + inputs->at.lookback + k * history->visible, then, history->visible * sizeof *x);
    link_lookback(history, place, k, then, links);
    if (inputs->counts) {
      const size_t number = rs_inputs_places(inputs) + k * RS_GATES + gate_of(history, place, k);
      rs_link_counts(inputs, links, number, then, then + rs_encoding_notes(&inputs->encoding));
    }
  }
}

void rs_input_history_fill(const RsInputHistory *history, const RsInputPlace *place, float *x,
                           RsLinks links) {
  const RsInputs *inputs = history->inputs;
  memcpy(x, rs_input_history_last(history), history->visible * sizeof *x);
  memset(x + history->visible, 0, (inputs->size - history->visible) * sizeof *x);
  *links.count = 0;
  if (place) {
    rs_inputs_fill_metre(inputs, place, x);
  }
  if (inputs->lookback && place) {
    fill_lookback(history, place, x, links);
  }
  if (inputs->planned && place) {
    rs_inputs_fill_plan(inputs, &place->plan, x);
  }
  if (inputs->note_age) {
    fill_ages(history, place, x, links);
  }
  if (inputs->intervals) {
    rs_link_intervals(inputs, place, history->last, links);
  }
  if (inputs->intervals && inputs->planned && place) {
    rs_link_plan(inputs, place, links);
  }
  if (inputs->melody && history->melody.note >= 0) {
    fill_melody(history, place, x, links);
  }
  if (inputs->counts) {
    fill_counts(history, place, x, links);
  }
}
