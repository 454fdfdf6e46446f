#ifndef ROLLSMITH_SCORE_SOURCE_H
#define ROLLSMITH_SCORE_SOURCE_H

/**
   @file score_source.h Frames of a MIDI file as it stands: all its channels, each event at its
   tick, in its tempi.
*/

#include <rollsmith/frame_source.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How to play a score. */
typedef struct {
  int channel;     ///< 1..16: all but drums go there, and drums are left out; 0: as it stands
  int program;     ///< 0..127 in place of those in the file, but for drums; below 0: as it stands
  double quarters; ///< Quarter notes that are played; 0: all
  bool loop;       ///< Whether it begins again at its end
} RsScoreSettings;

/**
   A source that plays a MIDI file.

   A frame is a tick, of which most are passed over: RsSourceFrame.length.

   @param data, size  The file, borrowed for the call.
   @param settings    How.
   @param division    Output: ticks a quarter note, which is RsPlayerSettings.frames_per_beat.
   @param bpm         Output: the tempo it begins with, quarter notes a minute.
   @param out         Output, to be given to rs_frame_source_free().
   @return RS_OK; RS_ERR_MEMORY; RS_ERR_FORMAT where it is no MIDI file; RS_ERR_EMPTY where it has
   no note.
*/
RsStatus rs_frame_source_score(const void *data, size_t size, const RsScoreSettings *settings,
                               unsigned *division, double *bpm, RsFrameSource **out);

/** System-exclusive messages of the file, which such a source leaves out. */
size_t rs_score_source_left_out(const RsFrameSource *source);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_SCORE_SOURCE_H */
