#ifndef RS_CLI_OPTIONS_H
#define RS_CLI_OPTIONS_H

/**
   @file options.h The options of all commands: one table, from which they are parsed and
   documented.

   An option is either a flag, a text, or another way to write a key of the settings: `--epochs 5`
   is
   `--set train.epochs=5`. What numbers such an option takes, and its help, are those of the key.
*/

#include <rollsmith/settings.h>

#include <stdbool.h>
#include <stddef.h>

/** The commands, as bits, to say which option belongs to which. */
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
} RsForCommand;

/** All commands, those to come as well. */
#define RS_FOR_ALL ~0u

/** A key of the settings that the command line sets. */
typedef struct {
  char *key;    // "section.name"; NULL where value is a whole assignment, as of --set
  char *value;  // Its value, or "section.name=value"
  char *origin; // The option, for messages
} RsAssignment;

/** What the user asked for, as typed. Strings belong to it. */
typedef struct {
  bool help;
  bool quiet;
  bool verbose;
  bool json;
  bool strict;
  bool resume;
  char *output;
  bool to_stdout; // Whether the output is standard output
  char *preset;
  char *valid;
  char *log;
  char *prime;
  char *transpose;
  bool nearest_meter;
  char *key;
  char *port;
  char *virtual_port;
  char *sync;
  char *control;
  char *listen;
  bool clock;
  bool loop;
  bool wait;
  bool stats;
  bool dry_run;
  RsAssignment *assignments; // In the order of the command line
  size_t assignment_count;
  char **operands; // What is left when the options are taken away, ended by NULL
  size_t operand_count;
} RsOptions;

/** What a command does with the file that an option names. */
typedef enum {
  RS_USES_NO_FILE, // The option names none
  RS_READS_FILE,   // Or a folder
  RS_WRITES_FILE,
} RsFileUse;

/** One option of one or more commands. */
typedef struct {
  const char *name;     // Without the two dashes
  char letter;          // Short form, or 0
  const char *argument; // What follows, in capitals; NULL of a flag
  unsigned commands;    // Some of RsForCommand
  const char *help;     // One sentence, no full stop; NULL: that of the key
  const char *key;      // The key that it sets, or NULL
  const char *also;     // An assignment that goes with it, or NULL
  size_t offset;        // Of flags and texts: the place in RsOptions
  RsFileUse use;        // Of texts
} RsOption;

/** Option number `index` of a command, counted from 0; NULL behind the last one. */
const RsOption *rs_option_of(unsigned command, size_t index);

/** The file that an option of such a use names; NULL where it has another use or is not given. */
const char *rs_option_file(const RsOptions *options, const RsOption *option, RsFileUse use);

/** Help of an option: its own or that of its key. */
const char *rs_option_help(const RsOption *option);

/**
   Take the command line of a command apart.

   @param command  One of RsForCommand.
   @param argc     Number of words, that of the command itself the first.
   @param argv     The words, ended by NULL; borrowed.
   @param options  Output, to be given to rs_options_clear(), also after an error.
   @return RS_OK; RS_ERR_SETTING for an option that does not exist or lacks its argument.
*/
RsStatus rs_options_parse(unsigned command, int argc, char **argv, RsOptions *options,
                          RsError *error);

/** Free what the options own. */
void rs_options_clear(RsOptions *options);

/** Whether the command line or the configuration sets a key, "section.name". */
bool rs_options_set(const RsOptions *options, const char *key);

/** Set the keys that the command line names, on top of `settings`, and check the whole. */
RsStatus rs_options_apply(const RsOptions *options, RsSettings *settings, RsError *error);

/**
   See that nothing was set that a model has settled, or that would change nothing.

   @param allowed   What was set, with the model's own values where they cannot be changed.
   @param settings  What was set.
   @return RS_OK; RS_ERR_SETTING where the two differ, with the first key in which they do.
*/
RsStatus rs_options_settled(const RsSettings *allowed, const RsSettings *settings, RsError *error);

/** Set the keys that the preset and the command line name, on top of `settings`, and check the
 * whole. */
RsStatus rs_options_override(const RsOptions *options, RsSettings *settings, RsError *error);

/** Settings from the defaults, the preset and the command line, in this order. */
RsStatus rs_options_settings(const RsOptions *options, RsSettings *settings, RsError *error);

/** The same for a command without a model: only section roll is checked. */
RsStatus rs_options_roll(const RsOptions *options, RsSettings *settings, RsError *error);

#endif /* RS_CLI_OPTIONS_H */
