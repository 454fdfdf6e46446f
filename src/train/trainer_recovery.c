#include "train/trainer_internal.h"

#include <string.h>

/* Numbers that run out of range so often are beyond help. */
enum { RECOVERIES_MAX = 10 };

size_t rs_trainer_good_size(const RsTrainer *trainer) {
  return 2 * trainer->parameters + rs_optimiser_state_size(trainer->optimisers[0]) +
         rs_optimiser_state_size(trainer->optimisers[1]);
}

/* Copy the state that a recovery needs into trainer->good, or back out of it. */
static void copy_good(RsTrainer *trainer, bool back) {
  const size_t sizes[] = {trainer->parameters, trainer->parameters,
                          rs_optimiser_state_size(trainer->optimisers[0]),
                          rs_optimiser_state_size(trainer->optimisers[1])};
  float *const parts[] = {trainer->w, trainer->average, rs_optimiser_state(trainer->optimisers[0]),
                          rs_optimiser_state(trainer->optimisers[1])};
  float *good = trainer->good;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; good += sizes[i++]) {
    memcpy(back ? parts[i] : good, back ? good : parts[i], sizes[i] * sizeof *good);
  }
}

void rs_trainer_remember(RsTrainer *trainer) {
  copy_good(trainer, false);
}

/* The states may hold what is no number; a chain may not, or not for longer than a sweep. */
static void forget_past(RsTrainGroup *group) {
  rs_rnn_learner_reset(rs_rnnrbm_learner_rnn(group->learner));
  if (group->random) {
    rs_rnn_learner_reset(rs_rnnrbm_learner_rnn(group->random));
  }
}

RsStatus rs_trainer_recover(RsTrainer *trainer, RsError *error) {
  if (++trainer->counters.recoveries > RECOVERIES_MAX) {
    return rs_error(error, RS_ERR_NONFINITE,
                    "training blows up again and again; lower train.learning_rate (%g) or set "
                    "train.clip",
                    trainer->settings.train.learning_rate);
  }
  copy_good(trainer, true);
  trainer->counters.learning_rate /= 2;
  ++trainer->counters.epoch_recoveries;
  for (size_t i = 0; i < trainer->group_count; ++i) {
    forget_past(trainer->groups + i);
  }
  return RS_OK;
}
