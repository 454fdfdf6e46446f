/* SPDX-License-Identifier: ISC */

#ifndef RS_VIEW_NOTE_NAME_H
#define RS_VIEW_NOTE_NAME_H

/**
   @file note_name.h Names of notes, of which 60 is C4.
*/

#include <stddef.h>

/** Write the name of a note, 0 .. 127, in UTF-8, cut to `size` bytes, terminating zero included. */
void rs_note_name(int note, char *text, size_t size);

#endif /* RS_VIEW_NOTE_NAME_H */
