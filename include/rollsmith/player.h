/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_PLAYER_H
#define ROLLSMITH_PLAYER_H

/**
   @file player.h Plays a source in real time; all notes are ended in any case.

   A player has two threads. The source's thread makes frames in advance; the real-time thread owns
   the sink and sends each message at its due time. They communicate by a lock-free queue, and the
   real-time thread neither allocates nor locks. The caller's thread sends commands and reads the
   state.

       RsPlayer *player = NULL;
       rs_player_new(&settings, source, sink, rs_clock_monotonic(), &player, &error);
       rs_player_start(player);
       while (rs_player_playing(player)) {
         ... sleep for some milliseconds; call rs_player_stop(player) to end early ...
       }
       status = rs_player_finish(player);
       rs_player_free(player);

   Due times are rational functions of the frame number: rounding errors do not accumulate.
*/

#include <rollsmith/clock.h>
#include <rollsmith/frame_source.h>
#include <rollsmith/performance.h>
#include <rollsmith/sink.h>
#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Settings of a player. */
typedef struct {
  unsigned frames_per_beat; ///< Frames per quarter note; 0 where frames have a fixed duration
  double frame_ms;          ///< Fixed duration of a frame, milliseconds
  double bpm;               ///< Quarter notes a minute, 4 to 60000
  double score_bpm;         ///< Of a file: its first tempo, which `bpm` replaces; others are scaled
                            ///< in proportion, and clamped to the range of `bpm`. 0: not scaled
  RsPerformance performance; ///< Meter and velocities
  uint64_t seed;             ///< Of the velocities
  unsigned channel;          ///< 1..16
  int program;               ///< 0..127; below 0: none is set
  size_t frames;             ///< Number of frames to play; 0: until the source ends
  bool clock;                ///< Send MIDI clock, with Start, Stop and song position
  bool follow;               ///< Follow the MIDI clock of RS_INPUT_SYNC; each Start rewinds the
                             ///< source, if it can be rewound
  bool reports_sent;         ///< Let rs_player_sent() get the messages that are sent
  double patience;           ///< Seconds to wait for a lost port; below 0: without limit
} RsPlayerSettings;

/** Commands, each with its member of RsPlayerCommand. */
typedef enum {
  RS_PLAYER_TEMPO,         ///< bpm: quarter notes a minute from now on
  RS_PLAYER_TRANSPOSE,     ///< semitones
  RS_PLAYER_MUTE,          ///< on: drop all notes
  RS_PLAYER_HOLD,          ///< frames: repeat this number of last frames; 0: stop repeating
  RS_PLAYER_PANIC,         ///< Silence all channels
  RS_PLAYER_PAUSE,         ///< on: end all notes and halt time
  RS_PLAYER_TEMPERATURE,   ///< temperature, to the source
  RS_PLAYER_MAX_POLYPHONY, ///< max_polyphony, to the source
  RS_PLAYER_STEERING,      ///< steering, to the source
  RS_PLAYER_SEED,          ///< seed, to the source; frames made in advance are discarded
  RS_PLAYER_RECEIVER,      ///< receiver: its state
  RS_PLAYER_ROOM,          ///< room: free space of the receiver's queue, messages
  RS_PLAYER_REFRESH,       ///< An input is back: open all ports again
} RsPlayerControl;

/** State of the receiver, for RS_PLAYER_RECEIVER. */
typedef enum {
  RS_RECEIVER_READY,   ///< It reads its messages
  RS_RECEIVER_MISSING, ///< Its port does not exist
  RS_RECEIVER_STALLED, ///< It does not read: notes are ended, and nothing is sent until it is ready
} RsReceiver;

/** A command. */
typedef struct {
  RsPlayerControl control; ///< Which member of the union is used
  union {
    double bpm;
    int semitones;
    bool on;
    uint64_t frames;
    double temperature;
    int max_polyphony;
    RsSteering steering;
    uint64_t seed;
    RsReceiver receiver;
    size_t room;
  };
} RsPlayerCommand;

/** State of a player. */
typedef struct {
  uint64_t frame;            ///< Number of the next frame
  RsFrame active;            ///< Active notes
  double bpm;                ///< Tempo
  double lateness_ms;        ///< Of the last message
  bool waiting_for_port;     ///< The port is lost
  bool waiting_for_receiver; ///< The receiver is stalled: nothing is sent, while time goes on
  bool running;              ///< Time is not halted: no pause, and the followed clock is running
} RsPlayerView;

/** Number of classes of lateness, and their upper edges in milliseconds; the last class has none.
 */
#define RS_LATENESS_CLASSES 9
extern const double rs_lateness_edges[RS_LATENESS_CLASSES - 1]; ///< Upper edges

/** Statistics of a player. */
typedef struct {
  uint64_t frames;      ///< Frames played
  uint64_t events;      ///< Messages sent
  uint64_t late_frames; ///< Frames sent after they were due
  uint64_t missed;      ///< Frames that were not made in time
  uint64_t lost;        ///< Messages that could not be sent, or were suppressed
  size_t least_margin;  ///< Fewest frames that were available when one was taken
  uint64_t stalls;      ///< Times that the receiver stalled
  double lateness_p50;  ///< Lateness at the receiver, milliseconds: median,
  double lateness_p99;  ///< 99 % quantile,
  double lateness_max;  ///< and maximum
  double lookahead;     ///< RsSink.lookahead, milliseconds
  double delay_p50;     ///< Lateness of sending, relative to the lookahead, milliseconds: median,
  double delay_p99;     ///< 99 % quantile,
  double delay_max;     ///< and maximum; not audible where it is below the lookahead
  uint64_t lateness_counts[RS_LATENESS_CLASSES]; ///< Messages in each class
  double generator_load;                         ///< Processor time of the source, divided by time
  double seconds;                                ///< From the first frame to the last
  int64_t first_due;                             ///< Due time of the first frame; 0: there was none
} RsPlayerStats;

typedef struct RsPlayer RsPlayer; ///< A player and its thread

/**
   Make a player; it is started by rs_player_start().

   @param settings  Copied.
   @param source    Source, borrowed until rs_player_free(), and not to be used in between.
   @param sink      Sink, borrowed in the same way.
   @param clock     Borrowed.
   @param out       Output, to be given to rs_player_free().
   @param error     Detail, or NULL.
   @return RS_OK; RS_ERR_MEMORY; RS_ERR_SETTING for an invalid tempo, channel, program or frame.
*/
RsStatus rs_player_new(const RsPlayerSettings *settings, RsFrameSource *source, RsSink *sink,
                       RsClock *clock, RsPlayer **out, RsError *error);

/** Begin to play. @return RS_OK; RS_ERR_IO where a thread cannot be created. */
RsStatus rs_player_start(RsPlayer *player);

/** Send a command, from one thread only. @return false where the queue of commands is full. */
bool rs_player_command(RsPlayer *player, RsPlayerCommand command);

/**
   Prime the source with a roll; frames made in advance are discarded.

   @param prime  Ownership of its contents passes; it is empty afterwards.
   @return false where the queue of commands is full; `prime` is then unchanged.
*/
bool rs_player_prime(RsPlayer *player, RsRoll *prime);

/** Request the end: all notes are ended first. May be called in a signal handler. */
void rs_player_stop(RsPlayer *player);

/** Whether it plays, or is ending its notes. */
bool rs_player_playing(RsPlayer *player);

/** Get a message received at RS_INPUT_CONTROL or RS_INPUT_LISTEN. @return false: none. */
bool rs_player_receive(RsPlayer *player, RsReceivedMessage *message);

/** A message that was sent, or would have been but for a lost port. */
typedef struct {
  int64_t due;       ///< Due time, by the player's clock
  RsMessage message; ///< The message
  bool lost_before;  ///< Messages before it were not reported, since they were not fetched in time
} RsSentMessage;

/** Get the next message that was sent, with RsPlayerSettings.reports_sent: before it is due by as
 * much as the sink's lookahead. @return false: none. */
bool rs_player_sent(RsPlayer *player, RsSentMessage *message);

/** Current state. */
RsPlayerView rs_player_view(RsPlayer *player);

/**
   Wait for the end.

   @return RS_OK at the end of the music; RS_ERR_STOPPED; RS_ERR_PORT where the port is lost or its
   receiver does not read; or the status of the source.
*/
RsStatus rs_player_finish(RsPlayer *player);

/** Statistics; to be called after rs_player_finish(). */
RsPlayerStats rs_player_stats(const RsPlayer *player);

/** Free it; if it plays, it is stopped first. NULL is allowed. */
void rs_player_free(RsPlayer *player);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_PLAYER_H */
