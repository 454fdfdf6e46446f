#include <rollsmith/score_source.h>

#include "base/memory.h"
#include "live/sounding.h"
#include "music/score.h"

#include <math.h>
#include <stdlib.h>

enum { DRUMS = 9 };

#define USUAL_USEC 500000 // A quarter note where no tempo stands

/// A tempo from a tick on
typedef struct {
  uint32_t tick;
  double bpm;
} Tempo;

typedef struct {
  RsFrameSource source;
  bool loop;
  uint32_t end;        // Tick
  RsMessage *messages; // Of the whole song
  uint32_t *ticks;     // Of each message
  size_t message_count;
  Tempo *tempi; // The first one at tick 0
  size_t tempo_count;
  uint32_t tick; // Where it is
  size_t message, tempo;
  bool over;  // The last frame has been given
  bool again; // It begins anew
  size_t left_out;
} ScoreSource;

/* ---- Making ---- */

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

/// Which channels but that of drums have an event
static unsigned pitched_channels(const RsScore *score) {
  unsigned channels = 0;
  for (size_t i = 0; i < score->count; ++i) {
    channels |= score->events[i].size ? 1u << (score->events[i].bytes[0] & 0x0f) : 0;
  }
  return channels & ~(1u << DRUMS);
}

static void append_programs(ScoreSource *self, const RsScore *score, const RsScoreSettings *how) {
  const unsigned channels = how->channel ? 1u << (how->channel - 1) : pitched_channels(score);
  for (int channel = 0; how->program >= 0 && channel < RS_CHANNELS; ++channel) {
    if (channels >> channel & 1) {
      append(self, 0, program_of(channel, how->program));
    }
  }
}

static void append_event(ScoreSource *self, const RsScoreEvent *event, const RsScoreSettings *how) {
  RsMessage message = {event->size, {event->bytes[0], event->bytes[1], event->bytes[2]}};
  const bool drums = (event->bytes[0] & 0x0f) == DRUMS;
  if (event->usec) {
    append_tempo(self, event->tick, event->usec);
    return;
  }
  if (!drums && (event->bytes[0] & 0xf0) == RS_MIDI_PROGRAM && how->program >= 0) {
    return;
  }
  if (how->channel) {
    message.bytes[0] = (uint8_t)((message.bytes[0] & 0xf0) | (how->channel - 1));
  }
  if (!drums || !how->channel) {
    append(self, event->tick, message);
  }
}

static RsStatus fill(ScoreSource *self, const RsScore *score, const RsScoreSettings *how) {
  const size_t room = score->count + RS_CHANNELS;
  self->messages = rs_alloc(room, sizeof(*self->messages));
  self->ticks = rs_alloc(room, sizeof(*self->ticks));
  self->tempi = rs_alloc(room, sizeof(*self->tempi));
  if (!self->messages || !self->ticks || !self->tempi) {
    return RS_ERR_MEMORY;
  }
  const double limit = how->quarters * score->division;
  self->loop = how->loop;
  self->end = limit > 0 && limit < score->end ? (uint32_t)llround(limit) : score->end;
  self->end += !self->end;
  append_tempo(self, 0, USUAL_USEC);
  append_programs(self, score, how);
  for (size_t i = 0; i < score->count && score->events[i].tick <= self->end; ++i) {
    append_event(self, &score->events[i], how);
  }
  return RS_OK;
}

/* ---- Playing ---- */

static void take_tempo(ScoreSource *self, RsSourceFrame *frame) {
  while (self->tempo < self->tempo_count && self->tempi[self->tempo].tick <= self->tick) {
    frame->bpm = self->tempi[self->tempo++].bpm;
  }
}

static void take_messages(ScoreSource *self, RsSourceFrame *frame) {
  frame->messages = self->messages + self->message;
  while (self->message < self->message_count && self->ticks[self->message] <= self->tick) {
    ++self->message;
    ++frame->message_count;
  }
}

/// Go on to the next tick at which there is something
static void advance(ScoreSource *self, RsSourceFrame *frame) {
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
  self->again = true;
  self->tick = 0;
  self->message = self->tempo = 0;
}

static RsStatus score_next(RsFrameSource *source, RsSourceFrame *frame) {
  ScoreSource *self = (ScoreSource *)source;
  *frame = (RsSourceFrame){.is_score = true};
  if (self->over && !self->loop) {
    return RS_ERR_EMPTY;
  }
  if (self->over) {
    score_rewind(source);
  }
  frame->anew = self->again;
  self->again = false;
  take_tempo(self, frame);
  take_messages(self, frame);
  advance(self, frame);
  return RS_OK;
}

/* ---- Life ---- */

static void score_free(RsFrameSource *source) {
  ScoreSource *self = (ScoreSource *)source;
  free(self->messages);
  free(self->ticks);
  free(self->tempi);
  free(self);
}

/// The tempo of tick 0
static double first_bpm(const ScoreSource *self) {
  double bpm = 0;
  for (size_t i = 0; i < self->tempo_count && !self->tempi[i].tick; ++i) {
    bpm = self->tempi[i].bpm;
  }
  return bpm;
}

RsStatus rs_frame_source_score(const void *data, size_t size, const RsScoreSettings *settings,
                               unsigned *division, double *bpm, RsFrameSource **out) {
  RsScore score;
  *out = NULL;
  RsStatus status = rs_score_read(data, size, &score);
  if (status) {
    return status;
  }
  ScoreSource *self = calloc(1, sizeof(*self));
  status = self ? fill(self, &score, settings) : RS_ERR_MEMORY;
  *division = score.division;
  if (self) {
    self->left_out = score.left_out;
  }
  rs_score_clear(&score);
  if (status) {
    if (self) {
      score_free(&self->source);
    }
    return status;
  }
  self->source = (RsFrameSource){.next = score_next, .rewind = score_rewind, .free = score_free};
  *bpm = first_bpm(self);
  *out = &self->source;
  return RS_OK;
}

size_t rs_score_source_left_out(const RsFrameSource *source) {
  return ((const ScoreSource *)source)->left_out;
}
