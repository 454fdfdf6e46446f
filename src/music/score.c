#include "music/score.h"

#include "base/memory.h"
#include "music/events.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
  TEMPO = 0x51,
  LONGEST_EVENT = 3,
  LONGEST_REST = 16 // Quarter notes at the end, where a damaged file may have days
};

static RsStatus add(RsScore *score, RsScoreEvent event) {
  RsScoreEvent *events =
      rs_grow(score->events, &score->room, score->count + 1, sizeof(*score->events));
  if (!events) {
    return RS_ERR_MEMORY;
  }
  event.number = (uint32_t)score->count;
  events[score->count++] = event;
  score->events = events;
  score->end = event.tick > score->end ? event.tick : score->end;
  return RS_OK;
}

static RsStatus add_event(RsScore *score, const RsEvent *event, bool has_tempi) {
  RsScoreEvent added = {.tick = event->tick};
  const uint8_t *data = event->data;
  if (event->status < 0xf0 && event->size < LONGEST_EVENT) {
    added.size = (uint8_t)(1 + event->size);
    added.bytes[0] = event->status;
    for (size_t i = 0; i < event->size; ++i) {
      added.bytes[1 + i] = data[i] & 0x7f;
    }
    return add(score, added);
  }
  if (event->status == RS_STATUS_META && event->type == TEMPO && event->size >= 3 && has_tempi) {
    added.usec = (uint32_t)data[0] << 16 | (uint32_t)data[1] << 8 | data[2];
    return added.usec ? add(score, added) : RS_OK;
  }
  score->left_out += event->status == 0xf0 || event->status == 0xf7;
  return RS_OK;
}

static RsStatus add_track(RsScore *score, const RsTrackBytes *track, bool has_tempi,
                          uint32_t *end) {
  RsWalk walk = rs_walk_begin(track);
  RsEvent event;
  const char *damage = NULL;
  RsStatus status = RS_OK;
  while (!status && rs_walk_next(&walk, &event, &damage) == RS_WALK_EVENT) {
    status = add_event(score, &event, has_tempi);
  }
  *end = walk.tick > *end ? walk.tick : *end;
  return status;
}

static bool has_note(const RsScore *score) {
  for (size_t i = 0; i < score->count; ++i) {
    if ((score->events[i].bytes[0] & 0xf0) == 0x90 && score->events[i].bytes[2]) {
      return true;
    }
  }
  return false;
}

/// Time first, then the order in the file
static int compare(const void *a, const void *b) {
  const RsScoreEvent *one = a, *other = b;
  if (one->tick != other->tick) {
    return one->tick < other->tick ? -1 : 1;
  }
  return one->number < other->number ? -1 : one->number > other->number;
}

static RsStatus add_tracks(RsScore *score, const RsChunks *chunks) {
  const bool independent = chunks->format == 2;
  RsStatus status = RS_OK;
  uint32_t end = 0;
  score->division = chunks->division;
  if (chunks->usec_per_quarter) {
    status = add(score, (RsScoreEvent){.usec = chunks->usec_per_quarter});
  }
  for (size_t i = 0; i < chunks->count && !status && !(independent && has_note(score)); ++i) {
    status = add_track(score, &chunks->tracks[i], !chunks->usec_per_quarter, &end);
  }
  const uint32_t latest = score->end + LONGEST_REST * score->division;
  score->end = end < score->end ? score->end : end < latest ? end : latest;
  return status;
}

RsStatus rs_score_read(const uint8_t *data, size_t size, RsScore *out) {
  RsChunks chunks;
  RsRepairs repairs = {.text = ""};
  *out = (RsScore){.division = 1};
  RsStatus status = rs_chunks_read(data, size, &chunks, &repairs, NULL);
  if (status) {
    return status;
  }
  status = add_tracks(out, &chunks);
  rs_chunks_clear(&chunks);
  if (!status && !has_note(out)) {
    status = RS_ERR_EMPTY;
  }
  if (status) {
    rs_score_clear(out);
  } else {
    qsort(out->events, out->count, sizeof(*out->events), compare);
  }
  return status;
}

void rs_score_clear(RsScore *score) {
  free(score->events);
  *score = (RsScore){.division = 1};
}
