#include "music/notes.h"

#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- Pairing --------------------------------------------------------------------------------- */

#define NONE UINT32_MAX

/* The sounding notes of one track: a queue a channel and pitch, by indices into the notes. */
typedef struct {
  RsNotes *notes;
  uint32_t *next; /* of the queue; as many as there may be notes */
  uint32_t first[16][128], last[16][128];
  size_t sounding[16]; /* notes of a channel */
} Pairing;

static size_t count_note_ons(const RsMidiSong *song) {
  size_t count = 0;
  for (size_t i = 0; i < song->event_count; ++i) {
    const RsMidiEvent *event = &song->events[i];
    count += (event->status & 0xF0) == 0x90 && event->data[1];
  }
  return count;
}

static void begin_note(Pairing *pairing, const RsMidiEvent *event) {
  const uint8_t channel = event->status & 0x0F, pitch = event->data[0];
  const uint32_t index = (uint32_t)pairing->notes->count++; /* below RS_EVENTS_MAX */
  uint32_t *first = &pairing->first[channel][pitch], *last = &pairing->last[channel][pitch];
  pairing->notes->notes[index] = (RsNote){event->tick, event->tick, channel, pitch, event->data[1]};
  pairing->next[index] = NONE;
  if (*first == NONE) {
    *first = index;
  } else {
    pairing->next[*last] = index;
  }
  *last = index;
  ++pairing->sounding[channel];
}

/* End the oldest note; false where none sounds. */
static bool end_note(Pairing *pairing, uint8_t channel, uint8_t pitch, uint32_t tick) {
  uint32_t *first = &pairing->first[channel][pitch];
  if (*first == NONE) {
    return false;
  }
  pairing->notes->notes[*first].off = tick;
  *first = pairing->next[*first];
  --pairing->sounding[channel];
  return true;
}

static void end_channel(Pairing *pairing, uint8_t channel, uint32_t tick) {
  for (int pitch = 0; pitch < 128 && pairing->sounding[channel]; ++pitch) {
    while (end_note(pairing, channel, (uint8_t)pitch, tick)) {
    }
  }
}

static void end_track(Pairing *pairing, uint32_t tick) {
  for (int channel = 0; channel < 16; ++channel) {
    end_channel(pairing, (uint8_t)channel, tick);
  }
}

static void pair_event(Pairing *pairing, const RsMidiEvent *event) {
  const uint8_t kind = event->status & 0xF0, channel = event->status & 0x0F;
  if (event->status == RS_END_OF_TRACK) {
    end_track(pairing, event->tick);
  } else if (kind == 0x90 && event->data[1]) {
    begin_note(pairing, event);
  } else if (kind == 0x80 || kind == 0x90) {
    end_note(pairing, channel, event->data[0], event->tick);
  } else if (kind == 0xB0 && event->data[0] >= 120) {
    end_channel(pairing, channel, event->tick);
  }
}

RsStatus rs_notes_pair(const RsMidiSong *song, RsNotes *out) {
  const size_t room = count_note_ons(song);
  *out = (RsNotes){rs_alloc(room, sizeof *out->notes), 0};
  Pairing pairing = {.notes = out, .next = rs_alloc(room, sizeof *pairing.next)};
  const bool good = out->notes && pairing.next;
  if (good) {
    memset(pairing.first, 0xFF, sizeof pairing.first); /* NONE everywhere */
    for (size_t i = 0; i < song->event_count; ++i) {
      pair_event(&pairing, &song->events[i]);
    }
  } else {
    free(out->notes);
    *out = (RsNotes){0};
  }
  free(pairing.next);
  return good ? RS_OK : RS_ERR_MEMORY;
}

/* ---- Pedal ----------------------------------------------------------------------------------- */

/* The pedal of a channel goes down or up. */
typedef struct {
  uint32_t tick;
  uint32_t order; /* in the song's events */
  uint8_t channel;
  bool down;
} Pedal;

static bool is_pedal(const RsMidiEvent *event) {
  return event->status != RS_END_OF_TRACK && (event->status & 0xF0) == 0xB0 && event->data[0] == 64;
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

/* By channel, then by time. */
static Pedal *collect_pedals(const RsMidiSong *song, size_t count) {
  Pedal *pedals = rs_alloc(count, sizeof *pedals);
  for (size_t i = 0, n = 0; pedals && i < song->event_count; ++i) {
    const RsMidiEvent *event = &song->events[i];
    if (is_pedal(event)) {
      pedals[n++] = (Pedal){event->tick, (uint32_t)i, event->status & 0x0F, event->data[1] >= 64};
    }
  }
  if (pedals) {
    qsort(pedals, count, sizeof *pedals, compare_pedals);
  }
  return pedals;
}

/* First pedal event of a channel after a time, or of a later channel. */
static size_t pedal_after(const Pedal *pedals, size_t count, uint8_t channel, uint32_t tick) {
  const Pedal key = {tick, UINT32_MAX, channel, false};
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

/* For each pedal event, when its channel's pedal is up next: the time of the event itself if it is.
 */
static void find_releases(const Pedal *pedals, size_t count, uint32_t end, uint32_t *release) {
  for (size_t i = count; i-- > 0;) {
    const bool last = i + 1 == count || pedals[i + 1].channel != pedals[i].channel;
    release[i] = !pedals[i].down ? pedals[i].tick : last ? end : release[i + 1];
  }
}

static void hold_note(RsNote *note, const Pedal *pedals, const uint32_t *release, size_t count) {
  const size_t after = pedal_after(pedals, count, note->channel, note->off);
  if (after && pedals[after - 1].channel == note->channel && pedals[after - 1].down) {
    note->off = release[after - 1] > note->off ? release[after - 1] : note->off;
  }
}

static uint32_t end_of_song(const RsMidiSong *song) {
  uint32_t end = 0;
  for (size_t i = 0; i < song->event_count; ++i) {
    end = song->events[i].tick > end ? song->events[i].tick : end;
  }
  return end;
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
