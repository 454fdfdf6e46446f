/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_PLAN_H
#define ROLLSMITH_PLAN_H

/**
   @file plan.h The plan of a song: its texture, and which bars return. doc/math.md, section P.

   A song's texture is a class each of how many notes begin in a frame, how many sound, how many of
   its bars return, and how evenly it uses the pitch classes. Each bar has a label:
   whether it is new or like the bar 1, 2, 4 or 8 bars before, and which of its quarter notes return
   as they were. All of this is a function of the song. A
   plan is drawn before the music, and the music is drawn given the plan; what a plan costs is part
   of a song's likelihood.
*/

#include <rollsmith/rng.h>
#include <rollsmith/roll.h>
#include <rollsmith/status.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Distances at which a bar may return: 1, 2, 4 and 8 bars. */
#define RS_PLAN_LAGS 4

/** How much a bar may be like another: akin to it, a variation of it, or the same. */
#define RS_PLAN_LEVELS 3

/** Labels of a bar: 0 is new, 1 + 3 k is akin to the bar at distance k, 2 + 3 k varies it, and
 * 3 + 3 k repeats it. */
#define RS_PLAN_LABELS (1 + RS_PLAN_LEVELS * RS_PLAN_LAGS)

/** Quarter notes of a bar that the plan distinguishes, from its first frame on; where a bar is
 * longer, the rest of it counts as not the same. */
#define RS_PLAN_QUARTERS 16

/** Places of a quarter note in its bar: the first three, and all others. */
#define RS_PLAN_QUARTER_PLACES 4

/** Classes of notes that begin in a frame, and of notes that sound. */
#define RS_PLAN_CLASSES 6

/** Classes of the share of bars that return. */
#define RS_PLAN_SHARES 3

/** Distances from which most of a song's bars return: 1 or 2 bars, 4, and 8. */
#define RS_PLAN_DISTANCES 3

/** Classes of returns: few; and each other class of the share with each distance. */
#define RS_PLAN_RETURNS (1 + (RS_PLAN_SHARES - 1) * RS_PLAN_DISTANCES)

/** Classes of the entropy of pitch classes: from few notes of one scale to chromatic music. */
#define RS_PLAN_PITCHES 4

/** Textures: every combination of classes. */
#define RS_PLAN_TEXTURES (RS_PLAN_CLASSES * RS_PLAN_CLASSES * RS_PLAN_RETURNS * RS_PLAN_PITCHES)

/** Meters that have textures of their own, and one more for all others. */
#define RS_PLAN_METERS 13

/** Cases of the label before a bar: classes of returns, sections of 8 bars, their bars, labels. */
#define RS_PLAN_CASES (RS_PLAN_RETURNS * 3 * 8 * RS_PLAN_LABELS)

/** Keys, by semitones above C major or A minor: from RS_PLAN_KEY_LOW on. */
#define RS_PLAN_KEYS 12
#define RS_PLAN_KEY_LOW (-6) ///< The lowest of them

/** The distribution of plans, learned from songs. A plain value. */
typedef struct {
  float density[RS_PLAN_CLASSES - 1];   ///< Notes that begin in a frame: where classes end
  float polyphony[RS_PLAN_CLASSES - 1]; ///< Notes that sound: where classes end
  float returns[RS_PLAN_SHARES - 1];    ///< Share of bars that return: where classes end
  float pitches[RS_PLAN_PITCHES - 1];   ///< Entropy of pitch classes, bits: where classes end
  float texture[RS_PLAN_METERS][RS_PLAN_TEXTURES]; ///< Probability of each texture
  float next[RS_PLAN_CASES][RS_PLAN_LABELS];       ///< Probability of each label
  float exact[RS_PLAN_LEVELS - 1]
             [2 * RS_PLAN_QUARTER_PLACES]; ///< Probability that a quarter note
                                           ///< returns as it was, by the level of its bar
                                           ///< and 2 * place + whether the one before did
  float key[RS_PLAN_KEYS]; ///< Share of the songs that were in each key before they were brought to
                           ///< C major or A minor
  float top[RS_PLAN_CLASSES][RS_NOTES];    ///< Of each mean highest note in a song's own key, given
                                           ///< polyphony
  float bottom[RS_PLAN_CLASSES][RS_NOTES]; ///< Of each mean lowest note likewise
} RsPlanPrior;

/** The plan of one frame. */
typedef struct {
  unsigned char label;     ///< Of its bar; of a quarter note that returns as it was, that of a bar
                           ///< that does
  unsigned char density;   ///< Class of notes that begin in a frame
  unsigned char polyphony; ///< Class of notes that sound
  unsigned char returns;   ///< Class of the share of bars that return, and of their distance
  unsigned char pitches;   ///< Class of the entropy of pitch classes
  unsigned char top;       ///< Mean of the highest notes of its frames, rounded
  unsigned char bottom;    ///< Mean of the lowest notes, rounded
  unsigned char key;       ///< Semitones above the key that songs were brought to, 0 .. 11
} RsFramePlan;

/** The plan of a bar. */
typedef struct {
  unsigned char label;    ///< Below RS_PLAN_LABELS
  unsigned char quarters; ///< Quarter notes that have begun, at most RS_PLAN_QUARTERS
  uint16_t exact;         ///< Bit q: quarter note q returns as it was; 0 where all do, or none can
} RsBarPlan;

/** The plan of a song. The array is owned and freed by rs_song_plan_clear(). */
typedef struct {
  size_t bars;         ///< Bars that have begun
  RsBarPlan *bar;      ///< `bars` of them
  RsFramePlan texture; ///< Its classes; label is 0
  int key;             ///< Semitones from C major or A minor, where it stands, to its own key
} RsSongPlan;

/**
   Learn the distribution of plans of some songs.

   @param songs  Borrowed; those without a meter map are left out.
   @param meter  meter[i] is the number of song i's meter, below RS_PLAN_METERS.
   @param out    Output.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_plan_learn(const RsSongs *songs, const unsigned char *meter, RsPlanPrior *out);

/**
   The plan of a song.

   @param roll  Song; without a meter map its plan has no bars.
   @param out   Output, to be given to rs_song_plan_clear().
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_song_plan(const RsPlanPrior *prior, const RsRoll *roll, RsSongPlan *out);

/** Free what a plan owns. */
void rs_song_plan_clear(RsSongPlan *plan);

/** The plan of a frame in bar `bar`, in its quarter note `quarter`; of bars beyond the song's, that
 * of a new bar. */
RsFramePlan rs_song_plan_at(const RsSongPlan *plan, size_t bar, size_t quarter);

/** The plan of a frame of a song in the common key when the song is transposed. */
RsFramePlan rs_plan_transposed(RsFramePlan plan, int semitones);

/** The label of a frame in quarter note `quarter` of a bar. @param exact  As RsBarPlan.exact. */
unsigned char rs_plan_label_at(unsigned char label, unsigned exact, size_t quarter);

/** The natural logarithm of the probability of a song's plan. @param meter  Number of its meter. */
double rs_plan_log_probability(const RsPlanPrior *prior, const RsSongPlan *plan, unsigned meter);

/** Draw a texture. @param meter  Number of the meter. @param place  A random number, 0 .. 1. */
RsFramePlan rs_plan_draw_texture(const RsPlanPrior *prior, unsigned meter, double place);

/**
   Draw the register of a song in its own key: the mean highest and lowest notes.

   @param texture  Its polyphony is used; top and bottom are set.
   @param places   Two random numbers, 0 .. 1.
*/
void rs_plan_draw_register(const RsPlanPrior *prior, const double places[2], RsFramePlan *texture);

/** Draw the key of a song, in semitones above C major or A minor. @param place  A random number. */
int rs_plan_draw_key(const RsPlanPrior *prior, double place);

/**
   Draw the label of a bar.

   @param before  Plan of the bar before: its texture, and its label, 0 for the first bar.
   @param bar     Bars before this one.
   @param place   A random number, 0 .. 1.
*/
unsigned char rs_plan_draw_label(const RsPlanPrior *prior, RsFramePlan before, size_t bar,
                                 double place);

/**
   Draw which quarter notes of a bar return as they were: not all of them, doc/math.md, equation P9.

   @param label     Of the bar.
   @param quarters  Quarter notes that begin in the bar; of RS_PLAN_QUARTERS or more all may return.
   @param places    Random numbers, 0 .. 1.
   @return As RsBarPlan.exact.
*/
uint16_t rs_plan_draw_exact(const RsPlanPrior *prior, unsigned char label, size_t quarters,
                            const double places[RS_PLAN_QUARTERS]);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_PLAN_H */
