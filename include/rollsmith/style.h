/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_STYLE_H
#define ROLLSMITH_STYLE_H

/**
   @file style.h Similarity of music to given songs: rhythm, form and harmony of whole
   songs, and copies.

   Twelve statistics are taken of each song. The values of the given songs and those of others make
   a density each, and the area that both have in common measures their similarity; the overlap of
   random halves of the given songs is its ceiling. See doc/math.md, T15 to T29.

   None of these functions keeps a global state. A style is `const` while it is used and may be
   shared by threads.
*/

#include <rollsmith/roll.h>
#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is measured of a song. */
typedef enum {
  RS_SONG_ONE_FRAME,     ///< Share of the notes that last one frame (T15)
  RS_SONG_ON_BEAT,       ///< Share of the notes that begin on a beat (T16)
  RS_SONG_ON_BAR,        ///< Share of the notes that begin a bar (T17)
  RS_SONG_GROOVE,        ///< Likeness of the rhythms of neighbouring bars (T18)
  RS_SONG_GS,            ///< Likeness of the rhythms of any two bars (T19)
  RS_SONG_REPEATED_BARS, ///< Share of the bars that are like an earlier one, note by note (T20)
  RS_SONG_S4_8,          ///< Likeness of the song to itself 4 to 8 bars before (T21)
  RS_SONG_LENGTH,        ///< Mean length of a note, in frames (T22)
  RS_SONG_NOTES_A_FRAME, ///< Notes that begin, a frame (T23)
  RS_SONG_POLYPHONY,     ///< Notes that sound, in frames that are not silent (T24)
  RS_SONG_PITCH_ENTROPY, ///< Entropy of the pitch classes of the notes, in bits (T25)
  RS_SONG_SCALE,         ///< Largest share of the notes that fit a major or minor scale (T26)
  RS_SONG_STATISTICS     ///< How many there are
} RsSongStatistic;

/** A value for each statistic. */
typedef struct {
  double value[RS_SONG_STATISTICS]; ///< By RsSongStatistic
} RsSongStatistics;

/** Shares, 0..1, of the windows of RS_WINDOW frames that hold what stands in other songs, at any
 * transposition (T29). NaN where there is no window, or where it was not looked for. */
typedef struct {
  size_t windows; ///< How many windows there are
  double run16;   ///< A run of 16 frames
  double run32;   ///< A run of 32 frames
  double near16;  ///< A run of 16 frames of which one at most is different
} RsCopies;

/** A statistic of some music beside that of the songs of a style. NaN where it has no value. */
typedef struct {
  double songs;   ///< Mean over the songs
  double model;   ///< Mean over the music
  double overlap; ///< What the two densities have in common, 0..1 (T27)
  double ceiling; ///< The same of random halves of the songs (T28)
} RsStyleStatistic;

/** Some music beside the songs of a style. NaN where it has no value. */
typedef struct {
  size_t songs;                                   ///< Songs of the style that are long enough
  size_t compared;                                ///< Songs of the music that are
  RsStyleStatistic statistic[RS_SONG_STATISTICS]; ///< Each statistic
  double overlap;                                 ///< Mean of the statistics' overlaps
  double ceiling;                                 ///< Mean of their ceilings; NaN with < 4 songs
  double of_ceiling;     ///< overlap / ceiling; songs of the same kind reach about 1
  RsCopies copies;       ///< What the music copies from the songs
  RsCopies copies_songs; ///< What the songs copy from each other
} RsStyleComparison;

/** What is known of some songs. */
typedef struct RsStyle RsStyle;

/** Name of a statistic as in reports, such as "on_beat"; never freed. NULL for RS_SONG_STATISTICS
 * and up. */
const char *rs_song_statistic_name(RsSongStatistic which);

/** What a statistic is a number of, such as "of notes begin on a beat"; as
 * rs_song_statistic_name(). */
const char *rs_song_statistic_unit(RsSongStatistic which);

/**
   The statistics of a song.

   Bars and beats are those of the roll's meter map; where there is none, those of its main meter
   from frame 0 on. A note begins where it is marked to, and where it sounds after a silence; it
   ends where it begins anew. Silence at the end does not count.

   @param roll  Borrowed.
   @param out   Output; NaN for a statistic that the song is too short for.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_EMPTY where no note sounds or where the song is shorter than
   four bars: all is NaN then.
*/
RsStatus rs_song_statistics(const RsRoll *roll, RsSongStatistics *out);

/**
   What the Gaussian kernel densities of two samples have in common (T27).

   @param a, a_count  Sample, in any order.
   @param b, b_count  Sample, in any order.
   @return The area below both, 0..1; NaN where a sample is empty.
*/
double rs_overlap(const double *a, size_t a_count, const double *b, size_t b_count);

/**
   Learn the style of some songs.

   Takes memory and time in proportion to their frames.

   @param songs  Borrowed for the call. Songs shorter than four bars have no statistics, but can be
   copied from.
   @param near   Whether near copies are looked for too: takes 16 times the memory of exact ones.
   @param out    Output, to be given to rs_style_free(); NULL after an error.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_style_new(const RsSongs *songs, bool near, RsStyle **out);

/** Free a style. NULL is allowed. */
void rs_style_free(RsStyle *style);

/**
   Hold some music against a style. A result depends on nothing but the two.

   @param style  Borrowed.
   @param music  Borrowed; may be none.
   @param out    Output.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_style_compare(const RsStyle *style, const RsSongs *music, RsStyleComparison *out);

/**
   What some music, such as songs that were held out, copies from the songs of a style (T29).

   @param style  Borrowed.
   @param music  Borrowed.
   @param out    Output.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_style_copies(const RsStyle *style, const RsSongs *music, RsCopies *out);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_STYLE_H */
