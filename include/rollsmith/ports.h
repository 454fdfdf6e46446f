/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_PORTS_H
#define ROLLSMITH_PORTS_H

/**
   @file ports.h MIDI ports, and a sink with inputs made of them.

   PortMidi is not thread-safe: these functions must be called by one thread at a time, and ports
   can be listed only while no sink is open.
*/

#include <rollsmith/player.h>
#include <rollsmith/sink.h>
#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Room for the name of a port. */
#define RS_PORT_NAME_SIZE 128

/** A MIDI port; a bidirectional port is listed as two. */
typedef struct {
  int number;                     ///< Number by which it can be selected
  char name[RS_PORT_NAME_SIZE];   ///< Its name
  char client[RS_PORT_NAME_SIZE]; ///< Name of its program; empty if not known
  bool output;                    ///< Messages can be sent to it; else they are received from it
  bool is_default;                ///< It is used where none is named
  int address[2];                 ///< Client and port in ALSA's sequencer; 0, 0: not known
} RsPort;

/** Ports; owned and freed by rs_ports_clear(). */
typedef struct {
  RsPort *ports; ///< `count` of them
  size_t count;  ///< Number of ports
} RsPorts;

/**
   List the ports.

   @param driver  Name of the MIDI driver: "portmidi", "alsa", "jack" or "none". NULL: the default.
   @param ports   Output, to be given to rs_ports_clear(); may be empty.
   @return RS_OK; RS_ERR_MEMORY; RS_ERR_SETTING: no such driver; RS_ERR_PORT where the driver is not
   built in, or there is no MIDI system.
*/
RsStatus rs_ports_list(const char *driver, RsPorts *ports, RsError *error);

/** Free what the ports own. NULL is allowed. */
void rs_ports_clear(RsPorts *ports);

/**
   Select a port.

   @param ports    Ports.
   @param output   Whether to search outputs, not inputs.
   @param pattern  One of the following, compared case-insensitively, of which the first that
   matches any port is used and must match one only: name, number, address (128:0, CLIENT:0 or
   CLIENT:NAME), beginning of the name, part of the name, part of the client's name. NULL: the
   default port.
   @param index    Output, its index in `ports`.
   @return RS_OK; RS_ERR_PORT where no port or several ports match; the message lists them.
*/
RsStatus rs_ports_choose(const RsPorts *ports, bool output, const char *pattern, size_t *index,
                         RsError *error);

/** Whether two names may be those of one port before and after a restart of its program: they are
    equal up to a bracket, in which some programs have a number that changes. */
bool rs_port_names_match(const char *a, const char *b);

/**
   Find a port that was lost.

   @param ports         Ports.
   @param former        The port as it was.
   @param client_index  Its index among the ports of its name, direction and client.
   @param namesakes     Other ports of its name at that time, which cannot be it; those that no
   longer exist are removed. NULL: not known.
   @param index         Output, its index in `ports`.
   @return RS_OK; RS_ERR_PORT where no port has its name and, if known, its client's.
*/
RsStatus rs_ports_find_returned(const RsPorts *ports, const RsPort *former, size_t client_index,
                                RsPorts *namesakes, size_t *index);

/** Ports of a sink, by patterns of rs_ports_choose(). */
typedef struct {
  const char *driver;            ///< Name, as for rs_ports_list(); NULL: the default
  const char *output;            ///< Output; NULL: the default port
  const char *inputs[RS_INPUTS]; ///< Inputs; NULL: none
  const char *virtual_name; ///< Create a virtual port of this name in place of `output`; or NULL
  bool silent;              ///< Use the inputs only; without any, no port is opened
} RsPortChoice;

/**
   A sink that sends to a port and receives from others.

   Messages are scheduled by the MIDI system, and are therefore to be sent ahead (RsSink.lookahead).
   Lost ports are found again by their name; other ports that match the pattern are not used. All
   inputs must exist at first; when the sink is opened again, missing ones are left out.

   @param choice  Copied.
   @param clock   The monotonic clock, borrowed; must outlive the sink.
   @param out     Output, to be given to rs_sink_free(). There can be one at a time.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_PORT; RS_ERR_SETTING where there is no such driver.
*/
RsStatus rs_sink_ports_new(const RsPortChoice *choice, RsClock *clock, RsSink **out,
                           RsError *error);

/** Name of the output of such a sink, owned by the sink. */
const char *rs_sink_ports_name(const RsSink *sink);

/* ---- Supervision of ports ---- */

typedef struct RsPortWatch RsPortWatch; ///< A list of ports that is kept up to date

/**
   Watch a port: whether it exists, and whether its receiver reads its messages. This needs ALSA's
   sequencer; with other systems the receiver is always RS_RECEIVER_READY.

   @param name    Name of the port.
   @param place   Its index among ports of the same name and direction.
   @param output  Whether it is an output.
   @param out     Output, to be given to rs_port_watch_free().
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_port_watch_new(const char *name, size_t place, bool output, RsPortWatch **out);

/** Watch the output of a sink of ports. @return As rs_port_watch_new(). */
RsStatus rs_sink_ports_watch(const RsSink *sink, RsPortWatch **out);

/** Watch an input of a sink of ports. @param out NULL where it has no such input. @return As
 * rs_port_watch_new(). */
RsStatus rs_sink_ports_watch_input(const RsSink *sink, RsInput input, RsPortWatch **out);

/** Free a watch. NULL is allowed. */
void rs_port_watch_free(RsPortWatch *watch);

/** Name of the port, owned by the watch. */
const char *rs_port_watch_name(const RsPortWatch *watch);

/** Number of messages that the receiver had not read at the last check; 0 where it is not known. */
int rs_port_watch_unread(const RsPortWatch *watch);

/** Check the port. @param now Time in nanoseconds. */
RsReceiver rs_port_watch_poll(RsPortWatch *watch, int64_t now);

/** Free space of the receiver's queue at the last check, messages. @return Whether it is known. */
bool rs_port_watch_room(const RsPortWatch *watch, size_t *room);

/** Whether a lost port is back, possibly with another number in brackets in its name; it is then
    watched by its new name. */
bool rs_port_watch_returned(RsPortWatch *watch);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_PORTS_H */
