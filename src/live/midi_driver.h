/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_MIDI_DRIVER_H
#define RS_LIVE_MIDI_DRIVER_H

/**
   @file midi_driver.h The MIDI drivers: the sinks that a player can send to.

   The functions of ports.h use the driver of RsPortChoice. To add a driver, write a source file
   with its functions, and add it to the tables of midi_driver.c.
*/

#include <rollsmith/ports.h>

/** A MIDI driver. */
typedef struct RsMidiDriver {
  const char *name;        ///< As "portmidi"
  const char *description; ///< One line
  bool virtual_ports;      ///< Whether it can create virtual ports
  bool for_tests;          ///< It cannot be chosen by name in ports.h

  /** List the ports, as rs_ports_list(). NULL: it has no ports. */
  RsStatus (*list)(RsPorts *ports, RsError *error);

  /** Open a sink, as rs_sink_ports_new(); drivers without ports ignore the choice. */
  RsStatus (*open)(const RsPortChoice *choice, RsClock *clock, RsSink **out, RsError *error);

  /** Name of the output of a sink, owned by the sink. NULL: it has no ports. */
  const char *(*port_name)(const RsSink *sink);

  /** Watch a port of a sink: one of RsInput, or below 0 the output. @param out NULL where the sink
   * has no such port. @return RS_OK, RS_ERR_MEMORY. NULL: it has no ports. */
  RsStatus (*watch)(const RsSink *sink, int input, RsPortWatch **out);
} RsMidiDriver;

/** All drivers, ended by NULL. */
extern const RsMidiDriver *const rs_midi_drivers[];

/** Driver of a name. @return NULL where there is none. */
const RsMidiDriver *rs_midi_driver_find(const char *name);

/**
   Choose a driver.

   @param name          Name; NULL: the first one of the table that has ports.
   @param virtual_port  Whether it is to create a virtual port: where none is named, the first one
   that can is preferred.
   @return RS_OK; RS_ERR_SETTING: unknown; RS_ERR_PORT: not built in.
*/
RsStatus rs_midi_driver_choose(const char *name, bool virtual_port, const RsMidiDriver **out,
                               RsError *error);

#endif /* RS_LIVE_MIDI_DRIVER_H */
