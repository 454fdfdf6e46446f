/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_STATISTICS_H
#define ROLLSMITH_STATISTICS_H

/**
   @file statistics.h Statistics that distinguish music from noise and from copies of training
   songs.

   The statistics are compared with those of given songs: each has a band that nearly all windows of
   the songs lie in, and music outside a band, on either side, is not of that kind. See
   doc/math.md, T4 to T11. All functions are pure; their time is linear in the frames unless
   documented otherwise.
*/

#include <rollsmith/roll.h>
#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Frames in a window. */
#define RS_WINDOW 64

/** So many windows outside the bands at the end are not due to chance: those of songs leave them,
 * too. */
#define RS_DIVERGED 4

/** What is measured of some frames. */
typedef enum {
  RS_POLYPHONY,     ///< Notes a frame (T4)
  RS_CROWDED,       ///< Share of frames with more than 6 notes (T5)
  RS_PITCH_ENTROPY, ///< Entropy of the pitch classes, in bits; 0 for silence (T6)
  RS_SCALE,         ///< Largest share of notes that fit a major scale; 1 for silence (T7)
  RS_JACCARD,       ///< Similarity of a frame to the one before; 1 for a single frame (T8)
  RS_ONE_FRAME,     ///< Share of notes that last one frame, of those not cut off; 0 if none (T9)
  RS_CLASHES,       ///< Pairs of notes a semitone apart, a frame (T10)
  RS_SILENCE,       ///< Share of frames without a note (T11)
  RS_STATISTICS     ///< How many there are
} RsStatistic;

/** A value for each statistic. */
typedef struct {
  double value[RS_STATISTICS]; ///< By RsStatistic
} RsStatistics;

/** The range of each statistic over the windows of some songs (0.5 % to 99.5 % of them). */
typedef struct {
  size_t windows;    ///< How many windows it comes from
  RsStatistics low;  ///< 0.5 % quantile
  RsStatistics high; ///< 99.5 % quantile
} RsBand;

/** A roll against a band. Shares are of windows, 0..1. */
typedef struct {
  size_t windows;            ///< How many the roll has
  RsStatistics inside;       ///< Share of them within the band, for each statistic
  double all_inside;         ///< Share of them within every band
  bool diverged;             ///< Whether the last windows, RS_DIVERGED or more, are all outside
  size_t diverged_at;        ///< First frame after which no window is inside the bands (T13)
  RsStatistics first;        ///< Statistics of the roll's first quarter of frames
  RsStatistics last;         ///< Statistics of the roll's last quarter: drift shows here
  RsStatistics first_inside; ///< As `inside`, of the first quarter of the windows
  RsStatistics last_inside;  ///< As `inside`, of the last quarter of the windows
} RsJudgement;

/** A passage of a roll that occurs in another one. */
typedef struct {
  size_t frames;  ///< Length in frames; 0: no such passage
  size_t at;      ///< First frame in the roll
  size_t song;    ///< Number of the song
  size_t song_at; ///< First frame in that song
  int semitones;  ///< Transposition of the roll relative to the song
} RsCopy;

/** Name of a statistic as in reports, such as "pitch_entropy"; a static string, or NULL for
 * RS_STATISTICS and above. */
const char *rs_statistic_name(RsStatistic which);

/** Unit of a statistic, such as "notes a frame"; as rs_statistic_name(). */
const char *rs_statistic_unit(RsStatistic which);

/**
   Statistics of frames.

   @param on      Active notes, `frames` values.
   @param frames  Number of frames; for 0 the result is that of silence, with a silent share of 0.
*/
RsStatistics rs_statistics(const RsFrame *on, size_t frames);

/** Number of windows of a roll: those that fit, or one where it is shorter than a window. */
size_t rs_windows(size_t frames);

/** Statistics of window `window`, 0 .. rs_windows(roll->frames) - 1. */
RsStatistics rs_window_statistics(const RsRoll *roll, size_t window);

/**
   The bands of songs. Time is n log n in the number of windows.

   @param songs  Borrowed.
   @param out    Output.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_EMPTY where no song has a frame.
*/
RsStatus rs_band(const RsSongs *songs, RsBand *out);

/**
   Compare the statistics of a window with a band.

   @param s       Borrowed.
   @param band    Borrowed.
   @param inside  Output: whether each of them is in its band; or NULL.
   @return Whether all of them are.
*/
bool rs_is_inside(const RsStatistics *s, const RsBand *band, bool inside[RS_STATISTICS]);

/** Hold a roll against a band; both borrowed. Where the roll has no frames, all shares are 0. */
RsJudgement rs_judge(const RsRoll *roll, const RsBand *band);

/** Length of the longest run of equal frames that are not silent: a stuck chord. */
size_t rs_longest_chord(const RsFrame *on, size_t frames);

/** Length of the longest run of silent frames. */
size_t rs_longest_silence(const RsFrame *on, size_t frames);

/** Frames of the note that is on for longest, whatever the others do: a drone. Where a note begins
 * anew without a break does not count. */
size_t rs_longest_note(const RsFrame *on, size_t frames);

/** Any of the three above. */
typedef size_t (*RsLongest)(const RsFrame *on, size_t frames);

/** The longest of all songs; borrowed. */
size_t rs_longest_of(RsLongest longest, const RsSongs *songs);

/**
   The longest passage of a roll that occurs in one of the songs, at any transposition.

   All frames of the stretch have the same notes but for the transposition, which is the same
   throughout. It has two chords at least (one that is held, however long, is nobody's), begins and
   ends in sound, and may have silence in between. Takes time in proportion to the pairs of changes,
   one in the roll and one in the songs, that are alike: well below a second for 4,096 frames
   against 180,000.

   @param roll   Borrowed.
   @param songs  Borrowed.
   @param out    Output: one of the longest.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_longest_copy(const RsRoll *roll, const RsSongs *songs, RsCopy *out);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_STATISTICS_H */
