/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_PORT_CHOICE_H
#define RS_LIVE_PORT_CHOICE_H

/**
   @file port_choice.h Copies of RsPortChoice.
*/

#include <rollsmith/ports.h>

/** Copy a choice with its strings. @return RS_OK, RS_ERR_MEMORY; the copy is to be given to
    rs_port_choice_clear() in any case. */
RsStatus rs_port_choice_copy(const RsPortChoice *choice, RsPortChoice *copy);

/** Free the strings of a copy. */
void rs_port_choice_clear(RsPortChoice *copy);

#endif /* RS_LIVE_PORT_CHOICE_H */
