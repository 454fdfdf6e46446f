#ifndef RS_CLI_CONFIG_H
#define RS_CLI_CONFIG_H

/**
   @file config.h What the user always wants of playing: port, a model's channel, program and tempo,
   and which controllers do what. It stands in $XDG_CONFIG_HOME/rollsmith/config.ini, or else in
   ~/.config/rollsmith/config.ini; the environment is above that, options above both.

       [live]
       port = Synth
       channel = 1
       program = 19
       tempo = 96

       [control]
       tempo = 20
*/

#include "cli/options.h"

/** What a controller can change, in the order of rs_live_controls. */
typedef enum {
  RS_CONTROL_TEMPO,
  RS_CONTROL_TEMPERATURE,
  RS_CONTROL_DENSITY,
  RS_CONTROL_TRANSPOSE,
  RS_CONTROL_MUTE,
  RS_CONTROL_HOLD,
  RS_CONTROL_PANIC,
  RS_CONTROL_SEED,
  RS_CONTROLS,
} RsControl;

/** Their names, as in the file, and the keys by which a controller learns them. */
typedef struct {
  const char *name;
  char key;
} RsLiveControl;

extern const RsLiveControl rs_live_controls[RS_CONTROLS];

/** The values of the live section that are settings of their own, and their keys. */
enum { RS_CONFIG_VALUES = 3 };

/** The configuration. */
typedef struct {
  char *path;                      // Of the file, whether it is there or not
  char *port;                      // NULL: none is named
  char *values[RS_CONFIG_VALUES];  // Channel, program and tempo as text; NULL: not set
  char *origins[RS_CONFIG_VALUES]; // Where they stand, for messages
  int controls[RS_CONTROLS];       // Controller of each; -1: none
  bool chosen[RS_CONTROLS];        // Whether the file says so
} RsConfig;

/** Read file and environment. @return RS_OK, RS_ERR_SETTING; to be given to rs_config_clear(). */
RsStatus rs_config_load(RsConfig *config, RsError *error);

/** Read the text of a file on top of what is there. @return RS_OK, RS_ERR_SETTING, RS_ERR_MEMORY.
 */
RsStatus rs_config_parse(RsConfig *config, const char *text, RsError *error);

/** Free what it owns. */
void rs_config_clear(RsConfig *config);

/**
   Options with those of the configuration before them.

   @param is_file  Whether a file is played, as it stands: then the port alone is taken.
   @return To be given to rs_config_release().
*/
RsOptions rs_config_options(const RsConfig *config, const RsOptions *options, bool is_file);

/** Free what rs_config_options() has added. */
void rs_config_release(RsOptions *options);

/** Learn that a controller does something, and write that into the file. */
RsStatus rs_config_learn(RsConfig *config, RsControl control, int controller, RsError *error);

#endif /* RS_CLI_CONFIG_H */
