/* SPDX-License-Identifier: ISC */

#include "live/sink_portmidi.h"

#ifdef RS_HAVE_ALSA

#include <alsa/asoundlib.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_QUEUES = 32 }; /* SNDRV_SEQ_MAX_QUEUES of Linux */

struct RsPortQueue {
  snd_seq_t *seq; /* a client of its own, as PortMidi does not give access to its client */
  int number;
  snd_seq_queue_status_t *status;
};

static bool is_ours(snd_seq_t *seq, int client) {
  snd_seq_client_info_t *info;
  snd_seq_client_info_alloca(&info);
  return !snd_seq_get_any_client_info(seq, client, info) &&
         snd_seq_client_info_get_pid(info) == getpid();
}

static int find_queue(snd_seq_t *seq) {
  snd_seq_queue_info_t *info;
  snd_seq_queue_info_alloca(&info);
  for (int number = 0; number < MOST_QUEUES; ++number) {
    if (!snd_seq_get_queue_info(seq, number, info) &&
        is_ours(seq, snd_seq_queue_info_get_owner(info))) {
      return number;
    }
  }
  return -1;
}

RsPortQueue *rs_port_queue_open(void) {
  RsPortQueue *queue = calloc(1, sizeof(*queue));
  if (!queue || snd_seq_open(&queue->seq, "default", SND_SEQ_OPEN_OUTPUT, SND_SEQ_NONBLOCK)) {
    free(queue);
    return NULL;
  }
  queue->number = find_queue(queue->seq);
  if (queue->number < 0 || snd_seq_queue_status_malloc(&queue->status)) {
    rs_port_queue_close(queue);
    return NULL;
  }
  return queue;
}

void rs_port_queue_close(RsPortQueue *queue) {
  if (queue) {
    snd_seq_queue_status_free(queue->status);
    snd_seq_close(queue->seq);
    free(queue);
  }
}

/* PortMidi sets the tempo of the queue to a tick per millisecond. */
int64_t rs_port_queue_count(const RsPortQueue *queue) {
  if (!queue || snd_seq_get_queue_status(queue->seq, queue->number, queue->status)) {
    return -1;
  }
  return snd_seq_queue_status_get_tick_time(queue->status);
}

#else

RsPortQueue *rs_port_queue_open(void) {
  return NULL;
}

void rs_port_queue_close(RsPortQueue *queue) {}

int64_t rs_port_queue_count(const RsPortQueue *queue) {
  return -1;
}

#endif
