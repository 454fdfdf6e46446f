#ifndef RS_CLI_TRAIN_SETTINGS_H
#define RS_CLI_TRAIN_SETTINGS_H

/**
   @file train_settings.h The settings of a training: those that the user gives or, with --resume,
   those of the training that goes on.
*/

#include "cli/options.h"

/**
   The settings of `train`, complete.

   With --resume they are those that -o was trained with. What is given with it may change how long
   training goes on, and nothing that has been trained with already.

   @return RS_OK; RS_ERR_SETTING for what is given; RS_ERR_FORMAT or RS_ERR_READ where there is
   nothing to go on from, or where it was made with other settings.
*/
RsStatus rs_train_settings(const RsOptions *options, RsSettings *settings, RsError *error);

#endif /* RS_CLI_TRAIN_SETTINGS_H */
