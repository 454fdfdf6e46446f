#ifndef RS_LIVE_ACTIVE_NOTES_H
#define RS_LIVE_ACTIVE_NOTES_H

/**
   @file active_notes.h Which notes sound at the receiver, by what was sent to it.
*/

#include "music/midi.h"

#include <rollsmith/roll.h>
#include <rollsmith/sink.h>

/** All zeroes is silence. */
typedef struct {
  RsFrame notes[RS_CHANNELS];
} RsActiveNotes;

/** A message with note-on or note-off, channel 0..15. */
RsMessage rs_message_note(bool on, int channel, int note, int velocity);

/** Whether a message begins a note. */
bool rs_message_begins_note(const RsMessage *message);

/** A control change, channel 0..15. */
RsMessage rs_message_control(int channel, int number, int value);

/** Whether a message ends all notes of its channel. */
bool rs_message_silences(const RsMessage *message);

/** A message of one byte. */
RsMessage rs_message_byte(uint8_t byte);

/**
   Keep account of messages.

   @param arrived  Whether they are known to have arrived. Where not, what they end may go on
   sounding and what they begin may have begun.
*/
void rs_active_notes_account(RsActiveNotes *sounding, const RsMessage *messages, size_t count,
                             bool arrived);

/** Number of notes that sound. */
int rs_active_notes_count(const RsActiveNotes *sounding);

/** Note-offs for all that sounds on a channel. @param messages Room for RS_NOTES. @return How many.
 */
size_t rs_active_notes_end(const RsActiveNotes *sounding, int channel, RsMessage *messages);

/** The most messages that rs_silence() gives. */
enum { RS_SILENCE_MESSAGES = 3 };

/** Pedal up, all notes off, all sound off on a channel, 0..15. @return How many messages. */
size_t rs_silence(int channel, RsMessage *messages);

#endif /* RS_LIVE_ACTIVE_NOTES_H */
