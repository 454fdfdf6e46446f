/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_PORT_LIST_H
#define RS_LIVE_PORT_LIST_H

/**
   @file port_list.h The list of PortMidi's ports.
*/

#include <rollsmith/ports.h>

/** Initialise PortMidi, which scans the ports. @return RS_OK, RS_ERR_PORT. */
RsStatus rs_port_list_begin(RsError *error);

/** Read the list, while PortMidi is initialised. @param ports Output, to be given to
    rs_ports_clear(). @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_port_list_read(RsPorts *ports, RsError *error);

/** Initialise PortMidi, read the list, and terminate PortMidi. @return As the two above. */
RsStatus rs_port_list_scan(RsPorts *ports, RsError *error);

/** Index of a port among those of its name and direction. */
size_t rs_port_list_name_index(const RsPorts *ports, size_t index);

/** Index of a port among those of its name, direction and client. */
size_t rs_port_list_client_index(const RsPorts *ports, size_t index);

/** Other ports of the same name and direction. @param others Output, to be given to
    rs_ports_clear(). @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_port_list_namesakes(const RsPorts *ports, size_t index, RsPorts *others);

#endif /* RS_LIVE_PORT_LIST_H */
