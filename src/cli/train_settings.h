/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_TRAIN_SETTINGS_H
#define RS_CLI_TRAIN_SETTINGS_H

/**
   @file train_settings.h The settings of a training: of the options or, with --resume, of the saved
   training.
*/

#include "cli/options.h"

/**
   The settings of `train`, complete.

   With --resume they are those of -o. Options may then change the length of the training only.

   @return RS_OK; RS_ERR_SETTING for an invalid option; RS_ERR_FORMAT or RS_ERR_READ where the saved
   training is missing, damaged, or made with other settings.
*/
RsStatus rs_train_settings(const RsOptions *options, RsSettings *settings, RsError *error);

#endif /* RS_CLI_TRAIN_SETTINGS_H */
