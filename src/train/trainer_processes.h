/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_TRAINER_PROCESSES_H
#define RS_TRAIN_TRAINER_PROCESSES_H

/**
   @file trainer_processes.h A training of several processes.

   Each process has a trainer of the same settings and songs, and calls rs_trainer_join() before it
   calls rs_trainer_resume() or rs_trainer_run(). From then on rs_trainer_run() and
   rs_trainer_save() are collective. The model has the same bytes as that of one process.
*/

#include "cluster/transport.h"

#include <rollsmith/trainer.h>

/**
   Train together with other processes.

   @param transport  Borrowed for the trainer's life.
   @return RS_OK; as rs_agree(), RS_ERR_FORMAT where the songs are not those of process 0.
*/
RsStatus rs_trainer_join(RsTrainer *trainer, const RsTransport *transport, RsError *error);

/** Groups of streams, over which processes are spread: more processes than that have no part in the
 * updates. */
size_t rs_trainer_groups(const RsTrainer *trainer);

#endif /* RS_TRAIN_TRAINER_PROCESSES_H */
