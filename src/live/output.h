#ifndef RS_LIVE_OUTPUT_H
#define RS_LIVE_OUTPUT_H

/**
   @file output.h The half of the player that owns the sink: frames in, messages out, each when it
   is due. It does no waiting of its own, so that it runs in a thread as well as in a test.
*/

#include "live/channels.h"
#include "live/flight.h"
#include "live/follow.h"
#include "live/histogram.h"
#include "live/ring.h"
#include "live/sounding.h"
#include "live/timeline.h"

#include <rollsmith/player.h>

enum {
  RS_HISTORY_FRAMES = 1024, // Kept for RS_PLAYER_HOLD
  RS_BATCH = 4096,          // The most messages that are sent together
};

/** What lies in the queue of frames. */
typedef struct {
  RsSourceFrame frame;
  RsStatus status;     // RS_OK: a frame; anything else: the end
  unsigned generation; // Of the source: up by one each time it begins anew
  unsigned rewound;    // How often it was rewound
} RsQueuedFrame;

/** What lies in the queue of commands. */
typedef struct {
  RsPlayerCommand command;
  unsigned generation; // Frames of an earlier one are thrown away
  int64_t time;        // When it was given
} RsQueuedCommand;

/** What it is about to do. */
typedef enum {
  RS_OUTPUT_WAITS, // For the first frame
  RS_OUTPUT_PLAYS,
  RS_OUTPUT_STANDS, // Paused, or without a clock to follow
  RS_OUTPUT_DRAINS, // All is sent, not all is due
  RS_OUTPUT_DONE,
} RsOutputState;

/** The output and all it needs. */
typedef struct {
  RsPlayerSettings settings;
  RsSink *sink;     // Borrowed
  RsRing frames;    // RsQueuedFrame, from the source's thread
  RsRing commands;  // RsQueuedCommand, from the caller's thread
  RsRing received;  // RsReceived, to the caller's thread
  atomic_bool stop; // Asked for

  RsOutputState state;
  RsStatus status; // What came of it
  RsPerformer *performer;
  RsTimeline timeline;
  RsFollow follow;
  RsSounding sounding;
  RsFlight flight;
  RsChannels set;     // What the music has set on the channels
  size_t enough;      // Frames that are ready before it begins
  atomic_bool ended;  // The source has no more
  int64_t ready_at;   // When the first one was; 0: not yet
  atomic_bool slow;   // They come more slowly than they are played
  RsQueuedFrame next; // The next frame, if `has_next`
  bool has_next;
  uint64_t frame;      // Number of the next frame
  uint64_t clock;      // Number of the next MIDI clock
  uint64_t pulse;      // The last one that was played
  uint64_t stood_at;   // Where time stands still, a pulse
  bool cues;           // Who hears the clock is to be told where it goes on
  int64_t last_due;    // Nothing may be sent that is due before
  int64_t follow_base; // Pulse of the first tick since Start
  bool located;        // It is where a song position was, not at the next frame
  bool seeks;          // Frames before that place are passed over
  uint64_t place;      // A pulse
  int64_t drained;     // When all that was sent has been due
  bool waits;          // For room at the receiver
  bool stuck;          // The receiver is seen not to read
  bool held;           // So that nothing is sent, while time goes on
  bool missing;        // The next frame was not there in time
  bool paused;
  int64_t gone_since; // When the port went; 0: it is there
  bool refreshes;     // It did not go, but is opened anew
  int64_t reopen_at;  // When to look for it again
  unsigned generation;
  bool rewinds;        // The source can be rewound
  atomic_uint rewound; // How often it is to be, or to be placed

  /* Of a source that knows places, by the clock that is followed */
  bool places;
  atomic_uint_fast64_t song_frame; // Where it is to be placed
  int64_t ahead;                   // Number of the next frame in the song, less `frame`
  uint64_t song_base;              // Pulse of the song at the first tick

  bool mute;
  int transpose;
  size_t hold;    // Frames of the history that are repeated; 0: none
  size_t hold_at; // How many of them have been since
  uint64_t history_count;
  double bpm;
  RsSourceFrame *history; // The last RS_HISTORY_FRAMES frames as they were played

  /* Of a score */
  uint8_t depth[RS_CHANNELS][RS_NOTES]; // How often a note has begun and not ended
  unsigned channels;                    // Bits of those that were used
  bool anew;                            // What sounds is ended first
  double score_bpm;                     // Tempo of it that is in force
  double pace;                          // How much faster it is played

  RsMessage batch[RS_BATCH]; // Messages that are due together
  size_t batched;

  RsHistogram lateness; // Of messages at the receiver
  RsHistogram delay;    // Of their handing over, against when the sink wants them
  RsPlayerStats stats;
  int64_t first_due;

  /* What the caller's thread sees */
  atomic_uint_fast64_t seen_frame;
  atomic_uint_fast64_t seen_notes[2];
  _Atomic double seen_bpm;
  _Atomic double seen_lateness;
  atomic_bool seen_gone;
  atomic_bool seen_held;
  atomic_uint seen_missed; // Frames that were not made in time
  atomic_bool seen_running;
} RsOutput;

/** A tempo, quarter notes a minute, as far as it can be played. */
double rs_output_playable(double bpm);

/** Set up. @return RS_OK, RS_ERR_MEMORY, RS_ERR_ARGUMENT; to be given to rs_output_clear() always.
 */
RsStatus rs_output_init(RsOutput *output, const RsPlayerSettings *settings, RsSink *sink);

/** Free what it owns. */
void rs_output_clear(RsOutput *output);

/**
   Do all that is to be done at time `now`.

   @return When to be called again at the latest.
*/
int64_t rs_output_step(RsOutput *output, int64_t now);

/* ---- Between the files of the output ---- */

/** Channel, 0..15. */
int rs_output_channel(const RsOutput *output);

/** As early as is safe: what ends notes must never come before what begins them, and a batch that
    is given the whole of its time cannot overtake. */
int64_t rs_output_soon(const RsOutput *output, int64_t now);

/** Put a message into the batch. */
void rs_output_put(RsOutput *output, RsMessage message);

/** Put the program into the batch, if one is set. */
void rs_output_program(RsOutput *output);

/** Send the batch, due at `due`. @param now For the account of lateness; 0 leaves that out. */
void rs_output_send(RsOutput *output, int64_t due, int64_t now);

/** End all notes, so that they begin again if the music goes on. */
void rs_output_hush(RsOutput *output, int64_t now);

/** Go to a place of the music, a pulse, where the source can: without a sound, as fast as frames
 * come. */
void rs_output_locate(RsOutput *output, uint64_t pulse, int64_t now);

/** Let the next frame that is played stand at this one of the song; nothing is done where it does.
 */
void rs_output_place(RsOutput *output, uint64_t frame);

/** The same of a source that has begun anew, in the place that the music has. */
void rs_output_place_anew(RsOutput *output);

/** Go on with that. */
void rs_output_seek(RsOutput *output, int64_t now);

/** Put into the batch what was set on the channels and did not get there. */
void rs_output_restore(RsOutput *output);

/** The receiver does not read: end all notes, and hold back what comes. */
void rs_output_hold_back(RsOutput *output, int64_t now);

/** Go on sending where the receiver reads again and has room. */
void rs_output_look_at_receiver(RsOutput *output, int64_t now);

/** The port is gone. */
void rs_output_lose_port(RsOutput *output, int64_t now);

/** Open all ports anew as soon as the notes are ended, since an input is back. */
void rs_output_refresh(RsOutput *output, int64_t now);

/** Try now and then to find the port again. */
void rs_output_look_for_port(RsOutput *output, int64_t now);

/** End all notes, silence the channel, stop the clock. @param due When. */
void rs_output_end(RsOutput *output, int64_t due, RsStatus status);

/**
   See which frame is to be played next.

   @param frame  Output, to be handed to rs_output_perform() without delay.
   @return RS_OK; RS_ERR_EMPTY at the end; RS_ERR_ARGUMENT if it is not there yet; or why there is
   none.
*/
RsStatus rs_output_see_frame(RsOutput *output, const RsSourceFrame **frame);

/** Throw away the frames that were made: the source is to make others. */
void rs_output_discard(RsOutput *output);

/** Begin with the source's first frame again, if it can be rewound. */
void rs_output_rewind(RsOutput *output);

/** The most messages that a frame takes, with those that end its notes and the music after it. */
size_t rs_output_frame_messages(const RsOutput *output, const RsSourceFrame *frame);

/** Put the messages of a frame into the batch, and go on to the next one. */
void rs_output_perform(RsOutput *output, const RsSourceFrame *frame, int64_t due);

/** Pass over a frame of a score: what it sets holds, its notes are left out. */
void rs_output_pass_score(RsOutput *output, const RsMessageFrame *frame);

/** Put the messages of a frame of a score into the batch. */
void rs_output_perform_score(RsOutput *output, const RsMessageFrame *frame, int64_t due);

/** Frames from one frame to the next. */
uint64_t rs_output_frame_length(const RsSourceFrame *frame);

/** Repeat as much of the history as fills so many frames; 0: go on. */
void rs_output_hold(RsOutput *output, uint64_t frames);

/** Put the ends of all notes of all channels into the batch. */
void rs_output_put_ends(RsOutput *output);

/** Put into the batch what silences a channel, 0..15. */
void rs_output_put_silence(RsOutput *output, int channel);

/** Number of the pulse at which the next frame is due. */
uint64_t rs_output_frame_pulse(const RsOutput *output);

/** The pulse up to which the music has been handed over. */
uint64_t rs_output_position(const RsOutput *output, int64_t now);

/** Let time stand still, or go on. */
void rs_output_stand(RsOutput *output, int64_t now);
void rs_output_go_on(RsOutput *output, int64_t due);

/** Do what the commands say, and look at what came in. */
void rs_output_commands(RsOutput *output, int64_t now);
void rs_output_inputs(RsOutput *output, int64_t now);

#endif /* RS_LIVE_OUTPUT_H */
