/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_FOLLOW_H
#define RS_LIVE_FOLLOW_H

/**
   @file follow.h Accompaniment of a person who plays: the notes that are held are given to the
   model, which makes the others; the last frames can be made again with other notes.
*/

#include <rollsmith/frame_source.h>
#include <rollsmith/generator.h>

/** Frames that can be made again: the one that sounds, and those made in advance. */
enum { RS_FOLLOW_FRAMES = 8 };

/** State before a frame. */
typedef struct {
  RsGenerator *generator; ///< Copy of the generator's state
  RsFrame sounded;        ///< What the model sounded in the frame before
  size_t silence;         ///< Frames since a note was held
} RsFollowState;

/** The accompaniment. */
typedef struct {
  RsWhenSilent when_silent;
  size_t patience; ///< Frames without a note after which the person counts as silent
  RsFrame held;    ///< Notes that are held
  RsFrame pressed; ///< Of these, those that begin in the next frame
  RsFrame sounded; ///< What the model sounded in the last frame
  size_t silence;  ///< Frames since a note was held
  uint64_t frame;  ///< Number of the next frame
  uint64_t first;  ///< The first frame that can be made again
  RsFollowState kept[RS_FOLLOW_FRAMES]; ///< State before frame n, at n % RS_FOLLOW_FRAMES
} RsFollow;

/**
   An accompaniment that has not begun.

   @param patience  Frames, 1 or more.
   @param out       Output, to be given to rs_follow_free().
   @return RS_OK, RS_ERR_MEMORY, or the status of rs_generator_new().
*/
RsStatus rs_follow_new(const RsModel *model, const RsGenerateSettings *settings,
                       RsWhenSilent when_silent, size_t patience, RsFollow **out);

/** Free it. NULL is allowed. */
void rs_follow_free(RsFollow *follow);

/** Keep the state of the generator, and give it the notes of the next frame. @return As
 * rs_generator_copy(). */
RsStatus rs_follow_begin(RsFollow *follow, RsGenerator *generator);

/** Leave out of a frame what is held: the person plays it. What remains begins where it did not
 * sound. */
void rs_follow_end(RsFollow *follow, RsNoteFrame *frame);

/** The notes that are held from the next frame on. @param pressed Of these, those that begin. */
void rs_follow_set_held(RsFollow *follow, const RsFrame *held, const RsFrame *pressed);

/** The generator is another one, or in another place: what is kept is of no use. */
void rs_follow_restart(RsFollow *follow);

/** Go back to the state before a frame, so that it is the next one. @return false, with nothing
 * done, where it is not kept. */
bool rs_follow_back(RsFollow *follow, RsGenerator *generator, uint64_t frame);

#endif /* RS_LIVE_FOLLOW_H */
