/* SPDX-License-Identifier: ISC */

#ifndef RS_PAGE_HTTP_H
#define RS_PAGE_HTTP_H

/**
   @file http.h What server.h reads and writes of HTTP/1.1.
*/

#include <stdbool.h>
#include <stddef.h>

/** Longest request that is read, bytes. */
#define RS_HTTP_REQUEST_MAX 8192

/** What is answered to a request. */
typedef enum {
  RS_HTTP_PAGE,      ///< The page
  RS_HTTP_EVENTS,    ///< The stream of events
  RS_HTTP_BAD,       ///< 400: no request
  RS_HTTP_FORBIDDEN, ///< 403: for another host
  RS_HTTP_MISSING,   ///< 404: another path
  RS_HTTP_METHOD,    ///< 405: another method than GET
} RsHttpAnswer;

/** Whether the head of a request is there as a whole. @param text  Zero-terminated. */
bool rs_http_is_whole(const char *text);

/** What to answer to a whole head of a request. */
RsHttpAnswer rs_http_answer(const char *head);

/** The head of an answer. @param length  Bytes of the page. @param text  Output, `size` bytes.
 * @return Its length. */
size_t rs_http_head(RsHttpAnswer answer, size_t length, char *text, size_t size);

#endif /* RS_PAGE_HTTP_H */
