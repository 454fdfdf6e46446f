/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_GIVEN_SONG_H
#define RS_MUSIC_GIVEN_SONG_H

/**
   @file given_song.h A MIDI file of which some notes are given and the others are to be generated.

   The given notes become frames for a model, and are written into another file as they stand in
   this one.
*/

#include "music/chunks.h"
#include "music/file.h"
#include "music/notes.h"

#include <rollsmith/ingest.h>
#include <rollsmith/midi_write.h>

/** A song. At first all of its notes are given. */
typedef struct {
  RsBytes bytes;                 ///< The file; owned
  RsChunks chunks;               ///< Its tracks; owned
  RsMidiFile file;               ///< Its songs; owned
  const RsMidiSong *song;        ///< The first of these that has notes
  RsNotes notes;                 ///< Its notes, in the order in which they begin; owned
  uint32_t *begins;              ///< The event that begins each; owned
  bool *given;                   ///< Whether each is given; owned
  bool lossy;                    ///< Whether music was lost or guessed while reading
  char repairs[RS_REPAIRS_SIZE]; ///< Repairs, as in RsIngestReport
} RsGivenSong;

/**
   Read a file.

   @param out    Output, to be given to rs_given_song_clear(), also after an error.
   @param error  Detail, or NULL: names the file.
   @return RS_OK; RS_ERR_MEMORY; RS_ERR_READ; RS_ERR_FORMAT where it is not a MIDI file;
   RS_ERR_EMPTY where it has no notes.
*/
RsStatus rs_given_song_read(const char *path, RsGivenSong *out, RsError *error);

/** Free what it owns. */
void rs_given_song_clear(RsGivenSong *song);

/** Track of a note, from 1. */
size_t rs_given_song_track(const RsGivenSong *song, size_t note);

/** First frame of a note, by the settings. */
size_t rs_given_song_frame(const RsGivenSong *song, size_t note, const RsIngest *settings);

/** The tick nearest to a frame. */
uint32_t rs_given_song_tick(const RsGivenSong *song, size_t frame, const RsIngest *settings);

/**
   The given notes as frames, as training would read them, but that no frame is left out: frame 0 is
   at tick 0, and the roll is as long as the whole song.

   @param settings  How.
   @param out       Output, to be given to rs_roll_clear(); silent where nothing that is given is in
   the range or pitched.
   @param report    Output, of the given notes; to be given to rs_ingest_report_clear().
   @param error     Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_FORMAT where the song is too long or out of the range.
*/
RsStatus rs_given_song_roll(const RsGivenSong *song, const RsIngest *settings, RsRoll *out,
                            RsIngestReport *report, RsError *error);

/**
   Write the given notes, as they stand in the file, and generated ones.

   The first track has tempos, time and key signatures and markers. Tracks of which a note is given
   follow with all that is in them but notes that are not given, then tracks without notes, then the
   generated notes in a track of their own. Ticks are those of the file. Where a generated note
   would sound on the channel and pitch of a given one, it is shortened.

   @param roll      Generated notes; its frames are those of rs_given_song_roll().
   @param settings  How these were read.
   @param how       Of the generated notes: name, program, velocity, seed; channel 0 is the first
                    that is not used; bpm above 0 takes the place of the tempos of the file.
   @param path      Where.
   @param error     Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_IO.
*/
RsStatus rs_given_song_write(const RsGivenSong *song, const RsRoll *roll, const RsIngest *settings,
                             const RsMidiSettings *how, const char *path, RsError *error);

#endif /* RS_MUSIC_GIVEN_SONG_H */
