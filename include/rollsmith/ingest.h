/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_INGEST_H
#define ROLLSMITH_INGEST_H

/**
   @file ingest.h Files and folders of songs into piano rolls.

   Standard MIDI Files of any format, also within RIFF, and .roll texts are read; the type is
   found from the content, not the name. Of a damaged file, what precedes the damage is read, and
   its report states the damage.

   A file of format 2 holds independent songs: each of its tracks becomes one. Two notes of one
   pitch at the same time become one in the roll.
*/

#include <rollsmith/roll.h>
#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Transposition of a song by its key. */
typedef enum {
  RS_TRANSPOSE_NONE,   ///< None
  RS_TRANSPOSE_COMMON, ///< To C major or A minor, -5 to 6 semitones, by an estimate of its key
  RS_TRANSPOSE_AUTO,   ///< As RS_TRANSPOSE_COMMON where a model learns from MIDI files, else none
} RsTransposition;

/** Which frame of a song is its first. */
typedef enum {
  RS_START_KEEP,       ///< The one at time 0: silence before the first note is kept
  RS_START_TRIM,       ///< The one with the first note
  RS_START_DROP_FIRST, ///< The one after time 0, as in the 2012 benchmark made from MIDI
} RsStart;

/** Which note a note-off ends. */
typedef enum {
  RS_PAIRING_CHANNEL, ///< The one that sounds on its channel and pitch, whatever track began it; so
                      ///< does another note-on, as in FluidSynth. But unlike there, a note-off of
                      ///< one track never ends a note that another begins at the same time: it is
                      ///< of a note before, whichever track comes first in the file
  RS_PAIRING_TRACK,   ///< The last that its own track began on its channel and pitch; one that was
                      ///< begun before and has not ended is dropped, as in the 2012 benchmark
} RsPairing;

/** Settings of converting a song to a roll. */
typedef struct {
  unsigned frames_per_beat;  ///< Frames a quarter note, 1..960; default 4
  double frame_ms;           ///< Length of a frame in milliseconds, 1..60000, in place of the
                             ///< former; default 0: by the beat
  int low;                   ///< Lowest note of the range, 0..127; default 48
  int high;                  ///< Highest note of the range, 0..127; default 83
  RsOutside outside;         ///< Treatment of notes outside the range; default RS_OUTSIDE_FOLD
  bool drums;                ///< Whether channel 10 is kept; default no
  RsPairing pairing;         ///< Which note a note-off ends; default RS_PAIRING_CHANNEL
  bool pedal;                ///< Whether the sustain pedal holds notes; default no
  int min_velocity;          ///< Softer notes are dropped, 1..127; default 1
  RsTransposition transpose; ///< Transposition by key; default RS_TRANSPOSE_AUTO
  int transpose_semitones;   ///< Transposition of every song on top of that, -127..127; default 0
  bool articulation;         ///< Whether rolls have the plane RsRoll.onset; default no. What sounds
                             ///< is the same: a pitch does while any channel holds it
  bool velocity;             ///< Whether rolls have the plane RsRoll.velocity; default no
  RsStart start;             ///< The first frame; default RS_START_KEEP. The last one is always the
                             ///< last in which a note sounds
  unsigned min_frames;       ///< Frames that a note gets at least; default 1; with 0, notes that
                             ///< round to nothing are dropped
  size_t max_silence;        ///< Longer silences are cut to this number of frames, as a damaged
                             ///< file may have days of silence; default 64; 0: not cut
  size_t max_frames;         ///< Longer songs are refused; default 1048576
  bool duplicates; ///< Whether rs_ingest_paths() keeps songs that are equal at a transposition;
                   ///< default no: the first of them is kept
} RsIngest;

/** Length of RsIngestReport.repairs, terminating zero included. */
#define RS_REPAIRS_SIZE 256

/** Report on a file. */
typedef struct {
  char *path;          ///< Path of the file; owned
  size_t songs;        ///< Number of songs
  size_t frames;       ///< Number of frames of all songs
  size_t notes;        ///< Notes in the file: those kept, dropped, and of drums
  RsRollCounts counts; ///< Notes kept, folded and dropped (outside the range, too soft, too short,
                       ///< or by RS_PAIRING_TRACK)
  size_t drums;        ///< Notes on channel 10 that were left out
  size_t unended; ///< Notes without a note-off: they end with their track, or after 8 quarter notes
  size_t left_out; ///< 1 for a .roll that ingest wrote and that was found in a folder, which is not
                   ///< read; of a sum, how many there were
  size_t duplicates; ///< Songs that were left out, since they are equal to one before; all else
                     ///< is about those that were kept
  char *same_as;     ///< Path of the file with the song that the first of them is equal to; owned;
                     ///< NULL where there is none
  bool lossy;        ///< Whether music was lost by damage or guessed; `repairs` has the details
  int transposed;    ///< Semitones by which the last song was transposed
  RsError error;     ///< RS_OK, or the reason why the file was refused
  char repairs[RS_REPAIRS_SIZE]; ///< Repairs, separated by "; "; "" without any
} RsIngestReport;

/** The reports of several files; one that was not reached before a stop has no path. */
typedef struct {
  RsIngestReport *files; ///< `count` reports, in the order of the files; owned
  size_t count;          ///< How many
} RsIngestReports;

/**
   Called after each file, by one thread at a time, but not always the same one.

   @param context  What rs_ingest_paths() was given.
   @param file     The file's report, one of those of rs_ingest_paths(), which are all there by now;
                   it is not changed while others are read.
   @param done     Files that are done, from 1 up.
   @param files    Files in all.
   @return Whether to go on.
*/
typedef bool (*RsIngestProgress)(void *context, const RsIngestReport *file, size_t done,
                                 size_t files);

/** The defaults above. */
RsIngest rs_ingest_defaults(void);

/**
   Check settings.

   @param error  Detail, or NULL: names the field, its value and what is allowed.
   @return RS_OK, RS_ERR_SETTING.
*/
RsStatus rs_ingest_check(const RsIngest *settings, RsError *error);

/**
   Read the songs in the bytes of a file.

   @param data, size  The bytes, borrowed.
   @param path        Path of the file: its last part without ending names the songs.
   @param settings    How.
   @param songs       The songs are added to these; on an error none is.
   @param report      Output, to be given to rs_ingest_report_clear().
   @return RS_OK; RS_ERR_MEMORY; RS_ERR_SETTING; RS_ERR_FORMAT where the bytes are not a song or the
   song is too long or out of the range; RS_ERR_EMPTY where no note is left. The report has the
   reason.
*/
RsStatus rs_ingest_memory(const void *data, size_t size, const char *path, const RsIngest *settings,
                          RsSongs *songs, RsIngestReport *report);

/** As rs_ingest_memory(), from a file. @return The same, and RS_ERR_READ, RS_ERR_IO. */
RsStatus rs_ingest_file(const char *path, const RsIngest *settings, RsSongs *songs,
                        RsIngestReport *report);

struct RsThreadPool;

/**
   Read files, and all songs in folders.

   Folders are searched through, names in the order of their bytes, for regular files named *.mid,
   *.midi, *.kar, *.rmi, *.smf or *.roll in any case; a .roll whose first line marks it as written
   by ingest is left out, with a report behind those of the files that are read. A file that is
   named outright may be called anything. Of songs that are equal, whatever their transposition,
   name, format and the silence before their first note, the first is kept, unless the settings say
   otherwise. A file that cannot be read has its report, and the others are read. The result does
   not depend on the number of threads.

   @param paths     `count` paths of files and folders.
   @param count     Number of paths.
   @param settings  How.
   @param pool      Threads, or NULL for the caller's alone.
   @param progress  Called after each file; or NULL.
   @param context   Handed to `progress`.
   @param songs     The songs are added to these, in the order of the files; on an error none is.
   @param reports   Output, also after an error, to be given to rs_ingest_reports_clear().
   @param error     Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_SETTING, RS_ERR_EMPTY where there is no readable song,
   RS_ERR_STOPPED where `progress` requested it.
*/
RsStatus rs_ingest_paths(const char *const *paths, size_t count, const RsIngest *settings,
                         struct RsThreadPool *pool, RsIngestProgress progress, void *context,
                         RsSongs *songs, RsIngestReports *reports, RsError *error);

/**
   The result of a file as one line of text, without a line break.

   @param report  Report.
   @param text    Output, at most `size` bytes, terminating zero included.
   @param size    Room in it.
   @return Length of the whole line, as snprintf() has it.
*/
size_t rs_ingest_report_line(const RsIngestReport *report, char *text, size_t size);

/** Sum of all reports, with the number of files refused in *refused if not NULL; owns nothing. */
RsIngestReport rs_ingest_sum(const RsIngestReports *reports, size_t *refused);

/** Free what a report owns. NULL is allowed. */
void rs_ingest_report_clear(RsIngestReport *report);

/** Free what reports own. NULL is allowed. */
void rs_ingest_reports_clear(RsIngestReports *reports);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_INGEST_H */
