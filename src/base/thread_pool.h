/* SPDX-License-Identifier: ISC */

#ifndef RS_BASE_THREAD_POOL_H
#define RS_BASE_THREAD_POOL_H

/**
   @file thread_pool.h A pool of threads for loops whose iterations are independent of each other.

   A result must never depend on the number of threads: an iteration writes only data of its own,
   and sums over iterations are computed afterwards, in order of their index.
*/

#include <rollsmith/status.h>

#include <stddef.h>

typedef struct RsThreadPool RsThreadPool;

/** One iteration of a loop. @param context As given to rs_thread_pool_run(). @param index 0 ..
 * count
 * - 1. */
typedef void (*RsTask)(void *context, size_t index);

/**
   Start the threads of a pool.

   @param threads  Number of threads, including the caller's; 0: one per processor.
   @param out      Output, to be given to rs_thread_pool_free().
   @return RS_OK; RS_ERR_MEMORY where memory is out or a thread cannot be created.
*/
RsStatus rs_thread_pool_new(size_t threads, RsThreadPool **out);

/** End the threads. NULL is allowed. */
void rs_thread_pool_free(RsThreadPool *pool);

/** Number of threads, including the caller's; 1 for NULL. */
size_t rs_thread_pool_size(const RsThreadPool *pool);

/**
   Run the iterations of a loop, in any order, and return when all have finished. The calling thread
   runs some of them.

   @param pool     Pool, or NULL to run in the calling thread alone.
   @param count    Number of iterations.
   @param task     Called once per iteration.
   @param context  Passed to every call.
*/
void rs_thread_pool_run(RsThreadPool *pool, size_t count, RsTask task, void *context);

#endif /* RS_BASE_THREAD_POOL_H */
