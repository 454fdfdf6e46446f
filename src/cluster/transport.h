/* SPDX-License-Identifier: ISC */

#ifndef RS_CLUSTER_TRANSPORT_H
#define RS_CLUSTER_TRANSPORT_H

/**
   @file transport.h Messages between the processes of a training.

   Processes are numbered from 0 (their rank). Each function below is collective: all processes call
   it, in the same order and with sizes that agree, and it returns when this process has what it is
   to have. Bytes are sent as they are: all processes run on machines with the same byte order.
*/

#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>

/** Processes of a training, at most. */
enum { RS_RANKS_MAX = 256 };

/** Part of an array: bytes in the functions of a transport, else what is said. */
typedef struct {
  size_t offset; /**< Its first element */
  size_t size;   /**< Number of elements */
} RsPiece;

/** How messages are sent: a table of functions. Those of one process alone are never called. */
typedef struct {
  void *context; /**< Passed to the functions */
  size_t rank;   /**< Number of this process */
  size_t size;   /**< Number of processes, 1 .. RS_RANKS_MAX */

  /**
     Each process gives its piece of an array to all others.

     @param data    Array; piece `rank` is sent, the others are overwritten.
     @param pieces  `size` pieces, the same in all processes.
     @return RS_OK; RS_ERR_IO where another process cannot be reached; RS_ERR_OVERFLOW for a piece
     that is too large for one message; RS_ERR_MEMORY.
  */
  RsStatus (*gather)(void *context, void *data, const RsPiece *pieces);

  /**
     Each process sends each other process a piece of its own.

     @param out       What is sent.
     @param sent      `size` pieces of `out`: number n goes to process n.
     @param in        Output.
     @param received  `size` pieces of `in`: number n comes from process n.
     @return As gather().
  */
  RsStatus (*exchange)(void *context, const void *out, const RsPiece *sent, void *in,
                       const RsPiece *received);
} RsTransport;

/** The transport of one process alone. */
const RsTransport *rs_transport_alone(void);

/** Whether there are no other processes. */
static inline bool rs_is_alone(const RsTransport *transport) {
  return transport->size == 1;
}

/**
   The share of a process in a number of things: consecutive ones, as many as others have, or one
   more or less.

   @param rank   Number of the process.
   @param count  Number of things.
   @return The things; empty where there are fewer than processes, for some.
*/
RsPiece rs_share_of(const RsTransport *transport, size_t rank, size_t count);

/** The process in whose share a thing is. @param index 0 .. count - 1. */
size_t rs_owner_of(const RsTransport *transport, size_t index, size_t count);

/**
   Each process gives its share of an array to all others: rs_share_of().

   @param data   `count` elements; those of this process are sent, the others overwritten.
   @param count  Number of elements.
   @param size   Bytes of an element.
   @return As RsTransport.gather().
*/
RsStatus rs_gather_shares(const RsTransport *transport, void *data, size_t count, size_t size);

/**
   Each process gives one element to all others.

   @param data  An element a process, by rank; that of this process is sent, the others overwritten.
   @param size  Bytes of an element.
   @return As RsTransport.gather().
*/
RsStatus rs_gather_each(const RsTransport *transport, void *data, size_t size);

/** One process gives bytes to all others. @param root Its number. @return As RsTransport.gather().
 */
RsStatus rs_broadcast(const RsTransport *transport, size_t root, void *data, size_t size);

/**
   All processes learn whether all of them succeeded.

   @param status  Of this process.
   @param error   Its detail, or NULL; output in process 0, where another process failed: the detail
   of the first one that did, with its number.
   @return RS_OK where all succeeded; else in process 0 the status of the first one that did not,
   and in all others RS_ERR_STOPPED, whose message is empty: process 0 reports the error.
*/
RsStatus rs_agree(const RsTransport *transport, RsStatus status, RsError *error);

#endif /* RS_CLUSTER_TRANSPORT_H */
