#ifndef RS_MUSIC_KEY_H
#define RS_MUSIC_KEY_H

/**
   @file key.h The key of a song, estimated from how long each pitch class sounds.
*/

/**
   How far a song is from the common key.

   The best of the 24 keys is the one whose profile (Krumhansl and Kessler 1982) correlates most
   with the durations (Krumhansl 1990).

   @param durations  How long each of the 12 pitch classes sounds, from C; in any unit.
   @return Semitones, -5..6, that move a song in a major key to C major and one in a minor key to A
   minor; 0 where nothing sounds.
*/
int rs_key_to_common(const double durations[12]);

#endif /* RS_MUSIC_KEY_H */
