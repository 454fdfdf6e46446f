/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_STEERING_OPTIONS_H
#define RS_CLI_STEERING_OPTIONS_H

/**
   @file steering_options.h What music is steered to, as text: --density, --register, --polyphony
   and --key-weights, and the keys of the same names in steering presets.
*/

#include "cli/options.h"

#include <rollsmith/steering.h>

/** Names of the texts, without the dashes; the last one is NULL. */
extern const char *const rs_steering_names[];

/** Largest density that can be set, notes a frame, and largest key weight. */
#define RS_DENSITY_MAX 16
#define RS_WEIGHT_MAX 1000

/**
   Set one target from text.

   @param name    One of rs_steering_names.
   @param value   A number; A-B or A of "polyphony"; 12 numbers from C on, separated by commas, or
   the name of a key, of "key-weights".
   @param origin  Option or place in a file, for messages.
   @return RS_OK; RS_ERR_SETTING, also for another name.
*/
RsStatus rs_steering_assign(RsSteering *steering, const char *name, const char *value,
                            const char *origin, RsError *error);

/** Size of the text of a target. */
enum { RS_STEERING_TEXT_SIZE = 256 };

/** Text of a target, as rs_steering_assign() reads it. @return false where there is none. */
bool rs_steering_format(const RsSteering *steering, const char *name,
                        char text[RS_STEERING_TEXT_SIZE]);

/** What the options of a command steer to. @return RS_OK, RS_ERR_SETTING. */
RsStatus rs_steering_parse(const RsOptions *options, RsSteering *steering, RsError *error);

/** The first of these options that is given, with its dashes; NULL: none. */
const char *rs_steering_option(const RsOptions *options);

/** Weights of a key: 1 for the notes of its scale, less for others. @param from_common  Semitones
 * from C major or A minor to it. */
void rs_steering_key(RsSteering *steering, int from_common);

#endif /* RS_CLI_STEERING_OPTIONS_H */
