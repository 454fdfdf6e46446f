/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_LIKENESS_H
#define RS_MUSIC_LIKENESS_H

/**
   @file likeness.h How alike two stretches of music are.
*/

#include <rollsmith/roll.h>

/** Likeness from which on a stretch is akin to another, varies it, and repeats it. */
#define RS_LIKE_AKIN 0.35f
#define RS_LIKE_VARIED 0.6f
#define RS_LIKE_SAME 0.9999f

/** Mean over the frames of the Jaccard index of the notes that sound, two silences being alike. */
float rs_likeness(const RsFrame *a, const RsFrame *b, size_t frames);

#endif /* RS_MUSIC_LIKENESS_H */
