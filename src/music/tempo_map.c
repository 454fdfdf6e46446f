/* SPDX-License-Identifier: ISC */

#include "music/tempo_map.h"

#include "base/memory.h"

#include <smf.h>

#include <stdlib.h>

/* Messages of libsmf are about faults that the reader has repaired. */
static void ignore_message(const gchar *domain, GLogLevelFlags level, const gchar *message,
                           gpointer data) {}

static void silence_libsmf(void) {
  static gsize silenced = 0;
  if (g_once_init_enter(&silenced)) {
    g_log_set_handler("libsmf", G_LOG_LEVEL_MASK | G_LOG_FLAG_FATAL | G_LOG_FLAG_RECURSION,
                      ignore_message, NULL);
    g_once_init_leave(&silenced, 1);
  }
}

/* ---- Tempos ---------------------------------------------------------------------------------- */

/* The last tempo of the song becomes that of libsmf, or a new one where time has gone on. */
static void take_last(RsMidiSong *song, const smf_t *smf, bool meter_begins) {
  const smf_tempo_t *tempo = smf_get_last_tempo(smf);
  RsTempo *last = song->tempo_count ? &song->tempos[song->tempo_count - 1] : NULL;
  RsTempo now = {
      .tick = (uint32_t)tempo->time_pulses,
      .tick_seconds = tempo->microseconds_per_quarter_note / (1e6 * smf->ppqn),
      .meter_beats = (unsigned)tempo->numerator,
      .meter_unit = (unsigned)tempo->denominator,
      .meter_begins = !tempo->time_pulses || meter_begins,
  };
  if (last && last->tick == now.tick) {
    now.seconds = last->seconds;
    now.meter_begins = now.meter_begins || last->meter_begins;
    *last = now;
    return;
  }
  now.seconds = last ? last->seconds + (now.tick - last->tick) * last->tick_seconds : 0;
  song->tempos[song->tempo_count++] = now;
}

static bool add_bytes(smf_track_t *track, uint32_t tick, uint8_t *bytes, int size) {
  smf_event_t *event = smf_event_new_from_pointer(bytes, size);
  if (event) {
    smf_track_add_event_pulses(track, event, (int)tick);
  }
  return event;
}

static bool add_tempo(smf_track_t *track, uint32_t tick, uint32_t usec) {
  uint8_t bytes[] = {RS_MIDI_META,          RS_META_TEMPO,        3,
                     (uint8_t)(usec >> 16), (uint8_t)(usec >> 8), (uint8_t)usec};
  return add_bytes(track, tick, bytes, sizeof bytes);
}

static bool add_meter(smf_track_t *track, const RsMidiEvent *event) {
  uint8_t bytes[] = {RS_MIDI_META,    RS_META_TIME_SIGNATURE, 4, event->bytes[0],
                     event->bytes[1], RS_CLOCKS_A_QUARTER,    8};
  return add_bytes(track, event->tick, bytes, sizeof bytes);
}

static bool add_event(RsMidiSong *song, smf_track_t *track, const RsMidiEvent *event) {
  const bool is_meter = rs_midi_is_meta(event, RS_META_TIME_SIGNATURE);
  bool added = true;
  if (is_meter) {
    added = add_meter(track, event);
  } else if (rs_midi_is_meta(event, RS_META_TEMPO)) {
    added = add_tempo(track, event->tick, rs_midi_tempo(event));
  } else {
    return true;
  }
  take_last(song, track->smf, is_meter);
  return added;
}

static bool add_events(RsMidiSong *song, smf_track_t *track) {
  bool added = !song->usec_per_quarter || add_tempo(track, 0, song->usec_per_quarter);
  take_last(song, track->smf, true);
  for (size_t i = 0; added && i < song->event_count; ++i) {
    added = add_event(song, track, &song->events[i]);
  }
  return added;
}

/* ---- Life ------------------------------------------------------------------------------------ */

/* Free the events of a track: libsmf would search the list for each of them. */
static void delete_events(smf_track_t *track) {
  for (int i = 1; i <= track->number_of_events; ++i) {
    smf_event_t *event = smf_track_get_event_by_number(track, i);
    event->track = NULL;
    smf_event_delete(event);
  }
  track->number_of_events = 0;
  g_ptr_array_set_size(track->events_array, 0);
}

static smf_track_t *new_track(unsigned division) {
  smf_t *smf = smf_new();
  smf_track_t *track = smf ? smf_track_new() : NULL;
  if (track && !smf_set_ppqn(smf, (int)division)) {
    smf_add_track(smf, track);
    return track;
  }
  if (smf) {
    smf_delete(smf);
  }
  return NULL;
}

static size_t count_changes(const RsMidiSong *song) {
  size_t count = 1;
  for (size_t i = 0; i < song->event_count; ++i) {
    count += rs_midi_is_meta(&song->events[i], RS_META_TEMPO) ||
             rs_midi_is_meta(&song->events[i], RS_META_TIME_SIGNATURE);
  }
  return count;
}

RsStatus rs_tempo_map(RsMidiSong *song) {
  silence_libsmf();
  song->tempo_count = 0;
  song->tempos = rs_alloc(count_changes(song), sizeof *song->tempos);
  smf_track_t *track = song->tempos ? new_track(song->division) : NULL;
  if (!track) {
    return RS_ERR_MEMORY;
  }
  const bool added = add_events(song, track);
  smf_t *smf = track->smf;
  delete_events(track);
  smf_delete(smf);
  return added ? RS_OK : RS_ERR_MEMORY;
}
