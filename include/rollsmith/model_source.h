/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_MODEL_SOURCE_H
#define ROLLSMITH_MODEL_SOURCE_H

/**
   @file model_source.h A model as a source of frames.
*/

#include <rollsmith/frame_source.h>
#include <rollsmith/generator.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
   A source that plays the frames of a generator, without end.

   @param model      Model of the generator, borrowed; must outlive the source.
   @param settings   Settings of the generator, copied.
   @param prime      Prime of generators with a new seed, borrowed, must outlive the source; or
   NULL.
   @param generator  The generator, possibly primed; ownership passes unless there is an error.
   @param out        Output, to be given to rs_frame_source_free().
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_frame_source_model(const RsModel *model, const RsGenerateSettings *settings,
                               const RsRoll *prime, RsGenerator *generator, RsFrameSource **out);

/**
   Let such a source accompany a person: RsFrameSource.set_held and back.

   @param source       Source of rs_frame_source_model() that has made no frame.
   @param when_silent  What it does while no note is held.
   @param patience     Frames without a held note after which the person counts as silent.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_frame_source_accompany(RsFrameSource *source, RsWhenSilent when_silent,
                                   size_t patience);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_MODEL_SOURCE_H */
