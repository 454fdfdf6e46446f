/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_PLAYER_COMMAND_H
#define RS_TESTS_PLAYER_COMMAND_H

/**
   @file player_command.h Commands to a player and their values as numbers, for tables of tests.
*/

#include <rollsmith/player.h>

static inline RsPlayerCommand command_of(RsPlayerControl control, double value) {
  RsPlayerCommand command = {control, {0}};
  switch (control) {
  case RS_PLAYER_TEMPO:
    command.bpm = value;
    break;
  case RS_PLAYER_TRANSPOSE:
    command.semitones = (int)value;
    break;
  case RS_PLAYER_MUTE:
  case RS_PLAYER_PAUSE:
    command.on = value != 0;
    break;
  case RS_PLAYER_HOLD:
    command.frames = (uint64_t)value;
    break;
  case RS_PLAYER_TEMPERATURE:
    command.temperature = value;
    break;
  case RS_PLAYER_MAX_POLYPHONY:
    command.max_polyphony = (int)value;
    break;
  case RS_PLAYER_STEERING:
    command.steering.density = value;
    break;
  case RS_PLAYER_SEED:
    command.seed = (uint64_t)value;
    break;
  case RS_PLAYER_RECEIVER:
    command.receiver = (RsReceiver)value;
    break;
  case RS_PLAYER_ROOM:
    command.room = (size_t)value;
    break;
  case RS_PLAYER_PANIC:
  case RS_PLAYER_REFRESH:
    break;
  }
  return command;
}

static inline double value_of(const RsPlayerCommand *command) {
  switch (command->control) {
  case RS_PLAYER_TEMPO:
    return command->bpm;
  case RS_PLAYER_TRANSPOSE:
    return command->semitones;
  case RS_PLAYER_MUTE:
  case RS_PLAYER_PAUSE:
    return command->on;
  case RS_PLAYER_HOLD:
    return (double)command->frames;
  case RS_PLAYER_TEMPERATURE:
    return command->temperature;
  case RS_PLAYER_MAX_POLYPHONY:
    return command->max_polyphony;
  case RS_PLAYER_STEERING:
    return command->steering.density;
  case RS_PLAYER_SEED:
    return (double)command->seed;
  case RS_PLAYER_RECEIVER:
    return command->receiver;
  case RS_PLAYER_ROOM:
    return (double)command->room;
  case RS_PLAYER_PANIC:
  case RS_PLAYER_REFRESH:
    break;
  }
  return 0;
}

#endif /* RS_TESTS_PLAYER_COMMAND_H */
