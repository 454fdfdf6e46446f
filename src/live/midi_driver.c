/* SPDX-License-Identifier: ISC */

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
    .for_tests = true,
    .open = record_open,
};

/* ---- The tables ---- */

#ifdef RS_HAVE_PORTMIDI
extern const RsMidiDriver rs_midi_driver_portmidi;
#endif
#ifdef RS_HAVE_ALSA
extern const RsMidiDriver rs_midi_driver_alsa;
#endif
#ifdef RS_HAVE_JACK
extern const RsMidiDriver rs_midi_driver_jack;
#endif

const RsMidiDriver *const rs_midi_drivers[] = {
#ifdef RS_HAVE_PORTMIDI
    &rs_midi_driver_portmidi,
#endif
#ifdef RS_HAVE_ALSA
    &rs_midi_driver_alsa,
#endif
#ifdef RS_HAVE_JACK
    &rs_midi_driver_jack,
#endif
    &none,
    &record,
    NULL,
};

/* Drivers that are built only where their library is found. */
static const struct {
  const char *name;
  const char *library;
} optional[] = {{"portmidi", "PortMidi"}, {"alsa", "ALSA's library"}, {"jack", "JACK's library"}};

enum { OPTIONAL = sizeof(optional) / sizeof(optional[0]) };

/* ---- The choice ---- */

const RsMidiDriver *rs_midi_driver_find(const char *name) {
  for (const RsMidiDriver *const *at = rs_midi_drivers; *at; ++at) {
    if (!strcmp((*at)->name, name)) {
      return *at;
    }
  }
  return NULL;
}

static RsStatus cannot_choose(const char *name, RsError *error) {
  for (int i = 0; i < OPTIONAL; ++i) {
    if (!strcmp(name, optional[i].name)) {
      return rs_error(error, RS_ERR_PORT,
                      "--driver %s: rollsmith was built without %s; build it with it, or choose "
                      "another driver",
                      name, optional[i].library);
    }
  }
  return rs_error(error, RS_ERR_SETTING,
                  "--driver %.80s: no such MIDI driver; must be portmidi, alsa, jack or none",
                  name);
}

static RsStatus choose_named(const char *name, const RsMidiDriver **out, RsError *error) {
  const RsMidiDriver *driver = rs_midi_driver_find(name);
  if (!driver || driver->for_tests) {
    return cannot_choose(name, error);
  }
  *out = driver;
  return RS_OK;
}

/* Whether a driver is to be preferred to one that precedes it in the table. */
static bool is_better(const RsMidiDriver *driver, const RsMidiDriver *than, bool virtual_port) {
  if (!driver->list || !than) {
    return driver->list != NULL;
  }
  return virtual_port && driver->virtual_ports && !than->virtual_ports;
}

RsStatus rs_midi_driver_choose(const char *name, bool virtual_port, const RsMidiDriver **out,
                               RsError *error) {
  *out = NULL;
  if (name) {
    return choose_named(name, out, error);
  }
  for (const RsMidiDriver *const *at = rs_midi_drivers; *at; ++at) {
    *out = is_better(*at, *out, virtual_port) ? *at : *out;
  }
  return *out ? RS_OK
              : rs_error(error, RS_ERR_PORT,
                         "rollsmith was built without PortMidi, ALSA and JACK and does not support "
                         "MIDI ports");
}

/* ---- Functions of ports.h ---- */

RsStatus rs_ports_list(const char *driver, RsPorts *ports, RsError *error) {
  const RsMidiDriver *chosen = NULL;
  *ports = (RsPorts){NULL, 0};
  const RsStatus status = rs_midi_driver_choose(driver, false, &chosen, error);
  if (status) {
    return status;
  }
  return chosen->list
             ? chosen->list(ports, error)
             : rs_error(error, RS_ERR_PORT, "the MIDI driver '%s' has no ports", chosen->name);
}

static bool has_inputs(const RsPortChoice *choice) {
  bool has = false;
  for (int i = 0; i < RS_INPUTS; ++i) {
    has = has || choice->inputs[i];
  }
  return has;
}

static RsStatus open_with(const RsMidiDriver *driver, const RsPortChoice *choice, RsClock *clock,
                          RsSink **out, RsError *error) {
  if (!driver->list && has_inputs(choice)) {
    return rs_error(error, RS_ERR_PORT, "the MIDI driver '%s' has no input ports", driver->name);
  }
  const RsStatus status = driver->open(choice, clock, out, error);
  if (!status) {
    (*out)->driver = driver;
  }
  return status;
}

RsStatus rs_sink_ports_new(const RsPortChoice *choice, RsClock *clock, RsSink **out,
                           RsError *error) {
  const RsMidiDriver *driver = NULL;
  *out = NULL;
  RsStatus status =
      rs_midi_driver_choose(choice->driver, choice->virtual_name != NULL, &driver, error);
  if (choice->silent && !has_inputs(choice) && status != RS_ERR_SETTING) {
    driver = &none;
    status = RS_OK;
  }
  return status ? status : open_with(driver, choice, clock, out, error);
}

const char *rs_sink_ports_name(const RsSink *sink) {
  return sink->driver && sink->driver->port_name ? sink->driver->port_name(sink) : "no port";
}

static RsStatus watch(const RsSink *sink, int input, RsPortWatch **out) {
  *out = NULL;
  return sink->driver && sink->driver->watch ? sink->driver->watch(sink, input, out) : RS_OK;
}

RsStatus rs_sink_ports_watch(const RsSink *sink, RsPortWatch **out) {
  return watch(sink, -1, out);
}

RsStatus rs_sink_ports_watch_input(const RsSink *sink, RsInput input, RsPortWatch **out) {
  return watch(sink, (int)input, out);
}
