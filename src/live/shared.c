/* SPDX-License-Identifier: ISC */

#include "live/shared.h"

enum {
  FRAMES_IN_QUEUE = 1024,
  COMMANDS_IN_QUEUE = 256,
  MESSAGES_IN_QUEUE = 1024,
  CHANGES_IN_QUEUE = 64,
  SENT_IN_QUEUE = 4096,
};

RsStatus rs_shared_init(RsShared *shared) {
  RsStatus status = rs_ring_init(&shared->frames, FRAMES_IN_QUEUE, sizeof(RsQueuedFrame));
  if (!status) {
    status = rs_ring_init(&shared->commands, COMMANDS_IN_QUEUE, sizeof(RsQueuedCommand));
  }
  if (!status) {
    status = rs_ring_init(&shared->held, CHANGES_IN_QUEUE, sizeof(RsHeldNotes));
  }
  if (!status) {
    status = rs_ring_init(&shared->received, MESSAGES_IN_QUEUE, sizeof(RsReceivedMessage));
  }
  if (!status) {
    status = rs_ring_init(&shared->sent, SENT_IN_QUEUE, sizeof(RsSentMessage));
  }
  return status;
}

void rs_shared_clear(RsShared *shared) {
  rs_ring_clear(&shared->frames);
  rs_ring_clear(&shared->held);
  rs_ring_clear(&shared->commands);
  rs_ring_clear(&shared->received);
  rs_ring_clear(&shared->sent);
}

RsPlayerView rs_shared_view(RsShared *shared) {
  return (RsPlayerView){
      .frame = atomic_load_explicit(&shared->view_frame, memory_order_relaxed),
      .active = {{atomic_load_explicit(&shared->view_notes[0], memory_order_relaxed),
                  atomic_load_explicit(&shared->view_notes[1], memory_order_relaxed)}},
      .bpm = atomic_load_explicit(&shared->view_bpm, memory_order_relaxed),
      .lateness_ms = atomic_load_explicit(&shared->view_lateness, memory_order_relaxed),
      .waiting_for_port = atomic_load_explicit(&shared->view_port_lost, memory_order_acquire),
      .waiting_for_receiver = atomic_load_explicit(&shared->view_suspended, memory_order_relaxed),
      .running = atomic_load_explicit(&shared->view_running, memory_order_relaxed),
  };
}
