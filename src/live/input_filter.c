/* SPDX-License-Identifier: ISC */

#include "live/input_filter.h"

#include "live/midi_system.h"

#include <string.h>

bool rs_inputs_decide(const RsPortChoice *choice) {
  return choice->inputs[RS_INPUT_SYNC] || choice->inputs[RS_INPUT_FOLLOW];
}

const char *rs_input_name(int input) {
  static const char *const names[RS_INPUTS] = {[RS_INPUT_SYNC] = "sync",
                                               [RS_INPUT_CONTROL] = "control",
                                               [RS_INPUT_LISTEN] = "listen",
                                               [RS_INPUT_FOLLOW] = "follow"};
  return names[input];
}

static bool is_same_port(const RsPort *a, const RsPort *b) {
  return a->address[0] || b->address[0]
             ? a->address[0] == b->address[0] && a->address[1] == b->address[1]
             : !strcmp(a->client, b->client) && !strcmp(a->name, b->name);
}

RsStatus rs_input_check(const RsPort *output, int input, const RsPort *port, RsError *error) {
  if (input != RS_INPUT_LISTEN || !rs_midi_is_through(output) || !is_same_port(output, port)) {
    return RS_OK;
  }
  return rs_error(error, RS_ERR_SETTING,
                  "--listen: '%s' sends what is played to it, which would be answered again; "
                  "choose another port for --listen or for -p",
                  port->name);
}
