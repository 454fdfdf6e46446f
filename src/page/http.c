/* SPDX-License-Identifier: ISC */

#include "page/http.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

bool rs_http_is_whole(const char *text) {
  return strstr(text, "\r\n\r\n") != NULL;
}

/* The value of a field of the head; NULL where there is none. @param length Output. */
static const char *field(const char *head, const char *name, size_t *length) {
  const size_t name_length = strlen(name);
  for (const char *line = strstr(head, "\r\n"); line && line[2] != '\r';
       line = strstr(line + 2, "\r\n")) {
    const char *at = line + 2;
    if (!strncasecmp(at, name, name_length) && at[name_length] == ':') {
      at += name_length + 1;
      at += strspn(at, " \t");
      *length = strcspn(at, "\r");
      return at;
    }
  }
  return NULL;
}

/* Whether the request is for this machine by a name of its own. */
static bool is_for_this_machine(const char *head) {
  static const char *const names[] = {"127.0.0.1", "localhost"};
  size_t length = 0;
  const char *host = field(head, "Host", &length);
  for (size_t i = 0; host && i < sizeof(names) / sizeof(*names); ++i) {
    const size_t name = strlen(names[i]);
    if (length >= name && !strncasecmp(host, names[i], name) &&
        (length == name || host[name] == ':')) {
      return true;
    }
  }
  return false;
}

RsHttpAnswer rs_http_answer(const char *head) {
  const char *space = strchr(head, ' ');
  const size_t path = space ? strcspn(space + 1, " \r\n") : 0;
  if (!space || !path || strncmp(space + 1 + path, " HTTP/1.", 8) != 0) {
    return RS_HTTP_BAD;
  }
  if (!is_for_this_machine(head)) {
    return RS_HTTP_FORBIDDEN;
  }
  if (strncmp(head, "GET ", 4) != 0) {
    return RS_HTTP_METHOD;
  }
  if (path == 1 && space[1] == '/') {
    return RS_HTTP_PAGE;
  }
  return path == 7 && !strncmp(space + 1, "/events", 7) ? RS_HTTP_EVENTS : RS_HTTP_MISSING;
}

size_t rs_http_head(RsHttpAnswer answer, size_t length, char *text, size_t size) {
  static const char *const statuses[] = {
      [RS_HTTP_PAGE] = "200 OK",           [RS_HTTP_EVENTS] = "200 OK",
      [RS_HTTP_BAD] = "400 Bad Request",   [RS_HTTP_FORBIDDEN] = "403 Forbidden",
      [RS_HTTP_MISSING] = "404 Not Found", [RS_HTTP_METHOD] = "405 Method Not Allowed",
  };
  char of_length[48] = "";
  if (answer != RS_HTTP_EVENTS) {
    snprintf(of_length, sizeof(of_length), "Content-Length: %zu\r\n",
             answer == RS_HTTP_PAGE ? length : 0);
  }
  return (size_t)snprintf(
      text, size,
      "HTTP/1.1 %s\r\nContent-Type: %s\r\n%sCache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
      statuses[answer], answer == RS_HTTP_EVENTS ? "text/event-stream" : "text/html; charset=utf-8",
      of_length);
}
