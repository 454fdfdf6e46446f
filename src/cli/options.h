/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_OPTIONS_H
#define RS_CLI_OPTIONS_H

/**
   @file options.h The options of all commands: one table, from which they are parsed and
   documented.

   An option is a flag, a text, or a shorthand of a settings key: `--epochs 5` is
   `--set train.epochs=5`. Range and help of a shorthand are those of its key.
*/

#include <rollsmith/settings.h>

#include <stdbool.h>
#include <stddef.h>

/** The commands, as bits: an option has a mask of the commands that it belongs to. */
typedef enum {
  RS_FOR_INGEST = 1,
  RS_FOR_TRAIN = 2,
  RS_FOR_EVALUATE = 4,
  RS_FOR_EXPORT = 8,
  RS_FOR_DRAW = 16,
  RS_FOR_INFO = 32,
  RS_FOR_PRESETS = 64,
  RS_FOR_PLAY = 128,
  RS_FOR_PORTS = 256,
  RS_FOR_PANIC = 512,
  RS_FOR_PAGE = 1024,
} RsForCommand;

/** All commands. */
#define RS_FOR_ALL ~0u

/** An assignment to a settings key. */
typedef struct {
  char *key;    ///< "section.name"; NULL where `value` is a whole assignment, as of --set
  char *value;  ///< Value, or "section.name=value"
  char *origin; ///< The option, for messages
} RsAssignment;

/** Options of export that keep notes of a song. */
typedef struct {
  char *harmonise;
  char **keep_tracks; ///< Ended by NULL; may be NULL
  char *keep_range;
  char *keep_as;
  char *fill;
  char *look_ahead;
  char *particles;
  char *annealing_steps;
} RsGivenOptions;

/** Options of what a model plays. */
typedef struct {
  char *transpose;
  bool nearest_meter;
  char *key;
  char *density;
  char *pitch;
  char *polyphony;
  char *key_weights;
} RsMusicOptions;

/** Options of playing in real time. */
typedef struct {
  char *port;
  char *driver;
  char *virtual_port;
  char *sync;
  char *control;
  char *listen;
  char *follow;
  char *when_silent;
  char *osc;
  char *split;
  bool voices;
  bool clock;
  bool loop;
  bool wait;
  bool stats;
  bool dry_run;
} RsLiveOptions;

/** Options of training. */
typedef struct {
  bool resume;
  bool mpi;
  char *valid;
  char *log;
  char *page;
} RsTrainOptions;

/** A parsed command line; it owns its strings. */
typedef struct {
  bool help;
  bool quiet;
  bool verbose;
  bool json;
  bool strict;
  char *output;
  bool to_stdout; ///< Whether the output is standard output
  char *preset;
  char *prime;
  RsTrainOptions train;
  RsGivenOptions given;
  RsMusicOptions music;
  RsLiveOptions live;
  RsAssignment *assignments; ///< In the order of the command line
  size_t assignment_count;
  char **operands; ///< Arguments that are not options, ended by NULL
  size_t operand_count;
} RsOptions;

/** How a command uses the file that an option names. */
typedef enum {
  RS_USES_NO_FILE, ///< The option does not name a file
  RS_READS_FILE,   ///< File or folder
  RS_WRITES_FILE,
  RS_IS_LIST, ///< The option does not name a file and may be repeated; the member is a list
} RsFileUse;

/** One option of one or more commands. */
typedef struct {
  const char *name;     ///< Without the dashes
  char letter;          ///< Short form, or 0
  const char *argument; ///< Argument in capitals; NULL of a flag
  unsigned commands;    ///< Mask of RsForCommand
  const char *help;     ///< One sentence, no full stop; NULL: that of the key
  const char *key;      ///< Settings key, or NULL
  const char *also;     ///< A further assignment, or NULL
  size_t offset;        ///< Of flags and texts: offset of the member of RsOptions
  RsFileUse use;        ///< Of texts
} RsOption;

/** Size of an array with an element for each option. */
enum { RS_OPTIONS_MAX = 64 };

/** Option number `index` of a command, counted from 0; NULL after the last one. */
const RsOption *rs_option_at(unsigned command, size_t index);

/** The text that is given to an option, such as the name of a file; NULL where its use is another
 * one or it is not given. Not for lists and flags. */
const char *rs_option_file(const RsOptions *options, const RsOption *option, RsFileUse use);

/** Help of an option: its own or that of its key. */
const char *rs_option_help(const RsOption *option);

/**
   Parse the command line of a command.

   @param command  One of RsForCommand.
   @param argc     Number of arguments, including the name of the command.
   @param argv     Arguments, ended by NULL; borrowed.
   @param options  Output, to be given to rs_options_clear(), also after an error.
   @return RS_OK; RS_ERR_SETTING for an unknown option, a missing argument or a contradiction.
*/
RsStatus rs_options_parse(unsigned command, int argc, char **argv, RsOptions *options,
                          RsError *error);

/** Free what the options own. */
void rs_options_clear(RsOptions *options);

/** Whether the command line or the configuration sets a key, "section.name". */
bool rs_options_is_set(const RsOptions *options, const char *key);

/** Apply the assignments of the command line to `settings`, and check the result. */
RsStatus rs_options_apply(const RsOptions *options, RsSettings *settings, RsError *error);

/**
   Check that only settings were changed that may be changed.

   @param allowed   The changed settings, with the model's values where they are fixed.
   @param settings  The changed settings.
   @return RS_OK; RS_ERR_SETTING where the two differ; the message names the first such key.
*/
RsStatus rs_options_check_fixed(const RsSettings *allowed, const RsSettings *settings,
                                RsError *error);

/** Check preset and assignments of the command line each by itself, as before a model is read. */
RsStatus rs_options_check_each(const RsOptions *options, RsError *error);

/** Apply the preset and the assignments of the command line to `settings`, and check the result. */
RsStatus rs_options_override(const RsOptions *options, RsSettings *settings, RsError *error);

/** Settings from the defaults, the preset and the command line, in this order. */
RsStatus rs_options_settings(const RsOptions *options, RsSettings *settings, RsError *error);

/** As rs_options_settings(), for a command without a model: only section roll is checked. */
RsStatus rs_options_roll(const RsOptions *options, RsSettings *settings, RsError *error);

#endif /* RS_CLI_OPTIONS_H */
