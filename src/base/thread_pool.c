/* SPDX-License-Identifier: ISC */

#include "base/thread_pool.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

struct RsThreadPool {
  pthread_mutex_t mutex;
  pthread_cond_t work; /* signalled where a loop begins, and where the pool is freed */
  pthread_cond_t done; /* signalled by the last worker that finishes a loop */
  pthread_t *workers;  /* threads in addition to the caller's */
  size_t worker_count;
  bool stopping;
  size_t loop_number; /* incremented for each loop, so that a worker enters each one once */
  size_t running;     /* workers that have not finished the loop */
  size_t count;       /* iterations of the loop */
  size_t next;        /* first iteration that no thread has taken; atomic */
  RsTask task;
  void *context;
};

/* Run iterations until none is left. */
static void run_tasks(RsThreadPool *pool) {
  for (;;) {
    const size_t index = __atomic_fetch_add(&pool->next, 1, __ATOMIC_RELAXED);
    if (index >= pool->count) {
      return;
    }
    pool->task(pool->context, index);
  }
}

static void *work_loop(void *argument) {
  RsThreadPool *pool = argument;
  size_t seen = 0;
  pthread_mutex_lock(&pool->mutex);
  while (!pool->stopping) {
    if (pool->loop_number == seen) {
      pthread_cond_wait(&pool->work, &pool->mutex);
      continue;
    }
    seen = pool->loop_number;
    pthread_mutex_unlock(&pool->mutex);
    run_tasks(pool);
    pthread_mutex_lock(&pool->mutex);
    if (--pool->running == 0) {
      pthread_cond_signal(&pool->done);
    }
  }
  pthread_mutex_unlock(&pool->mutex);
  return NULL;
}

static size_t processors(void) {
  const long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n > 0 ? (size_t)n : 1;
}

RsStatus rs_thread_pool_new(size_t threads, RsThreadPool **out) {
  threads = threads ? threads : processors();
  RsThreadPool *pool = rs_alloc(1, sizeof *pool);
  if (!pool) {
    return RS_ERR_MEMORY;
  }
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->work, NULL);
  pthread_cond_init(&pool->done, NULL);
  pool->workers = rs_alloc(threads, sizeof *pool->workers);
  while (pool->workers && pool->worker_count + 1 < threads) {
    if (pthread_create(&pool->workers[pool->worker_count], NULL, work_loop, pool)) {
      break;
    }
    ++pool->worker_count;
  }
  if (pool->worker_count + 1 < threads) {
    rs_thread_pool_free(pool);
    return RS_ERR_MEMORY;
  }
  *out = pool;
  return RS_OK;
}

void rs_thread_pool_free(RsThreadPool *pool) {
  if (!pool) {
    return;
  }
  pthread_mutex_lock(&pool->mutex);
  pool->stopping = true;
  pthread_cond_broadcast(&pool->work);
  pthread_mutex_unlock(&pool->mutex);
  for (size_t i = 0; i < pool->worker_count; ++i) {
    pthread_join(pool->workers[i], NULL);
  }
  pthread_cond_destroy(&pool->done);
  pthread_cond_destroy(&pool->work);
  pthread_mutex_destroy(&pool->mutex);
  free(pool->workers);
  free(pool);
}

size_t rs_thread_pool_size(const RsThreadPool *pool) {
  return pool ? pool->worker_count + 1 : 1;
}

void rs_thread_pool_run(RsThreadPool *pool, size_t count, RsTask task, void *context) {
  if (!pool || !pool->worker_count || count < 2) {
    for (size_t i = 0; i < count; ++i) {
      task(context, i);
    }
    return;
  }
  pthread_mutex_lock(&pool->mutex);
  pool->count = count;
  pool->next = 0;
  pool->task = task;
  pool->context = context;
  pool->running = pool->worker_count;
  ++pool->loop_number;
  pthread_cond_broadcast(&pool->work);
  pthread_mutex_unlock(&pool->mutex);
  run_tasks(pool);
  pthread_mutex_lock(&pool->mutex);
  while (pool->running) {
    pthread_cond_wait(&pool->done, &pool->mutex);
  }
  pthread_mutex_unlock(&pool->mutex);
}
