/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_MIDI_WRITE_H
#define ROLLSMITH_MIDI_WRITE_H

/**
   @file midi_write.h Rolls into Standard MIDI Files.
*/

#include <rollsmith/performance.h>
#include <rollsmith/roll.h>
#include <rollsmith/status.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A key signature. */
typedef struct {
  bool known; ///< Whether there is one
  int sharps; ///< Sharps, -7..7; below 0: flats
  bool minor; ///< Whether the key is a minor one
} RsKeySignature;

/** A tempo from a frame on. */
typedef struct {
  size_t frame; ///< First frame
  double bpm;   ///< Quarter notes a minute
} RsTempoChange;

/** How to write a roll. All zeroes is right, but for `program`. */
typedef struct {
  const char *name;   ///< Track name in UTF-8, cut to 127 bytes; NULL: the roll's own
  double bpm;         ///< Quarter notes a minute; 0: the roll's own
  unsigned channel;   ///< 1..16; 0: 1; of part 0
  RsParts parts;      ///< How notes are given to parts, which have channels of their own
  unsigned split;     ///< As RsPerformance.split
  int program;        ///< Sound of all parts, 0..127; below 0: none is set
  unsigned velocity;  ///< 1..127: flat; 0: the roll's own velocities or, without them, shaped
  uint64_t seed;      ///< Of the shaping
  RsKeySignature key; ///< Written at the beginning, where it is known
  const RsTempoChange *tempos; ///< Changes of the tempo after frame 0, ascending; may be NULL.
                               ///< Those behind the roll's end are left out
  size_t tempo_count;          ///< Number of changes
  bool phrases; ///< A marker for each phrase of four bars: A, B, A again, A' where it is varied
} RsMidiSettings;

/**
   A roll as a Standard MIDI File of one track, in memory: the bytes that rs_midi_write() writes.

   @param bytes  Output, to be given to free().
   @param size   Output: number of bytes.
   @return As rs_midi_write(), but for RS_ERR_IO.
*/
RsStatus rs_midi_compose(const RsRoll *roll, const RsMidiSettings *settings, uint8_t **bytes,
                         size_t *size, RsError *error);

/**
   Write a roll as a Standard MIDI File of one track, whole or not at all.

   The notes are those of rs_performer_frame(), event for event; held notes are one note. The same
   roll and settings give the same bytes. The file lasts as long as the roll, silence at its end
   included. A roll without a meter map has no phrases.

   @param roll      Borrowed.
   @param settings  Borrowed.
   @param path      Where.
   @param error     Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_IO, RS_ERR_ARGUMENT for a setting out of its range,
   RS_ERR_EMPTY for a roll of no frames, RS_ERR_OVERFLOW for one longer than a MIDI file can be.
*/
RsStatus rs_midi_write(const RsRoll *roll, const RsMidiSettings *settings, const char *path,
                       RsError *error);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_MIDI_WRITE_H */
