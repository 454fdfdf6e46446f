#ifndef RS_CLI_METADATA_H
#define RS_CLI_METADATA_H

/**
   @file metadata.h The strings in a model file, for people: those that hold JSON are not shown as
   such.
*/

#include "cli/options.h"

/** Report a string of the metadata, in as many lines as it takes. */
void rs_tell_metadata(const RsOptions *options, const char *key, const char *value);

/** Report what a model is, by its settings in JSON: its notes, its units, and its inputs. Nothing
    where they are none of ours, or NULL. */
void rs_tell_model_parts(const RsOptions *options, const char *settings);

#endif /* RS_CLI_METADATA_H */
