/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_NOTE_RECORDER_H
#define RS_LIVE_NOTE_RECORDER_H

/**
   @file note_recorder.h Records the notes of a player until a pause, for call and response.
*/

#include <rollsmith/roll.h>
#include <rollsmith/sink.h>

/** Most notes that are kept: the latest ones. */
enum { RS_RECORDED_NOTES = 4096 };

/** A recorded note. */
typedef struct {
  int64_t begin; ///< Nanoseconds
  int64_t end;   ///< 0: it is active
  uint8_t note;
  uint8_t velocity;
} RsRecordedNote;

/** A recorder; all zeroes is an empty one. */
typedef struct {
  RsRecordedNote notes[RS_RECORDED_NOTES];
  size_t count; ///< Number of notes, including those that are no longer kept
  int active;   ///< Number of active notes
  int64_t last; ///< Time of the last message
} RsNoteRecorder;

/** Record a message: note-on, note-off or all notes off; others are ignored. */
void rs_note_recorder_add(RsNoteRecorder *recorder, const RsReceivedMessage *received);

/** End all active notes, where the keyboard was disconnected. */
void rs_note_recorder_release(RsNoteRecorder *recorder, int64_t now);

/** Whether notes were recorded and followed by a pause of this length, nanoseconds. */
bool rs_note_recorder_is_complete(const RsNoteRecorder *recorder, int64_t now, int64_t pause);

/**
   Take the recorded notes as a roll with onsets and velocities, from the first note on. The
   recorder is empty afterwards.

   @param frame  Length of a frame, nanoseconds; notes are rounded to the nearest frame.
   @param roll   Output, to be given to rs_roll_clear().
   @return RS_OK; RS_ERR_MEMORY; RS_ERR_EMPTY without notes.
*/
RsStatus rs_note_recorder_take(RsNoteRecorder *recorder, int64_t frame, RsRoll *roll);

#endif /* RS_LIVE_NOTE_RECORDER_H */
