/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_TOGETHER_H
#define RS_TESTS_TOGETHER_H

/**
   @file together.h Several threads that exchange messages as processes do.
*/

#include "kit.h"

#include "cluster/transport.h"

#include <pthread.h>
#include <string.h>

enum { RANKS = 8 };

/* What all threads see of each other while they exchange. */
typedef struct {
  pthread_barrier_t barrier;
  void *data[RANKS];
  const RsPiece *pieces[RANKS];
} Meeting;

typedef struct {
  Meeting *meeting;
  RsTransport transport;
  void (*run)(const RsTransport *transport, void *context);
  void *context;
  pthread_t thread;
} Member;

static inline RsStatus gather_in_threads(void *context, void *data, const RsPiece *pieces) {
  const Member *me = context;
  Meeting *meeting = me->meeting;
  meeting->data[me->transport.rank] = data;
  pthread_barrier_wait(&meeting->barrier);
  for (size_t i = 0; i < me->transport.size; ++i) {
    if (i != me->transport.rank && pieces[i].size) {
      memcpy((char *)data + pieces[i].offset, (char *)meeting->data[i] + pieces[i].offset,
             pieces[i].size);
    }
  }
  pthread_barrier_wait(&meeting->barrier);
  return RS_OK;
}

static inline RsStatus exchange_in_threads(void *context, const void *out, const RsPiece *sent,
                                           void *in, const RsPiece *received) {
  const Member *me = context;
  Meeting *meeting = me->meeting;
  const size_t rank = me->transport.rank;
  meeting->data[rank] = (void *)out;
  meeting->pieces[rank] = sent;
  pthread_barrier_wait(&meeting->barrier);
  for (size_t i = 0; i < me->transport.size; ++i) {
    const RsPiece from = meeting->pieces[i][rank];
    assert_int_equal(from.size, received[i].size);
    if (from.size) {
      memcpy((char *)in + received[i].offset, (char *)meeting->data[i] + from.offset, from.size);
    }
  }
  pthread_barrier_wait(&meeting->barrier);
  return RS_OK;
}

static inline void *run_member(void *member) {
  const Member *me = member;
  me->run(&me->transport, me->context);
  return NULL;
}

/* Run a function in so many threads, each with a transport to the others. */
static inline void run_together(size_t count, void (*body)(const RsTransport *, void *),
                                void *context) {
  Meeting meeting;
  Member members[RANKS];
  assert_int_equal(pthread_barrier_init(&meeting.barrier, NULL, (unsigned)count), 0);
  for (size_t i = 0; i < count; ++i) {
    members[i] = (Member){.meeting = &meeting,
                          .transport = {.context = members + i,
                                        .rank = i,
                                        .size = count,
                                        .gather = gather_in_threads,
                                        .exchange = exchange_in_threads},
                          .run = body,
                          .context = context};
    assert_int_equal(pthread_create(&members[i].thread, NULL, run_member, members + i), 0);
  }
  for (size_t i = 0; i < count; ++i) {
    pthread_join(members[i].thread, NULL);
  }
  pthread_barrier_destroy(&meeting.barrier);
}

#endif /* RS_TESTS_TOGETHER_H */
