/* SPDX-License-Identifier: ISC */

#include <rollsmith/series.h>

#include "base/memory.h"

#include <stdlib.h>

RsStatus rs_batch_init(const RsInputs *inputs, size_t frames, size_t streams, RsBatch *batch) {
  const size_t rows = frames * streams;
  *batch = (RsBatch){.frames = frames, .streams = streams};
  batch->x = rs_alloc(rows, inputs->size * sizeof *batch->x);
  batch->v = rs_alloc(rows, rs_encoding_size(&inputs->encoding) * sizeof *batch->v);
  batch->starts = rs_alloc(rows, sizeof *batch->starts);
  batch->places = rs_alloc(rows, sizeof *batch->places);
  const RsStatus status = rs_links_init(&batch->links, rows, inputs->links);
  return batch->x && batch->v && batch->starts && batch->places ? status : RS_ERR_MEMORY;
}

void rs_batch_clear(RsBatch *batch) {
  free(batch->x);
  free(batch->v);
  free(batch->starts);
  free(batch->places);
  rs_links_clear(&batch->links);
}
