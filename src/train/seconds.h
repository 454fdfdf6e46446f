/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_SECONDS_H
#define RS_TRAIN_SECONDS_H

/** @file seconds.h How long things take. */

/** Seconds of the monotonic clock, from an arbitrary origin. */
double rs_seconds(void);

#endif /* RS_TRAIN_SECONDS_H */
