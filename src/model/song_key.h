/* SPDX-License-Identifier: ISC */

#ifndef RS_MODEL_SONG_KEY_H
#define RS_MODEL_SONG_KEY_H

/**
   @file song_key.h Whether the key of a generated song is known, or has to be estimated.
*/

#include <rollsmith/model.h>

/** Whether the key of songs that a model generates without a prime is known: its training songs
 * were brought into C major or A minor, and key is an input, or they were not transposed besides.
 */
bool rs_model_knows_key(const RsModel *model);

#endif /* RS_MODEL_SONG_KEY_H */
