/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_OUTPUT_H
#define RS_LIVE_OUTPUT_H

/**
   @file output.h The part of the player that owns the sink: it turns frames into messages and sends
   each at its due time. It never waits; the real-time thread, or a test, calls it again.

   Everything but `shared` is accessed by the real-time thread only. Source files, each of which
   calls those before it: transport.c (position), perform.c (frames), partner.c (accompaniment),
   recovery.c (stalled receiver, loss of the port), sync.c (following a clock), commands.c, output.c
   (the steps).
*/

#include "live/clock_follower.h"
#include "live/frame_queue.h"
#include "live/sender.h"
#include "live/shared.h"
#include "live/timeline.h"
#include "live/transform.h"

#include <rollsmith/player.h>

/** State of the output. */
typedef enum {
  RS_OUTPUT_BUFFERING, ///< Waiting for the first frames
  RS_OUTPUT_PLAYING,
  RS_OUTPUT_HALTED,   ///< Paused, or the followed clock is stopped
  RS_OUTPUT_DRAINING, ///< Everything was sent, but not everything was due
  RS_OUTPUT_DONE,
} RsOutputState;

/** Position of the music. */
typedef struct {
  RsTimeline timeline;
  uint64_t frame;     ///< Number of the next frame
  uint64_t clock;     ///< Number of the next MIDI clock
  uint64_t pulse;     ///< The last pulse played
  uint64_t halted_at; ///< Pulse at which time was halted
  bool cue_pending;   ///< Song position and Continue are to be sent with the next clock
  bool paused;
  double bpm;
} RsTransport;

/** Following a clock. */
typedef struct {
  RsClockFollower loop;
  int64_t base;    ///< Pulse of the first tick since Start
  bool located;    ///< The position is that of a song position message
  bool seeks;      ///< Frames before `target` are skipped
  uint64_t target; ///< A pulse
  int64_t ahead;   ///< Of a source that can be located: frame of the song less that of RsTransport
  uint64_t song_base; ///< Of a source that can be located: pulse of the song at the first tick
} RsSync;

/** State of playing a file. */
typedef struct {
  uint8_t depth[RS_CHANNELS][RS_NOTES]; ///< Note-ons without their note-off
  double bpm;                           ///< Current tempo of the file
  double pace;                          ///< Tempo played, divided by that of the file
} RsScoreState;

/** A person who is accompanied. */
typedef struct {
  RsFrame keys;     ///< Keys that are down
  RsFrame notes;    ///< Notes that sound: those of the keys, and those that the pedal holds
  RsFrame pressed;  ///< Notes pressed since the source was notified
  bool pedal;       ///< Whether the damper pedal is down
  bool changed;     ///< Whether the source is to be notified
  bool sounds;      ///< Whether a frame of the source sounds
  uint64_t frame;   ///< Its RsQueuedFrame.number
  unsigned changes; ///< Number of notifications of the source
} RsPartner;

/** The output. */
typedef struct {
  RsPlayerSettings settings;
  RsShared shared;
  RsOutputState state;
  RsStatus status; ///< Result
  RsPerformer *performer;
  RsFrameQueue queue;
  RsTransform transform;
  RsSender sender;
  RsTransport transport;
  RsSync sync;
  RsScoreState score;
  RsPartner partner;
  bool waits;        ///< The receiver's queue is full
  bool missing;      ///< The next frame was not made in time
  int64_t drained;   ///< Time at which everything sent has been delivered
  int64_t first_due; ///< Due time of the first frame; 0: none
  RsPlayerStats stats;
} RsOutput;

/* ---- output.c ---- */

/** Set up. @return RS_OK, RS_ERR_MEMORY, RS_ERR_ARGUMENT; to be given to rs_output_clear() in any
 * case. */
RsStatus rs_output_init(RsOutput *output, const RsPlayerSettings *settings, RsSink *sink);

/** Free what it owns. */
void rs_output_clear(RsOutput *output);

/**
   Do everything that is due at time `now`.

   @return Time of the next call, at the latest.
*/
int64_t rs_output_step(RsOutput *output, int64_t now);

/* ---- transport.c ---- */

/** A tempo in quarter notes a minute, clamped to the range that can be played. */
double rs_output_clamp_tempo(double bpm);

/** Pulse of the next frame; and of the next clock, UINT64_MAX where no clock is sent. */
uint64_t rs_output_frame_pulse(const RsOutput *output);
uint64_t rs_output_clock_pulse(const RsOutput *output);

/** Pulse up to which the music has been sent. */
uint64_t rs_output_position(const RsOutput *output, int64_t now);

/** Change the tempo from a pulse on. */
void rs_output_set_tempo(RsOutput *output, uint64_t pulse, double bpm);

/** End all notes; frames that follow begin them again. @param due Due time. */
void rs_output_end_notes(RsOutput *output, int64_t due);

/** Halt time, or continue. */
void rs_output_halt(RsOutput *output, int64_t now);
void rs_output_continue(RsOutput *output, int64_t due);

/** End the music: end all notes, silence the channels, stop the clock. @param due Due time. */
void rs_output_end(RsOutput *output, int64_t due, RsStatus status);

/** Rewind the source, if it can be rewound. */
void rs_output_rewind(RsOutput *output);

/** Locate the source so that the next frame is this frame of the song, if it is not already. */
void rs_output_locate_source(RsOutput *output, uint64_t frame);

/** Locate a source that has restarted at the current position. */
void rs_output_relocate_source(RsOutput *output);

/* ---- perform.c ---- */

/**
   Get the next frame.

   @param frame   Output, to be given to rs_output_perform() before other calls.
   @param status  Output for RS_NEXT_NONE: RS_ERR_EMPTY at the end, or the status of the source.
*/
RsNext rs_output_next_frame(RsOutput *output, const RsSourceFrame **frame, RsStatus *status);

/** Most messages of a frame, including those that end its notes and the music after it. */
size_t rs_output_frame_messages(const RsOutput *output, const RsSourceFrame *frame);

/** Add the messages of a frame to the batch, and advance to the next frame. */
void rs_output_perform(RsOutput *output, const RsSourceFrame *next, int64_t due);

/** Add the messages that turn the last frame, of notes, into another one. */
void rs_output_perform_again(RsOutput *output, const RsSourceFrame *next);

/** Add the messages of a frame of a file to the batch. */
void rs_output_perform_messages(RsOutput *output, const RsMessageFrame *frame, int64_t due);

/** Locate the music at a pulse, if the source supports it. Frames are skipped as fast as they are
 * made: channel state and tempo are updated, notes are left out. */
void rs_output_locate(RsOutput *output, uint64_t pulse, int64_t now);

/** Continue locating. */
void rs_output_seek(RsOutput *output, int64_t now);

/* ---- receiver.c ---- */

/** End all notes, and suspend sending, as the receiver does not read. */
void rs_output_suspend_sending(RsOutput *output, int64_t now);

/** Resume sending if the receiver reads again and its queue has space. */
void rs_output_check_receiver(RsOutput *output, int64_t now);

/** Send program and channel state, as a receiver was connected. */
void rs_output_receiver_joined(RsOutput *output, int64_t now);

/** Open all ports again after ending the notes, as an input is back. */
void rs_output_refresh(RsOutput *output, int64_t now);

/** Try at intervals to open the lost port. */
void rs_output_reopen_port(RsOutput *output, int64_t now);

/* ---- partner.c ---- */

/** A message of the person who is accompanied has arrived. */
void rs_output_partner_message(RsOutput *output, const RsMessage *message);

/** Tell the source which notes are held, if they have changed, and sound the frame that it has made
 * again. */
void rs_output_accompany(RsOutput *output, int64_t now);

/* ---- sync.c, control.c ---- */

/** Read received messages. */
void rs_output_inputs(RsOutput *output, int64_t now);

/** Execute the commands of the caller's thread. */
void rs_output_commands(RsOutput *output, int64_t now);

#endif /* RS_LIVE_OUTPUT_H */
