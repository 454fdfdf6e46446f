#include "music/events.h"

#include <stdbool.h>

static const char cut_off[] = "the track ends within an event";

RsWalk rs_walk_begin(const RsTrackBytes *track) {
  return (RsWalk){track->data, track->data + track->size, 0, 0};
}

/* Take a number of variable length: up to 5 bytes where they are padded, but not more than 28 bits.
 */
static bool take_number(RsWalk *walk, uint32_t *value, const char **damage) {
  uint64_t sum = 0;
  for (int i = 0; i < 5; ++i) {
    if (walk->at == walk->end) {
      *damage = cut_off;
      return false;
    }
    const uint8_t byte = *walk->at++;
    sum = sum << 7 | (byte & 0x7F);
    if (!(byte & 0x80)) {
      *value = (uint32_t)sum;
      *damage = "a number has more than 28 bits";
      return sum <= 0x0FFFFFFF;
    }
  }
  *damage = "a number has more than 5 bytes";
  return false;
}

static RsStep take_data(RsWalk *walk, size_t size, RsEvent *event, const char **damage) {
  if (size > (size_t)(walk->end - walk->at)) {
    *damage = cut_off;
    return RS_WALK_DAMAGED;
  }
  event->data = walk->at;
  event->size = size;
  walk->at += size;
  return RS_WALK_EVENT;
}

/* Data that says its own length. */
static RsStep take_counted_data(RsWalk *walk, RsEvent *event, const char **damage) {
  uint32_t size = 0;
  if (!take_number(walk, &size, damage)) {
    return RS_WALK_DAMAGED;
  }
  return take_data(walk, size, event, damage);
}

static RsStep take_meta(RsWalk *walk, RsEvent *event, const char **damage) {
  if (walk->at == walk->end) {
    *damage = cut_off;
    return RS_WALK_DAMAGED;
  }
  event->type = *walk->at++;
  const RsStep step = take_counted_data(walk, event, damage);
  return step == RS_WALK_EVENT && event->type == 0x2F ? RS_WALK_END : step;
}

static RsStep take_message(RsWalk *walk, RsEvent *event, const char **damage) {
  if (event->status == RS_STATUS_META) {
    return take_meta(walk, event, damage);
  }
  if (event->status == 0xF0 || event->status == 0xF7) {
    return take_counted_data(walk, event, damage);
  }
  if (event->status >= 0xF0) {
    *damage = "a system message has no place in a file";
    return RS_WALK_DAMAGED;
  }
  walk->status = event->status;
  const bool one = (event->status & 0xE0) == 0xC0; /* program change and channel pressure */
  return take_data(walk, one ? 1 : 2, event, damage);
}

static bool take_delta(RsWalk *walk, const char **damage) {
  uint32_t delta = 0;
  if (!take_number(walk, &delta, damage)) {
    return false;
  }
  walk->tick += delta; /* both below 2^31 */
  *damage = "its time runs over";
  return walk->tick <= INT32_MAX;
}

static bool take_status(RsWalk *walk, uint8_t *status, const char **damage) {
  if (walk->at == walk->end) {
    *damage = cut_off;
    return false;
  }
  *status = *walk->at & 0x80 ? *walk->at++ : walk->status;
  *damage = "data without a status before it";
  return *status != 0;
}

RsStep rs_walk_next(RsWalk *walk, RsEvent *event, const char **damage) {
  if (walk->at == walk->end) {
    return RS_WALK_END;
  }
  RsWalk ahead = *walk;
  *event = (RsEvent){0};
  if (!take_delta(&ahead, damage) || !take_status(&ahead, &event->status, damage)) {
    return RS_WALK_DAMAGED;
  }
  event->tick = ahead.tick;
  const RsStep step = take_message(&ahead, event, damage);
  if (step != RS_WALK_DAMAGED) {
    *walk = ahead;
  }
  return step;
}
