/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_METADATA_H
#define RS_CLI_METADATA_H

/**
   @file metadata.h Text output of the metadata of a model file; JSON is printed as plain text.
*/

#include "cli/options.h"

/** Report an entry of the metadata, in one or more lines. */
void rs_report_metadata(const RsOptions *options, const char *key, const char *value);

/** Report notes, units and inputs of a model, by its settings in JSON. Nothing is reported where
    they are NULL or invalid. */
void rs_report_model_parts(const RsOptions *options, const char *settings);

#endif /* RS_CLI_METADATA_H */
