/* SPDX-License-Identifier: ISC */

/* The song that a page plays. */

#include "page/player_internal.h"

#include "base/memory.h"
#include "model/song_key.h"
#include "music/key.h"

#include <stdlib.h>
#include <string.h>

/* Frames that a song has room for at first */
#define FIRST_CAPACITY 1024

void rs_page_player_clear_song(RsPagePlayer *player) {
  rs_generator_free(player->generator);
  rs_performer_free(player->performer);
  rs_roll_clear(&player->song);
  free(player->tempos);
  player->generator = NULL;
  player->performer = NULL;
  player->tempos = NULL;
  player->tempo_count = player->tempo_capacity = 0;
}

/* ---- Beginning ---- */

static RsStatus begin_song(RsPagePlayer *player) {
  const RsModel *model = player->model;
  RsStatus status = rs_roll_init(&player->song, NULL, FIRST_CAPACITY,
                                 rs_encoding_planes(&model->inputs.encoding));
  player->capacity = FIRST_CAPACITY;
  player->song.frames = 0;
  status = status ? status : rs_generator_describe(player->generator, &player->song);
  if (!status) {
    const RsPerformance how = rs_performance_of(&player->song, (unsigned)player->settings.velocity);
    status = rs_performer_new(&how, player->seed, &player->performer);
  }
  return status;
}

int rs_page_player_start(RsPagePlayer *player, uint32_t seed_low, uint32_t seed_high,
                         unsigned beats, unsigned unit, double temperature, double bpm) {
  rs_page_player_clear_song(player);
  player->settings = player->model->settings.generate;
  player->settings.temperature = temperature;
  if (beats) {
    player->settings.meter_beats = (int)beats;
    player->settings.meter_unit = (int)unit;
  }
  player->seed = (uint64_t)seed_high << 32 | seed_low;
  player->bpm = bpm;
  RsStatus status = rs_generator_new(player->model, &player->settings, player->seed,
                                     &player->generator, &player->error);
  if (!status && (status = begin_song(player))) {
    rs_error(&player->error, status, "a song cannot begin: %s", rs_status_text(status));
  }
  return rs_page_result(status);
}

void rs_page_player_set_temperature(RsPagePlayer *player, double temperature) {
  if (player->generator) {
    rs_generator_set(player->generator, temperature, player->settings.max_polyphony);
  }
}

double rs_page_player_bar_frames(const RsPagePlayer *player) {
  const RsRoll *song = &player->song;
  return song->meter_count ? rs_meter_bar_frames(song->meter_beats, song->meter_unit,
                                                 rs_roll_frames_per_quarter(song))
                           : 0;
}

/* ---- Frames ---- */

/* A plane with room for `capacity` frames of `size` bytes, silent where they are new; NULL where
   there is no plane, or memory is out: then it is as it was. */
static void *grow_plane(void *plane, size_t before, size_t capacity, size_t size) {
  char *grown = plane ? realloc(plane, capacity * size) : NULL;
  if (grown) {
    memset(grown + before * size, 0, (capacity - before) * size);
  }
  return grown;
}

/* Make room for a frame. */
static RsStatus make_room(RsPagePlayer *player) {
  RsRoll *song = &player->song;
  const size_t before = player->capacity, capacity = 2 * before;
  if (song->frames < before) {
    return RS_OK;
  }
  RsFrame *on = grow_plane(song->on, before, capacity, sizeof(*on));
  RsFrame *onset = grow_plane(song->onset, before, capacity, sizeof(*onset));
  uint8_t *velocity = grow_plane(song->velocity, before, capacity, RS_NOTES);
  const bool good = on && (onset || !song->onset) && (velocity || !song->velocity);
  song->on = on ? on : song->on;
  song->onset = onset ? onset : song->onset;
  song->velocity = velocity ? velocity : song->velocity;
  player->capacity = good ? capacity : before;
  return good ? RS_OK : RS_ERR_MEMORY;
}

/* The frame behind the last one. @return RS_OK, RS_ERR_MEMORY, RS_ERR_NONFINITE. */
static RsStatus add_frame(RsPagePlayer *player) {
  RsRoll *song = &player->song;
  const size_t n = song->frames;
  RsStatus status = make_room(player);
  if (!status) {
    status =
        rs_generator_next(player->generator, &song->on[n], song->onset ? &song->onset[n] : NULL,
                          song->velocity ? song->velocity + n * RS_NOTES : NULL);
  }
  song->frames += !status;
  return status;
}

int rs_page_player_next(RsPagePlayer *player) {
  RsNoteEvent events[RS_PERFORMER_EVENTS];
  const RsRoll *song = &player->song;
  const size_t n = song->frames;
  const RsStatus status = player->generator ? add_frame(player) : RS_ERR_EMPTY;
  if (status) {
    return rs_page_result(rs_error(&player->error, status, "frame %zu cannot be made: %s", n,
                                   rs_status_text(status)));
  }
  const size_t count =
      rs_performer_frame(player->performer, &song->on[n], song->onset ? &song->onset[n] : NULL,
                         song->velocity ? song->velocity + n * RS_NOTES : NULL, events);
  for (size_t i = 0; i < count; ++i) {
    uint8_t *to = player->events + 3 * i;
    to[0] = events[i].on;
    to[1] = events[i].note;
    to[2] = events[i].velocity;
  }
  return (int)count;
}

const uint8_t *rs_page_player_events(const RsPagePlayer *player) {
  return player->events;
}

/* ---- What was played ---- */

int rs_page_player_tempo(RsPagePlayer *player, unsigned frame, double bpm) {
  RsTempoChange *last = player->tempo_count ? &player->tempos[player->tempo_count - 1] : NULL;
  if (!frame) {
    player->bpm = bpm;
    return 0;
  }
  if (last && last->frame >= frame) {
    last->bpm = bpm;
    return 0;
  }
  RsTempoChange *grown = rs_grow(player->tempos, &player->tempo_capacity, player->tempo_count + 1,
                                 sizeof(*player->tempos));
  if (!grown) {
    return rs_page_result(rs_error(&player->error, RS_ERR_MEMORY, "out of memory"));
  }
  player->tempos = grown;
  player->tempos[player->tempo_count++] = (RsTempoChange){frame, bpm};
  return 0;
}

/* The key signature that export writes. */
static RsKeySignature key_of(const RsPagePlayer *player, const RsRoll *song) {
  const RsModel *model = player->model;
  if (!rs_model_knows_key(model)) {
    return rs_roll_key(song);
  }
  return rs_roll_mode(song, rs_generator_key(model, &player->settings, player->seed) +
                                model->settings.roll.transpose_semitones);
}

int rs_page_player_midi(RsPagePlayer *player, unsigned frames, const char *name) {
  RsRoll song = player->song;
  size_t size = 0;
  song.frames = frames < song.frames ? frames : song.frames;
  const RsMidiSettings midi = {.name = name,
                               .bpm = player->bpm,
                               .channel = (unsigned)player->settings.channel,
                               .program = player->settings.program,
                               .velocity = (unsigned)player->settings.velocity,
                               .seed = player->seed,
                               .key = key_of(player, &song),
                               .tempos = player->tempos,
                               .tempo_count = player->tempo_count,
                               .phrases = true};
  free(player->midi);
  const RsStatus status = rs_midi_compose(&song, &midi, &player->midi, &size, &player->error);
  return status ? rs_page_result(status) : (int)size;
}

const uint8_t *rs_page_player_midi_bytes(const RsPagePlayer *player) {
  return player->midi;
}
