/* SPDX-License-Identifier: ISC */

#ifndef RS_MODEL_METERS_H
#define RS_MODEL_METERS_H

/**
   @file meters.h The time signatures of a model: their names, and which is nearest.
*/

#include <rollsmith/inputs.h>

/** Room for the names of all of them. */
#define RS_METER_NAMES_SIZE (16 * RS_METERS_MAX)

/** Their names, as "4/4, 3/4"; empty where there is none. @param names  RS_METER_NAMES_SIZE bytes.
 */
void rs_meter_names(const RsInputs *inputs, char *names);

/**
   The one that is nearest to a time signature: of those whose bars are nearest in length one with
   beats of its length or, without one, the most frequent.

   @return Its number in inputs->meters; -1 where the model has none.
*/
int rs_nearest_meter(const RsInputs *inputs, unsigned beats, unsigned unit);

#endif /* RS_MODEL_METERS_H */
