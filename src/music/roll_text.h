#ifndef RS_MUSIC_ROLL_TEXT_H
#define RS_MUSIC_ROLL_TEXT_H

/**
   @file roll_text.h Limits of the .roll text.
*/

#include <stddef.h>

/** Largest .roll file that is read, in bytes: some 80 million frames. */
#define RS_ROLL_SIZE_MAX ((size_t)1 << 30)

#endif /* RS_MUSIC_ROLL_TEXT_H */
