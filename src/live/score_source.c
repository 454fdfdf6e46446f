/* SPDX-License-Identifier: ISC */

#include <rollsmith/score_source.h>

#include "base/memory.h"
#include "live/active_notes.h"
#include "music/midi_read.h"

#include <math.h>
#include <stdlib.h>

enum { LONGEST_REST = 16 }; /* quarter notes of silence at the end; damaged files may have days */

#define DEFAULT_USEC 500000 /* microseconds of a quarter note in files without a tempo: 120 bpm */

/* A change of tempo */
typedef struct {
  uint32_t tick;
  double bpm;
} Tempo;

typedef struct {
  RsFrameSource source;
  bool loop;
  uint32_t end;        /* tick */
  RsMessage *messages; /* of the whole song */
  uint32_t *ticks;     /* of each message */
  size_t message_count;
  Tempo *tempi; /* the first one at tick 0 */
  size_t tempo_count;
  uint32_t tick;         /* position */
  size_t message, tempo; /* next message and next tempo */
  bool over;             /* the last frame has been returned */
  bool restarted;        /* the next frame is the first one again */
  size_t left_out;
} ScoreSource;

/* ---- Construction ---- */

static RsMessage program_of(int channel, int program) {
  return (RsMessage){2, {(uint8_t)(RS_MIDI_PROGRAM | channel), (uint8_t)program, 0}};
}

static void append(ScoreSource *self, uint32_t tick, RsMessage message) {
  self->messages[self->message_count] = message;
  self->ticks[self->message_count++] = tick;
}

static void append_tempo(ScoreSource *self, uint32_t tick, uint32_t usec) {
  self->tempi[self->tempo_count++] = (Tempo){tick, 60e6 / usec};
}

static bool is_of_channel(const RsMidiEvent *event) {
  return event->status < RS_MIDI_SYSEX;
}

/* Bits of the channels with events, without that of drums. */
static unsigned pitched_channels(const RsMidiSong *song) {
  unsigned channels = 0;
  for (size_t i = 0; i < song->event_count; ++i) {
    const RsMidiEvent *event = &song->events[i];
    channels |= is_of_channel(event) ? 1u << rs_midi_channel(event->status) : 0;
  }
  return channels & ~(1u << RS_DRUM_CHANNEL);
}

static void append_programs(ScoreSource *self, const RsMidiSong *song,
                            const RsScoreSettings *settings) {
  const unsigned channels =
      settings->channel ? 1u << (settings->channel - 1) : pitched_channels(song);
  for (int channel = 0; settings->program >= 0 && channel < RS_CHANNELS; ++channel) {
    if (channels >> channel & 1) {
      append(self, 0, program_of(channel, settings->program));
    }
  }
}

/* Append the message of an event; a change of a controller above 127, as in a damaged file, is left
 * out. */
static void append_message(ScoreSource *self, const RsMidiEvent *event,
                           const RsScoreSettings *settings) {
  RsMessage message = {(uint8_t)(1 + event->size), {event->status, 0, 0}};
  for (size_t i = 0; i < event->size; ++i) {
    message.bytes[1 + i] = event->data[i];
  }
  const bool drums = rs_midi_channel(event->status) == RS_DRUM_CHANNEL;
  const uint8_t kind = rs_midi_kind(event->status);
  if ((!drums && kind == RS_MIDI_PROGRAM && settings->program >= 0) ||
      (kind == RS_MIDI_CONTROL && rs_midi_controller(event) < 0)) {
    return;
  }
  if (settings->channel) {
    message.bytes[0] = (uint8_t)(kind | (settings->channel - 1));
  }
  if (!drums || !settings->channel) {
    append(self, event->tick, message);
  }
}

static void append_event(ScoreSource *self, const RsMidiEvent *event,
                         const RsScoreSettings *settings) {
  if (is_of_channel(event)) {
    append_message(self, event, settings);
  } else if (rs_midi_is_meta(event, RS_META_TEMPO)) {
    append_tempo(self, event->tick, rs_midi_tempo(event));
  }
}

/* Tick of the end of a song: that of its last track, at most LONGEST_REST after the last event. */
static uint32_t end_of(const RsMidiSong *song) {
  uint32_t last = 0, end = 0;
  for (size_t i = 0; i < song->event_count; ++i) {
    const RsMidiEvent *event = &song->events[i];
    last = is_of_channel(event) || rs_midi_is_meta(event, RS_META_TEMPO) ? event->tick : last;
    end = event->tick;
  }
  const uint32_t latest = last + LONGEST_REST * song->division;
  return end < latest ? end : latest;
}

static RsStatus fill(ScoreSource *self, const RsMidiSong *song, const RsScoreSettings *settings) {
  const size_t room = song->event_count + RS_CHANNELS;
  self->messages = rs_alloc(room, sizeof(*self->messages));
  self->ticks = rs_alloc(room, sizeof(*self->ticks));
  self->tempi = rs_alloc(room, sizeof(*self->tempi));
  if (!self->messages || !self->ticks || !self->tempi) {
    return RS_ERR_MEMORY;
  }
  const double limit = settings->quarters * song->division;
  const uint32_t end = end_of(song);
  self->loop = settings->loop;
  self->left_out = song->exclusives;
  self->end = limit > 0 && limit < end ? (uint32_t)llround(limit) : end;
  self->end += !self->end;
  append_tempo(self, 0, song->usec_per_quarter ? song->usec_per_quarter : DEFAULT_USEC);
  append_programs(self, song, settings);
  for (size_t i = 0; i < song->event_count && song->events[i].tick <= self->end; ++i) {
    append_event(self, &song->events[i], settings);
  }
  return RS_OK;
}

/* ---- Playing ---- */

static void take_tempo(ScoreSource *self, RsMessageFrame *frame) {
  while (self->tempo < self->tempo_count && self->tempi[self->tempo].tick <= self->tick) {
    frame->bpm = self->tempi[self->tempo++].bpm;
  }
}

static void take_messages(ScoreSource *self, RsMessageFrame *frame) {
  frame->messages = self->messages + self->message;
  while (self->message < self->message_count && self->ticks[self->message] <= self->tick) {
    ++self->message;
    ++frame->count;
  }
}

/* Advance to the next tick with a message or tempo. */
static void advance(ScoreSource *self, RsMessageFrame *frame) {
  uint32_t next = self->end;
  if (self->message < self->message_count && self->ticks[self->message] < next) {
    next = self->ticks[self->message];
  }
  if (self->tempo < self->tempo_count && self->tempi[self->tempo].tick < next) {
    next = self->tempi[self->tempo].tick;
  }
  self->over = self->tick == self->end;
  frame->length = next - self->tick;
  self->tick = next;
}

static void score_rewind(RsFrameSource *source) {
  ScoreSource *self = (ScoreSource *)source;
  self->over = false;
  self->restarted = true;
  self->tick = 0;
  self->message = self->tempo = 0;
}

static RsStatus score_next(RsFrameSource *source, RsSourceFrame *frame) {
  ScoreSource *self = (ScoreSource *)source;
  RsMessageFrame *messages = &frame->messages;
  *frame = (RsSourceFrame){.type = RS_FRAME_MESSAGES};
  if (self->over && !self->loop) {
    return RS_ERR_EMPTY;
  }
  if (self->over) {
    score_rewind(source);
  }
  messages->restart = self->restarted;
  self->restarted = false;
  take_tempo(self, messages);
  take_messages(self, messages);
  advance(self, messages);
  return RS_OK;
}

/* ---- The file ---- */

static void score_free(RsFrameSource *source) {
  ScoreSource *self = (ScoreSource *)source;
  free(self->messages);
  free(self->ticks);
  free(self->tempi);
  free(self);
}

/* Tempo at tick 0. */
static double first_bpm(const ScoreSource *self) {
  double bpm = 0;
  for (size_t i = 0; i < self->tempo_count && !self->tempi[i].tick; ++i) {
    bpm = self->tempi[i].bpm;
  }
  return bpm;
}

/* The first song with a note; NULL without one. */
static const RsMidiSong *song_with_notes(const RsMidiFile *file) {
  for (size_t i = 0; i < file->count; ++i) {
    const RsMidiSong *song = &file->songs[i];
    for (size_t k = 0; k < song->event_count; ++k) {
      if (rs_midi_begins_note(&song->events[k])) {
        return song;
      }
    }
  }
  return NULL;
}

static RsStatus make(const RsMidiSong *song, const RsScoreSettings *settings, RsFrameSource **out) {
  ScoreSource *self = calloc(1, sizeof(*self));
  if (!self) {
    return RS_ERR_MEMORY;
  }
  self->source = (RsFrameSource){.next = score_next, .rewind = score_rewind, .free = score_free};
  const RsStatus status = fill(self, song, settings);
  if (status) {
    score_free(&self->source);
    return status;
  }
  *out = &self->source;
  return RS_OK;
}

RsStatus rs_frame_source_score(const void *data, size_t size, const RsScoreSettings *settings,
                               unsigned *division, double *bpm, RsFrameSource **out) {
  RsMidiFile file;
  RsRepairs repairs = {.text = ""};
  *out = NULL;
  RsStatus status = rs_midi_read(data, size, &file, &repairs, NULL);
  if (status) {
    return status;
  }
  const RsMidiSong *song = song_with_notes(&file);
  status = song ? make(song, settings, out) : RS_ERR_EMPTY;
  if (!status) {
    *division = song->division;
    *bpm = first_bpm((const ScoreSource *)*out);
  }
  rs_midi_clear(&file);
  return status;
}

size_t rs_score_source_left_out(const RsFrameSource *source) {
  return ((const ScoreSource *)source)->left_out;
}
