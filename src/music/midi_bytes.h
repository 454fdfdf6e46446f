/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_MIDI_BYTES_H
#define RS_MUSIC_MIDI_BYTES_H

/**
   @file midi_bytes.h Bytes of Standard MIDI Files that are put together.
*/

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The longest delta time that a file can state, in ticks. */
#define RS_MIDI_DELTA_MAX 0x0fffffffu

/** Bytes that grow; all zeroes is none. */
typedef struct {
  uint8_t *data; ///< `size` bytes; owned, to be given to free()
  size_t size;   ///< Number of bytes
  size_t room;   ///< For how many there is room
  uint32_t tick; ///< Of the last event of the track
  size_t length; ///< Place of the track's length
  bool failed;   ///< Memory is out: all else is kept as it was
} RsMidiBytes;

/** Add bytes. */
void rs_midi_put(RsMidiBytes *out, const void *bytes, size_t count);

/** Add the head of a file. @param division  Ticks a quarter note. */
void rs_midi_put_head(RsMidiBytes *out, unsigned format, unsigned tracks, unsigned division);

/** Begin a track, at tick 0. */
void rs_midi_begin_track(RsMidiBytes *out);

/** End the track. @param tick  Not before the last event. */
void rs_midi_end_track(RsMidiBytes *out, uint32_t tick);

/** Add an event of a channel, whole. @param tick  Not before the last event. */
void rs_midi_put_event(RsMidiBytes *out, uint32_t tick, const uint8_t *bytes, size_t count);

/** Add a meta event. @param tick  Not before the last event. @param size  Of its data. */
void rs_midi_put_meta(RsMidiBytes *out, uint32_t tick, uint8_t type, const void *data, size_t size);

/** Add a system-exclusive event. @param status  RS_MIDI_SYSEX or RS_MIDI_SYSEX_END. */
void rs_midi_put_exclusive(RsMidiBytes *out, uint32_t tick, uint8_t status, const void *data,
                           size_t size);

/** Length of the longest start of a text that every reader takes, 127 bytes, and that does not cut
 * a UTF-8 character. */
size_t rs_midi_text_length(const char *text);

#endif /* RS_MUSIC_MIDI_BYTES_H */
