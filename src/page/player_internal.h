/* SPDX-License-Identifier: ISC */

#ifndef RS_PAGE_PLAYER_INTERNAL_H
#define RS_PAGE_PLAYER_INTERNAL_H

/**
   @file player_internal.h What the files of the page's player share.
*/

#include "model/model_parts.h"
#include "page/player.h"

#include <rollsmith/generator.h>
#include <rollsmith/midi_write.h>

struct RsPagePlayer {
  RsModelRecord record; /* until there is a model */
  RsTensorFile *tensors;
  RsModel *model;
  RsGenerateSettings settings; /* of the song */
  RsGenerator *generator;
  RsPerformer *performer;
  RsRoll song;     /* the frames that were made */
  size_t capacity; /* frames that it has room for */
  double bpm;      /* at its beginning */
  RsTempoChange *tempos;
  size_t tempo_count, tempo_capacity;
  uint64_t seed;
  uint8_t events[3 * RS_PERFORMER_EVENTS];
  uint8_t *midi;
  RsError error;
};

/** The result of a function for the page. */
static inline int rs_page_result(RsStatus status) {
  return status ? -1 : 0;
}

/** Free the song, so that another may begin. */
void rs_page_player_clear_song(RsPagePlayer *player);

#endif /* RS_PAGE_PLAYER_INTERNAL_H */
