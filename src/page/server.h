/* SPDX-License-Identifier: ISC */

#ifndef RS_PAGE_SERVER_H
#define RS_PAGE_SERVER_H

/**
   @file server.h A web server for this machine alone: one page, and events that are sent to it as
   they come (server-sent events).

   GET / has the page, GET /events a stream of all events from the first one on. Requests whose
   Host is another name than that of this machine are refused, so that pages of other sites cannot
   read the events.
*/

#include <rollsmith/status.h>

/** A server, with a thread of its own. */
typedef struct RsPageServer RsPageServer;

/**
   Begin to serve.

   @param address  A port, or HOST:PORT with 127.0.0.1 or localhost; port 0 is any that is free.
   @param page     HTML, copied.
   @param out      Output, to be given to rs_page_server_free().
   @return RS_OK; RS_ERR_SETTING for an address that is invalid or not local; RS_ERR_IO
   where the port is taken; RS_ERR_MEMORY.
*/
RsStatus rs_page_server_new(const char *address, const char *page, RsPageServer **out,
                            RsError *error);

/** The port. */
unsigned rs_page_server_port(const RsPageServer *server);

/** Send an event to all clients, and to those that connect later. @param line  Without a line feed;
 * copied. Where memory is out it is lost. */
void rs_page_server_publish(RsPageServer *server, const char *line);

/** Send what is left, for at most a second, and end. NULL is allowed. */
void rs_page_server_free(RsPageServer *server);

#endif /* RS_PAGE_SERVER_H */
