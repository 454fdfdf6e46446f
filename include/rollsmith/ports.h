#ifndef ROLLSMITH_PORTS_H
#define ROLLSMITH_PORTS_H

/**
   @file ports.h The MIDI ports of this machine, and a sink and inputs made of some of them.

   PortMidi is not made for threads: one thread at a time may be in these functions, and the list
   can only be had while no sink is open.
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

/** A MIDI port. Where one goes both ways, it is two of them. */
typedef struct {
  int number;                     ///< By which it can be chosen
  char name[RS_PORT_NAME_SIZE];   ///< Its name
  char client[RS_PORT_NAME_SIZE]; ///< Name of the program that it belongs to; empty if not known
  bool output;                    ///< Notes can be sent to it; else they come from it
  bool is_default;                ///< It is taken where none is named
  int address[2];                 ///< Client and port in ALSA's sequencer; 0, 0: not known
} RsPort;

/** Ports; owned and freed by rs_ports_clear(). */
typedef struct {
  RsPort *ports;
  size_t count;
} RsPorts;

/**
   The ports that there are at the moment.

   @param ports  Output, to be given to rs_ports_clear(); may be none.
   @return RS_OK; RS_ERR_MEMORY; RS_ERR_PORT where this program knows no MIDI system.
*/
RsStatus rs_ports_list(RsPorts *ports, RsError *error);

/** Free what the ports own. NULL is allowed. */
void rs_ports_clear(RsPorts *ports);

/**
   Choose a port.

   @param ports    Ports.
   @param output   Whether it is to be an output.
   @param pattern  Its name, number or address (128:0, or its program's name, a colon, and its name
   or the number after its address' colon), or the beginning or a part of its name or of its
   program's, in any case: what is first in this list wins, but it must be the only one. NULL: the
   default port.
   @param index    Output, its place in `ports`.
   @return RS_OK; RS_ERR_PORT where none or several match: the message lists them.
*/
RsStatus rs_ports_choose(const RsPorts *ports, bool output, const char *pattern, size_t *index,
                         RsError *error);

/** Whether two names may be those of one port, before and after its program was started anew: they
    are the same up to a bracket, in which some put a number that changes. */
bool rs_port_names_alike(const char *a, const char *b);

/**
   Find a port again that was gone.

   @param ports   Ports.
   @param former  What it was.
   @param twin    Among those of its name, direction and program it was this one.
   @param others  Those of its name that have been there all the time, which it is not; those that
   are there no longer are taken off. NULL: none is known.
   @param index   Output, its place in `ports`.
   @return RS_OK; RS_ERR_PORT where none has its name, or none its program's where that is known.
*/
RsStatus rs_ports_find_again(const RsPorts *ports, const RsPort *former, size_t twin,
                             RsPorts *others, size_t *index);

/** Which ports a sink shall have, by patterns as above. */
typedef struct {
  const char *output;            ///< Where it sends; NULL: the default port
  const char *inputs[RS_INPUTS]; ///< Where it hears each of RsInput; NULL: nowhere
  const char *virtual_name;      ///< Make a port of this name in place of `output`; NULL: do not
  bool silent;                   ///< Send nowhere, and only hear
} RsPortChoice;

/**
   A sink that sends to a port and hears others.

   Messages are scheduled by the MIDI system, which is why it wants them a little early. Ports that
   are gone are found again by their name, and never taken for others that match the pattern. Inputs
   must be there at first; when the sink is opened anew, those that are not are left out.

   @param choice  Copied.
   @param clock   The monotonic clock; borrowed for the sink's life.
   @param out     Output, to be given to rs_sink_free(). There can be one at a time.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_PORT.
*/
RsStatus rs_sink_ports_new(const RsPortChoice *choice, RsClock *clock, RsSink **out,
                           RsError *error);

/** Name of the port that such a sink sends to, owned by the sink. */
const char *rs_sink_ports_name(const RsSink *sink);

/** Whether this program can make virtual ports. */
bool rs_ports_virtual(void);

/* ---- What can be seen of a receiver ---- */

typedef struct RsPortWatch RsPortWatch;

/**
   Watch a port from outside: whether it is there, and whether what is sent to it is read. Where the
   system does not tell (it is ALSA's sequencer that does) all is always well.

   @param name    Of the port.
   @param place   Among those of the same name and direction.
   @param output  Whether it is an output.
   @param out     Output, to be given to rs_port_watch_free().
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_port_watch_new(const char *name, size_t place, bool output, RsPortWatch **out);

/** Watch the port that a sink of ports sends to. @return As above. */
RsStatus rs_sink_ports_watch(const RsSink *sink, RsPortWatch **out);

/** Watch the port that a sink of ports hears. @param out NULL where it hears none. @return As
 * above.
 */
RsStatus rs_sink_ports_watch_input(const RsSink *sink, RsInput input, RsPortWatch **out);

/** Free a watch. NULL is allowed. */
void rs_port_watch_free(RsPortWatch *watch);

/** Name of the port, owned by the watch. */
const char *rs_port_watch_name(const RsPortWatch *watch);

/** Messages that the port's receiver has not read yet; 0 where the system does not tell. */
int rs_port_watch_unread(const RsPortWatch *watch);

/** Look at the port. @param now Time in nanoseconds. */
RsReceiver rs_port_watch_look(RsPortWatch *watch, int64_t now);

/** Messages that the receiver's queue had room for when last looked at. @return Whether that is
    known. */
bool rs_port_watch_room(const RsPortWatch *watch, size_t *room);

/** Whether a port that was gone is back, maybe with another number in brackets in its name: by that
    it is watched from then on. */
bool rs_port_watch_returned(RsPortWatch *watch);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_PORTS_H */
