/* SPDX-License-Identifier: ISC */

/* Offsets of the visible biases that make means come out as asked, doc/math.md, equations V1 to
 * V5. */

#include <rollsmith/steering.h>

#include "base/elementwise.h"
#include "base/memory.h"
#include "base/portable_math.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OCTAVE = 12 };

/* Gains of the controller: of the sum of the errors, and of the sum of these sums (V4). Where
   density grows as e^(offset / 2), it is damped critically, with a time constant of 67 frames. */
#define GAIN 0.06
#define GAIN_TWICE (GAIN * GAIN / 8)

/* Largest offset of a note that a controller gives: odds e^8 times as high. */
#define MOST 8.0

/* Offset of what is not to be: a note of weight 0; and a number of notes out of the range, which
   the offsets of seven notes must not outweigh. */
#define NEVER (-30.0)
#define NEVER_SO_MANY (-60.0)

/* The centre of the slope follows the notes played with this share a note. */
#define CENTRE_SHARE (1 / 64.0)

/* Standard deviation of the sum of errors in the weight of a candidate bar: V9. */
#define SPREAD 16.0

/* A sum of errors and the offset that comes of it. */
typedef struct {
  double sum;   /* of the errors */
  double twice; /* of the sums */
  double offset;
} Loop;

/* What was made. */
typedef struct {
  uint64_t frames, sounding_frames, begun, sounding, pitch;
} Seen;

struct RsSteerer {
  RsEncoding encoding;
  RsRbm rbm;
  RsSteering target;
  double weights[OCTAVE]; /* logarithms of the key weights */
  Loop density, pitch;
  double polyphony; /* offset of all notes that sound */
  double centre;    /* where the slope has no effect, MIDI number */
  float *offsets;
  float *variances; /* of Gaussian units */
  Seen seen;
};

/* ---- Targets ---- */

static bool has_weights(const RsSteering *steering) {
  double sum = 0;
  for (int i = 0; i < OCTAVE; ++i) {
    sum += steering->key_weights[i];
  }
  return sum > 0;
}

bool rs_steering_active(const RsSteering *steering) {
  return steering->density > 0 || steering->pitch > 0 || steering->polyphony_low > 0 ||
         steering->polyphony_high > 0 || has_weights(steering);
}

RsSteering rs_steering_before(const RsSteering *steering, int semitones) {
  RsSteering before = *steering;
  const int up = (semitones % OCTAVE + OCTAVE) % OCTAVE;
  before.pitch = steering->pitch > 0 ? fmax(steering->pitch - semitones, 1) : 0;
  for (int i = 0; i < OCTAVE; ++i) {
    before.key_weights[i] = steering->key_weights[(i + up) % OCTAVE];
  }
  return before;
}

static double positive(double value) {
  return isfinite(value) && value > 0 ? value : 0;
}

static RsSteering valid(const RsSteering *steering) {
  RsSteering target = *steering;
  target.density = positive(target.density);
  target.pitch = positive(target.pitch);
  target.polyphony_low = target.polyphony_low > 0 ? target.polyphony_low : 0;
  target.polyphony_high = target.polyphony_high > 0 ? target.polyphony_high : 0;
  for (int i = 0; i < OCTAVE; ++i) {
    target.key_weights[i] = positive(target.key_weights[i]);
  }
  return target;
}

static double bounded(double offset) {
  return fmin(fmax(offset, -MOST), MOST);
}

/* A loop that holds an offset and has made no error. */
static Loop loop_at(double offset) {
  return (Loop){.twice = bounded(offset) / GAIN_TWICE, .offset = bounded(offset)};
}

static void set_density(RsSteerer *steerer, double density, double usual) {
  const double before = steerer->target.density > 0 ? steerer->target.density : usual;
  const double guess = density > 0 && before > 0 ? rs_portable_log(density / before) : 0;
  steerer->density = density > 0 ? loop_at(steerer->density.offset + guess) : loop_at(0);
}

static void set_pitch(RsSteerer *steerer, double pitch) {
  if (!(steerer->target.pitch > 0)) {
    steerer->centre = pitch;
  }
  steerer->pitch = loop_at(pitch > 0 ? steerer->pitch.offset : 0);
}

static void set_weights(RsSteerer *steerer, const RsSteering *target) {
  const bool any = has_weights(target);
  for (int i = 0; i < OCTAVE; ++i) {
    const double weight = target->key_weights[i];
    steerer->weights[i] = !any ? 0 : weight > 0 ? fmax(rs_portable_log(weight), NEVER) : NEVER;
  }
}

void rs_steerer_set(RsSteerer *steerer, const RsSteering *steering, double usual) {
  const RsSteering target = valid(steering);
  if (target.density != steerer->target.density) {
    set_density(steerer, target.density, usual);
  }
  if (target.pitch != steerer->target.pitch) {
    set_pitch(steerer, target.pitch);
  }
  if (!target.polyphony_low && !target.polyphony_high) {
    steerer->polyphony = 0;
  }
  set_weights(steerer, &target);
  steerer->target = target;
  steerer->seen = (Seen){.frames = 0};
}

const RsSteering *rs_steerer_target(const RsSteerer *steerer) {
  return &steerer->target;
}

/* ---- Construction ---- */

RsStatus rs_steerer_new(const RsEncoding *encoding, const RsRbm *rbm, RsSteerer **out) {
  RsSteerer *steerer = *out = rs_alloc(1, sizeof *steerer);
  if (!steerer) {
    return RS_ERR_MEMORY;
  }
  steerer->encoding = *encoding;
  steerer->rbm = *rbm;
  steerer->offsets = rs_alloc(rs_rbm_biases(rbm), sizeof *steerer->offsets);
  steerer->variances = rs_alloc(rbm->visible, sizeof *steerer->variances);
  if (!steerer->offsets || !steerer->variances) {
    rs_steerer_free(steerer);
    *out = NULL;
    return RS_ERR_MEMORY;
  }
  return RS_OK;
}

void rs_steerer_free(RsSteerer *steerer) {
  if (steerer) {
    free(steerer->offsets);
    free(steerer->variances);
    free(steerer);
  }
}

void rs_steerer_copy(RsSteerer *to, const RsSteerer *from) {
  RsSteerer copy = *from;
  copy.offsets = to->offsets;
  copy.variances = to->variances;
  *to = copy;
}

/* ---- Offsets ---- */

/* Equation V2: what the odds that a note begins are multiplied by, as a logarithm. */
static double note_offset(const RsSteerer *steerer, int note) {
  return steerer->density.offset + steerer->pitch.offset * (note - steerer->centre) / OCTAVE +
         steerer->weights[note % OCTAVE];
}

/* Offsets of visible units, so that V2 is the offset of each way to begin a note: where it did not
   sound, half each of its two units, which are on together; where it did, its second one alone. */
static void fill_notes(RsSteerer *steerer, const RsFrame *before) {
  const RsEncoding *encoding = &steerer->encoding;
  const size_t notes = rs_encoding_notes(encoding);
  float *sounds = steerer->offsets, *begins = steerer->offsets + notes;
  for (size_t i = 0; i < notes; ++i) {
    const int note = encoding->low + (int)i;
    const double offset = fmax(note_offset(steerer, note), NEVER);
    const double half = encoding->onsets ? offset / 2 : offset;
    const bool sounded = rs_frame_has(before, note);
    sounds[i] = (float)(steerer->polyphony + (sounded ? 0 : half));
    if (encoding->onsets) {
      begins[i] = (float)(sounded ? offset : half);
    }
  }
}

/* Potentials of the number of notes that sound: equation V3. The last class has no upper end. */
static void fill_counts(RsSteerer *steerer) {
  const int low = steerer->target.polyphony_low, high = steerer->target.polyphony_high;
  const int last = RS_COUNT_CLASSES - 1;
  float *potentials = steerer->offsets + rs_rbm_potentials(&steerer->rbm);
  for (int count = 0; steerer->rbm.planes && count < RS_COUNT_CLASSES; ++count) {
    const bool few = count < (low < last ? low : last), many = high && count > high;
    potentials[count] = few || many ? (float)NEVER_SO_MANY : 0;
  }
}

/* Variances of Gaussian units, of a row of biases. */
static void fill_variances(RsSteerer *steerer, const float *biases) {
  const RsRbm *rbm = &steerer->rbm;
  if (rbm->kind == RS_RBM_GAUSSIAN) {
    rs_exp(rbm->visible, biases + rbm->visible + rbm->hidden, steerer->variances);
  }
}

/* The odds of a Gaussian unit are tilted by an offset of its mean times its variance. */
void rs_steerer_add_offsets(const RsSteerer *steerer, float share, float *biases) {
  const RsRbm *rbm = &steerer->rbm;
  for (size_t i = 0; i < rbm->visible; ++i) {
    biases[i] +=
        steerer->offsets[i] * share * (rbm->kind == RS_RBM_GAUSSIAN ? steerer->variances[i] : 1.0f);
  }
  for (size_t i = rs_rbm_potentials(rbm); i < rs_rbm_biases(rbm); ++i) {
    biases[i] += steerer->offsets[i] * share;
  }
}

void rs_steerer_apply(RsSteerer *steerer, const RsFrame *before, float *biases) {
  if (rs_steering_active(&steerer->target)) {
    fill_notes(steerer, before);
    fill_counts(steerer);
    fill_variances(steerer, biases);
    rs_steerer_add_offsets(steerer, 1, biases);
  } else {
    memset(steerer->offsets, 0, rs_rbm_biases(&steerer->rbm) * sizeof *steerer->offsets);
  }
}

double rs_steerer_log_weight(const RsSteerer *steerer, const float *v) {
  const RsRbm *rbm = &steerer->rbm;
  const float *potentials = steerer->offsets + rs_rbm_potentials(rbm);
  const size_t plane = rbm->planes ? rbm->visible / rbm->planes : 0;
  double sum = 0;
  for (size_t i = 0; i < rbm->visible; ++i) {
    sum += (double)steerer->offsets[i] * (double)v[i];
  }
  for (size_t k = 0; k < rbm->planes; ++k) {
    size_t count = 0;
    for (size_t i = 0; i < plane; ++i) {
      count += v[k * plane + i] > 0;
    }
    sum += (double)potentials[k * RS_COUNT_CLASSES +
                              (count < RS_COUNT_CLASSES ? count : RS_COUNT_CLASSES - 1)];
  }
  return sum;
}

/* ---- The controller ---- */

/* Equation V4. Errors that would move an offset beyond its bounds are not counted. */
static void correct(Loop *loop, double error) {
  const double sum = loop->sum + error, twice = loop->twice + sum;
  const double offset = GAIN * sum + GAIN_TWICE * twice;
  if (fabs(offset) <= MOST || fabs(offset) < fabs(loop->offset)) {
    *loop = (Loop){sum, twice, offset};
  }
}

/* Errors of the mean pitch, and the centre of the slope: equation V5. */
static void correct_pitch(RsSteerer *steerer, const RsFrame *begun) {
  double error = 0;
  for (int n = rs_frame_next(begun, 0); n < RS_NOTES; n = rs_frame_next(begun, n + 1)) {
    error += (steerer->target.pitch - n) / OCTAVE;
    steerer->centre += CENTRE_SHARE * (n - steerer->centre);
  }
  correct(&steerer->pitch, error);
}

/* Where the potentials of counts do not hold the range, an offset of all notes does: equation V3.
 */
static void correct_polyphony(RsSteerer *steerer, int count) {
  const int low = steerer->target.polyphony_low, high = steerer->target.polyphony_high;
  const double error = count < low            ? (double)(low - count) / low
                       : high && count > high ? (double)(high - count) / high
                                              : 0;
  steerer->polyphony = bounded(steerer->polyphony + GAIN * error);
}

static void count_frame(Seen *seen, const RsFrame *on, const RsFrame *begun) {
  const int count = rs_frame_count(on);
  ++seen->frames;
  seen->sounding_frames += count > 0;
  seen->sounding += (uint64_t)count;
  seen->begun += (uint64_t)rs_frame_count(begun);
  for (int n = rs_frame_next(begun, 0); n < RS_NOTES; n = rs_frame_next(begun, n + 1)) {
    seen->pitch += (uint64_t)n;
  }
}

void rs_steerer_observe(RsSteerer *steerer, const RsFrame *on, const RsFrame *begun) {
  const RsSteering *target = &steerer->target;
  count_frame(&steerer->seen, on, begun);
  if (target->density > 0) {
    correct(&steerer->density, 1 - rs_frame_count(begun) / target->density);
  }
  if (target->pitch > 0) {
    correct_pitch(steerer, begun);
  }
  correct_polyphony(steerer, rs_frame_count(on));
}

double rs_steerer_bar_log_weight(const RsSteerer *steerer) {
  const double density = steerer->density.sum / SPREAD, pitch = steerer->pitch.sum / SPREAD;
  return -0.5 * (density * density + pitch * pitch);
}

static double ratio(uint64_t sum, uint64_t count) {
  return count ? (double)sum / (double)count : 0;
}

RsSteeringReport rs_steerer_report(const RsSteerer *steerer) {
  const Seen *seen = &steerer->seen;
  return (RsSteeringReport){.frames = seen->frames,
                            .density = ratio(seen->begun, seen->frames),
                            .pitch = ratio(seen->pitch, seen->begun),
                            .polyphony = ratio(seen->sounding, seen->sounding_frames)};
}
