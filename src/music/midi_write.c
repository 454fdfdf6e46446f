#include "base/atomic_file.h"

#include <rollsmith/midi_write.h>
#include <rollsmith/performance.h>

#include <smf.h>

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum {
  TICKS_A_QUARTER = 480,       /* at least; divisible by the usual numbers of frames */
  TICKS_A_QUARTER_TIME = 9600, /* where frames are of time: a tick is 0.05 ms at 120 bpm */
  TICKS_MAX = 0x0fffffff,      /* the longest delta time a file can state */
  TEXT_MAX = 127,              /* bytes of text that libsmf reads back unharmed */
  TRACK_NAME = 0x03,
  TEMPO = 0x51,
  METER = 0x58,
};

/* A file that is being put together: one track, and what it needs to find its ticks. */
typedef struct {
  smf_t *smf;
  smf_track_t *track;
  double ticks_a_frame;
  bool failed; /* an event could not be made */
} Writer;

static int tick_of(const Writer *w, size_t frame) {
  return (int)lrint((double)frame * w->ticks_a_frame);
}

static void put_bytes(Writer *w, size_t frame, uint8_t *bytes, int count) {
  smf_event_t *event = smf_event_new_from_pointer(bytes, count);
  if (!event) {
    w->failed = true;
    return;
  }
  smf_track_add_event_pulses(w->track, event, tick_of(w, frame));
}

static void put_meta(Writer *w, size_t frame, uint8_t type, const void *data, size_t size) {
  uint8_t bytes[3 + TEXT_MAX] = {0xff, type, (uint8_t)size};
  memcpy(bytes + 3, data, size);
  put_bytes(w, frame, bytes, 3 + (int)size);
}

/* Length of the longest start of a text that fits and does not cut a UTF-8 character. */
static size_t text_length(const char *text) {
  size_t n = strlen(text);
  if (n > TEXT_MAX) {
    for (n = TEXT_MAX; n && ((unsigned char)text[n] & 0xc0) == 0x80; --n) {
    }
  }
  return n;
}

static void put_name(Writer *w, const char *name) {
  if (name && *name) {
    put_meta(w, 0, TRACK_NAME, name, text_length(name));
  }
}

static void put_tempo(Writer *w, unsigned us_a_quarter) {
  const uint8_t data[] = {(uint8_t)(us_a_quarter >> 16), (uint8_t)(us_a_quarter >> 8),
                          (uint8_t)us_a_quarter};
  put_meta(w, 0, TEMPO, data, sizeof data);
}

/* A meter whose unit is no power of two cannot be told in a file: it is left out. */
static void put_meter(Writer *w, size_t frame, unsigned beats, unsigned unit) {
  uint8_t power = 0;
  while (power < 7 && 1u << power != unit) {
    ++power;
  }
  if (1u << power == unit && beats >= 1 && beats <= 255) {
    const uint8_t data[] = {(uint8_t)beats, power, 24, 8};
    put_meta(w, frame, METER, data, sizeof data);
  }
}

static void put_notes(Writer *w, size_t frame, unsigned channel, const RsNoteEvent *events,
                      size_t count) {
  for (size_t i = 0; i < count; ++i) {
    uint8_t bytes[] = {(uint8_t)((events[i].on ? 0x90 : 0x80) | channel), events[i].note,
                       events[i].velocity};
    put_bytes(w, frame, bytes, sizeof bytes);
  }
}

static RsStatus put_performance(Writer *w, const RsRoll *roll, const RsMidiSettings *settings,
                                unsigned channel) {
  RsNoteEvent events[RS_PERFORMER_EVENTS];
  const RsPerformance how = rs_performance_of(roll, settings->velocity);
  RsPerformer *performer = NULL;
  RsStatus st = rs_performer_new(&how, settings->seed, &performer);
  if (st) {
    return st;
  }
  for (size_t f = 0, change = 0; f < roll->frames; ++f) {
    for (; change < roll->meter_count && roll->meters[change].frame == f; ++change) {
      put_meter(w, f, roll->meters[change].beats, roll->meters[change].unit);
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

static RsStatus check(const RsRoll *roll, const RsMidiSettings *settings, double bpm,
                      RsError *error) {
  if (!roll->frames) {
    return rs_error(error, RS_ERR_EMPTY, "a song of no frames cannot be written");
  }
  if (!(bpm >= 4 && bpm <= 60000)) {
    return rs_error(error, RS_ERR_ARGUMENT, "a tempo of %g is none: 4 to 60000 quarters a minute",
                    bpm);
  }
  if (settings->channel > 16) {
    return rs_error(error, RS_ERR_ARGUMENT, "there is no channel %u: 1 to 16", settings->channel);
  }
  if (settings->program > 127) {
    return rs_error(error, RS_ERR_ARGUMENT, "there is no program %d: 0 to 127", settings->program);
  }
  if (settings->velocity > 127) {
    return rs_error(error, RS_ERR_ARGUMENT, "there is no velocity %u: 1 to 127",
                    settings->velocity);
  }
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
  w->ticks_a_frame = roll->frames_per_beat ? (double)(ticks / roll->frames_per_beat)
                                           : roll->frame_ms * 1000.0 / us_a_quarter * ticks;
  if (!(w->ticks_a_frame >= 1) || ticks > INT16_MAX) {
    return rs_error(error, RS_ERR_ARGUMENT, "the frames are too short for a MIDI file");
  }
  if ((double)roll->frames * w->ticks_a_frame > TICKS_MAX) {
    return rs_error(error, RS_ERR_OVERFLOW, "%zu frames are more than a MIDI file can hold, %.0f",
                    roll->frames, floor(TICKS_MAX / w->ticks_a_frame));
  }
  return smf_set_ppqn(w->smf, (int)ticks) ? RS_ERR_ARGUMENT : RS_OK;
}

static RsStatus compose(Writer *w, const RsRoll *roll, const RsMidiSettings *settings, double bpm,
                        RsError *error) {
  const unsigned channel = settings->channel ? settings->channel - 1 : 0;
  const unsigned us_a_quarter = (unsigned)lrint(60e6 / bpm);
  RsStatus st = set_time(w, roll, us_a_quarter, error);
  if (st) {
    return st;
  }
  smf_add_track(w->smf, w->track);
  put_name(w, settings->name ? settings->name : roll->name);
  put_tempo(w, us_a_quarter);
  if (!roll->meter_count) {
    put_meter(w, 0, roll->meter_beats, roll->meter_unit);
  }
  if (settings->program >= 0) {
    uint8_t bytes[] = {(uint8_t)(0xc0 | channel), (uint8_t)settings->program};
    put_bytes(w, 0, bytes, sizeof bytes);
  }
  st = put_performance(w, roll, settings, channel);
  if (!st && (w->failed || smf_track_add_eot_pulses(w->track, tick_of(w, roll->frames)))) {
    st = rs_error(error, RS_ERR_MEMORY, "out of memory while composing a MIDI file");
  }
  return st;
}

/* libsmf reports through GLib's log, which would print: our caller hears of it by the status. */
static void ignore_log(const gchar *domain, GLogLevelFlags level, const gchar *message,
                       gpointer data) {}

/* libsmf reads back what it has saved and aborts where that differs, so it gets a plain file of its
 * own. */
static RsStatus save(smf_t *smf, const char *path, RsError *error) {
  RsAtomicFile *file = NULL;
  RsStatus st = rs_atomic_begin(path, &file, error);
  if (st) {
    return st;
  }
  const guint handler =
      g_log_set_handler("libsmf", G_LOG_LEVEL_MASK | G_LOG_FLAG_RECURSION, ignore_log, NULL);
  if (smf_save(smf, rs_atomic_path(file))) {
    st = rs_error(error, RS_ERR_IO, "cannot write %s: is the disk full?", path);
  }
  g_log_remove_handler("libsmf", handler);
  return rs_atomic_end(file, st, error);
}

RsStatus rs_midi_write(const RsRoll *roll, const RsMidiSettings *settings, const char *path,
                       RsError *error) {
  const double bpm = settings->bpm > 0 ? settings->bpm : roll->bpm;
  RsStatus st = check(roll, settings, bpm, error);
  if (st) {
    return st;
  }
  Writer w = {.smf = smf_new(), .track = smf_track_new()};
  if (!w.smf || !w.track) {
    st = rs_error(error, RS_ERR_MEMORY, "out of memory while composing a MIDI file");
  } else {
    st = compose(&w, roll, settings, bpm, error);
    st = st ? st : save(w.smf, path, error);
  }
  if (w.track && !w.track->smf) {
    smf_track_delete(w.track); /* never became part of the song */
  }
  if (w.smf) {
    smf_delete(w.smf);
  }
  return st;
}
