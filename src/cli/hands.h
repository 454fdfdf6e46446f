#ifndef RS_CLI_HANDS_H
#define RS_CLI_HANDS_H

/**
   @file hands.h Hands on: keys in the terminal, controllers, and a person's playing change the
   music while it sounds; a line tells how it is.
*/

#include "cli/config.h"
#include "cli/piece.h"

#include "live/phrase.h"
#include "live/port_monitor.h"

#include <rollsmith/player.h>

/** What the hands are at. */
typedef struct {
  RsPlayer *player;
  const RsPiece *piece;
  const RsOptions *options;
  RsConfig *config;
  double bpm;
  int64_t tempo_at; // When it was last changed by hand
  double temperature;
  int density;
  int transpose;
  uint64_t seed;
  bool mute;
  bool hold;
  bool pause;
  bool quit;        // Asked for by key
  bool learning;    // The next key names what the next controller shall do
  int learned;      // What that is; -1: none
  bool raw;         // The terminal is ours
  bool answering;   // The model plays, not the person
  int64_t told_at;  // When the line was last written
  RsPhrase *phrase; // NULL: no one is listened to
} RsHands;

/** Take the terminal, if there is one, and the settings of the piece. @return RS_OK, RS_ERR_MEMORY.
 */
RsStatus rs_hands_init(RsHands *hands, RsPlayer *player, const RsPiece *piece,
                       const RsOptions *options, RsConfig *config);

/** Give the terminal back. May be called twice. */
void rs_hands_clear(RsHands *hands);

/** Look at keys, controllers and the person; write the line. @param now Nanoseconds. */
void rs_hands_look(RsHands *hands, int64_t now);

/** Tell of a change of a port, as RsPortEventHandler; where an input is gone, no key of it stays
 * down. */
void rs_hands_see_port(void *hands, const RsPortEvent *event);

/** Give the terminal back for as long as the program sleeps, and take it again. */
void rs_hands_sleep(RsHands *hands);
void rs_hands_wake(RsHands *hands);

/** Write a message above the line. */
void rs_hands_say(RsHands *hands, const char *format, ...) RS_PRINTF_LIKE(2, 3);

/* ---- Between the files of the hands ---- */

/** Do what a key stands for, or learn it. */
void rs_hands_press(RsHands *hands, int key);

/** Do what keys stand for that were typed together; those that send an escape are left aside. */
void rs_hands_type(RsHands *hands, const char *keys, size_t count);

/** Do what a controller stands for, or learn it; what is no control change is left aside. */
void rs_hands_hear_controller(RsHands *hands, const RsMessage *message);

/** Be silent while time goes on, or not. */
void rs_hands_mute(RsHands *hands, bool mute);

/** Write the line. */
void rs_hands_tell(RsHands *hands);

#endif /* RS_CLI_HANDS_H */
