/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_SCORE_SOURCE_H
#define ROLLSMITH_SCORE_SOURCE_H

/**
   @file score_source.h A MIDI file as a source of messages: all channels, with ticks and tempi of
   the file.
*/

#include <rollsmith/frame_source.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Settings of playing a file. */
typedef struct {
  int channel;     ///< 1..16: channel of all messages, drums are left out; 0: unchanged
  int program;     ///< 0..127: program of all channels but drums; below 0: unchanged
  double quarters; ///< Length in quarter notes; 0: all
  bool loop;       ///< Whether it begins again at its end
} RsScoreSettings;

/**
   A source that plays a MIDI file.

   A frame is a tick; ticks without messages are skipped: RsMessageFrame.length.

   @param data, size  The file, borrowed.
   @param settings    Settings.
   @param division    Output: ticks a quarter note, which is RsPlayerSettings.frames_per_beat.
   @param bpm         Output: initial tempo, quarter notes a minute.
   @param out         Output, to be given to rs_frame_source_free().
   @return RS_OK; RS_ERR_MEMORY; RS_ERR_FORMAT for another kind of file; RS_ERR_EMPTY for a file
   without notes.
*/
RsStatus rs_frame_source_score(const void *data, size_t size, const RsScoreSettings *settings,
                               unsigned *division, double *bpm, RsFrameSource **out);

/** Number of system-exclusive messages of the file; they are left out. */
size_t rs_score_source_left_out(const RsFrameSource *source);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_SCORE_SOURCE_H */
