/* SPDX-License-Identifier: ISC */

#ifndef RS_PAGE_PLAYER_H
#define RS_PAGE_PLAYER_H

/**
   @file player.h What a page calls of the library: a model that is put together from the parts of
   its file, the frames that it generates, and those that were played, as a MIDI file.

   Compiled to WebAssembly, and natively for tests. The caller reads the header of the model file
   and its JSON; here are numbers and texts alone. Functions that can fail return 0, or -1 with the
   message of rs_page_player_message().
*/

#include <rollsmith/performance.h>

#include <stddef.h>
#include <stdint.h>

/** A model and the song that it plays. */
typedef struct RsPagePlayer RsPagePlayer;

/** A player without a model; NULL where memory is out. */
RsPagePlayer *rs_page_player_new(void);

/** Free a player. NULL is allowed. */
void rs_page_player_free(RsPagePlayer *player);

/** Message of the last function that failed. */
const char *rs_page_player_message(const RsPagePlayer *player);

/* ---- The model file ---- */

/** A setting of the model file. @param key  Such as "roll.low". @param value  As in a preset. */
int rs_page_player_setting(RsPagePlayer *player, const char *key, const char *value);

/** The file is of version 1 of the format. To be called after all settings. */
void rs_page_player_version_1(RsPagePlayer *player);

/** A meter of the model, with its share of the songs. */
int rs_page_player_meter(RsPagePlayer *player, unsigned beats, unsigned unit, double share);

/** Tempo of the training songs, quarter notes a minute, and the time signature of most of them. */
void rs_page_player_training(RsPagePlayer *player, double bpm, unsigned beats, unsigned unit);

/**
   A tensor of the model file, copied.

   @param type  "F32", "F64", "U64" or "U8".
   @param rank  Number of dimensions.
   @param shape Sizes of the dimensions, `rank` of them.
   @param data  Values.
*/
int rs_page_player_tensor(RsPagePlayer *player, const char *name, const char *type, size_t rank,
                          const uint32_t *shape, const void *data);

/** Put the model together of what was given; its parts are freed. */
int rs_page_player_model(RsPagePlayer *player);

/* ---- A song ---- */

/**
   Begin a song, with the model's settings of generation but for these.

   @param seed_low, seed_high  Halves of the seed.
   @param beats, unit          Time signature; 0, 0: that of the settings.
   @param temperature          Above 0.
   @param bpm                  Quarter notes a minute.
*/
int rs_page_player_start(RsPagePlayer *player, uint32_t seed_low, uint32_t seed_high,
                         unsigned beats, unsigned unit, double temperature, double bpm);

/** Change the temperature of the frames to come. */
void rs_page_player_set_temperature(RsPagePlayer *player, double temperature);

/**
   Make the next frame.

   @return The number of its events, which rs_page_player_events() has; -1 for a failure.
*/
int rs_page_player_next(RsPagePlayer *player);

/** Events of the last frame, three bytes each: whether a note begins, the note, its velocity. Those
 * that end are first. */
const uint8_t *rs_page_player_events(const RsPagePlayer *player);

/** Frames of a bar of the song that is played; 0 where it has no meter. */
double rs_page_player_bar_frames(const RsPagePlayer *player);

/** The tempo from a frame on, which is not before that of the last call. */
int rs_page_player_tempo(RsPagePlayer *player, unsigned frame, double bpm);

/**
   The first frames of the song as a MIDI file.

   @param frames  How many, at least 1 and at most those that were made.
   @param name    Name of the track.
   @return Bytes of the file, which is at rs_page_player_midi_bytes() until the next call; -1 for a
   failure.
*/
int rs_page_player_midi(RsPagePlayer *player, unsigned frames, const char *name);

/** The MIDI file. */
const uint8_t *rs_page_player_midi_bytes(const RsPagePlayer *player);

#endif /* RS_PAGE_PLAYER_H */
