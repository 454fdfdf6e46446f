/* SPDX-License-Identifier: ISC */

/* libFuzzer's entry: messages that the player hears, four bytes each: the time since the last
   one, and the message. See tests/fuzz/meson.build. */

#include "stepped_output.h"

#include "live/note_recorder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MESSAGES_HEARD = 64 }; /* at most: more of them take long to play */

/* Until the next message: most come soon, for a millisecond takes long to try, and some after what
   the player takes for the end of a clock. */
static int64_t pause_of(uint8_t byte) {
  return byte < 0xf0 ? byte / 8 * RS_MILLISECOND : (byte - 0xef) * 50 * RS_MILLISECOND;
}

/* Channel messages have one or two bytes of data; what else there is has none, but for a place. */
static RsMessage message_of(const uint8_t *bytes) {
  const uint8_t status = bytes[0] | 0x80;
  const uint8_t kind = status & 0xf0;
  const uint8_t count = kind == 0xf0                   ? (status == 0xf2 ? 3 : 1)
                        : kind == 0xc0 || kind == 0xd0 ? 2
                                                       : 3;
  return (RsMessage){count,
                     {status, count > 1 ? bytes[1] & 0x7f : 0, count > 2 ? bytes[2] & 0x7f : 0}};
}

static void hear(Stage *stage, RsNoteRecorder *phrase, const uint8_t *four) {
  RsClock *clock = &stage->clock.clock;
  const int64_t now = clock->now(clock) + pause_of(four[0]);
  RsReceivedMessage received = {now, message_of(four + 1), RS_INPUT_SYNC};
  rs_sink_record_inject(stage->sink, &received, 1);
  play_until(stage, now);
  rs_note_recorder_add(phrase, &received);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  RsPlayerSettings settings = stage_settings(120);
  RsNoteRecorder *phrase = calloc(1, sizeof(*phrase));
  RsRoll roll = {.frames = 0};
  if (!phrase || size < 1 || size > 1 + 4 * MESSAGES_HEARD) {
    free(phrase);
    return -1; /* nothing to go on from */
  }
  settings.follow = data[0] & 1;
  settings.clock = data[0] & 2;
  Stage *stage = enter(settings, data[0] & 4 ? 20 * RS_MILLISECOND : 0);
  for (size_t i = 1; i + 4 <= size; i += 4) {
    hear(stage, phrase, data + i);
  }
  RsClock *clock = &stage->clock.clock;
  rs_note_recorder_release(phrase, clock->now(clock));
  if (!rs_note_recorder_take(phrase, 100 * RS_MILLISECOND, &roll)) {
    rs_roll_clear(&roll);
  }
  leave(stage);
  free(phrase);
  return 0;
}
