/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_ROLL_H
#define ROLLSMITH_ROLL_H

/**
   @file roll.h Piano rolls: which of the 128 MIDI notes sound in each frame of a song.

   A roll always spans all 128 notes; the range of a model is cut out of it by rs_roll_fit().
   A run of frames in which a note sounds is one held note, unless the roll has the plane `onset`
   that marks where notes begin.

   None of these functions keeps a global state; different rolls may be used in different threads.
*/

#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Number of MIDI notes. */
#define RS_NOTES 128

/** The notes of one frame: note n (0..127) is bit n % 64 of bits[n / 64]. */
typedef struct {
  uint64_t bits[2]; ///< The notes
} RsFrame;

/** A time signature and the frame from which it counts. */
typedef struct {
  size_t frame;   ///< First frame; a bar begins there
  unsigned beats; ///< Upper number, at least 1
  unsigned unit;  ///< Lower number, at least 1
} RsMeterChange;

/** A song as frames. All arrays are owned by the roll and freed by rs_roll_clear(). */
typedef struct {
  char *name;               ///< Of the song, UTF-8, without line breaks; may be NULL
  size_t frames;            ///< Length
  RsFrame *on;              ///< `frames` values: which notes sound
  RsFrame *onset;           ///< `frames` values: which of them begin here; or NULL
  uint8_t *velocity;        ///< frames x 128, row-major, 1..127, and 0 where silent; or NULL
  double bpm;               ///< Quarter notes a minute, of the tempo in force longest; 120 if none
  unsigned frames_per_beat; ///< Frames a quarter note; 0 where frames are of time
  double frame_ms;          ///< Where frames are of time, the length of one, in milliseconds
  unsigned meter_beats;     ///< Main meter, the one in force longest, upper number; 4 if none
  unsigned meter_unit;      ///< Main meter, lower number; 4 if none
  RsMeterChange *meters; ///< `meter_count` changes, ascending, the first at frame 0; NULL where no
                         ///< meter is known
  size_t meter_count;    ///< Number of changes
  int to_common;         ///< Semitones by which it was moved to C major or A minor; 0 if it was not
} RsRoll;

/** Where a frame stands in its bar. */
typedef struct {
  unsigned beats;    ///< Time signature there, upper number
  unsigned unit;     ///< Time signature there, lower number
  size_t change;     ///< Which of RsRoll.meters it is
  size_t bar;        ///< Number of bars begun before this one since the start of the song
  size_t bar_start;  ///< First frame of the bar
  size_t bar_frames; ///< Frames of a whole bar of this meter, at least 1; the bar itself is shorter
                     ///< where a change or the end of the song cuts it
  size_t frame_in_bar; ///< The frame less bar_start
} RsBarPlace;

/** Several songs. The array and the rolls in it are owned and freed by rs_songs_clear(). */
typedef struct {
  RsRoll *rolls;   ///< `count` rolls; may be NULL where count is 0
  size_t count;    ///< How many
  size_t capacity; ///< For how many there is room; kept by rs_songs_add()
} RsSongs;

/** Planes that a roll may have beside `on`, to be combined by `|`. */
typedef enum {
  RS_PLANE_NONE = 0,     ///< None
  RS_PLANE_ONSET = 1,    ///< RsRoll.onset
  RS_PLANE_VELOCITY = 2, ///< RsRoll.velocity
} RsPlanes;

/** What becomes of a note outside the range. */
typedef enum {
  RS_OUTSIDE_FOLD,   ///< Moved into the range by octaves
  RS_OUTSIDE_DROP,   ///< Left out
  RS_OUTSIDE_REFUSE, ///< The whole song is refused
} RsOutside;

/** What became of the notes of a song. Every note is either kept or dropped. */
typedef struct {
  size_t kept;    ///< Notes that are in the roll, the folded ones among them
  size_t folded;  ///< Notes that were moved by octaves
  size_t dropped; ///< Notes that were left out
} RsRollCounts;

/** Whether `note` (0..127) is in a frame. */
static inline bool rs_frame_has(const RsFrame *frame, int note) {
  return frame->bits[note / 64] >> (note % 64) & 1;
}

/** Put `note` (0..127) into a frame. */
static inline void rs_frame_set(RsFrame *frame, int note) {
  frame->bits[note / 64] |= UINT64_C(1) << (note % 64);
}

/** Take `note` (0..127) out of a frame. */
static inline void rs_frame_clear(RsFrame *frame, int note) {
  frame->bits[note / 64] &= ~(UINT64_C(1) << (note % 64));
}

/** Number of notes in a frame. */
int rs_frame_count(const RsFrame *frame);

/** Lowest note of a frame that is `from` (0..128) or higher; RS_NOTES if there is none. */
int rs_frame_next(const RsFrame *frame, int from);

/** Highest note of a frame; -1 if there is none. */
int rs_frame_highest(const RsFrame *frame);

/** A frame with every note moved by `semitones` (-127..127); notes that leave 0..127 are lost. */
RsFrame rs_frame_shift(const RsFrame *frame, int semitones);

/** Whether two frames hold the same notes. */
static inline bool rs_frame_equal(const RsFrame *a, const RsFrame *b) {
  return a->bits[0] == b->bits[0] && a->bits[1] == b->bits[1];
}

/**
   Make a silent roll, at 120 quarter notes a minute, 4 frames a quarter note, in 4/4, without a
   meter map.

   @param roll    Output, whatever it held before; to be given to rs_roll_clear().
   @param name    Of the song, copied; or NULL.
   @param frames  Length.
   @param planes  Which planes it has beside `on`, some of RsPlanes.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_roll_init(RsRoll *roll, const char *name, size_t frames, unsigned planes);

/** Free what a roll owns and make it an empty one of no frames. NULL is allowed. */
void rs_roll_clear(RsRoll *roll);

/** The planes that a roll has beside `on`, some of RsPlanes. */
unsigned rs_roll_planes(const RsRoll *roll);

/** Length of a quarter note in frames; by the roll's tempo where frames are of time. */
double rs_roll_frames_per_quarter(const RsRoll *roll);

/**
   Length of a bar in frames, which need not be a whole number.

   @param beats, unit      Time signature, each at least 1.
   @param frames_per_beat  Frames a quarter note, above 0.
*/
double rs_meter_bar_frames(unsigned beats, unsigned unit, double frames_per_beat);

/**
   Length of a beat in frames: a unit of the time signature or, in a compound meter (6/8, 9/8, 12/8
   and the like over 16, 32 ...), three.

   @param beats, unit      Time signature, each at least 1.
   @param frames_per_beat  Frames a quarter note, above 0.
*/
double rs_meter_beat_frames(unsigned beats, unsigned unit, double frames_per_beat);

/**
   Where a frame stands in its bar.

   Bar k of a change begins k bars after it, rounded to the nearest frame, halves upwards. A change
   within a bar cuts it short: a pickup written as a short first meter is a bar of its own. Takes
   time linear in RsRoll.meter_count.

   @param roll   Borrowed.
   @param frame  Any frame; past the end of the song the last meter goes on.
   @param place  Output; left as it is where there is no map.
   @return Whether the roll has a meter map.
*/
bool rs_roll_bar(const RsRoll *roll, size_t frame, RsBarPlace *place);

/**
   Go to the first frame of the next bar, in time that does not depend on the number of changes.

   @param roll   Borrowed; has a meter map.
   @param place  What rs_roll_bar() or this function gave; output.
*/
void rs_roll_next_bar(const RsRoll *roll, RsBarPlace *place);

/**
   Add a time signature to the end of a roll's meter map.

   @param frame        From which it counts: 0 for the first, then ascending.
   @param beats, unit  Time signature, each at least 1.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_roll_add_meter(RsRoll *roll, size_t frame, unsigned beats, unsigned unit);

/** Take a roll's meter map away. */
void rs_roll_clear_meters(RsRoll *roll);

/** The notes that begin in a frame: marked as onsets or, without that plane, on after a silence. */
RsFrame rs_roll_begins(const RsRoll *roll, size_t frame);

/**
   Where a note goes.

   @param low, high  Range, 0 <= low <= high <= 127.
   @param outside    What becomes of a note outside.
   @param note       Any number, also one outside 0..127, as after a transposition.
   @return Its place in the range; -1 where it is dropped, or where no octave of it is in the range.
*/
int rs_note_fit(int low, int high, RsOutside outside, int note);

/**
   Transpose a roll, then bring it into a range.

   Where two notes fall on one, the louder velocity stays, and both count as kept.

   @param in         Roll, borrowed, unchanged.
   @param low, high  Range, 0 <= low <= high <= 127.
   @param outside    What becomes of notes outside. A range of less than an octave drops what it
                     cannot hold even when folding.
   @param transpose  Semitones, -127..127.
   @param out        Output: a new roll with the planes of `in`, to be given to rs_roll_clear().
   @param counts     Output: notes kept, folded and dropped; or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_ARGUMENT for a range or transposition that cannot be,
   RS_ERR_FORMAT where a note is outside and `outside` is RS_OUTSIDE_REFUSE. `out` is empty after an
   error.
*/
RsStatus rs_roll_fit(const RsRoll *in, int low, int high, RsOutside outside, int transpose,
                     RsRoll *out, RsRollCounts *counts);

/** Free what the songs own and make them none. NULL is allowed. */
void rs_songs_clear(RsSongs *songs);

/**
   Move a roll to the end of the songs.

   @param songs  Songs; all zeroes are none.
   @param roll   Taken over and left empty; on an error it stays the caller's.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_songs_add(RsSongs *songs, RsRoll *roll);

/**
   Move all rolls of some songs to the end of others.

   @param from  Emptied.
   @param to    Songs; on an error as before.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_songs_move(RsSongs *from, RsSongs *to);

/**
   Read the text of a .roll file.

   One line a frame: the MIDI numbers that sound, separated by spaces, in any order; `-` for
   silence. A line that begins with `#` begins a new song, what follows is its name; a song without
   frames is left out. Lines end in LF or CR LF.

   @param text    The text, `length` bytes; need not end in zero.
   @param length  Number of bytes.
   @param file    What to call the file in messages.
   @param songs   The songs are added to these; on an error none is.
   @param error   Detail, or NULL: names file and line.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_FORMAT for a line that is not a frame.
*/
RsStatus rs_songs_parse(const char *text, size_t length, const char *file, RsSongs *songs,
                        RsError *error);

/** As rs_songs_parse(), from a file. @return The same, and RS_ERR_READ, RS_ERR_IO. */
RsStatus rs_songs_read(const char *path, RsSongs *songs, RsError *error);

/**
   The text of a .roll file.

   @param songs   Songs, borrowed.
   @param text    Output, to be given to free(); ends in a zero that is not counted.
   @param length  Output, number of bytes.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_songs_format(const RsSongs *songs, char **text, size_t *length);

/**
   Write a .roll file, whole or not at all.

   @param songs  Songs, borrowed.
   @param path   Where.
   @param error  Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_IO.
*/
RsStatus rs_songs_write(const RsSongs *songs, const char *path, RsError *error);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_ROLL_H */
