#include "model/trainer_internal.h"

#include <string.h>

/* Numbers that run out of range so often are beyond help. */
enum { RECOVERIES_MAX = 10 };

void rs_trainer_remember(RsTrainer *trainer) {
  const size_t n = trainer->parameters;
  memcpy(trainer->good, trainer->w, n * sizeof *trainer->w);
  memcpy(trainer->good + n, trainer->mean, n * sizeof *trainer->w);
  memcpy(trainer->good + 2 * n, trainer->square, n * sizeof *trainer->w);
  memcpy(trainer->good + 3 * n, trainer->average, n * sizeof *trainer->w);
}

RsStatus rs_trainer_recover(RsTrainer *trainer, RsError *error) {
  const size_t n = trainer->parameters;
  if (++trainer->counters.recoveries > RECOVERIES_MAX) {
    return rs_error(error, RS_ERR_NONFINITE,
                    "training blows up again and again; lower train.learning_rate (%g) or set "
                    "train.clip",
                    trainer->settings.train.learning_rate);
  }
  memcpy(trainer->w, trainer->good, n * sizeof *trainer->w);
  memcpy(trainer->mean, trainer->good + n, n * sizeof *trainer->w);
  memcpy(trainer->square, trainer->good + 2 * n, n * sizeof *trainer->w);
  memcpy(trainer->average, trainer->good + 3 * n, n * sizeof *trainer->w);
  trainer->counters.learning_rate /= 2;
  for (size_t i = 0; i < trainer->group_count; ++i) {
    rs_rnn_learner_reset(rs_rnnrbm_learner_rnn(trainer->groups[i].learner));
  }
  return RS_OK;
}
