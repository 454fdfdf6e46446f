/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_LIVE_CONTROL_TABLE_H
#define RS_CLI_LIVE_CONTROL_TABLE_H

/**
   @file live_control_table.h The live controls: names, keys, ranges, and what MIDI controllers set.
*/

#include <stdbool.h>

/** What can be changed while music plays, in the order of rs_live_controls. */
typedef enum {
  RS_CONTROL_TEMPO,         ///< Quarter notes a minute
  RS_CONTROL_TEMPERATURE,   ///< Of the model
  RS_CONTROL_MAX_POLYPHONY, ///< Most notes at a time, others are left out; 0: any number
  RS_CONTROL_TRANSPOSE,     ///< Semitones
  RS_CONTROL_MUTE,
  RS_CONTROL_HOLD, ///< Repeat the last bars
  RS_CONTROL_PANIC,
  RS_CONTROL_SEED,           ///< Start again with the next seed
  RS_CONTROL_DENSITY,        ///< Steering: notes that begin, a frame; 0: as the model plays
  RS_CONTROL_REGISTER,       ///< Steering: mean MIDI number; 0: as the model plays
  RS_CONTROL_POLYPHONY_LOW,  ///< Steering: fewest notes at a time; 0: any number
  RS_CONTROL_POLYPHONY_HIGH, ///< Steering: most notes at a time; 0: any number
  RS_CONTROL_KEY,            ///< Steering: 1 + semitones above C of a major key; 0: none
  RS_CONTROLS,               ///< Number of controls
} RsControl;

/** How a control is operated. */
typedef enum {
  RS_CONTROL_VALUE,  ///< Two keys decrease and increase it; a controller sets it
  RS_CONTROL_SWITCH, ///< A key toggles it; a controller turns it on from 64 on
  RS_CONTROL_BUTTON, ///< A key triggers it, and so does a controller from 64 on
} RsControlType;

/** A row of the table. */
typedef struct {
  const char *name; ///< In the configuration file
  const char *help; ///< Keys and meaning
  RsControlType type;
  char learn_key; ///< Key that names it for MIDI learn
  char decrease;  ///< Key that decreases a value
  char increase;  ///< Key that increases a value, toggles a switch or triggers a button
  double step;    ///< Change of a value by a key
  double first;   ///< To which a key changes 0, which means off; 0: 0 is a value as others
  double low, high;
  double controller_low, controller_high; ///< Values for controller values 0 and 127
  bool bipolar;                           ///< Controller value 64 is 0
  bool integer;
} RsLiveControl;

/** The table. */
extern const RsLiveControl rs_live_controls[RS_CONTROLS];

/** The MIDI controller that a control has where the configuration names none. */
int rs_live_control_controller(RsControl control);

/** Control that a key operates; RS_CONTROLS where there is none. */
RsControl rs_live_control_of_key(int key);

/** Control that a key names for MIDI learn; RS_CONTROLS where there is none. */
RsControl rs_live_control_to_learn(int key);

/** Value of a control for a value of its MIDI controller, 0 to 127. */
double rs_live_control_from_midi(const RsLiveControl *control, int value);

#endif /* RS_CLI_LIVE_CONTROL_TABLE_H */
