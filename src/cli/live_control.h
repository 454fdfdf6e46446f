/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_LIVE_CONTROL_H
#define RS_CLI_LIVE_CONTROL_H

/**
   @file live_control.h Control of the music while it plays: by keys in the terminal, by MIDI
   controllers, and by the notes of a player (call and response). A status line shows the state.
*/

#include "cli/config.h"
#include "cli/playback.h"

#include "live/note_recorder.h"
#include "live/port_monitor.h"

#include <rollsmith/player.h>

/** State of the live controls. */
typedef struct {
  RsPlayer *player;
  const RsPlayback *playback;
  const RsOptions *options;
  RsConfig *config;
  double values[RS_CONTROLS]; ///< Value of each control; 0 or 1 of a switch
  uint64_t seed;              ///< Of the model's music
  int64_t tempo_set_at;       ///< Time of the last change of tempo by a control, nanoseconds
  bool pause;
  bool quit;                               ///< Requested by key
  double key_weights[RS_STEERING_CLASSES]; ///< Steering: of pitch classes; all 0: none
  bool keeping;      ///< The next key is the number of the preset that keeps the steering
  bool learning;     ///< MIDI learn: the next key names a control, or its controller is awaited
  int learned;       ///< Control whose controller is awaited; -1: none
  bool raw;          ///< The terminal is in raw mode
  bool answering;    ///< Call and response: the model plays
  int64_t status_at; ///< Time of the last status line, nanoseconds
  RsNoteRecorder *recorder; ///< Call and response: notes of the player; NULL: off
} RsLiveSession;

/** Set up from the options, and put the terminal into raw mode if there is one. @return RS_OK,
 * RS_ERR_MEMORY. */
RsStatus rs_live_init(RsLiveSession *live, RsPlayer *player, const RsPlayback *playback,
                      const RsOptions *options, RsConfig *config);

/** Restore the terminal and free what it owns. May be called twice. */
void rs_live_clear(RsLiveSession *live);

/** Read keys, controllers and notes, and write the status line. @param now Nanoseconds. */
void rs_live_poll(RsLiveSession *live, int64_t now);

/** Report a change of a port, as RsPortEventHandler. Where the port of --listen is lost, its notes
    end. @param context  The RsLiveSession. */
void rs_live_on_port_event(void *context, const RsPortEvent *event);

/** Restore the terminal while the program is suspended, and put it into raw mode again. */
void rs_live_release_terminal(RsLiveSession *live);
void rs_live_take_terminal(RsLiveSession *live);

/* ---- live_control_input.c ---- */

/** Handle a key, or learn it. */
void rs_live_on_key(RsLiveSession *live, int key);

/** Handle keys that were read together; escape sequences are ignored. */
void rs_live_on_keys(RsLiveSession *live, const char *keys, size_t count);

/** Handle a control change, or learn it; other messages are ignored. */
void rs_live_on_controller(RsLiveSession *live, const RsMessage *message);

/** Set a control, within its range. */
void rs_live_set(RsLiveSession *live, RsControl control, double value);

/** Start again with this seed. */
void rs_live_set_seed(RsLiveSession *live, double seed);

/* ---- live_steering.c ---- */

/** What the controls steer to. */
RsSteering rs_live_steering(const RsLiveSession *live);

/** Set the controls of steering, and send them to the player. */
void rs_live_steer(RsLiveSession *live, const RsSteering *steering);

/** Set the values of the controls of steering. */
void rs_live_set_steering_values(RsLiveSession *live, const RsSteering *steering);

/** Keep a control that was set in step with the others of steering: a range does not end below its
 * beginning, and a key has weights. */
void rs_live_match_steering(RsLiveSession *live, RsControl control);

/** Recall a preset; 0 steers nothing. */
void rs_live_recall_preset(RsLiveSession *live, int number);

/** Keep the steering as a preset, 1 to 9. */
void rs_live_keep_preset(RsLiveSession *live, int number);

/* ---- live_message.c ---- */

/** Whether the terminal accepts output. Where it does not (Ctrl-S, a stalled connection), messages
    are dropped rather than waited for. */
bool rs_live_is_writable(void);

/** Write a message above the status line. */
void rs_live_message(RsLiveSession *live, const char *format, ...) RS_PRINTF_LIKE(2, 3);

/* ---- live_control_line.c ---- */

/** Write the status line. */
void rs_live_show_status(RsLiveSession *live);

#endif /* RS_CLI_LIVE_CONTROL_H */
