/* SPDX-License-Identifier: ISC */

#include "music/midi_read.h"

#include "base/memory.h"
#include "base/plural.h"
#include "music/tempo_map.h"

#include <stdlib.h>

/* ---- Events ---------------------------------------------------------------------------------- */

/* Sustain pedal, and what ends all notes of a channel or resets its controllers. */
static bool is_controller_of_notes(int controller) {
  return controller == RS_CONTROL_SUSTAIN ||
         (controller >= RS_CONTROL_ALL_SOUND_OFF && controller != RS_CONTROL_LOCAL);
}

/* Whether an event is one of RS_EVENTS_MAX. */
static bool is_counted(const RsMidiEvent *event) {
  const uint8_t kind = rs_midi_kind(event->status);
  return (event->status == RS_MIDI_META && event->type != RS_META_END_OF_TRACK) ||
         kind == RS_MIDI_NOTE_OFF || kind == RS_MIDI_NOTE_ON ||
         is_controller_of_notes(rs_midi_controller(event));
}

static bool is_possible_tempo(const RsMidiEvent *event, RsRepairs *repairs) {
  const bool possible = event->size >= 3 && rs_midi_tempo(event);
  if (!possible) {
    rs_repairs_add(repairs, "a tempo of nothing left out");
  }
  return possible;
}

static bool is_possible_meter(const RsMidiEvent *event, RsRepairs *repairs) {
  const bool possible = rs_midi_is_possible_meter(event);
  if (!possible) {
    rs_repairs_add(repairs, "an impossible time signature left out");
  }
  return possible;
}

static void check_key(const RsMidiEvent *event, RsRepairs *repairs) {
  if (!rs_midi_is_possible_key(event)) {
    rs_repairs_add(repairs, "an impossible key signature left out");
  }
}

/* Whether an event belongs to the song. Key signatures do not: keys are found from the notes. */
static bool is_kept(const RsMidiSong *song, const RsMidiEvent *event, RsRepairs *repairs) {
  if (rs_midi_is_meta(event, RS_META_TEMPO)) {
    return !song->usec_per_quarter && is_possible_tempo(event, repairs);
  }
  if (rs_midi_is_meta(event, RS_META_TIME_SIGNATURE)) {
    return is_possible_meter(event, repairs);
  }
  if (rs_midi_is_meta(event, RS_META_KEY_SIGNATURE)) {
    check_key(event, repairs);
  }
  return event->status < RS_MIDI_SYSEX || rs_midi_is_meta(event, RS_META_END_OF_TRACK);
}

/* ---- Tracks ---------------------------------------------------------------------------------- */

/* A song that is being read. */
typedef struct {
  RsMidiSong *song;
  size_t counted; /* events of RS_EVENTS_MAX */
  bool failed;    /* memory is out */
  RsRepairs *repairs;
} Reading;

static void add_event(Reading *reading, RsMidiEvent event, size_t track) {
  RsMidiSong *song = reading->song;
  song->exclusives += event.status == RS_MIDI_SYSEX || event.status == RS_MIDI_SYSEX_END;
  if (!is_kept(song, &event, reading->repairs)) {
    return;
  }
  RsMidiEvent *events =
      rs_grow(song->events, &song->event_room, song->event_count + 1, sizeof event);
  if (!events) {
    reading->failed = true;
    return;
  }
  event.track = (uint16_t)track;
  song->events = events;
  song->events[song->event_count++] = event;
  reading->counted += is_counted(&event);
}

/* The notes that begin in the rest of a track. */
static size_t count_notes(RsWalk walk) {
  RsMidiEvent event;
  const char *damage = NULL;
  size_t notes = 0;
  while (walk.at < walk.end && rs_walk_next(&walk, &event, &damage) != RS_WALK_DAMAGED) {
    notes += rs_midi_begins_note(&event);
  }
  return notes;
}

/* Report data after the End of Track. */
static void report_rest(RsRepairs *repairs, size_t number, const RsWalk *walk) {
  const size_t bytes = (size_t)(walk->end - walk->at), notes = bytes ? count_notes(*walk) : 0;
  if (notes) {
    rs_repairs_lose(repairs, "track %zu: %zu note%s behind its End of Track left out", number,
                    notes, rs_plural(notes));
  } else if (bytes) {
    rs_repairs_add(repairs, "track %zu: %zu byte%s behind its End of Track left out", number, bytes,
                   rs_plural(bytes));
  }
}

/* Report skipped data. */
static void report_steps(RsRepairs *repairs, size_t number, const RsWalk *walk) {
  if (walk->messages) {
    rs_repairs_add(repairs, "track %zu: %zu system message%s stepped over", number, walk->messages,
                   rs_plural(walk->messages));
  }
  if (walk->lost) {
    rs_repairs_lose(repairs, "track %zu: %zu byte%s without a status left out", number, walk->lost,
                    rs_plural(walk->lost));
  }
}

/* Add all whole events of a track, and its end. */
static void add_track(Reading *reading, const RsTrackBytes *track, size_t number) {
  RsWalk walk = rs_walk_begin(track);
  RsMidiEvent event;
  const char *damage = NULL;
  RsStep step;
  while ((step = rs_walk_next(&walk, &event, &damage)) == RS_WALK_EVENT &&
         reading->counted <= RS_EVENTS_MAX) {
    add_event(reading, event, number);
  }
  const RsMidiEvent end = {
      .tick = walk.tick, .status = RS_MIDI_META, .type = RS_META_END_OF_TRACK, .bytes = walk.at};
  add_event(reading, end, number);
  report_steps(reading->repairs, number + 1, &walk);
  if (step == RS_WALK_DAMAGED) {
    rs_repairs_lose(reading->repairs, "track %zu kept up to byte %zu of %zu: %s", number + 1,
                    (size_t)(walk.at - track->data), track->size, damage);
  } else if (step == RS_WALK_END) {
    report_rest(reading->repairs, number + 1, &walk);
  }
}

/* ---- Songs ----------------------------------------------------------------------------------- */

/* Order by time, then by position in the file. */
static int compare(const void *a, const void *b) {
  const RsMidiEvent *x = a, *y = b;
  return x->tick != y->tick ? (x->tick > y->tick) - (x->tick < y->tick)
                            : (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

static void sort(RsMidiSong *song) {
  for (size_t i = 1; i < song->event_count; ++i) {
    if (song->events[i].tick < song->events[i - 1].tick) {
      qsort(song->events, song->event_count, sizeof *song->events, compare);
      return;
    }
  }
}

static RsStatus out_of_memory(RsError *error) {
  return rs_error(error, RS_ERR_MEMORY, "%s", rs_status_text(RS_ERR_MEMORY));
}

/* One song of the tracks from `first` up to `end`. */
static RsStatus read_song(const RsChunks *chunks, size_t first, size_t end, RsMidiSong *song,
                          RsRepairs *repairs, RsError *error) {
  Reading reading = {.song = song, .repairs = repairs};
  *song = (RsMidiSong){.division = chunks->division,
                       .ticks_per_beat = chunks->ticks_per_beat,
                       .usec_per_quarter = chunks->usec_per_quarter};
  for (size_t i = first; i < end; ++i) {
    add_track(&reading, &chunks->tracks[i], i);
  }
  if (reading.counted > RS_EVENTS_MAX) {
    return rs_error(error, RS_ERR_FORMAT, "has more than %zu events in a song", RS_EVENTS_MAX);
  }
  sort(song);
  return reading.failed || rs_tempo_map(song) ? out_of_memory(error) : RS_OK;
}

static RsStatus read_songs(const RsChunks *chunks, RsMidiFile *out, RsRepairs *repairs,
                           RsError *error) {
  const size_t songs = chunks->format == 2 ? chunks->count : chunks->count > 0;
  const size_t tracks = chunks->format == 2 ? 1 : chunks->count;
  out->songs = calloc(songs + 1, sizeof *out->songs);
  RsStatus status = out->songs ? RS_OK : out_of_memory(error);
  for (; !status && out->count < songs; ++out->count) {
    const size_t first = out->count * tracks;
    status = read_song(chunks, first, first + tracks, &out->songs[out->count], repairs, error);
  }
  return status;
}

RsStatus rs_midi_read(const uint8_t *data, size_t size, RsMidiFile *out, RsRepairs *repairs,
                      RsError *error) {
  RsChunks chunks;
  *out = (RsMidiFile){0};
  if (size > RS_MIDI_SIZE_MAX) {
    return rs_error(error, RS_ERR_FORMAT, "has %zu bytes, more than the %zu that are read", size,
                    RS_MIDI_SIZE_MAX);
  }
  RsStatus status = rs_chunks_read(data, size, &chunks, repairs, error);
  if (!status) {
    status = read_songs(&chunks, out, repairs, error);
  }
  rs_chunks_clear(&chunks);
  if (status) {
    rs_midi_clear(out);
  }
  return status;
}

void rs_midi_clear(RsMidiFile *file) {
  for (size_t i = 0; i < file->count; ++i) {
    free(file->songs[i].events);
    free(file->songs[i].tempos);
  }
  free(file->songs);
  *file = (RsMidiFile){0};
}
