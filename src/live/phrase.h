#ifndef RS_LIVE_PHRASE_H
#define RS_LIVE_PHRASE_H

/**
   @file phrase.h What a person plays, gathered until a pause, as a roll.
*/

#include <rollsmith/roll.h>
#include <rollsmith/sink.h>

/** The most notes that are kept of a phrase: the latest. */
enum { RS_PHRASE_NOTES = 4096 };

/** A note of it. */
typedef struct {
  int64_t begin; // Nanoseconds
  int64_t end;   // 0: it still sounds
  uint8_t note;
  uint8_t velocity;
} RsPhraseNote;

/** All zeroes is an empty one. */
typedef struct {
  RsPhraseNote notes[RS_PHRASE_NOTES];
  size_t count; // Of all notes, also those that are no longer kept
  int sounding; // How many still sound
  int64_t last; // When the last message came
} RsPhrase;

/** Take a message: a note, or one that ends them all; what is neither is left aside. */
void rs_phrase_hear(RsPhrase *phrase, const RsReceived *received);

/** End all notes that still sound, as the keyboard is gone. */
void rs_phrase_release(RsPhrase *phrase, int64_t now);

/** Whether there is a phrase, and silence for so long. */
bool rs_phrase_over(const RsPhrase *phrase, int64_t now, int64_t pause);

/**
   The phrase as a roll with onsets and velocities, from its first note on.

   @param frame  Nanoseconds of a frame; notes go to the nearest.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_EMPTY. The phrase is empty then.
*/
RsStatus rs_phrase_roll(RsPhrase *phrase, int64_t frame, RsRoll *roll);

#endif /* RS_LIVE_PHRASE_H */
