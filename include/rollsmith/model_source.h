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
   A source that plays what a generator makes, for ever.

   @param model      Model of the generator, borrowed for the source's life.
   @param settings   Settings of the generator, copied.
   @param prime      What a generator hears first where a new seed is taken, borrowed for the
   source's life; NULL: nothing.
   @param generator  Where it is, for instance after a prime; taken over unless there is an error.
   @param out        Output, to be given to rs_frame_source_free().
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_frame_source_model(const RsModel *model, const RsGenerateSettings *settings,
                               const RsRoll *prime, RsGenerator *generator, RsFrameSource **out);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_MODEL_SOURCE_H */
