#include <rollsmith/ports.h>

/* In place of sink_portmidi.c where PortMidi was not there when this was built. */

static RsStatus no_midi(RsError *error) {
  return rs_error(error, RS_ERR_PORT,
                  "this rollsmith was built without PortMidi and knows no MIDI ports");
}

RsStatus rs_ports_list(RsPorts *ports, RsError *error) {
  *ports = (RsPorts){NULL, 0};
  return no_midi(error);
}

RsStatus rs_sink_ports_new(const RsPortChoice *choice, RsClock *clock, RsSink **out,
                           RsError *error) {
  *out = NULL;
  return no_midi(error);
}

const char *rs_sink_ports_name(const RsSink *sink) {
  return "";
}

RsStatus rs_sink_ports_watch(const RsSink *sink, RsPortWatch **out) {
  *out = NULL;
  return RS_OK;
}

RsStatus rs_sink_ports_watch_input(const RsSink *sink, RsInput input, RsPortWatch **out) {
  *out = NULL;
  return RS_OK;
}

bool rs_ports_virtual(void) {
  return false;
}
