#ifndef RS_CLI_INPUTS_H
#define RS_CLI_INPUTS_H

/**
   @file inputs.h What the command line names to be read.
*/

#include "cli/options.h"

/** Called for each. @param is_preset Whether it is a preset, by name or by path. */
typedef RsStatus (*RsInputVisit)(void *context, const char *name, bool is_preset, RsError *error);

/**
   Visit operands, and options with a file that is read, up to the first that is not RS_OK.

   @param command  One of RsForCommand.
   @return RS_OK, or what `visit` returned.
*/
RsStatus rs_inputs_visit(unsigned command, const RsOptions *options, RsInputVisit visit,
                         void *context, RsError *error);

/**
   Read the pipes and devices among the inputs that are open already, /dev/stdin and its like, to
   their end, and put a file in memory in their place: from then on they can be read more than once.

   @return RS_OK; RS_ERR_READ, RS_ERR_IO, RS_ERR_MEMORY; RS_ERR_FORMAT for one of more than 1 GiB.
*/
RsStatus rs_inputs_take_pipes(unsigned command, const RsOptions *options, RsError *error);

#endif /* RS_CLI_INPUTS_H */
