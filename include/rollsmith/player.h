#ifndef ROLLSMITH_PLAYER_H
#define ROLLSMITH_PLAYER_H

/**
   @file player.h Plays frames in time, for hours, and falls silent whatever happens.

   A player has two threads. One makes frames and stays some of them ahead; the other owns the sink
   and hands over each message when it is due. Between them lies a queue without locks, and the
   second one neither allocates nor locks, so that no one can hold it up. The caller's thread gives
   commands and looks on.

       RsPlayer *player = NULL;
       rs_player_new(&settings, source, sink, rs_clock_monotonic(), &player, &error);
       rs_player_start(player);
       while (rs_player_playing(player)) {
         ... sleep a little; rs_player_stop(player) where someone asks for it ...
       }
       status = rs_player_finish(player);
       rs_player_free(player);

   When frame n is due is a rational function of n: no error adds up.
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

/** How to play. */
typedef struct {
  unsigned frames_per_beat;  ///< Frames a quarter note; 0 where frames are of time
  double frame_ms;           ///< Where frames are of time, milliseconds of one
  double bpm;                ///< Quarter notes a minute, 4 to 60000
  double score_bpm;          ///< Of a score: the tempo in it that this is, for the others; 0: as
                             ///< is. Its own may be any: it is played as near as can be
  RsPerformance performance; ///< Meter and velocities
  uint64_t seed;             ///< Of the velocities
  unsigned channel;          ///< 1..16
  int program;               ///< Sound, 0..127; below 0: none is set
  size_t frames;             ///< How many to play; 0: until the source ends
  bool clock;                ///< Whether MIDI clock goes out, with Start, Stop and song position
  bool follow;               ///< Whether the clock that comes in at RS_INPUT_SYNC sets the time: a
                             ///< source that can be rewound is, by each Start
  double patience;           ///< Seconds to wait for a port that is gone; below 0: for ever
} RsPlayerSettings;

/** What a command to a player that is under way changes, and the member of RsPlayerCommand that
 * says to what. */
typedef enum {
  RS_PLAYER_TEMPO,       ///< bpm: quarter notes a minute from now on
  RS_PLAYER_TRANSPOSE,   ///< semitones by which all is moved
  RS_PLAYER_MUTE,        ///< on: silent, while time goes on
  RS_PLAYER_HOLD,        ///< frames: repeat so many of the last ones; 0: go on
  RS_PLAYER_PANIC,       ///< Silence all channels
  RS_PLAYER_PAUSE,       ///< on: time stands still, silently
  RS_PLAYER_TEMPERATURE, ///< temperature, to the source
  RS_PLAYER_DENSITY,     ///< density, to the source
  RS_PLAYER_SEED,        ///< seed, to the source; what it has made ahead is thrown away
  RS_PLAYER_RECEIVER,    ///< receiver: what it is seen to do
  RS_PLAYER_ROOM,        ///< room: messages that there is room for in the receiver's queue
  RS_PLAYER_REFRESH,     ///< An input is back: open all ports anew
} RsPlayerControl;

/** What can be seen of the receiver, for RS_PLAYER_RECEIVER. */
typedef enum {
  RS_RECEIVER_LISTENS, ///< All is well
  RS_RECEIVER_GONE,    ///< Its port is not there
  RS_RECEIVER_STUCK,   ///< It does not read: its notes are ended, and nothing is sent until it
                       ///< listens
} RsReceiver;

/** A command. */
typedef struct {
  RsPlayerControl control;
  union {
    double bpm;
    int semitones;
    bool on;
    uint64_t frames;
    double temperature;
    int density;
    uint64_t seed;
    RsReceiver receiver;
    size_t room;
  };
} RsPlayerCommand;

/** What a player does at the moment. */
typedef struct {
  uint64_t frame;            ///< Number of the next frame
  RsFrame sounding;          ///< Notes that sound
  double bpm;                ///< Tempo
  double lateness_ms;        ///< Of the last message
  bool waiting_for_port;     ///< Its port is gone
  bool waiting_for_receiver; ///< It does not read: nothing is sent, and time goes on
  bool running; ///< Time goes on: there is no pause, and the clock that is followed ticks
} RsPlayerView;

/** Classes of lateness, and their upper edges in milliseconds; the last class has none. */
#define RS_LATENESS_CLASSES 9
extern const double rs_lateness_edges[RS_LATENESS_CLASSES - 1];

/** What a player has done. */
typedef struct {
  uint64_t frames;      ///< Frames played
  uint64_t events;      ///< Messages sent
  uint64_t late_frames; ///< Frames handed over after they were due
  uint64_t missed;      ///< Frames that were not made in time
  uint64_t lost;        ///< Messages that could not be sent, or were held back
  size_t least_margin;  ///< Frames that were ready when one was taken, the fewest
  uint64_t stalls;      ///< How often the receiver did not read, so that messages were held back
  double lateness_p50;  ///< Milliseconds by which messages came late at the receiver: median,
  double lateness_p99;  ///< 99 % quantile,
  double lateness_max;  ///< and the largest
  double lookahead;     ///< Milliseconds by which the sink gets messages before they are due
  double delay_p50;     ///< Milliseconds by which it got them later than that: median,
  double delay_p99;     ///< 99 % quantile,
  double delay_max;     ///< and the largest; what is below the lookahead no one hears
  uint64_t lateness_counts[RS_LATENESS_CLASSES]; ///< Messages in each class
  double generator_load;                         ///< Share of a processor that the source took
  double seconds;                                ///< From the first frame to the last
  int64_t first_due; ///< When the first frame was due, on the clock; 0: there was none
} RsPlayerStats;

typedef struct RsPlayer RsPlayer;

/**
   A player, still silent.

   @param settings  Copied.
   @param source    Frames; borrowed until rs_player_free(), and not to be used in between.
   @param sink      Where they go; borrowed in the same way.
   @param clock     Borrowed.
   @param out       Output, to be given to rs_player_free().
   @param error     Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_SETTING for a tempo, channel, program or frame that cannot
   be.
*/
RsStatus rs_player_new(const RsPlayerSettings *settings, RsFrameSource *source, RsSink *sink,
                       RsClock *clock, RsPlayer **out, RsError *error);

/** Begin to play. @return RS_OK, RS_ERR_IO where the system gives no thread. */
RsStatus rs_player_start(RsPlayer *player);

/** Give a command, from one thread only. @return false where too many are waiting. */
bool rs_player_command(RsPlayer *player, RsPlayerCommand command);

/**
   Let the source hear a phrase and go on from there; what it has made ahead is thrown away.

   @param phrase  Taken over and left empty.
   @return false where too many commands are waiting; the phrase then stays the caller's.
*/
bool rs_player_hear(RsPlayer *player, RsRoll *phrase);

/** Ask it to end all notes and come to its end. May be called in a signal handler. */
void rs_player_stop(RsPlayer *player);

/** Whether it plays, or is busy falling silent. */
bool rs_player_playing(RsPlayer *player);

/** Take a message that came in at RS_INPUT_CONTROL or RS_INPUT_LISTEN. @return false: none. */
bool rs_player_receive(RsPlayer *player, RsReceived *message);

/** What it does at the moment. */
RsPlayerView rs_player_view(RsPlayer *player);

/**
   Wait for its end.

   @return RS_OK where the music came to its end; RS_ERR_STOPPED; RS_ERR_PORT where the port is gone
   or its receiver does not read; or what the source has returned.
*/
RsStatus rs_player_finish(RsPlayer *player);

/** What it has done; complete after rs_player_finish(), not to be called before. */
RsPlayerStats rs_player_stats(const RsPlayer *player);

/** Free it; it stops first if it plays. NULL is allowed. */
void rs_player_free(RsPlayer *player);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_PLAYER_H */
