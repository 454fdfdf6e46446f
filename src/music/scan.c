#include "music/scan.h"

#include "base/memory.h"
#include "base/plural.h"
#include "music/events.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a tempo and of a time signature event. */
#define TEMPO_SIZE 6
#define METER_SIZE 7

/* A tempo or a time signature. */
typedef struct {
  uint32_t tick;
  uint32_t order; /* in which it was met: of two at one time the later one holds */
  bool is_tempo;
  uint8_t event[METER_SIZE];
} Conduct;

/* A song that is being scanned. */
typedef struct {
  RsCanonicalWriter notes;
  Conduct *conducts;
  size_t conduct_count, conduct_capacity;
  size_t events;
  bool failed;
  RsRepairs *repairs;
} Song;

/* ---- Tempo and time signatures --------------------------------------------------------------- */

static void add_conduct(Song *song, uint32_t tick, const uint8_t *event, size_t size) {
  Conduct *conducts =
      rs_grow(song->conducts, &song->conduct_capacity, song->conduct_count + 1, sizeof *conducts);
  if (!conducts) {
    song->failed = true;
    return;
  }
  song->conducts = conducts;
  Conduct *conduct = &conducts[song->conduct_count];
  *conduct = (Conduct){.tick = tick, .order = (uint32_t)song->conduct_count};
  conduct->is_tempo = size == TEMPO_SIZE;
  memcpy(conduct->event, event, size);
  ++song->conduct_count;
  ++song->events;
}

static void add_tempo(Song *song, const RsEvent *event) {
  const uint8_t *d = event->data;
  if (event->size < 3 || !(d[0] | d[1] | d[2])) {
    rs_repairs_add(song->repairs, "a tempo of nothing left out");
    return;
  }
  const uint8_t tempo[TEMPO_SIZE] = {RS_STATUS_META, 0x51, 3, d[0], d[1], d[2]};
  add_conduct(song, event->tick, tempo, sizeof tempo);
}

static void add_meter(Song *song, const RsEvent *event) {
  const uint8_t *d = event->data;
  if (event->size < 2 || !d[0] || d[1] > 6) {
    rs_repairs_add(song->repairs, "an impossible time signature left out");
    return;
  }
  const uint8_t meter[METER_SIZE] = {RS_STATUS_META, 0x58, 4, d[0], d[1], RS_METER_BEGINS, 8};
  add_conduct(song, event->tick, meter, sizeof meter);
}

static int compare_conducts(const void *a, const void *b) {
  const Conduct *x = a, *y = b;
  return x->tick != y->tick ? (x->tick > y->tick) - (x->tick < y->tick)
                            : (x->order > y->order) - (x->order < y->order);
}

/* What holds at a time, as one piece that is never torn between two files: a tempo, a delta of
   zero, a time signature. */
typedef struct {
  uint8_t tempo[TEMPO_SIZE], delta, meter[METER_SIZE];
} Conductor;

/* Until something else is said: 120 quarter notes a minute, in 4/4. */
static const Conductor usual = {
    {RS_STATUS_META, 0x51, 3, 0x07, 0xA1, 0x20}, 0, {RS_STATUS_META, 0x58, 4, 4, 2, 24, 8}};

/* Write what holds from each time on, in order of time whatever track the events were in. */
static RsStatus write_conducts(Song *song, unsigned division, RsCanonical *out) {
  RsCanonicalWriter writer;
  Conductor now = usual;
  uint8_t clocks = RS_METER_GOES_ON;
  if (song->conduct_count > 1) {
    qsort(song->conducts, song->conduct_count, sizeof *song->conducts, compare_conducts);
  }
  rs_canonical_begin(&writer, division);
  rs_canonical_track(&writer, 0);
  for (size_t i = 0; i < song->conduct_count; ++i) {
    const Conduct *conduct = &song->conducts[i];
    memcpy(conduct->is_tempo ? now.tempo : now.meter, conduct->event,
           conduct->is_tempo ? TEMPO_SIZE : METER_SIZE);
    clocks = conduct->is_tempo ? clocks : RS_METER_BEGINS;
    if (i + 1 == song->conduct_count || conduct->tick != song->conducts[i + 1].tick) {
      now.meter[METER_SIZE - 2] = clocks;
      rs_canonical_event(&writer, conduct->tick, &now, sizeof now);
      clocks = RS_METER_GOES_ON;
    }
  }
  rs_canonical_end_track(&writer, writer.tick);
  return rs_canonical_end(&writer, out);
}

/* ---- Notes ----------------------------------------------------------------------------------- */

/* Sustain pedal, and what ends all notes of a channel or resets its controllers. */
static bool is_controller_of_notes(uint8_t controller) {
  return controller == 64 || (controller >= 120 && controller <= 127 && controller != 122);
}

/* Data bytes end at 127; files are met with louder velocities. */
static uint8_t clamp(uint8_t byte) {
  return byte < 0x7F ? byte : 0x7F;
}

static void add_channel_event(Song *song, const RsEvent *event) {
  const uint8_t kind = event->status & 0xF0;
  const bool is_note = kind == 0x80 || kind == 0x90;
  if (is_note || (kind == 0xB0 && is_controller_of_notes(event->data[0]))) {
    const uint8_t message[] = {event->status, clamp(event->data[0]), clamp(event->data[1])};
    rs_canonical_event(&song->notes, event->tick, message, sizeof message);
    ++song->events;
  }
}

static void add_event(Song *song, const RsChunks *chunks, const RsEvent *event) {
  if (event->status < 0xF0) {
    add_channel_event(song, event);
  } else if (event->status != RS_STATUS_META) {
    return;
  } else if (event->type == 0x51 && !chunks->usec_per_quarter) {
    add_tempo(song, event);
  } else if (event->type == 0x58) {
    add_meter(song, event);
  }
}

/* ---- Tracks ---------------------------------------------------------------------------------- */

/* The notes that begin in the rest of a track. */
static size_t count_notes(RsWalk walk) {
  RsEvent event;
  const char *damage = NULL;
  size_t notes = 0;
  while (walk.at < walk.end && rs_walk_next(&walk, &event, &damage) != RS_WALK_DAMAGED) {
    notes += (event.status & 0xF0) == 0x90 && event.data[1];
  }
  return notes;
}

/* Tell what stands behind the end of a track. */
static void tell_rest(RsRepairs *repairs, size_t number, const RsWalk *walk) {
  const size_t bytes = (size_t)(walk->end - walk->at), notes = bytes ? count_notes(*walk) : 0;
  if (notes) {
    rs_repairs_lose(repairs, "track %zu: %zu note%s behind its End of Track left out", number,
                    notes, rs_plural(notes));
  } else if (bytes) {
    rs_repairs_add(repairs, "track %zu: %zu byte%s behind its End of Track left out", number, bytes,
                   rs_plural(bytes));
  }
}

/* Tell what was stepped over. */
static void tell_steps(RsRepairs *repairs, size_t number, const RsWalk *walk) {
  if (walk->messages) {
    rs_repairs_add(repairs, "track %zu: %zu system message%s stepped over", number, walk->messages,
                   rs_plural(walk->messages));
  }
  if (walk->lost) {
    rs_repairs_lose(repairs, "track %zu: %zu byte%s without a status left out", number, walk->lost,
                    rs_plural(walk->lost));
  }
}

/* Add all whole events of a track. */
static void add_track(Song *song, const RsChunks *chunks, size_t number) {
  const RsTrackBytes *track = &chunks->tracks[number];
  RsWalk walk = rs_walk_begin(track);
  RsEvent event;
  const char *damage = NULL;
  RsStep step;
  rs_canonical_track(&song->notes, (unsigned)number);
  while ((step = rs_walk_next(&walk, &event, &damage)) == RS_WALK_EVENT &&
         song->events <= RS_EVENTS_MAX) {
    add_event(song, chunks, &event);
  }
  rs_canonical_end_track(&song->notes, walk.tick);
  tell_steps(song->repairs, number + 1, &walk);
  if (step == RS_WALK_DAMAGED) {
    rs_repairs_lose(song->repairs, "track %zu kept up to byte %zu of %zu: %s", number + 1,
                    (size_t)(walk.at - track->data), track->size, damage);
  } else if (step == RS_WALK_END) {
    tell_rest(song->repairs, number + 1, &walk);
  }
}

/* ---- Songs ----------------------------------------------------------------------------------- */

static void begin_song(Song *song, const RsChunks *chunks, RsRepairs *repairs) {
  *song = (Song){.repairs = repairs};
  rs_canonical_begin(&song->notes, chunks->division);
  if (chunks->usec_per_quarter) {
    const uint32_t usec = chunks->usec_per_quarter;
    const uint8_t bytes[] = {(uint8_t)(usec >> 16), (uint8_t)(usec >> 8), (uint8_t)usec};
    add_tempo(song, &(RsEvent){.data = bytes, .size = sizeof bytes});
  }
}

static RsStatus end_song(Song *song, const RsChunks *chunks, RsScanSong *out, RsError *error) {
  out->ticks_per_beat = chunks->ticks_per_beat;
  RsStatus st = rs_canonical_end(&song->notes, &out->notes);
  if (song->events > RS_EVENTS_MAX) {
    st = rs_error(error, RS_ERR_FORMAT, "has more than %zu events in a song", RS_EVENTS_MAX);
  } else if (st || song->failed || write_conducts(song, chunks->division, &out->conductor)) {
    st = rs_error(error, RS_ERR_MEMORY, "%s", rs_status_text(RS_ERR_MEMORY));
  }
  free(song->conducts);
  return st;
}

/* One song of the tracks from `first` up to `end`. */
static RsStatus scan_song(const RsChunks *chunks, size_t first, size_t end, RsScanSong *out,
                          RsRepairs *repairs, RsError *error) {
  Song song;
  begin_song(&song, chunks, repairs);
  for (size_t i = first; i < end; ++i) {
    add_track(&song, chunks, i);
  }
  return end_song(&song, chunks, out, error);
}

static RsStatus scan_songs(const RsChunks *chunks, RsScan *out, RsRepairs *repairs,
                           RsError *error) {
  const size_t songs = chunks->format == 2 ? chunks->count : chunks->count > 0;
  const size_t tracks = chunks->format == 2 ? 1 : chunks->count;
  out->songs = calloc(songs + 1, sizeof *out->songs);
  if (!out->songs) {
    return rs_error(error, RS_ERR_MEMORY, "%s", rs_status_text(RS_ERR_MEMORY));
  }
  RsStatus st = RS_OK;
  for (; !st && out->count < songs; ++out->count) {
    const size_t first = out->count * tracks;
    st = scan_song(chunks, first, first + tracks, &out->songs[out->count], repairs, error);
  }
  return st;
}

RsStatus rs_scan(const uint8_t *data, size_t size, RsScan *out, RsRepairs *repairs,
                 RsError *error) {
  RsChunks chunks;
  *out = (RsScan){0};
  if (size > RS_MIDI_SIZE_MAX) {
    return rs_error(error, RS_ERR_FORMAT, "has %zu bytes, more than the %zu that are read", size,
                    RS_MIDI_SIZE_MAX);
  }
  RsStatus st = rs_chunks_read(data, size, &chunks, repairs, error);
  if (!st) {
    st = scan_songs(&chunks, out, repairs, error);
  }
  rs_chunks_clear(&chunks);
  if (st) {
    rs_scan_clear(out);
  }
  return st;
}

void rs_scan_clear(RsScan *scan) {
  for (size_t i = 0; i < scan->count; ++i) {
    rs_canonical_clear(&scan->songs[i].conductor);
    rs_canonical_clear(&scan->songs[i].notes);
  }
  free(scan->songs);
  *scan = (RsScan){0};
}
