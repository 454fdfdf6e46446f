#ifndef RS_LIVE_SEQUENCER_H
#define RS_LIVE_SEQUENCER_H

/**
   @file sequencer.h What ALSA's sequencer tells of its clients in /proc/asound/seq/clients.

   PortMidi names ports alone, and does not notice when one goes or no longer reads: this does.
*/

#include <rollsmith/ports.h>

#include <stdint.h>

/** A port, as it is listed. */
typedef struct {
  int client;
  int port;
  const char *name; // Ends in a quotation mark, as the next one does
  const char *client_name;
  bool input;  // Can be read from
  bool output; // Can be written to
} RsSeqPort;

/** What lies unread at a client. */
typedef struct {
  int size;    // Events that there is room for; 0: not known
  int unread;  // Events in it
  int arrived; // All that ever came
} RsSeqPool;

/** All that is told, as text, to be given to free(); NULL where nothing is. It stands in a file of
    its own, so that a test can tell something else. */
char *rs_seq_text(void);

/**
   Go through the ports.

   @param at    The text, or what the last call has returned.
   @param port  Output; its strings lie in the text.
   @return Where to go on, or NULL behind the last port.
*/
const char *rs_seq_next(const char *at, RsSeqPort *port);

/** The port of a name, number `place` of them. @return Whether it is there. */
bool rs_seq_find(const char *text, const char *name, size_t place, bool output, RsSeqPort *port);

/** Whether this is the name of a port. */
bool rs_seq_is_named(const RsSeqPort *port, const char *name);

/** A port that may be one that was gone, by its name. @return Whether it is there. */
bool rs_seq_find_again(const char *text, const char *name, bool output, RsSeqPort *port);

/** Copy a name out of the text. */
void rs_seq_copy_name(const char *name, char *copy, size_t size);

/** The fullest of the pools that a port's events go to: its client's and those connected to it. */
RsSeqPool rs_seq_pool(const char *text, const RsSeqPort *port);

/** What is to be concluded from what one sees now and saw before. */
typedef struct {
  int64_t since; // Of the last event that was read, as far as is known; 0: nothing is unread
  int read;      // Events read until then
} RsSeqStall;

/** Whether the receiver no longer reads. */
bool rs_seq_stalled(RsSeqStall *stall, RsSeqPool pool, int64_t now);

#endif /* RS_LIVE_SEQUENCER_H */
