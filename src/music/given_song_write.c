/* SPDX-License-Identifier: ISC */

/* Given notes and generated ones in one file. */

#include "music/given_song.h"

#include "base/atomic_file.h"
#include "base/memory.h"
#include "music/midi_bytes.h"

#include <rollsmith/performance.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What becomes of an event of the file, by the place of its bytes */
enum { AS_IT_STANDS, LEFT_OUT, IN_FIRST_TRACK };

enum { META_CUE = 0x07, META_SMPTE_OFFSET = 0x54, USEC_A_MINUTE = 60000000 };

/* A file that is being written. */
typedef struct {
  const RsGivenSong *song;
  const RsMidiSettings *how;
  RsMidiBytes out;
  uint8_t *fate;     /* of the event at each byte of the file */
  uint8_t *is_given; /* of each track: how many kinds of its notes there are, of the bits below */
  uint32_t end;      /* tick of the end of each track that is written */
} Writing;

enum { HAS_GIVEN = 1, HAS_OTHERS = 2 };

/* A generated note */
typedef struct {
  uint32_t on, off;
  uint8_t pitch, velocity;
} Made;

/* ---- What is kept ---- */

static size_t place_of(const Writing *w, const RsMidiEvent *event) {
  return (size_t)(event->bytes - w->song->bytes.data);
}

static bool is_end_of_note(const RsMidiEvent *event) {
  const uint8_t kind = rs_midi_kind(event->status);
  return kind == RS_MIDI_NOTE_OFF || (kind == RS_MIDI_NOTE_ON && !rs_midi_begins_note(event));
}

/* The event of a note's own track that ends it; NULL without any. What another track has may be
 * meant for a note of that track, where tracks share a channel. */
static const RsMidiEvent *own_end(const RsGivenSong *song, size_t note) {
  const uint32_t end = song->notes.notes[note].end;
  const RsMidiEvent *events = song->song->events;
  return end != UINT32_MAX && is_end_of_note(&events[end]) &&
                 events[end].track == events[song->begins[note]].track
             ? &events[end]
             : NULL;
}

/* Leave out the events of notes that are not given; note which tracks have notes of which kind. */
static void choose_events(Writing *w) {
  const RsGivenSong *song = w->song;
  const RsMidiEvent *events = song->song->events;
  for (size_t i = 0; i < song->notes.count; ++i) {
    const RsMidiEvent *begin = &events[song->begins[i]];
    w->is_given[begin->track] |= song->given[i] ? HAS_GIVEN : HAS_OTHERS;
    if (!song->given[i]) {
      const RsMidiEvent *end = own_end(song, i);
      w->fate[place_of(w, begin)] = LEFT_OUT;
      if (end) {
        w->fate[place_of(w, end)] = LEFT_OUT;
      }
    }
  }
}

static bool is_written(const Writing *w, size_t track) {
  return w->is_given[track] != HAS_OTHERS;
}

/* What ends a given note stays, in whatever track it is. */
static void keep_ends(Writing *w) {
  const RsGivenSong *song = w->song;
  for (size_t i = 0; i < song->notes.count; ++i) {
    const uint32_t end = song->notes.notes[i].end;
    const RsMidiEvent *event = end == UINT32_MAX ? NULL : &song->song->events[end];
    if (song->given[i] && event && is_end_of_note(event) && !is_written(w, event->track)) {
      w->fate[place_of(w, event)] = IN_FIRST_TRACK;
    }
  }
}

/* Whether an event is one of the whole song. */
static bool is_of_song(const RsMidiEvent *event) {
  return event->status == RS_MIDI_META &&
         (event->type == RS_META_TEMPO || event->type == RS_META_TIME_SIGNATURE ||
          event->type == RS_META_KEY_SIGNATURE || event->type == RS_META_MARKER ||
          event->type == META_CUE || event->type == META_SMPTE_OFFSET);
}

static bool is_sound(const RsMidiEvent *event) {
  return event->type == RS_META_TEMPO            ? event->size == 3 && rs_midi_tempo(event)
         : event->type == RS_META_TIME_SIGNATURE ? rs_midi_is_possible_meter(event)
         : event->type == RS_META_KEY_SIGNATURE  ? rs_midi_is_possible_key(event)
                                                 : true;
}

/* ---- The tracks of the file ---- */

static void put_event(Writing *w, const RsMidiEvent *event) {
  if (event->status == RS_MIDI_META) {
    rs_midi_put_meta(&w->out, event->tick, event->type, event->bytes, event->size);
  } else if (event->status >= RS_MIDI_SYSEX) {
    rs_midi_put_exclusive(&w->out, event->tick, event->status, event->bytes, event->size);
  } else {
    const uint8_t bytes[3] = {event->status, event->data[0], event->data[1]};
    rs_midi_put_event(&w->out, event->tick, bytes, 1 + event->size);
  }
}

/* An event of a track that is written, where it is not one of the whole song. */
static void put_own_event(Writing *w, const RsMidiEvent *event) {
  const bool end = rs_midi_is_meta(event, RS_META_END_OF_TRACK);
  if (!end && !is_of_song(event) && w->fate[place_of(w, event)] == AS_IT_STANDS) {
    put_event(w, event);
  }
}

static void put_track(Writing *w, size_t track) {
  RsWalk walk = rs_walk_begin(&w->song->chunks.tracks[track]);
  RsMidiEvent event;
  const char *damage = NULL;
  rs_midi_begin_track(&w->out);
  while (rs_walk_next(&walk, &event, &damage) == RS_WALK_EVENT &&
         !rs_midi_is_meta(&event, RS_META_END_OF_TRACK)) {
    put_own_event(w, &event);
  }
  rs_midi_end_track(&w->out, walk.tick > w->out.tick ? walk.tick : w->out.tick);
}

/* Whether a track belongs to the song: of format 2, each is a song of its own. */
static bool is_of_this(const Writing *w, size_t track) {
  const RsMidiSong *song = w->song->song;
  return w->song->chunks.format != 2 || (song->event_count && song->events[0].track == track);
}

/* Events of the whole song, of all tracks, by time. */
static int compare_events(const void *a, const void *b) {
  const RsMidiEvent *x = a, *y = b;
  return x->tick != y->tick ? (x->tick > y->tick) - (x->tick < y->tick)
                            : (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

static bool is_in_first_track(const Writing *w, const RsMidiEvent *event) {
  const bool other_tempo = w->how->bpm > 0 && rs_midi_is_meta(event, RS_META_TEMPO);
  return (is_of_song(event) && is_sound(event) && !other_tempo) ||
         w->fate[place_of(w, event)] == IN_FIRST_TRACK;
}

typedef struct {
  RsMidiEvent *events;
  size_t count, room;
} Events;

static void collect(Writing *w, size_t track, Events *all) {
  RsWalk walk = rs_walk_begin(&w->song->chunks.tracks[track]);
  RsMidiEvent event;
  const char *damage = NULL;
  while (!w->out.failed && rs_walk_next(&walk, &event, &damage) == RS_WALK_EVENT &&
         !rs_midi_is_meta(&event, RS_META_END_OF_TRACK)) {
    if (is_in_first_track(w, &event)) {
      RsMidiEvent *grown = rs_grow(all->events, &all->room, all->count + 1, sizeof *grown);
      w->out.failed = !grown;
      all->events = grown ? grown : all->events;
      if (grown) {
        grown[all->count++] = event;
      }
    }
  }
}

/* One tempo in place of those of the file, or of a file that counts in time. */
static void put_tempo(Writing *w) {
  const uint32_t time = w->song->song->usec_per_quarter;
  const double usec = w->how->bpm > 0 ? USEC_A_MINUTE / w->how->bpm : time ? 500000 : 0;
  const uint32_t whole = (uint32_t)lrint(fmin(usec, 0xffffff));
  const uint8_t data[] = {(uint8_t)(whole >> 16), (uint8_t)(whole >> 8), (uint8_t)whole};
  if (whole) {
    rs_midi_put_meta(&w->out, 0, RS_META_TEMPO, data, sizeof data);
  }
}

static void put_first_track(Writing *w) {
  Events all = {.count = 0};
  rs_midi_begin_track(&w->out);
  put_tempo(w);
  for (size_t track = 0; track < w->song->chunks.count; ++track) {
    if (is_of_this(w, track)) {
      collect(w, track, &all);
    }
  }
  if (all.count) {
    qsort(all.events, all.count, sizeof *all.events, compare_events);
  }
  for (size_t i = 0; i < all.count; ++i) {
    put_event(w, &all.events[i]);
  }
  free(all.events);
  rs_midi_end_track(&w->out, w->end > w->out.tick ? w->end : w->out.tick);
}

/* ---- Generated notes ---- */

/* The channel of the generated notes: the one that is set, or the first that is free. */
static uint8_t channel_of(const Writing *w) {
  unsigned used = 1u << RS_DRUM_CHANNEL;
  for (size_t i = 0; i < w->song->song->event_count; ++i) {
    const RsMidiEvent *event = &w->song->song->events[i];
    used |= event->status < RS_MIDI_SYSEX ? 1u << rs_midi_channel(event->status) : 0;
  }
  uint8_t channel = 0;
  while (channel < RS_CHANNELS && used >> channel & 1) {
    ++channel;
  }
  return w->how->channel ? (uint8_t)(w->how->channel - 1) : channel < RS_CHANNELS ? channel : 0;
}

/* Shorten a note to where no given one of its channel and pitch sounds. */
static void keep_apart(const Writing *w, uint8_t channel, Made *made) {
  const RsNotes *notes = &w->song->notes;
  for (size_t i = 0; i < notes->count && notes->notes[i].on < made->off; ++i) {
    const RsNote *note = &notes->notes[i];
    if (w->song->given[i] && note->channel == channel && note->pitch == made->pitch &&
        note->off > made->on) {
      made->off = note->on > made->on ? note->on : made->off;
      made->on = note->on > made->on ? made->on : note->off;
    }
  }
}

/* The notes of a roll, each as it ends. */
typedef struct {
  Writing *w;
  const RsIngest *settings;
  uint8_t channel;
  Made sounding[RS_NOTES]; /* velocity 0: silent */
  Made *made;
  size_t count, room;
} Making;

static void end_note(Making *making, uint8_t pitch, uint32_t tick) {
  Made note = making->sounding[pitch];
  making->sounding[pitch].velocity = 0;
  note.off = tick;
  keep_apart(making->w, making->channel, &note);
  if (note.velocity && note.on < note.off) {
    Made *grown = rs_grow(making->made, &making->room, making->count + 1, sizeof *grown);
    making->w->out.failed |= !grown;
    making->made = grown ? grown : making->made;
    if (grown) {
      grown[making->count++] = note;
    }
  }
}

static void take_events(Making *making, uint32_t tick, const RsNoteEvent *events, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (events[i].on) {
      making->sounding[events[i].note] = (Made){tick, tick, events[i].note, events[i].velocity};
    } else {
      end_note(making, events[i].note, tick);
    }
  }
}

static RsStatus make_notes(Making *making, const RsRoll *roll) {
  RsNoteEvent events[RS_PERFORMER_EVENTS];
  const RsPerformance how = rs_performance_of(roll, making->w->how->velocity);
  RsPerformer *performer = NULL;
  const RsStatus status = rs_performer_new(&how, making->w->how->seed, &performer);
  for (size_t f = 0; !status && f < roll->frames; ++f) {
    const size_t count =
        rs_performer_frame(performer, &roll->on[f], roll->onset ? &roll->onset[f] : NULL,
                           roll->velocity ? roll->velocity + f * RS_NOTES : NULL, events);
    take_events(making, rs_given_song_tick(making->w->song, f, making->settings), events, count);
  }
  if (!status) {
    const uint32_t end = rs_given_song_tick(making->w->song, roll->frames, making->settings);
    take_events(making, end, events, rs_performer_end(performer, events));
  }
  rs_performer_free(performer);
  return status;
}

/* A note-on or a note-off, to be sorted: at one time notes end before others begin. */
typedef struct {
  uint32_t tick;
  uint8_t on, pitch, velocity;
} Stroke;

static int compare_strokes(const void *a, const void *b) {
  const Stroke *x = a, *y = b;
  return x->tick != y->tick ? (x->tick > y->tick) - (x->tick < y->tick)
         : x->on != y->on   ? x->on - y->on
                            : x->pitch - y->pitch;
}

static void put_strokes(Making *making) {
  RsMidiBytes *out = &making->w->out;
  Stroke *strokes = rs_alloc(2 * making->count, sizeof *strokes);
  if (!strokes) {
    out->failed = true;
    return;
  }
  for (size_t i = 0; i < making->count; ++i) {
    const Made *note = &making->made[i];
    strokes[2 * i] = (Stroke){note->on, 1, note->pitch, note->velocity};
    strokes[2 * i + 1] = (Stroke){note->off, 0, note->pitch, 0};
  }
  if (making->count) {
    qsort(strokes, 2 * making->count, sizeof *strokes, compare_strokes);
  }
  for (size_t i = 0; i < 2 * making->count; ++i) {
    const Stroke *stroke = &strokes[i];
    const unsigned kind = stroke->on ? RS_MIDI_NOTE_ON : RS_MIDI_NOTE_OFF;
    const uint8_t bytes[] = {(uint8_t)(kind | making->channel), stroke->pitch, stroke->velocity};
    rs_midi_put_event(out, stroke->tick, bytes, sizeof bytes);
  }
  free(strokes);
}

static RsStatus put_generated(Writing *w, const RsRoll *roll, const RsIngest *settings) {
  Making making = {.w = w, .settings = settings, .channel = channel_of(w)};
  const char *name = w->how->name ? w->how->name : "";
  const RsStatus status = make_notes(&making, roll);
  rs_midi_begin_track(&w->out);
  rs_midi_put_meta(&w->out, 0, RS_META_TRACK_NAME, name, rs_midi_text_length(name));
  if (w->how->program >= 0) {
    const uint8_t bytes[] = {(uint8_t)(RS_MIDI_PROGRAM | making.channel), (uint8_t)w->how->program};
    rs_midi_put_event(&w->out, 0, bytes, sizeof bytes);
  }
  if (!status) {
    put_strokes(&making);
  }
  rs_midi_end_track(&w->out, w->end > w->out.tick ? w->end : w->out.tick);
  free(making.made);
  return status;
}

/* ---- The file ---- */

/* Tracks with given notes first, then those without any. */
static unsigned put_tracks(Writing *w, bool write) {
  unsigned count = 0;
  for (int round = 0; round < 2; ++round) {
    for (size_t track = 0; track < w->song->chunks.count; ++track) {
      const bool given = w->is_given[track] & HAS_GIVEN;
      if (is_of_this(w, track) && is_written(w, track) && given == !round) {
        ++count;
        if (write) {
          put_track(w, track);
        }
      }
    }
  }
  return count;
}

static RsStatus compose(Writing *w, const RsRoll *roll, const RsIngest *settings) {
  const RsMidiSong *song = w->song->song;
  const unsigned half = song->usec_per_quarter ? 2 : 1;
  choose_events(w);
  keep_ends(w);
  w->end = rs_given_song_tick(w->song, roll->frames, settings);
  rs_midi_put_head(&w->out, 1, 2 + put_tracks(w, false), song->division / half);
  put_first_track(w);
  put_tracks(w, true);
  const RsStatus status = put_generated(w, roll, settings);
  return status ? status : w->out.failed ? RS_ERR_MEMORY : RS_OK;
}

RsStatus rs_given_song_write(const RsGivenSong *song, const RsRoll *roll, const RsIngest *settings,
                             const RsMidiSettings *how, const char *path, RsError *error) {
  Writing w = {.song = song,
               .how = how,
               .fate = rs_alloc(song->bytes.size + 1, 1),
               .is_given = rs_alloc(song->chunks.count + 1, 1)};
  RsStatus status = w.fate && w.is_given ? compose(&w, roll, settings) : RS_ERR_MEMORY;
  if (status) {
    rs_error(error, status, "out of memory while composing a MIDI file");
  } else {
    status = rs_write_file_atomically(path, w.out.data, w.out.size, error);
  }
  free(w.fate);
  free(w.is_given);
  free(w.out.data);
  return status;
}
