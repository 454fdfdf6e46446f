/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_CONFIG_H
#define RS_CLI_CONFIG_H

/**
   @file config.h User configuration of playing: port, MIDI driver, a model's channel, program and
   tempo, and the MIDI controllers of the live controls.

   The file is $XDG_CONFIG_HOME/rollsmith/config.ini, or else ~/.config/rollsmith/config.ini.
   Environment variables take precedence over it, and options over both.

       [live]
       port = Synth
       driver = alsa
       channel = 1
       program = 19
       tempo = 96

       [control]
       tempo = 20

       [steering 1]
       density = 0.8
       register = 67
       polyphony = 2-4
       key-weights = Am
*/

#include "cli/live_control_table.h"
#include "cli/options.h"
#include "cli/steering_options.h"

/** Number of values of section live that set a key: channel, program and tempo. */
enum { RS_CONFIG_VALUES = 3 };

/** Numbers of steering presets: 1 to 9 are in the file, 0 steers nothing. */
enum { RS_STEERING_PRESETS = 10 };

/** The configuration. */
typedef struct {
  char *path;                              ///< Of the file, which may not exist
  char *port;                              ///< NULL: not set
  char *driver;                            ///< MIDI driver; NULL: not set
  char *values[RS_CONFIG_VALUES];          ///< Channel, program and tempo as text; NULL: not set
  char *origins[RS_CONFIG_VALUES];         ///< File and line, or variable, for messages
  int controls[RS_CONTROLS];               ///< MIDI controller of each live control; -1: none
  bool chosen[RS_CONTROLS];                ///< Whether the file sets it
  RsSteering presets[RS_STEERING_PRESETS]; ///< By number; those that steer nothing are not set
} RsConfig;

/** Read file and environment. @return RS_OK, RS_ERR_SETTING; to be given to rs_config_clear(). */
RsStatus rs_config_load(RsConfig *config, RsError *error);

/** Read the text of a configuration file into `config`. @return RS_OK, RS_ERR_SETTING,
 * RS_ERR_MEMORY. */
RsStatus rs_config_parse(RsConfig *config, const char *text, RsError *error);

/** Free what it owns. */
void rs_config_clear(RsConfig *config);

/**
   Options, preceded by those of the configuration.

   @param is_file  Whether a MIDI file is played: then only port and driver of the configuration
   apply.
   @return To be given to rs_config_release().
*/
RsOptions rs_config_options(const RsConfig *config, const RsOptions *options, bool is_file);

/** Free what rs_config_options() has allocated. */
void rs_config_release(RsOptions *options);

/** Write a steering preset to the file. @param number 1 to 9. @return RS_OK, or the error of
 * writing. */
RsStatus rs_config_keep_preset(RsConfig *config, int number, const RsSteering *steering,
                               RsError *error);

/** Assign a MIDI controller to a live control, and write it to the file. @return RS_OK, or the
 * error of writing. */
RsStatus rs_config_learn(RsConfig *config, RsControl control, int controller, RsError *error);

#endif /* RS_CLI_CONFIG_H */
