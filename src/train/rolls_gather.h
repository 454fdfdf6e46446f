/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_ROLLS_GATHER_H
#define RS_TRAIN_ROLLS_GATHER_H

/**
   @file rolls_gather.h Songs that the processes of a training made, each a share of them.
*/

#include "cluster/transport.h"

#include <rollsmith/roll.h>

/**
   Each process gives its share of some rolls to all others: rs_share_of().

   @param rolls   `count` rolls; those of this process are sent, the others overwritten, each to be
   given to rs_roll_clear().
   @param status  `count` statuses likewise; a roll whose status is not RS_OK is not sent, and left
   empty in the other processes.
   @return RS_OK, RS_ERR_MEMORY; as rs_agree() and RsTransport.gather().
*/
RsStatus rs_rolls_gather(const RsTransport *transport, RsRoll *rolls, RsStatus *status,
                         size_t count);

/** As rs_rolls_gather(). @param shares  Rolls of each process, by rank: consecutive ones, of
 * `count` in all. */
RsStatus rs_rolls_gather_from(const RsTransport *transport, const RsPiece *shares, RsRoll *rolls,
                              RsStatus *status, size_t count);

#endif /* RS_TRAIN_ROLLS_GATHER_H */
