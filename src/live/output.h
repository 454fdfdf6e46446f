#ifndef RS_LIVE_OUTPUT_H
#define RS_LIVE_OUTPUT_H

/**
   @file output.h The half of the player that owns the sink: frames in, messages out, each when it
   is due. It does no waiting of its own, so that it runs in a thread as well as in a test.

   All of it belongs to the real-time thread but for `shared`. Its files, each of which uses those
   before it: transport.c (where the music is), perform.c (what it plays), receiver.c (a port that
   goes, and a receiver that does not read), sync.c (a clock that is followed), control.c
   (commands), output.c (the steps).
*/

#include "live/follow.h"
#include "live/frame_queue.h"
#include "live/sender.h"
#include "live/shared.h"
#include "live/timeline.h"
#include "live/transform.h"

#include <rollsmith/player.h>

/** What it is about to do. */
typedef enum {
  RS_OUTPUT_WAITS, // For the first frame
  RS_OUTPUT_PLAYS,
  RS_OUTPUT_STANDS, // Paused, or without a clock to follow
  RS_OUTPUT_DRAINS, // All is sent, not all is due
  RS_OUTPUT_DONE,
} RsOutputState;

/** Where the music is. */
typedef struct {
  RsTimeline timeline;
  uint64_t frame;    // Number of the next frame
  uint64_t clock;    // Number of the next MIDI clock
  uint64_t pulse;    // The last one that was played
  uint64_t stood_at; // Where time stands still, a pulse
  bool cues;         // Who hears the clock is to be told where it goes on
  bool paused;
  double bpm;
} RsTransport;

/** The clock that is followed. */
typedef struct {
  RsFollow loop;
  int64_t base;       // Pulse of the first tick since Start
  bool located;       // The music is where a song position was, not at the next frame
  bool seeks;         // Frames before that place are passed over
  uint64_t place;     // A pulse
  int64_t ahead;      // Of a source with places: number of the next frame in the song, less `frame`
  uint64_t song_base; // Of a source with places: pulse of the song at the first tick
} RsSync;

/** Of a file that is played. */
typedef struct {
  uint8_t depth[RS_CHANNELS][RS_NOTES]; // How often a note has begun and not ended
  double bpm;                           // Tempo of it that is in force
  double pace;                          // How much faster it is played
} RsScoreState;

/** The output and all it needs. */
typedef struct {
  RsPlayerSettings settings;
  RsShared shared;
  RsOutputState state;
  RsStatus status; // What came of it
  RsPerformer *performer;
  RsFrameQueue queue;
  RsTransform transform;
  RsSender sender;
  RsTransport transport;
  RsSync sync;
  RsScoreState score;
  bool waits;      // For room at the receiver
  bool missing;    // The next frame was not there in time
  int64_t drained; // When all that was sent has been due
  int64_t first_due;
  RsPlayerStats stats;
} RsOutput;

/* ---- output.c ---- */

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

/* ---- transport.c ---- */

/** A tempo, quarter notes a minute, as far as it can be played. */
double rs_output_playable(double bpm);

/** Number of the pulse at which the next frame is due; and of that of the next clock, UINT64_MAX
 * where none is sent. */
uint64_t rs_output_frame_pulse(const RsOutput *output);
uint64_t rs_output_clock_pulse(const RsOutput *output);

/** The pulse up to which the music has been handed over. */
uint64_t rs_output_position(const RsOutput *output, int64_t now);

/** Play in another tempo from the pulse on. */
void rs_output_set_tempo(RsOutput *output, uint64_t pulse, double bpm);

/** End all notes, so that they begin again if the music goes on. */
void rs_output_hush(RsOutput *output, int64_t now);

/** Let time stand still, or go on. */
void rs_output_stand(RsOutput *output, int64_t now);
void rs_output_go_on(RsOutput *output, int64_t due);

/** End all notes, silence the channel, stop the clock. @param due When. */
void rs_output_end(RsOutput *output, int64_t due, RsStatus status);

/** Begin with the source's first frame again, if it can be rewound. */
void rs_output_rewind(RsOutput *output);

/** Let the next frame that is played stand at this one of the song; nothing is done where it does.
 */
void rs_output_place(RsOutput *output, uint64_t frame);

/** The same of a source that has begun anew, in the place that the music has. */
void rs_output_place_anew(RsOutput *output);

/* ---- perform.c ---- */

/**
   See which frame is to be played next.

   @param frame   Output, to be handed to rs_output_perform() without delay.
   @param status  Output where there is none: RS_ERR_EMPTY at the end, or what the source returned.
*/
RsNext rs_output_next_frame(RsOutput *output, const RsSourceFrame **frame, RsStatus *status);

/** The most messages that a frame takes, with those that end its notes and the music after it. */
size_t rs_output_frame_messages(const RsOutput *output, const RsSourceFrame *frame);

/** Put the messages of a frame into the batch, and go on to the next one. */
void rs_output_perform(RsOutput *output, const RsSourceFrame *frame, int64_t due);

/** Put the messages of a frame of a file into the batch. */
void rs_output_perform_messages(RsOutput *output, const RsMessageFrame *frame, int64_t due);

/** Go to a place of the music, a pulse, where the source can: without a sound, as fast as frames
 * come; what messages set holds, notes are left out. */
void rs_output_locate(RsOutput *output, uint64_t pulse, int64_t now);

/** Go on with that. */
void rs_output_seek(RsOutput *output, int64_t now);

/* ---- receiver.c ---- */

/** The receiver does not read: end all notes, and hold back what comes. */
void rs_output_hold_back(RsOutput *output, int64_t now);

/** Go on sending where the receiver reads again and has room. */
void rs_output_look_at_receiver(RsOutput *output, int64_t now);

/** Open all ports anew as soon as the notes are ended, since an input is back. */
void rs_output_refresh(RsOutput *output, int64_t now);

/** Try now and then to find the port again. */
void rs_output_look_for_port(RsOutput *output, int64_t now);

/* ---- sync.c, control.c ---- */

/** Look at what came in. */
void rs_output_inputs(RsOutput *output, int64_t now);

/** Do what the commands say. */
void rs_output_commands(RsOutput *output, int64_t now);

#endif /* RS_LIVE_OUTPUT_H */
