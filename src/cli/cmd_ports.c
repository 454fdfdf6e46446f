/* SPDX-License-Identifier: ISC */

#include "cli/command.h"
#include "cli/config.h"
#include "cli/console.h"
#include "cli/songs.h"
#include "live/midi_system.h"
#include "files/json.h"

#include <rollsmith/ports.h>

#include <stdio.h>

static json_t *port_json(const RsPort *port) {
  json_t *json = json_pack("{s:i, s:s, s:b}", "number", port->number, "direction",
                           port->output ? "output" : "input", "default", (int)port->is_default);
  json_object_set_new(json, "name", rs_json_text(port->name));
  json_object_set_new(json, "client", rs_json_text(port->client));
  json_object_set_new(json, "address",
                      port->address[0] ? json_sprintf("%d:%d", port->address[0], port->address[1])
                                       : json_null());
  return json;
}

static RsStatus list_ports(const RsOptions *options, RsPorts *ports, RsError *error) {
  RsConfig config;
  *ports = (RsPorts){NULL, 0};
  RsStatus status = rs_config_load(&config, error);
  if (!status) {
    status =
        rs_ports_list(options->live.driver ? options->live.driver : config.driver, ports, error);
  }
  rs_config_clear(&config);
  return status;
}

static RsStatus run(const RsOptions *options, RsError *error) {
  RsPorts ports;
  json_t *list = json_array();
  RsStatus status = list_ports(options, &ports, error);
  for (size_t i = 0; i < ports.count; ++i) {
    const RsPort *port = &ports.ports[i];
    char client[RS_PORT_NAME_SIZE + 40] = "";
    if (port->address[0]) {
      snprintf(client, sizeof(client), "  [%s %d:%d]", port->client, port->address[0],
               port->address[1]);
    } else if (*port->client) {
      snprintf(client, sizeof(client), "  [%s]", port->client);
    }
    rs_report(options, "%3d  %-6s  %s%s%s", port->number, port->output ? "output" : "input",
              port->name, client, port->is_default ? "  (default)" : "");
    json_array_append_new(list, port_json(port));
  }
  if (!status && !ports.count) {
    status = rs_error(error, RS_ERR_PORT, "there are no MIDI ports: %s",
                      rs_midi_diagnose(RS_ALSA_FOLDER, RS_ALSA_SEQUENCER));
  } else if (!status && rs_midi_only_through(&ports)) {
    rs_notice(options,
              "no synthesizer found: Midi Through only forwards messages to ports connected to it");
  }
  rs_ports_clear(&ports);
  if (options->json && (!status || status == RS_ERR_PORT)) {
    const RsStatus put = rs_report_json(json_pack("{s:o}", "ports", list), error);
    return status ? status : put;
  }
  json_decref(list);
  return status;
}

const RsCommand rs_command_ports = {
    .name = "ports",
    .bit = RS_FOR_PORTS,
    .operands = "",
    .fewest = 0,
    .most = 0,
    .summary = "list the MIDI ports",
    .description =
        "Lists each port with its number, direction (output: music can be played to it), name and "
        "program, and marks the default. A port is selected by its name, the beginning or a part "
        "of "
        "it, its number, or its address (128:0 or Client:port). Numbers change when ports appear "
        "and "
        "disappear.",
    .examples = "rollsmith ports\n"
                "rollsmith ports --json\n"
                "rollsmith ports --driver jack\n",
    .run = run,
};
