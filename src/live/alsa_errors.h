/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_ALSA_ERRORS_H
#define RS_LIVE_ALSA_ERRORS_H

/**
   @file alsa_errors.h Messages of ALSA's library.
*/

/** Keep the library from writing messages to standard error, as it does without a sequencer. */
void rs_alsa_suppress_messages(void);

#endif /* RS_LIVE_ALSA_ERRORS_H */
