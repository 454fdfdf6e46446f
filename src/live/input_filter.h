/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_INPUT_FILTER_H
#define RS_LIVE_INPUT_FILTER_H

/**
   @file input_filter.h Which messages the inputs of a sink take, and from which ports.
*/

#include "music/midi.h"

#include <rollsmith/ports.h>

/** Whether an input takes a message with this status byte: those of a clock go to RS_INPUT_SYNC,
    others to the other inputs. @param input One of RsInput. */
static inline bool rs_input_takes(int input, int status) {
  return status >= RS_MIDI_NOTE_OFF && (status >= RS_MIDI_SYSEX) == (input == RS_INPUT_SYNC);
}

/** Whether messages are to be sent when they are due and not ahead, as what arrives at an input
    decides what is due: a clock that is followed, or a person. */
bool rs_inputs_decide(const RsPortChoice *choice);

/** Name of our port for an input. @param input One of RsInput. */
const char *rs_input_name(int input);

/** Refuse a port that would return to an input what is played to it: Midi Through, to
   RS_INPUT_LISTEN.
    @return RS_OK, RS_ERR_SETTING. */
RsStatus rs_input_check(const RsPort *output, int input, const RsPort *port, RsError *error);

#endif /* RS_LIVE_INPUT_FILTER_H */
