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

/* ---- Tempo and time signatures --------------------------------------------------------------- */

static RsTempo read_tempo(const smf_t *smf, const smf_tempo_t *tempo) {
  return (RsTempo){
      .tick = (uint32_t)tempo->time_pulses,
      .tick_seconds = tempo->microseconds_per_quarter_note / (1e6 * smf->ppqn),
      .meter_beats = (unsigned)tempo->numerator,
      .meter_unit = (unsigned)tempo->denominator,
      .meter_begins = !tempo->time_pulses || tempo->clocks_per_click == RS_METER_BEGINS,
  };
}

static RsStatus add_tempo(RsMidiSong *song, RsTempo tempo) {
  RsTempo *tempos = rs_grow(song->tempos, &song->tempo_room, song->tempo_count + 1, sizeof tempo);
  if (!tempos) {
    return RS_ERR_MEMORY;
  }
  if (song->tempo_count) {
    const RsTempo *last = &tempos[song->tempo_count - 1];
    tempo.seconds = last->seconds + (tempo.tick - last->tick) * last->tick_seconds;
  }
  song->tempos = tempos;
  song->tempos[song->tempo_count++] = tempo;
  return RS_OK;
}

/* Each file begins with a tempo that libsmf supposes at tick 0: right in the first one only. */
static RsStatus read_tempos(const smf_t *smf, RsMidiSong *song) {
  RsStatus st = RS_OK;
  const smf_tempo_t *tempo;
  for (int i = 0; !st && (tempo = smf_get_tempo_by_number(smf, i)); ++i) {
    if (tempo->time_pulses || !song->tempo_count) {
      st = add_tempo(song, read_tempo(smf, tempo));
    }
  }
  return st;
}

/* ---- Events ---------------------------------------------------------------------------------- */

static RsStatus add_event(RsMidiSong *song, RsMidiEvent event) {
  RsMidiEvent *events =
      rs_grow(song->events, &song->event_room, song->event_count + 1, sizeof event);
  if (!events) {
    return RS_ERR_MEMORY;
  }
  song->events = events;
  song->events[song->event_count++] = event;
  return RS_OK;
}

/* Which track of the song a track goes on with: its first event is a sequence number. */
static uint16_t number_of(const smf_track_t *track) {
  const unsigned char *bytes = smf_track_get_event_by_number(track, 1)->midi_buffer;
  return (uint16_t)(bytes[3] << 8 | bytes[4]);
}

static RsStatus read_event(const smf_event_t *event, uint16_t track, RsMidiSong *song) {
  const unsigned char *bytes = event->midi_buffer;
  RsMidiEvent read = {(uint32_t)event->time_pulses, track, RS_END_OF_TRACK, {0, 0}};
  if (smf_event_is_eot(event)) {
    return add_event(song, read);
  }
  if (event->midi_buffer_length != 3) {
    return RS_OK;
  }
  read.status = bytes[0];
  read.data[0] = bytes[1];
  read.data[1] = bytes[2];
  return add_event(song, read);
}

/* Read a track; where it goes on with the last one, that one has not ended. */
static RsStatus read_track(const smf_track_t *track, RsMidiSong *song) {
  const uint16_t number = number_of(track);
  if (song->event_count && song->events[song->event_count - 1].track == number) {
    --song->event_count;
  }
  RsStatus st = RS_OK;
  for (int i = 2; !st && i <= track->number_of_events; ++i) {
    st = read_event(smf_track_get_event_by_number(track, i), number, song);
  }
  return st;
}

static RsStatus read_tracks(const smf_t *smf, RsMidiSong *song) {
  RsStatus st = RS_OK;
  for (int i = 1; !st && i <= smf->number_of_tracks; ++i) {
    st = read_track(smf_get_track_by_number(smf, i), song);
  }
  return st;
}

/* ---- Files ----------------------------------------------------------------------------------- */

typedef RsStatus (*Reader)(const smf_t *smf, RsMidiSong *song);

/* Free the events of a track, each of which libsmf would look for among all of them. */
static void delete_events(smf_track_t *track) {
  for (int i = 1; i <= track->number_of_events; ++i) {
    smf_event_t *event = smf_track_get_event_by_number(track, i);
    event->track = NULL;
    smf_event_delete(event);
  }
  track->number_of_events = 0;
  g_ptr_array_set_size(track->events_array, 0);
}

static void delete_song(smf_t *smf) {
  for (int i = 1; i <= smf->number_of_tracks; ++i) {
    delete_events(smf_get_track_by_number(smf, i));
  }
  smf_delete(smf);
}

static RsStatus read_file(const uint8_t *data, size_t size, Reader read, RsMidiSong *song,
                          RsError *error) {
  smf_t *smf = smf_load_from_memory(data, (int)size);
  if (!smf) {
    return rs_error(error, RS_ERR_FORMAT, "libsmf cannot read it");
  }
  const RsStatus st = read(smf, song);
  delete_song(smf);
  return st ? rs_error(error, st, "%s", rs_status_text(st)) : RS_OK;
}

static RsStatus read_files(const RsCanonical *files, Reader read, RsMidiSong *song,
                           RsError *error) {
  RsStatus st = RS_OK;
  for (size_t i = 0, start = 0; !st && i < files->count; start = files->ends[i++]) {
    st = read_file(files->data + start, files->ends[i] - start, read, song, error);
  }
  return st;
}

RsStatus rs_midi_song_read(const RsScanSong *scanned, RsMidiSong *out, RsError *error) {
  silence_libsmf();
  *out = (RsMidiSong){.ticks_per_beat = scanned->ticks_per_beat};
  RsStatus st = read_files(&scanned->conductor, read_tempos, out, error);
  st = st ? st : read_files(&scanned->notes, read_tracks, out, error);
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
