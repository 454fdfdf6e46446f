#include "music/midi_file.h"

#include "base/memory.h"

#include <smf.h>

#include <stdlib.h>

/* libsmf tells by messages what the scanner has mended already. */
static void say_nothing(const gchar *domain, GLogLevelFlags level, const gchar *message,
                        gpointer data) {}

static void silence_libsmf(void) {
  static gsize silenced = 0;
  if (g_once_init_enter(&silenced)) {
    g_log_set_handler("libsmf", G_LOG_LEVEL_MASK | G_LOG_FLAG_FATAL | G_LOG_FLAG_RECURSION,
                      say_nothing, NULL);
    g_once_init_leave(&silenced, 1);
  }
}

static RsStatus load(const RsBytes *bytes, smf_t **out, RsError *error) {
  silence_libsmf();
  *out = smf_load_from_memory(bytes->data, (int)bytes->size);
  return *out ? RS_OK : rs_error(error, RS_ERR_FORMAT, "libsmf cannot read it");
}

/* ---- Tempo and time signatures --------------------------------------------------------------- */

static size_t count_tempos(const smf_t *smf) {
  size_t count = 0;
  while (smf_get_tempo_by_number(smf, (int)count)) {
    ++count;
  }
  return count;
}

static RsTempo read_tempo(const smf_tempo_t *tempo) {
  return (RsTempo){
      .tick = (uint32_t)tempo->time_pulses,
      .seconds = tempo->time_seconds,
      .quarter = tempo->microseconds_per_quarter_note / 1e6,
      .meter_beats = (unsigned)tempo->numerator,
      .meter_unit = (unsigned)tempo->denominator,
  };
}

static RsStatus read_tempos(const smf_t *smf, RsMidiSong *out) {
  out->tempo_count = count_tempos(smf);
  out->tempos = rs_alloc(out->tempo_count, sizeof *out->tempos);
  for (size_t i = 0; out->tempos && i < out->tempo_count; ++i) {
    out->tempos[i] = read_tempo(smf_get_tempo_by_number(smf, (int)i));
  }
  out->ticks_per_unit = smf->ppqn;
  return out->tempos ? RS_OK : RS_ERR_MEMORY;
}

/* ---- Events ---------------------------------------------------------------------------------- */

static size_t count_events(const smf_t *smf) {
  size_t count = 0;
  for (int i = 1; i <= smf->number_of_tracks; ++i) {
    count += (size_t)smf_get_track_by_number(smf, i)->number_of_events;
  }
  return count;
}

/* The track of the song that a piece belongs to: its first event is a sequence number. */
static uint16_t track_of_piece(const smf_track_t *piece) {
  const unsigned char *bytes = smf_track_get_event_by_number(piece, 1)->midi_buffer;
  return (uint16_t)(bytes[3] << 8 | bytes[4]);
}

static bool is_of_channel(const smf_event_t *event) {
  return event->midi_buffer_length == 3 && event->midi_buffer[0] < 0xF0;
}

/* Read a piece; its last event, an end of track, is read like one, and overwritten by what follows
   where the piece is not the last of its track. */
static void read_piece(const smf_track_t *piece, RsMidiSong *out) {
  const uint16_t track = track_of_piece(piece);
  RsMidiEvent *last = out->event_count ? &out->events[out->event_count - 1] : NULL;
  if (last && last->track == track && last->status == RS_END_OF_TRACK) {
    --out->event_count;
  }
  for (int i = 2; i <= piece->number_of_events; ++i) {
    const smf_event_t *event = smf_track_get_event_by_number(piece, i);
    RsMidiEvent *read = &out->events[out->event_count];
    *read = (RsMidiEvent){(uint32_t)event->time_pulses, track, RS_END_OF_TRACK, {0, 0}};
    if (is_of_channel(event)) {
      read->status = event->midi_buffer[0];
      read->data[0] = event->midi_buffer[1];
      read->data[1] = event->midi_buffer[2];
    }
    out->event_count += is_of_channel(event) || smf_event_is_eot(event);
  }
}

static RsStatus read_events(const smf_t *smf, RsMidiSong *out) {
  out->events = rs_alloc(count_events(smf), sizeof *out->events);
  for (int i = 1; out->events && i <= smf->number_of_tracks; ++i) {
    read_piece(smf_get_track_by_number(smf, i), out);
  }
  return out->events ? RS_OK : RS_ERR_MEMORY;
}

static RsStatus read_file(const RsBytes *bytes, RsStatus (*read)(const smf_t *, RsMidiSong *),
                          RsMidiSong *out, RsError *error) {
  smf_t *smf = NULL;
  RsStatus st = load(bytes, &smf, error);
  if (!st) {
    st = read(smf, out);
    smf_delete(smf);
    st = st ? rs_error(error, st, "%s", rs_status_text(st)) : RS_OK;
  }
  return st;
}

RsStatus rs_midi_song_read(const RsScanSong *scanned, RsMidiSong *out, RsError *error) {
  *out = (RsMidiSong){.ticks_per_beat = scanned->ticks_per_beat};
  RsStatus st = read_file(&scanned->conductor, read_tempos, out, error);
  if (!st) {
    st = read_file(&scanned->notes, read_events, out, error);
  }
  if (st) {
    rs_midi_song_clear(out);
  }
  return st;
}

void rs_midi_song_clear(RsMidiSong *song) {
  free(song->events);
  free(song->tempos);
  *song = (RsMidiSong){0};
}
