#include "live/midi_driver.h"

#include <string.h>

/* Messages that the record driver keeps: a few minutes of music */
enum { RECORD_CAPACITY = 65536 };

/* ---- Drivers without ports ---- */

static RsStatus none_open(const RsPortChoice *choice, RsClock *clock, RsSink **out,
                          RsError *error) {
  const RsStatus status = rs_sink_null_new(out);
  return status ? rs_error(error, status, "out of memory") : RS_OK;
}

static RsStatus record_open(const RsPortChoice *choice, RsClock *clock, RsSink **out,
                            RsError *error) {
  const RsStatus status = rs_sink_record_new(clock, RECORD_CAPACITY, out);
  return status ? rs_error(error, status, "out of memory") : RS_OK;
}

static const RsMidiDriver none = {
    .name = "none",
    .description = "discards all messages",
    .open = none_open,
};

static const RsMidiDriver record = {
    .name = "record",
    .description = "keeps all messages in memory, for tests",
    .open = record_open,
};

/* ---- The table ---- */

#ifdef RS_HAVE_PORTMIDI
extern const RsMidiDriver rs_midi_driver_portmidi;
#endif

const RsMidiDriver *const rs_midi_drivers[] = {
#ifdef RS_HAVE_PORTMIDI
    &rs_midi_driver_portmidi,
#endif
    &none,
    &record,
    NULL,
};

const RsMidiDriver *rs_midi_driver_find(const char *name) {
  for (const RsMidiDriver *const *at = rs_midi_drivers; *at; ++at) {
    if (name ? !strcmp((*at)->name, name) : (*at)->list != NULL) {
      return *at;
    }
  }
  return NULL;
}

/* ---- The default driver ---- */

static RsStatus no_driver(RsError *error) {
  return rs_error(error, RS_ERR_PORT,
                  "rollsmith was built without PortMidi and does not support MIDI ports");
}

RsStatus rs_ports_list(RsPorts *ports, RsError *error) {
  const RsMidiDriver *driver = rs_midi_driver_find(NULL);
  *ports = (RsPorts){NULL, 0};
  return driver ? driver->list(ports, error) : no_driver(error);
}

RsStatus rs_sink_ports_new(const RsPortChoice *choice, RsClock *clock, RsSink **out,
                           RsError *error) {
  const RsMidiDriver *driver = rs_midi_driver_find(NULL);
  *out = NULL;
  return driver ? driver->open(choice, clock, out, error) : no_driver(error);
}

const char *rs_sink_ports_name(const RsSink *sink) {
  const RsMidiDriver *driver = rs_midi_driver_find(NULL);
  return driver ? driver->port_name(sink) : "";
}

static RsStatus watch(const RsSink *sink, int input, RsPortWatch **out) {
  const RsMidiDriver *driver = rs_midi_driver_find(NULL);
  *out = NULL;
  return driver ? driver->watch(sink, input, out) : RS_OK;
}

RsStatus rs_sink_ports_watch(const RsSink *sink, RsPortWatch **out) {
  return watch(sink, -1, out);
}

RsStatus rs_sink_ports_watch_input(const RsSink *sink, RsInput input, RsPortWatch **out) {
  return watch(sink, (int)input, out);
}

bool rs_ports_virtual(void) {
  const RsMidiDriver *driver = rs_midi_driver_find(NULL);
  return driver && driver->virtual_ports;
}
