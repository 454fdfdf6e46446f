#ifndef RS_TRAIN_UPDATE_INTERNAL_H
#define RS_TRAIN_UPDATE_INTERNAL_H

/**
   @file update_internal.h An update of training: what a group of streams adds to the gradient, and
   what the trainer does with the sum.
*/

#include "train/trainer_internal.h"

/** What an update moves; nothing is put back where all of it moves. */
typedef enum { MOVING_ALL, MOVING_VARIANCES, MOVING_THE_REST } RsMoving;

/** What may move in this epoch. */
RsMoving rs_trainer_moving(const RsTrainer *trainer);

/** Whether the cost is taken in this update. */
bool rs_trainer_wants_cost(const RsTrainer *trainer);

/** Read the block of group number `turn` and add its gradient to its own sum. @param context  The
 * trainer. */
void rs_trainer_work_on_group(void *context, size_t turn);

#endif /* RS_TRAIN_UPDATE_INTERNAL_H */
