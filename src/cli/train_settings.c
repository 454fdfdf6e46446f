/* SPDX-License-Identifier: ISC */

#include "cli/train_settings.h"

#include "train/trainer_state.h"

#include <glib.h>
#include <stdlib.h>

/* Resolve roll.transpose = auto: .roll files are not transposed, MIDI files are. */
static void choose_key(const RsOptions *options, RsSettings *settings) {
  RsTransposition *key = &settings->roll.transpose;
  bool midi = false;
  for (char *const *path = options->operands; *path; ++path) {
    midi = midi || !g_str_has_suffix(*path, ".roll");
  }
  *key = *key != RS_TRANSPOSE_AUTO ? *key : midi ? RS_TRANSPOSE_COMMON : RS_TRANSPOSE_NONE;
}

/* Apply options to saved settings, which they must not change. */
static RsStatus override(const RsOptions *options, const RsSettings *saved, RsSettings *settings,
                         RsError *error) {
  char *state = rs_state_path(options->output);
  RsStatus status = state ? rs_options_override(options, settings, error)
                          : rs_error(error, RS_ERR_MEMORY, "out of memory");
  if (!status) {
    choose_key(options, settings);
    status = rs_state_same_settings(saved, settings, state, error);
  }
  free(state);
  return status;
}

RsStatus rs_train_settings(const RsOptions *options, RsSettings *settings, RsError *error) {
  if (!options->train.resume) {
    const RsStatus status = rs_options_settings(options, settings, error);
    choose_key(options, settings);
    return status;
  }
  RsStatus status = rs_options_check_each(options, error);
  if (!status) {
    status = rs_trainer_saved_settings(options->output, settings, error);
  }
  const RsSettings saved = *settings;
  return status ? status : override(options, &saved, settings, error);
}
