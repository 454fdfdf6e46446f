#ifndef RS_LIVE_SENDER_H
#define RS_LIVE_SENDER_H

/**
   @file sender.h Messages on their way to the sink: batches of those due together, and the account
   of what the receiver got, which notes are active there and what was set on its channels.
*/

#include "live/channels.h"
#include "live/flow_control.h"
#include "live/histogram.h"
#include "live/active_notes.h"

#include <rollsmith/sink.h>

enum { RS_BATCH = 4096 }; // The most messages that are sent together

/** From when a message is due until a queue in the kernel has let go of it, at most. */
#define RS_DRAIN (100 * RS_MILLISECOND)

/** The sender. */
typedef struct {
  RsSink *sink; // Borrowed
  int channel;  // Of the music, 0..15
  int program;  // Of the music; below 0: none is set

  RsMessage batch[RS_BATCH]; // Messages that are due together
  size_t batched;
  int64_t last_due; // Nothing may be sent that is due before

  RsActiveNotes active;
  RsChannels set;     // What the music has set on the channels
  unsigned used;      // Bits of the channels that messages of a file were on
  bool anew;          // All notes were ended: later ends of them are not theirs
  RsFlowControl flow; // Room at the receiver
  bool stuck;         // The receiver is seen not to read
  bool held;          // So that nothing is sent, while time goes on
  struct {
    int64_t since;     // 0: it is there
    bool refreshes;    // It did not go, but is opened anew
    int64_t reopen_at; // When to look for it again
  } gone;

  RsHistogram lateness; // Of messages at the receiver
  RsHistogram delay;    // Of their handing over, against when the sink wants them
  double late_ms;       // Lateness of the last one
  uint64_t sent, lost;  // Messages
} RsSender;

/** As early as is safe: what ends notes must never come before what begins them, and a batch that
    is given the whole of its time cannot overtake. */
int64_t rs_sender_soon(const RsSender *sender, int64_t now);

/** Put a message into the batch. */
void rs_sender_put(RsSender *sender, RsMessage message);

/** Put the program into the batch, if one is set. */
void rs_sender_put_program(RsSender *sender);

/** Put the ends of all notes of all channels into the batch. */
void rs_sender_put_ends(RsSender *sender);

/** Put into the batch what silences a channel, 0..15; or all that were used. */
void rs_sender_put_silence(RsSender *sender, int channel);
void rs_sender_put_silences(RsSender *sender);

/** Put into the batch what was set on the channels and did not get there. */
void rs_sender_restore(RsSender *sender);

/** Send the batch, due at `due`. @param now For the account of lateness; 0 leaves that out. */
void rs_sender_send(RsSender *sender, int64_t due, int64_t now);

/** The port is gone. */
void rs_sender_lose_port(RsSender *sender, int64_t now);

#endif /* RS_LIVE_SENDER_H */
