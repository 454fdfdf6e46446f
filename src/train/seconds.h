/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_SECONDS_H
#define RS_TRAIN_SECONDS_H

/** @file seconds.h How long things take. */

/** Seconds on the machine's clock that nobody sets, since a moment that does not matter. */
double rs_seconds(void);

#endif /* RS_TRAIN_SECONDS_H */
