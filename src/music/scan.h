#ifndef RS_MUSIC_SCAN_H
#define RS_MUSIC_SCAN_H

/**
   @file scan.h The scanner in front of libsmf: any bytes in, canonical songs out.

   libsmf is not safe on damaged files and takes quadratic time on some sound ones. The scanner
   reads the file itself, keeps every whole event before a damage, and writes what a roll needs
   (notes, sustain pedal, notes-off controllers; tempo and time signatures) into files that libsmf
   reads well: see chunks.h, events.h, canonical.h. Time and memory are linear in the size of the
   file.

   The tempo has files of its own because libsmf looks it up anew for each event it reads.
*/

#include "music/canonical.h"
#include "music/repairs.h"

#include <rollsmith/status.h>

#include <stddef.h>
#include <stdint.h>

/** Largest MIDI file that is read, in bytes. */
#define RS_MIDI_SIZE_MAX ((size_t)16 << 20)

/** Largest number of events of a song: some 20 hours of a piano being played. */
#define RS_EVENTS_MAX ((size_t)1000000)

/** MIDI clocks a click, as a canonical time signature states them: whether the song has it there,
   so that a bar begins, or it has been in force before. */
#define RS_METER_BEGINS 24
#define RS_METER_GOES_ON 0

/** A song in canonical form. */
typedef struct {
  double ticks_per_beat; ///< Ticks a quarter note; half a second where the file counts in time
  RsCanonical conductor; ///< Files of tempo and time signatures: wherever one of them changes stand
                         ///< both, so that each file can be read for itself
  RsCanonical notes;     ///< Files of notes and pedals
} RsScanSong;

/** What is in a file. */
typedef struct {
  RsScanSong *songs; ///< Owned; a file of format 2 has one song a track, others have one
  size_t count;      ///< Number of songs, 0 where there is no track
} RsScan;

/**
   Scan a file.

   @param data, size  The file, borrowed.
   @param out         Output, to be given to rs_scan_clear().
   @param repairs     What was out of order is added to it.
   @param error       Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_FORMAT where it is no MIDI file or too large.
*/
RsStatus rs_scan(const uint8_t *data, size_t size, RsScan *out, RsRepairs *repairs, RsError *error);

/** Free what a scan owns. */
void rs_scan_clear(RsScan *scan);

#endif /* RS_MUSIC_SCAN_H */
