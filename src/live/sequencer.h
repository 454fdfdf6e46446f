/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_SEQUENCER_H
#define RS_LIVE_SEQUENCER_H

/**
   @file sequencer.h Clients and ports of ALSA's sequencer, from /proc/asound/seq/clients.

   PortMidi has the names of ports only, and does not notice that a port disappears or its receiver
   does not read.
*/

#include <rollsmith/ports.h>

#include <stdint.h>

/** A port of the list. */
typedef struct {
  int client;
  int port;
  const char *name; ///< Ended by a quotation mark, as is `client_name`
  const char *client_name;
  bool input;  ///< Readable
  bool output; ///< Writable
} RsSeqPort;

/** The input pool of a client. */
typedef struct {
  int size;    ///< Capacity in events; 0: not known
  int unread;  ///< Events in the pool
  int arrived; ///< Events since the client was opened
} RsSeqPool;

/** Text of the list, to be given to free(); NULL where it cannot be read. It has a source file of
   its own, so that tests can replace it. */
char *rs_seq_text(void);

/**
   Iterate over the ports.

   @param at    The text, or the result of the last call.
   @param port  Output; its strings point into the text.
   @return Argument of the next call, or NULL after the last port.
*/
const char *rs_seq_next(const char *at, RsSeqPort *port);

/** Find port number `place` of a name. @return Whether it exists. */
bool rs_seq_find(const char *text, const char *name, size_t place, bool output, RsSeqPort *port);

/** Find the port with an address. @return Whether it exists. */
bool rs_seq_at(const char *text, int client, int number, RsSeqPort *port);

/** Whether a port has this name. */
bool rs_seq_is_named(const RsSeqPort *port, const char *name);

/** Find a port whose name matches by rs_port_names_match(). @return Whether it exists. */
bool rs_seq_find_again(const char *text, const char *name, bool output, RsSeqPort *port);

/** Copy a name out of the text. */
void rs_seq_copy_name(const char *name, char *copy, size_t size);

/** The fullest input pool of the receivers of a port: its client, and clients connected to it. */
RsSeqPool rs_seq_pool(const char *text, const RsSeqPort *port);

/** The fullest one of a pool and those of the clients that a port is connected to. */
RsSeqPool rs_seq_connected_pool(const char *text, const RsSeqPort *port, RsSeqPool fullest);

/** Detection of a receiver that does not read. */
typedef struct {
  int64_t since; ///< Time of the last event that was read; 0: none is unread
  int read;      ///< Number of events read until then
} RsSeqStall;

/** Update the detection. @return Whether the receiver has stopped reading. */
bool rs_seq_stalled(RsSeqStall *stall, RsSeqPool pool, int64_t now);

#endif /* RS_LIVE_SEQUENCER_H */
