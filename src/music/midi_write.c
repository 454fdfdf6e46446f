/* SPDX-License-Identifier: ISC */

#include "music/form.h"
#include "music/midi.h"
#include "music/midi_bytes.h"
#include "music/midi_settings.h"

#include <rollsmith/midi_write.h>
#include <rollsmith/performance.h>

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
  TICKS_A_QUARTER = 480,       /* at least; divisible by the usual numbers of frames */
  TICKS_A_QUARTER_TIME = 9600, /* where frames are of time: a tick is 0.05 ms at 120 bpm */
};

/* A file that is being put together: one track, and what it needs to find its ticks. */
typedef struct {
  RsMidiBytes out;
  unsigned ticks_a_quarter;
  double ticks_a_frame;
} Writer;

static uint32_t tick_of(const Writer *w, size_t frame) {
  return (uint32_t)lrint((double)frame * w->ticks_a_frame);
}

static void put_bytes(Writer *w, size_t frame, const uint8_t *bytes, size_t count) {
  rs_midi_put_event(&w->out, tick_of(w, frame), bytes, count);
}

static void put_meta(Writer *w, size_t frame, uint8_t type, const void *data, size_t size) {
  rs_midi_put_meta(&w->out, tick_of(w, frame), type, data, size);
}

static void put_name(Writer *w, const char *name) {
  if (name && *name) {
    put_meta(w, 0, RS_META_TRACK_NAME, name, rs_midi_text_length(name));
  }
}

static unsigned us_a_quarter_of(double bpm) {
  return (unsigned)lrint(60e6 / bpm);
}

static void put_tempo(Writer *w, size_t frame, unsigned us_a_quarter) {
  const uint8_t data[] = {(uint8_t)(us_a_quarter >> 16), (uint8_t)(us_a_quarter >> 8),
                          (uint8_t)us_a_quarter};
  put_meta(w, frame, RS_META_TEMPO, data, sizeof data);
}

/* A meter whose unit is not a power of two has no encoding in a MIDI file: it is left out. */
static void put_meter(Writer *w, size_t frame, unsigned beats, unsigned unit) {
  uint8_t power = 0;
  while (power < 7 && 1u << power != unit) {
    ++power;
  }
  if (1u << power == unit && beats >= 1 && beats <= 255) {
    const double click = rs_meter_beat_frames(beats, unit, RS_CLOCKS_A_QUARTER);
    const uint8_t clocks = (uint8_t)lrint(fmax(click, 1));
    const uint8_t data[] = {(uint8_t)beats, power, clocks, 8};
    put_meta(w, frame, RS_META_TIME_SIGNATURE, data, sizeof data);
  }
}

static void put_key(Writer *w, RsKeySignature key) {
  const uint8_t data[] = {(uint8_t)key.sharps, key.minor};
  if (key.known) {
    put_meta(w, 0, RS_META_KEY_SIGNATURE, data, sizeof data);
  }
}

static void put_phrase(Writer *w, const RsRoll *roll, size_t frame, RsPhrases *phrases) {
  char name[RS_PHRASE_NAME_SIZE];
  if (rs_phrase_at(phrases, roll, frame, name)) {
    put_meta(w, frame, RS_META_MARKER, name, strlen(name));
  }
}

static void put_notes(Writer *w, size_t frame, unsigned channel, const RsNoteEvent *events,
                      size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const unsigned of_part = rs_part_channel(channel, events[i].part);
    uint8_t bytes[] = {(uint8_t)((events[i].on ? RS_MIDI_NOTE_ON : RS_MIDI_NOTE_OFF) | of_part),
                       events[i].note, events[i].velocity};
    put_bytes(w, frame, bytes, sizeof bytes);
  }
}

static RsStatus put_performance(Writer *w, const RsRoll *roll, const RsMidiSettings *settings,
                                unsigned channel) {
  RsNoteEvent events[RS_PERFORMER_EVENTS];
  RsPerformance how = rs_performance_of(roll, settings->velocity);
  RsPerformer *performer = NULL;
  how.parts = settings->parts;
  how.split = settings->split;
  RsPhrases phrases = {.count = 0};
  RsStatus status = rs_performer_new(&how, settings->seed, &performer);
  if (status) {
    return status;
  }
  for (size_t f = 0, change = 0, tempo = 0; f < roll->frames; ++f) {
    for (; tempo < settings->tempo_count && settings->tempos[tempo].frame == f; ++tempo) {
      put_tempo(w, f, us_a_quarter_of(settings->tempos[tempo].bpm));
    }
    for (; change < roll->meter_count && roll->meters[change].frame == f; ++change) {
      put_meter(w, f, roll->meters[change].beats, roll->meters[change].unit);
    }
    if (settings->phrases) {
      put_phrase(w, roll, f, &phrases);
    }
    const size_t count =
        rs_performer_frame(performer, &roll->on[f], roll->onset ? &roll->onset[f] : NULL,
                           roll->velocity ? roll->velocity + f * RS_NOTES : NULL, events);
    put_notes(w, f, channel, events, count);
  }
  put_notes(w, roll->frames, channel, events, rs_performer_end(performer, events));
  rs_performer_free(performer);
  return RS_OK;
}

/* Ticks a quarter note such that a frame is a whole number of them, where it is a share of a beat.
 */
static unsigned choose_ticks(const RsRoll *roll) {
  const unsigned frames = roll->frames_per_beat;
  if (!frames) {
    return TICKS_A_QUARTER_TIME;
  }
  return frames * ((TICKS_A_QUARTER + frames - 1) / frames);
}

static RsStatus set_time(Writer *w, const RsRoll *roll, unsigned us_a_quarter, RsError *error) {
  const unsigned ticks = choose_ticks(roll);
  const unsigned whole = roll->frames_per_beat ? ticks / roll->frames_per_beat : 0;
  w->ticks_a_frame = whole ? whole : roll->frame_ms * 1000.0 / us_a_quarter * ticks;
  if (!(w->ticks_a_frame >= 1) || ticks > INT16_MAX) {
    return rs_error(error, RS_ERR_ARGUMENT, "the frames are too short for a MIDI file");
  }
  if ((double)roll->frames * w->ticks_a_frame > RS_MIDI_DELTA_MAX) {
    return rs_error(error, RS_ERR_OVERFLOW, "%zu frames are more than a MIDI file can hold, %.0f",
                    roll->frames, floor(RS_MIDI_DELTA_MAX / w->ticks_a_frame));
  }
  w->ticks_a_quarter = ticks;
  return RS_OK;
}

static RsStatus compose(Writer *w, const RsRoll *roll, const RsMidiSettings *settings, double bpm,
                        RsError *error) {
  const unsigned channel = settings->channel ? settings->channel - 1 : 0;
  const unsigned us_a_quarter = us_a_quarter_of(bpm);
  RsStatus status = set_time(w, roll, us_a_quarter, error);
  if (status) {
    return status;
  }
  rs_midi_put_head(&w->out, 0, 1, w->ticks_a_quarter);
  rs_midi_begin_track(&w->out);
  put_name(w, settings->name ? settings->name : roll->name);
  put_tempo(w, 0, us_a_quarter);
  put_key(w, settings->key);
  if (!roll->meter_count) {
    put_meter(w, 0, roll->meter_beats, roll->meter_unit);
  }
  for (unsigned p = 0; settings->program >= 0 && p < rs_parts_count(settings->parts); ++p) {
    uint8_t bytes[] = {(uint8_t)(RS_MIDI_PROGRAM | rs_part_channel(channel, p)),
                       (uint8_t)settings->program};
    put_bytes(w, 0, bytes, sizeof bytes);
  }
  status = put_performance(w, roll, settings, channel);
  if (!status) {
    rs_midi_end_track(&w->out, tick_of(w, roll->frames));
  }
  if (status || w->out.failed) {
    return rs_error(error, status ? status : RS_ERR_MEMORY,
                    "out of memory while composing a MIDI file");
  }
  return RS_OK;
}

RsStatus rs_midi_compose(const RsRoll *roll, const RsMidiSettings *settings, uint8_t **bytes,
                         size_t *size, RsError *error) {
  double bpm = 0;
  Writer w = {.ticks_a_quarter = 0};
  RsStatus status = rs_midi_settings_check(roll, settings, &bpm, error);
  status = status ? status : compose(&w, roll, settings, bpm, error);
  if (status) {
    free(w.out.data);
    w = (Writer){.ticks_a_quarter = 0};
  }
  *bytes = w.out.data;
  *size = w.out.size;
  return status;
}
