/* SPDX-License-Identifier: ISC */

#include "base/portable_math.h"
#include "music/meter.h"
#include "music/meter_map.h"

#include <rollsmith/performance.h>
#include <rollsmith/rng.h>

#include <math.h>
#include <stdlib.h>

struct RsPerformer {
  RsParts parts;
  unsigned split;
  uint8_t part[RS_NOTES]; /* of each note that sounds */
  unsigned velocity;      /* flat, or 0 */
  double frames_per_quarter;
  RsMeter meter;  /* the main one */
  RsRoll clock;   /* a roll without frames: the meter map, if any */
  RsBarPlace bar; /* of the next frame, if there is a map */
  RsBarPlace next_bar;
  RsRng rng;
  uint64_t frame; /* the next one's number */
  RsFrame sounding;
};

/* Loudness by the place in the bar (see RsPlace), chosen by listening to a piano. */
static const double place_velocity[] = {88, 82, 80, 74, 69};

enum {
  TOP_VOICE = 7,    /* how much louder the highest note is */
  SWELL = 5,        /* standard deviation of the slow undulation */
  BARS_A_SWELL = 2, /* from one turning point to the next */
  JITTER = 3,       /* largest deviation of a single note */
  SOFTEST = 32,     /* shaped velocities stay between these two */
  LOUDEST = 118,
};

/* The random numbers of turning points lie apart from those of frames. */
#define TURNING_POINTS (UINT64_C(1) << 63)

RsPerformance rs_performance_of(const RsRoll *roll, unsigned velocity) {
  return (RsPerformance){
      .velocity = velocity,
      .frames_per_quarter = rs_roll_frames_per_quarter(roll),
      .meter_beats = roll->meter_beats,
      .meter_unit = roll->meter_unit,
      .meters = roll->meters,
      .meter_count = roll->meter_count,
  };
}

/* Copy the meter map, and go to its first bar. */
static RsStatus take_map(RsPerformer *performer, const RsPerformance *s) {
  const RsRoll borrowed = {.meters = (RsMeterChange *)s->meters, .meter_count = s->meter_count};
  performer->clock.frames_per_beat = (unsigned)performer->frames_per_quarter;
  const RsStatus status = rs_meters_copy(&borrowed, &performer->clock);
  if (!status) {
    rs_performer_go_to(performer, 0);
  }
  return status;
}

RsStatus rs_performer_new(const RsPerformance *settings, uint64_t seed, RsPerformer **out) {
  const RsPerformance s = settings ? *settings : (RsPerformance){0};
  *out = NULL;
  const bool whole = s.frames_per_quarter == floor(s.frames_per_quarter);
  if (s.velocity > 127 || !isfinite(s.frames_per_quarter) || s.frames_per_quarter < 0 ||
      (s.meter_count && !whole)) {
    return RS_ERR_ARGUMENT;
  }
  RsPerformer *performer = calloc(1, sizeof *performer);
  if (!performer) {
    return RS_ERR_MEMORY;
  }
  performer->velocity = s.velocity;
  performer->parts = s.parts;
  performer->split = s.split;
  performer->frames_per_quarter = s.frames_per_quarter > 0 ? s.frames_per_quarter : 4;
  performer->meter = rs_meter(performer->frames_per_quarter, s.meter_beats ? s.meter_beats : 4,
                              s.meter_unit ? s.meter_unit : 4);
  performer->rng = (RsRng){seed, RS_STREAM_VELOCITY};
  const RsStatus status = take_map(performer, &s);
  if (status) {
    rs_performer_free(performer);
    return status;
  }
  *out = performer;
  return RS_OK;
}

void rs_performer_free(RsPerformer *performer) {
  if (performer) {
    rs_roll_clear(&performer->clock);
    free(performer);
  }
}

static double turning_point(RsRng rng, uint64_t number) {
  double value = 0;
  rs_rng_normal(rng, TURNING_POINTS | number, 1, &value);
  return value;
}

/* The slow undulation: half a wave of the cosine from each turning point to the next. */
static double swell(const RsPerformer *performer) {
  const double place = (double)performer->frame / (BARS_A_SWELL * performer->meter.bar_frames);
  const uint64_t number = (uint64_t)place;
  double cosine, sine;
  rs_portable_sincos(0.5 * (place - (double)number), &cosine, &sine);
  const double share = 0.5 - 0.5 * cosine;
  return SWELL * ((1 - share) * turning_point(performer->rng, number) +
                  share * turning_point(performer->rng, number + 1));
}

/* The weight of the next frame. A first bar that is shorter than the second is the end of one. */
static RsPlace place_of(const RsPerformer *performer) {
  const RsBarPlace *bar = &performer->bar, *next = &performer->next_bar;
  if (!performer->clock.meter_count) {
    return rs_meter_place(&performer->meter, performer->frame);
  }
  const bool upbeat = !bar->bar && next->bar_start < next->bar_frames;
  const RsBarPlace *whole = upbeat ? next : bar;
  const RsMeter meter = rs_meter(performer->frames_per_quarter, whole->beats, whole->unit);
  const size_t missing = upbeat ? next->bar_frames - next->bar_start : 0;
  return rs_meter_place(&meter, performer->frame - bar->bar_start + missing);
}

/* Go to the next frame. */
static void advance(RsPerformer *performer) {
  ++performer->frame;
  if (performer->clock.meter_count && performer->frame == performer->next_bar.bar_start) {
    performer->bar = performer->next_bar;
    rs_roll_next_bar(&performer->clock, &performer->next_bar);
  }
}

void rs_performer_go_to(RsPerformer *performer, size_t frame) {
  performer->frame = frame;
  if (rs_roll_bar(&performer->clock, frame, &performer->bar)) {
    performer->next_bar = performer->bar;
    rs_roll_next_bar(&performer->clock, &performer->next_bar);
  }
}

void rs_performer_again(RsPerformer *performer) {
  if (performer->frame) {
    rs_performer_go_to(performer, performer->frame - 1);
  }
}

static uint8_t bounded(double velocity) {
  return (uint8_t)lrint(fmin(fmax(velocity, SOFTEST), LOUDEST));
}

/* What the notes that begin in this frame have in common, and their own random numbers. */
typedef struct {
  double velocity;
  int top;
  uint32_t words[RS_NOTES];
} Shape;

static Shape shape_of(const RsPerformer *performer, const RsFrame *on) {
  Shape shape;
  shape.velocity = place_velocity[place_of(performer)] + swell(performer);
  shape.top = rs_frame_highest(on);
  rs_rng_words(performer->rng, performer->frame, RS_NOTES, shape.words);
  return shape;
}

static uint8_t shaped(const Shape *shape, int note) {
  const double jitter = JITTER * (shape->words[note] * 0x1p-31 - 1.0);
  return bounded(shape->velocity + jitter + (note == shape->top ? TOP_VOICE : 0));
}

/* ---- Parts ---- */

enum { CHANNELS = 16, DRUMS = 9 };

unsigned rs_parts_count(RsParts parts) {
  return parts == RS_PARTS_VOICES ? 3 : parts == RS_PARTS_SPLIT ? 2 : 1;
}

unsigned rs_part_channel(unsigned channel, unsigned part) {
  for (; part; --part) {
    channel = (channel + 1) % CHANNELS;
    channel += channel == DRUMS;
  }
  return channel;
}

/* The part of a note that begins. @param on Notes that sound. */
static uint8_t part_of(const RsPerformer *performer, const RsFrame *on, int note) {
  switch (performer->parts) {
  case RS_PARTS_SPLIT:
    return note >= (int)performer->split;
  case RS_PARTS_VOICES:
    return note == rs_frame_highest(on) ? 2 : note != rs_frame_next(on, 0);
  case RS_PARTS_ONE:
    break;
  }
  return 0;
}

static void choose_parts(RsPerformer *performer, const RsFrame *on, const RsFrame *begin) {
  for (int n = rs_frame_next(begin, 0); n < RS_NOTES; n = rs_frame_next(begin, n + 1)) {
    performer->part[n] = part_of(performer, on, n);
  }
}

/* ---- Events ---- */

/* An event for each note of a frame; the velocities are those of notes that begin, else NULL. */
static size_t put_events(const RsPerformer *performer, const RsFrame *notes,
                         const uint8_t *velocities, RsNoteEvent *events) {
  size_t count = 0;
  for (int n = rs_frame_next(notes, 0); n < RS_NOTES; n = rs_frame_next(notes, n + 1)) {
    events[count++] =
        (RsNoteEvent){velocities, performer->part[n], (uint8_t)n, velocities ? velocities[n] : 0};
  }
  return count;
}

static void choose_velocities(const RsPerformer *performer, const RsFrame *on, const RsFrame *begin,
                              const uint8_t *own, uint8_t *velocities) {
  const Shape shape = shape_of(performer, on);
  for (int n = rs_frame_next(begin, 0); n < RS_NOTES; n = rs_frame_next(begin, n + 1)) {
    if (performer->velocity) {
      velocities[n] = (uint8_t)performer->velocity;
    } else if (own && own[n]) {
      velocities[n] = own[n] > 127 ? 127 : own[n];
    } else {
      velocities[n] = shaped(&shape, n);
    }
  }
}

size_t rs_performer_frame(RsPerformer *performer, const RsFrame *on, const RsFrame *onset,
                          const uint8_t *velocity, RsNoteEvent *events) {
  uint8_t velocities[RS_NOTES];
  RsFrame end, begin;
  for (int i = 0; i < 2; ++i) {
    const uint64_t again = onset ? onset->bits[i] : 0;
    end.bits[i] = performer->sounding.bits[i] & (~on->bits[i] | again);
    begin.bits[i] = on->bits[i] & (~performer->sounding.bits[i] | again);
  }
  choose_velocities(performer, on, &begin, velocity, velocities);
  size_t count = put_events(performer, &end, NULL, events);
  choose_parts(performer, on, &begin);
  count += put_events(performer, &begin, velocities, events + count);
  performer->sounding = *on;
  advance(performer);
  return count;
}

size_t rs_performer_end(RsPerformer *performer, RsNoteEvent *events) {
  const size_t count = put_events(performer, &performer->sounding, NULL, events);
  performer->sounding = (RsFrame){{0, 0}};
  return count;
}
