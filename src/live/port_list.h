#ifndef RS_LIVE_PORT_LIST_H
#define RS_LIVE_PORT_LIST_H

/**
   @file port_list.h The ports that PortMidi knows.
*/

#include <rollsmith/ports.h>

/** Start PortMidi, which reads the list of ports anew. @return RS_OK, RS_ERR_PORT. */
RsStatus rs_port_list_begin(RsError *error);

/** The list, while PortMidi is there. @param ports Output, to be given to rs_ports_clear().
    @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_port_list_read(RsPorts *ports, RsError *error);

/** How many ports of its name and direction come before a port. */
size_t rs_port_list_place(const RsPorts *ports, size_t index);

/** How many of those are of the same program, by its name. */
size_t rs_port_list_twin(const RsPorts *ports, size_t index);

/** Those of its name and direction but itself. @param others Output, to be given to
   rs_ports_clear().
    @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_port_list_others(const RsPorts *ports, size_t index, RsPorts *others);

#endif /* RS_LIVE_PORT_LIST_H */
