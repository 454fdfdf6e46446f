/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_ACTIVE_NOTES_H
#define RS_LIVE_ACTIVE_NOTES_H

/**
   @file active_notes.h Active notes of the receiver, by the messages sent to it, and constructors
   of messages.
*/

#include "music/midi.h"

#include <rollsmith/roll.h>
#include <rollsmith/sink.h>

/** Active notes of each channel; all zeroes is silence. */
typedef struct {
  RsFrame notes[RS_CHANNELS];
} RsActiveNotes;

/** A message with note-on or note-off, channel 0..15. */
RsMessage rs_message_note(bool on, int channel, int note, int velocity);

/** Whether a message begins a note. */
bool rs_message_begins_note(const RsMessage *message);

/** Whether a message ends a note: a note-off, or a note-on of velocity 0. */
bool rs_message_ends_note(const RsMessage *message);

/** A control change, channel 0..15. */
RsMessage rs_message_control(int channel, int number, int value);

/** Whether a message ends all notes of its channel. */
bool rs_message_silences(const RsMessage *message);

/** A message of one byte. */
RsMessage rs_message_byte(uint8_t byte);

/**
   Update the active notes for messages.

   @param delivered  Whether they were delivered. If not, notes that they end or begin count as
   active.
*/
void rs_active_notes_update(RsActiveNotes *active, const RsMessage *messages, size_t count,
                            bool delivered);

/** Number of active notes. */
int rs_active_notes_count(const RsActiveNotes *active);

/** Note-offs for the active notes of a channel. @param messages Room for RS_NOTES. @return Number
 * of messages. */
size_t rs_active_notes_end(const RsActiveNotes *active, int channel, RsMessage *messages);

/** Most messages of rs_silence_messages(). */
enum { RS_SILENCE_MESSAGES = 3 };

/** Sustain pedal up, all notes off and all sound off for a channel, 0..15. @return Number of
 * messages. */
size_t rs_silence_messages(int channel, RsMessage *messages);

#endif /* RS_LIVE_ACTIVE_NOTES_H */
