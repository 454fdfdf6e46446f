/* SPDX-License-Identifier: ISC */

/* Accompaniment of a person who plays: equation T34 of doc/math.md. */

#include "live/follow.h"

#include <stdlib.h>

static const RsFrame none = {{0, 0}};

static bool is_empty(const RsFrame *frame) {
  return !(frame->bits[0] | frame->bits[1]);
}

RsStatus rs_follow_new(const RsModel *model, const RsGenerateSettings *settings,
                       RsWhenSilent when_silent, size_t patience, RsFollow **out) {
  RsFollow *follow = calloc(1, sizeof(*follow));
  RsStatus status = follow ? RS_OK : RS_ERR_MEMORY;
  for (size_t i = 0; !status && i < RS_FOLLOW_FRAMES; ++i) {
    status = rs_generator_new(model, settings, 0, &follow->kept[i].generator, NULL);
  }
  if (status) {
    rs_follow_free(follow);
    return status;
  }
  follow->when_silent = when_silent;
  follow->patience = follow->silence = patience;
  *out = follow;
  return RS_OK;
}

void rs_follow_free(RsFollow *follow) {
  for (size_t i = 0; follow && i < RS_FOLLOW_FRAMES; ++i) {
    rs_generator_free(follow->kept[i].generator);
  }
  free(follow);
}

static RsFollowState *state_at(RsFollow *follow, uint64_t frame) {
  return &follow->kept[frame % RS_FOLLOW_FRAMES];
}

/* The held notes; while the person is silent and the model is to rest, all notes, as silent ones.
 */
static RsGivenNotes given_notes(const RsFollow *follow) {
  const bool rests =
      follow->when_silent == RS_WHEN_SILENT_REST && follow->silence >= follow->patience;
  const RsFrame all = {{UINT64_MAX, UINT64_MAX}};
  return (RsGivenNotes){
      .known = rests ? all : follow->held, .on = follow->held, .begins = follow->pressed};
}

RsStatus rs_follow_begin(RsFollow *follow, RsGenerator *generator) {
  RsFollowState *state = state_at(follow, follow->frame);
  const RsStatus status = rs_generator_copy(state->generator, generator);
  if (status) {
    return status;
  }
  state->sounded = follow->sounded;
  state->silence = follow->silence;
  follow->silence = is_empty(&follow->held) ? follow->silence + 1 : 0;
  const RsGivenNotes given = given_notes(follow);
  rs_generator_clamp(generator, &given);
  follow->pressed = none;
  ++follow->frame;
  return RS_OK;
}

void rs_follow_end(RsFollow *follow, RsNoteFrame *frame) {
  for (size_t i = 0; i < 2; ++i) {
    frame->on.bits[i] &= ~follow->held.bits[i];
    frame->onset.bits[i] = frame->on.bits[i] & (frame->onset.bits[i] | ~follow->sounded.bits[i]);
  }
  follow->sounded = frame->on;
}

void rs_follow_set_held(RsFollow *follow, const RsFrame *held, const RsFrame *pressed) {
  follow->held = *held;
  follow->pressed = *pressed;
}

void rs_follow_restart(RsFollow *follow) {
  follow->first = follow->frame;
}

bool rs_follow_back(RsFollow *follow, RsGenerator *generator, uint64_t frame) {
  const RsFollowState *state = state_at(follow, frame);
  if (frame >= follow->frame || frame < follow->first || follow->frame - frame > RS_FOLLOW_FRAMES ||
      rs_generator_copy(generator, state->generator)) {
    return false;
  }
  follow->sounded = state->sounded;
  follow->silence = state->silence;
  follow->frame = frame;
  return true;
}
