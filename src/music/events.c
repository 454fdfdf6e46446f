/* SPDX-License-Identifier: ISC */

#include "music/events.h"

static const char cut_off[] = "the track ends within an event";

RsWalk rs_walk_begin(const RsTrackBytes *track) {
  return (RsWalk){.at = track->data, .end = track->data + track->size};
}

/* Take a number of variable length: up to 5 bytes where they are padded, but not more than 28 bits.
 */
static bool take_number(RsWalk *walk, uint32_t *value, const char **damage) {
  uint64_t sum = 0;
  for (int i = 0; i < 5; ++i) {
    if (walk->at == walk->end) {
      *damage = cut_off;
      return false;
    }
    const uint8_t byte = *walk->at++;
    sum = sum << 7 | (byte & 0x7F);
    if (!(byte & 0x80)) {
      *value = (uint32_t)sum;
      *damage = "a number has more than 28 bits";
      return sum <= 0x0FFFFFFF;
    }
  }
  *damage = "a number has more than 5 bytes";
  return false;
}

static RsStep take_data(RsWalk *walk, size_t size, RsMidiEvent *event, const char **damage) {
  if (size > (size_t)(walk->end - walk->at)) {
    *damage = cut_off;
    return RS_WALK_DAMAGED;
  }
  event->bytes = walk->at;
  event->size = (uint32_t)size;
  walk->at += size;
  return RS_WALK_EVENT;
}

/* Data preceded by its length. */
static RsStep take_counted_data(RsWalk *walk, RsMidiEvent *event, const char **damage) {
  uint32_t size = 0;
  if (!take_number(walk, &size, damage)) {
    return RS_WALK_DAMAGED;
  }
  return take_data(walk, size, event, damage);
}

static RsStep take_meta(RsWalk *walk, RsMidiEvent *event, const char **damage) {
  if (walk->at == walk->end) {
    *damage = cut_off;
    return RS_WALK_DAMAGED;
  }
  event->type = *walk->at++;
  const RsStep step = take_counted_data(walk, event, damage);
  return step == RS_WALK_EVENT && event->type == RS_META_END_OF_TRACK ? RS_WALK_END : step;
}

/* Step over clocks and active sensing, which devices send within other messages. */
static void skip_real_time(RsWalk *walk) {
  enum { CLOCK = 0xF8, ACTIVE_SENSING = 0xFE };
  for (; walk->at < walk->end && (*walk->at == CLOCK || *walk->at == ACTIVE_SENSING); ++walk->at) {
    ++walk->messages;
  }
}

/* Data bytes end at 127; some files have higher velocities. */
static RsStep take_channel_data(RsWalk *walk, RsMidiEvent *event, const char **damage) {
  const size_t size = rs_midi_data_size(event->status);
  skip_real_time(walk);
  event->bytes = walk->at;
  for (; event->size < size; ++event->size) {
    skip_real_time(walk);
    if (walk->at == walk->end) {
      *damage = cut_off;
      return RS_WALK_DAMAGED;
    }
    const uint8_t byte = *walk->at++;
    event->data[event->size] = byte < RS_MIDI_DATA_MAX ? byte : RS_MIDI_DATA_MAX;
  }
  return RS_WALK_EVENT;
}

static RsStep take_message(RsWalk *walk, RsMidiEvent *event, const char **damage) {
  if (event->status == RS_MIDI_META) {
    return take_meta(walk, event, damage);
  }
  if (event->status >= RS_MIDI_SYSEX) {
    return take_counted_data(walk, event, damage);
  }
  walk->status = event->status;
  return take_channel_data(walk, event, damage);
}

static bool take_delta(RsWalk *walk, const char **damage) {
  uint32_t delta = 0;
  if (!take_number(walk, &delta, damage)) {
    return false;
  }
  walk->tick += delta; /* both below 2^31 */
  *damage = "its time runs over";
  return walk->tick <= INT32_MAX;
}

/* ---- Skipping -------------------------------------------------------------------------------- */

/* System common and real-time messages. */
static bool is_system_message(uint8_t status) {
  return status > RS_MIDI_SYSEX && status < RS_MIDI_META && status != RS_MIDI_SYSEX_END;
}

/* Skip the data bytes of a system message. */
static void skip_system_message(RsWalk *walk, uint8_t status) {
  size_t size = status == RS_MIDI_SONG_POSITION
                    ? 2
                    : status == RS_MIDI_TIME_CODE || status == RS_MIDI_SONG_SELECT;
  for (; size && walk->at < walk->end && *walk->at < 0x80; --size) {
    ++walk->at;
  }
  ++walk->messages;
}

static bool has_data_bytes_only(const RsMidiEvent *event) {
  for (size_t i = 0; event->status < RS_MIDI_SYSEX && i < event->size; ++i) {
    if (event->bytes[i] & 0x80) {
      return false;
    }
  }
  return true;
}

/* Step over an event with its delta, if one that makes sense stands here; a system message behind
   another event ends the trial. */
static RsStep try_event(RsWalk *walk) {
  RsMidiEvent event = {0};
  const char *damage = NULL;
  uint32_t delta = 0;
  if (!take_number(walk, &delta, &damage) || walk->at == walk->end) {
    return RS_WALK_DAMAGED;
  }
  event.status = *walk->at & 0x80 ? *walk->at++ : walk->status;
  if (is_system_message(event.status)) {
    return walk->status ? RS_WALK_END : RS_WALK_DAMAGED;
  }
  if (!event.status) {
    return RS_WALK_DAMAGED;
  }
  const RsStep step = take_message(walk, &event, &damage);
  return has_data_bytes_only(&event) ? step : RS_WALK_DAMAGED;
}

/* Whether events that make sense stand at a place, the first with a status of its own. One alone
   may be data of other events that look like it. */
static bool are_events(RsWalk walk) {
  walk.status = 0;
  RsStep step = RS_WALK_EVENT;
  for (int i = 0; i < 3 && step == RS_WALK_EVENT && (!i || walk.at < walk.end); ++i) {
    step = try_event(&walk);
  }
  return step != RS_WALK_DAMAGED;
}

/* Resynchronise at the next plausible events. @return false where there are none. */
static bool resume(RsWalk *walk) {
  RsWalk ahead = *walk;
  for (; ahead.at < walk->end && ahead.at - walk->at < RS_RESUME_MAX; ++ahead.at) {
    if (are_events(ahead)) {
      walk->lost += (size_t)(ahead.at - walk->at);
      walk->at = ahead.at;
      return true;
    }
  }
  return false;
}

/* ---- Steps ----------------------------------------------------------------------------------- */

/* Take the time and the status of an event: 0 where there are data without one. */
static bool take_head(RsWalk *walk, uint8_t *status, const char **damage) {
  if (!take_delta(walk, damage)) {
    return false;
  }
  if (walk->at == walk->end) {
    *damage = cut_off;
    return false;
  }
  *status = *walk->at & 0x80 ? *walk->at++ : walk->status;
  return true;
}

RsStep rs_walk_next(RsWalk *walk, RsMidiEvent *event, const char **damage) {
  *event = (RsMidiEvent){0};
  while (walk->at < walk->end) {
    RsWalk ahead = *walk;
    if (!take_head(&ahead, &event->status, damage)) {
      return RS_WALK_DAMAGED;
    }
    if (!event->status && !resume(&ahead)) {
      *damage = "data without a status before it";
      return RS_WALK_DAMAGED;
    }
    if (is_system_message(event->status)) {
      skip_system_message(&ahead, event->status);
    } else if (event->status) {
      event->tick = ahead.tick;
      const RsStep step = take_message(&ahead, event, damage);
      *walk = step == RS_WALK_DAMAGED ? *walk : ahead;
      return step;
    }
    *walk = ahead;
  }
  return RS_WALK_END;
}

/* ---- What an event is ---- */

bool rs_midi_begins_note(const RsMidiEvent *event) {
  return rs_midi_kind(event->status) == RS_MIDI_NOTE_ON && event->data[1];
}

int rs_midi_controller(const RsMidiEvent *event) {
  return rs_midi_kind(event->status) == RS_MIDI_CONTROL && event->bytes[0] <= RS_MIDI_DATA_MAX
             ? event->data[0]
             : -1;
}

bool rs_midi_is_meta(const RsMidiEvent *event, uint8_t type) {
  return event->status == RS_MIDI_META && event->type == type;
}

bool rs_midi_is_possible_meter(const RsMidiEvent *event) {
  return event->size >= 2 && event->bytes[0] && event->bytes[1] <= 6;
}

bool rs_midi_is_possible_key(const RsMidiEvent *event) {
  const int most = 7; /* sharps, and flats, which are negative */
  return event->size >= 2 && (int8_t)event->bytes[0] >= -most && (int8_t)event->bytes[0] <= most &&
         event->bytes[1] <= 1;
}

uint32_t rs_midi_tempo(const RsMidiEvent *event) {
  return (uint32_t)event->bytes[0] << 16 | (uint32_t)event->bytes[1] << 8 | event->bytes[2];
}
