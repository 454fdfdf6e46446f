/* SPDX-License-Identifier: ISC */

#include "music/notes.h"

#include "base/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- Pairing --------------------------------------------------------------------------------- */

#define NONE UINT32_MAX

/* What sounds: at most one note of a channel and pitch. */
typedef struct {
  RsNotes *notes;
  bool by_track;        /* RS_PAIRING_TRACK */
  uint32_t event;       /* that is paired, by its place in the song's; NONE behind the last */
  uint32_t *track_ends; /* of each track, by number */
  uint32_t longest;     /* ticks of a note without a note-off */
  struct {
    uint32_t note;  /* index into the notes, or NONE */
    uint16_t track; /* that began it */
  } voices[RS_CHANNELS][128];
  size_t sounding[RS_CHANNELS]; /* notes of a channel */
} Pairing;

static size_t count_note_ons(const RsMidiSong *song) {
  size_t count = 0;
  for (size_t i = 0; i < song->event_count; ++i) {
    count += rs_midi_begins_note(&song->events[i]);
  }
  return count;
}

/* End the note of a channel and pitch; false where none sounds. */
static bool end_note(Pairing *pairing, uint8_t channel, uint8_t pitch, uint32_t tick) {
  uint32_t *note = &pairing->voices[channel][pitch].note;
  if (*note == NONE) {
    return false;
  }
  pairing->notes->notes[*note].off = tick;
  pairing->notes->notes[*note].end = pairing->event;
  *note = NONE;
  --pairing->sounding[channel];
  return true;
}

/* When a note ends that no note-off has ended up to a time. */
static uint32_t guess_end(const Pairing *pairing, uint8_t channel, uint8_t pitch, uint32_t tick) {
  const uint32_t on = pairing->notes->notes[pairing->voices[channel][pitch].note].on;
  const uint32_t track_end = pairing->track_ends[pairing->voices[channel][pitch].track];
  const uint32_t end = track_end > on && track_end < tick ? track_end : tick;
  return end - on > pairing->longest ? on + pairing->longest : end;
}

/* End a note as another begins, which may be long after a note-off was lost. */
static void interrupt_note(Pairing *pairing, uint8_t channel, uint8_t pitch, uint32_t tick) {
  const uint32_t note = pairing->voices[channel][pitch].note;
  const bool lost = note != NONE && tick - pairing->notes->notes[note].on > pairing->longest;
  pairing->notes->unended += lost;
  end_note(pairing, channel, pitch, lost ? guess_end(pairing, channel, pitch, tick) : tick);
}

/* Drop the note of a channel and pitch, if one sounds: no note has the velocity 0. */
static void replace_note(Pairing *pairing, uint8_t channel, uint8_t pitch, uint32_t tick) {
  const uint32_t note = pairing->voices[channel][pitch].note;
  if (end_note(pairing, channel, pitch, tick)) {
    pairing->notes->notes[note].velocity = 0;
    ++pairing->notes->replaced;
  }
}

static void begin_note(Pairing *pairing, const RsMidiEvent *event) {
  const uint8_t channel = rs_midi_channel(event->status), pitch = event->data[0];
  if (pairing->by_track) {
    replace_note(pairing, channel, pitch, event->tick);
  } else {
    interrupt_note(pairing, channel, pitch, event->tick);
  }
  const uint32_t index = (uint32_t)pairing->notes->count++; /* below RS_EVENTS_MAX */
  pairing->notes->notes[index] =
      (RsNote){event->tick, event->tick, channel, pitch, event->data[1], NONE};
  pairing->voices[channel][pitch].note = index;
  pairing->voices[channel][pitch].track = event->track;
  ++pairing->sounding[channel];
}

/* A note-off. One of another track, at the time at which the note begins, is of a note before. */
static void end_by_event(Pairing *pairing, const RsMidiEvent *event) {
  const uint8_t channel = rs_midi_channel(event->status), pitch = event->data[0];
  const uint32_t note = pairing->voices[channel][pitch].note;
  if (note == NONE || pairing->voices[channel][pitch].track == event->track ||
      pairing->notes->notes[note].on != event->tick) {
    end_note(pairing, channel, pitch, event->tick);
  }
}

static void end_channel(Pairing *pairing, uint8_t channel, uint32_t tick) {
  for (int pitch = 0; pitch < 128 && pairing->sounding[channel]; ++pitch) {
    end_note(pairing, channel, (uint8_t)pitch, tick);
  }
}

/* End what sounds when all tracks have ended, or the one that is paired alone. */
static void end_all(Pairing *pairing, uint32_t tick) {
  pairing->event = NONE;
  for (int voice = 0; voice < RS_CHANNELS * 128; ++voice) {
    const uint8_t channel = (uint8_t)(voice / 128), pitch = (uint8_t)(voice % 128);
    if (pairing->voices[channel][pitch].note != NONE) {
      ++pairing->notes->unended;
      end_note(pairing, channel, pitch, guess_end(pairing, channel, pitch, tick));
    }
  }
}

static void pair_event(Pairing *pairing, const RsMidiSong *song, uint32_t place) {
  const RsMidiEvent *event = &song->events[place];
  pairing->event = place;
  const uint8_t kind = rs_midi_kind(event->status);
  const int controller = rs_midi_controller(event);
  if (rs_midi_begins_note(event)) {
    begin_note(pairing, event);
  } else if (kind == RS_MIDI_NOTE_OFF || kind == RS_MIDI_NOTE_ON) {
    end_by_event(pairing, event);
  } else if (controller == RS_CONTROL_ALL_SOUND_OFF || controller >= RS_CONTROL_ALL_NOTES_OFF) {
    end_channel(pairing, rs_midi_channel(event->status), event->tick);
  }
}

static uint32_t end_of_song(const RsMidiSong *song) {
  return song->event_count ? song->events[song->event_count - 1].tick : 0;
}

static int compare_notes(const void *a, const void *b) {
  const RsNote *x = a, *y = b;
  if (x->on != y->on) {
    return x->on < y->on ? -1 : 1;
  }
  if (x->off != y->off) {
    return x->off < y->off ? -1 : 1;
  }
  const int channels = x->channel - y->channel, pitches = x->pitch - y->pitch;
  return channels ? channels : pitches ? pitches : x->velocity - y->velocity;
}

/* Take out the notes that were replaced, and bring those of all tracks into the order of time. */
static void join_tracks(RsNotes *notes) {
  size_t count = 0;
  for (size_t i = 0; i < notes->count; ++i) {
    if (notes->notes[i].velocity) {
      notes->notes[count++] = notes->notes[i];
    }
  }
  notes->count = count;
  qsort(notes->notes, count, sizeof *notes->notes, compare_notes);
}

static int compare_turns(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* Pair the events of one track after the other, each in order of time. */
static RsStatus pair_by_track(Pairing *pairing, const RsMidiSong *song) {
  uint64_t *turns = rs_alloc(song->event_count, sizeof *turns); /* track, then place in the song */
  if (!turns) {
    return RS_ERR_MEMORY;
  }
  for (size_t i = 0; i < song->event_count; ++i) {
    turns[i] = (uint64_t)song->events[i].track << 32 | i;
  }
  qsort(turns, song->event_count, sizeof *turns, compare_turns);
  for (size_t i = 0; i < song->event_count; ++i) {
    const uint32_t place = (uint32_t)turns[i];
    pair_event(pairing, song, place);
    if (rs_midi_is_meta(&song->events[place], RS_META_END_OF_TRACK)) {
      end_all(pairing, song->events[place].tick);
    }
  }
  free(turns);
  join_tracks(pairing->notes);
  return RS_OK;
}

static void pair_by_channel(Pairing *pairing, const RsMidiSong *song) {
  for (uint32_t i = 0; i < song->event_count; ++i) {
    pair_event(pairing, song, i);
  }
  end_all(pairing, end_of_song(song));
}

static RsStatus pair_events(Pairing *pairing, const RsMidiSong *song) {
  memset(pairing->voices, 0xFF, sizeof pairing->voices); /* NONE everywhere */
  for (size_t i = 0; i < song->event_count; ++i) {
    const RsMidiEvent *event = &song->events[i];
    if (rs_midi_is_meta(event, RS_META_END_OF_TRACK)) {
      pairing->track_ends[event->track] = event->tick;
    }
  }
  if (pairing->by_track) {
    return pair_by_track(pairing, song);
  }
  pair_by_channel(pairing, song);
  return RS_OK;
}

RsStatus rs_notes_pair(const RsMidiSong *song, RsPairing how, RsNotes *out) {
  *out = (RsNotes){.notes = rs_alloc(count_note_ons(song), sizeof *out->notes)};
  Pairing pairing = {.notes = out,
                     .by_track = how == RS_PAIRING_TRACK,
                     .track_ends = rs_alloc(UINT16_MAX + 1, sizeof(uint32_t))};
  pairing.longest = (uint32_t)fmin(RS_UNENDED_QUARTERS * song->ticks_per_beat, INT32_MAX);
  const bool good = out->notes && pairing.track_ends && !pair_events(&pairing, song);
  if (!good) {
    free(out->notes);
    *out = (RsNotes){0};
  }
  free(pairing.track_ends);
  return good ? RS_OK : RS_ERR_MEMORY;
}

/* ---- Pedal ----------------------------------------------------------------------------------- */

/* The pedal of a channel goes down or up, or what it holds is silenced. */
typedef struct {
  uint32_t tick;
  uint32_t order; /* in the song's events */
  uint8_t channel;
  bool silences;
  bool down; /* from here on */
} Pedal;

static bool is_pedal(const RsMidiEvent *event) {
  const int controller = rs_midi_controller(event);
  return controller == RS_CONTROL_SUSTAIN || controller == RS_CONTROL_ALL_SOUND_OFF ||
         controller == RS_CONTROL_RESET;
}

static size_t count_pedals(const RsMidiSong *song) {
  size_t count = 0;
  for (size_t i = 0; i < song->event_count; ++i) {
    count += is_pedal(&song->events[i]);
  }
  return count;
}

static int compare_pedals(const void *a, const void *b) {
  const Pedal *x = a, *y = b;
  if (x->channel != y->channel) {
    return x->channel - y->channel;
  }
  return x->tick != y->tick ? (x->tick > y->tick) - (x->tick < y->tick)
                            : (x->order > y->order) - (x->order < y->order);
}

/* A pedal that is down stays so where what it holds is silenced. */
static void keep_down(Pedal *pedals, size_t count) {
  for (size_t i = 1; i < count; ++i) {
    if (pedals[i].silences && pedals[i - 1].channel == pedals[i].channel) {
      pedals[i].down = pedals[i - 1].down;
    }
  }
}

/* By channel, then by time. */
static Pedal *collect_pedals(const RsMidiSong *song, size_t count) {
  Pedal *pedals = rs_alloc(count, sizeof *pedals);
  for (size_t i = 0, n = 0; pedals && i < song->event_count; ++i) {
    const RsMidiEvent *event = &song->events[i];
    if (is_pedal(event)) {
      pedals[n++] = (Pedal){.tick = event->tick,
                            .order = (uint32_t)i,
                            .channel = rs_midi_channel(event->status),
                            .silences = event->data[0] == RS_CONTROL_ALL_SOUND_OFF,
                            .down = event->data[0] == RS_CONTROL_SUSTAIN &&
                                    event->data[1] >= RS_MIDI_SWITCH_ON};
    }
  }
  if (pedals) {
    qsort(pedals, count, sizeof *pedals, compare_pedals);
    keep_down(pedals, count);
  }
  return pedals;
}

/* First pedal event of a note's channel after its end, or of a later channel. */
static size_t pedal_after(const Pedal *pedals, size_t count, const RsNote *note) {
  const Pedal key = {.tick = note->off, .order = note->end, .channel = note->channel};
  size_t low = 0, high = count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (compare_pedals(&pedals[middle], &key) <= 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/* For each pedal event, when what it holds ends: at the next one that is up or silences. */
static void find_releases(const Pedal *pedals, size_t count, uint32_t end, uint32_t *release) {
  for (size_t i = count; i-- > 0;) {
    const bool last = i + 1 == count || pedals[i + 1].channel != pedals[i].channel;
    const bool ends = !last && (!pedals[i + 1].down || pedals[i + 1].silences);
    release[i] = last ? end : ends ? pedals[i + 1].tick : release[i + 1];
  }
}

static void hold_note(RsNote *note, const Pedal *pedals, const uint32_t *release, size_t count) {
  const size_t after = pedal_after(pedals, count, note);
  const Pedal *pedal = after ? &pedals[after - 1] : NULL;
  if (pedal && pedal->channel == note->channel && pedal->down &&
      !(pedal->silences && pedal->order == note->end)) {
    note->off = release[after - 1] > note->off ? release[after - 1] : note->off;
  }
}

RsStatus rs_notes_hold(const RsMidiSong *song, RsNotes *notes) {
  const size_t count = count_pedals(song);
  if (!count) {
    return RS_OK;
  }
  Pedal *pedals = collect_pedals(song, count);
  uint32_t *release = rs_alloc(count, sizeof *release);
  const bool good = pedals && release;
  if (good) {
    find_releases(pedals, count, end_of_song(song), release);
    for (size_t i = 0; i < notes->count; ++i) {
      hold_note(&notes->notes[i], pedals, release, count);
    }
  }
  free(pedals);
  free(release);
  return good ? RS_OK : RS_ERR_MEMORY;
}
