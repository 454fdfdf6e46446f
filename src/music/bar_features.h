/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_BAR_FEATURES_H
#define RS_MUSIC_BAR_FEATURES_H

/**
   @file bar_features.h What a bar is like, in RS_BAR_FEATURES numbers: its melody, rhythm, harmony
   and register, doc/math.md, equation T38.

   The frames of a song are added one after the other; at the end of each bar its features are
   taken. The melody is the line of the highest notes that begin.
*/

#include <rollsmith/roll.h>

#include <stdint.h>

/** Features of a bar, in this order; new ones are added at the end, so that discriminators of older
 * files can be read. Those of a share are a share of its frames. */
enum {
  RS_FEATURE_STEPS = 0, /**< 6: steps of the melody by 0, 1-2, 3-4, 5-7, 8-12, more semitones */
  RS_FEATURE_LEAPS = 6, /**< 2: two steps in a row of more than 4, and of more than 7 semitones */
  RS_FEATURE_HELD_TOP = 8,   /**< 1: notes begin below a higher one that is held */
  RS_FEATURE_GAPS = 9,       /**< 5: 1, 2, 3, 4, more frames from one begin to the next */
  RS_FEATURE_BEGINS = 14,    /**< 8: 1, 2, 3, more notes begin, on a beat and elsewhere */
  RS_FEATURE_LENGTHS = 22,   /**< 6: notes end that lasted 1, 2, 3, 4, 5-8, more frames */
  RS_FEATURE_PAIRS = 28,     /**< 12: pairs of notes that sound, by their interval modulo 12 */
  RS_FEATURE_VOICES = 40,    /**< 6: 0 .. 4, more notes sound */
  RS_FEATURE_POLYPHONY = 46, /**< 2: number of notes that sound, mean and standard deviation */
  RS_FEATURE_REGISTER =
      48,                  /**< 4: highest and lowest note, their distance, means over the frames
                              that  are not silent; standard deviation of the highest; in octaves */
  RS_FEATURE_CLASSES = 52, /**< 12: notes begin, by semitones above the key modulo 12 */
  RS_FEATURE_CHANGES = 64, /**< 1: other notes sound than in the frame before */
  RS_FEATURE_LENGTH = 65,  /**< 1: frames of the bar / 16 */
  RS_FEATURE_CONTOUR = 66, /**< 3: steps of the melody up; steps that go on in the direction of the
                              step before; steps that turn */
  RS_FEATURE_BASS = 69,    /**< 2: the lowest note that sounds is not that of the frame before; its
                              standard deviation, in octaves */
  RS_BAR_FEATURES = 71,
};

/** The bar so far, and what is known of the frames before it. All zero at the start of a song. */
typedef struct {
  RsFrame on;            /**< Notes of the frame before */
  uint8_t age[RS_NOTES]; /**< Frames for which each of them has sounded, at most 255 */
  int top;               /**< Last note of the melody, plus 1; 0: none yet */
  int step;              /**< The last step of the melody, in semitones; negative: down */
  unsigned since;        /**< Frames since the last begin */
  unsigned frames;       /**< Of the bar so far */
  unsigned sounding;     /**< Of these, those that are not silent */
  double squares[3];     /**< Sums of squares: notes that sound, the highest and the lowest note in
                            octaves */
  double sum[RS_BAR_FEATURES]; /**< Sums of the features over the bar so far */
} RsBarFeatures;

/** Whether a beat begins with a frame. @param frame_in_bar  Its number in its bar. */
bool rs_begins_beat(const RsBarPlace *bar, size_t frame_in_bar, double frames_per_beat);

/**
   Add a frame to the bar.

   @param on, begins  Its notes: those that sound, and of these those that begin.
   @param on_beat     Whether a beat begins with it.
   @param key         Semitones above C major or A minor of the key that it is in.
*/
void rs_bar_features_add(RsBarFeatures *features, const RsFrame *on, const RsFrame *begins,
                         bool on_beat, int key);

/**
   End the bar; the next frame is the first one of the next bar.

   @param out  Output, RS_BAR_FEATURES values; zeroes for a bar of no frames.
*/
void rs_bar_features_end(RsBarFeatures *features, float *out);

#endif /* RS_MUSIC_BAR_FEATURES_H */
