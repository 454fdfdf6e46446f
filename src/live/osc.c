/* SPDX-License-Identifier: ISC */

#include "live/osc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  DATAGRAM = 8192,  /* bytes; longer ones are malformed */
  MESSAGES = 64,    /* of a bundle; others are dropped */
  NESTED = 4,       /* bundles within each other */
  BUNDLE_HEAD = 16, /* "#bundle" and the time tag */
  SUBSCRIBERS = 8,
  WITHOUT = 64, /* datagrams without a message in a row: more are a flood */
  FLOOD = 1000, /* datagrams that are dropped at a time */
};

/* A message within the datagram */
typedef struct {
  size_t at, size;
} Part;

struct RsOsc {
  int socket;
  _Alignas(8) char datagram[DATAGRAM];
  Part parts[MESSAGES];
  size_t count, next; /* parts, and how many of them were taken */
  struct sockaddr_in sender;
  struct sockaddr_in subscribers[SUBSCRIBERS];
  size_t subscriber_count;
  RsOscStats stats;
};

/* ---- The socket ---- */

/* Port of a text of digits alone; 0: it is none. */
static unsigned parse_port(const char *text) {
  const size_t length = strlen(text);
  const bool digits = length >= 1 && length <= 5 && strspn(text, "0123456789") == length;
  const long port = digits ? strtol(text, NULL, 10) : 0;
  return port <= UINT16_MAX ? (unsigned)port : 0;
}

static RsStatus parse_address(const char *text, struct sockaddr_in *address, RsError *error) {
  char host[INET_ADDRSTRLEN] = "127.0.0.1";
  const char *colon = strrchr(text, ':');
  const unsigned port = parse_port(colon ? colon + 1 : text);
  const size_t length = colon ? (size_t)(colon - text) : 0;
  *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (colon && length < sizeof(host)) {
    snprintf(host, sizeof(host), "%.*s", (int)length, text);
  }
  const bool any = !strcmp(host, "*");
  address->sin_addr.s_addr = htonl(INADDR_ANY);
  if (!port || length >= sizeof(host) ||
      (!any && inet_pton(AF_INET, host, &address->sin_addr) != 1)) {
    return rs_error(error, RS_ERR_SETTING,
                    "--osc %.80s: must be a port, 1 to 65535, or an address of this machine and a "
                    "port, such as 192.168.1.10:9000; without an address, 127.0.0.1",
                    text);
  }
  return RS_OK;
}

static RsStatus open_socket(RsOsc *osc, const char *text, RsError *error) {
  struct sockaddr_in address;
  const RsStatus status = parse_address(text, &address, error);
  if (status) {
    return status;
  }
  osc->socket = socket(AF_INET, SOCK_DGRAM, 0);
  if (osc->socket < 0 || fcntl(osc->socket, F_SETFL, O_NONBLOCK) ||
      fcntl(osc->socket, F_SETFD, FD_CLOEXEC) ||
      bind(osc->socket, (const struct sockaddr *)&address, sizeof(address))) {
    return rs_error(error, RS_ERR_IO, "--osc %.80s: %s%s", text, strerror(errno),
                    errno == EADDRINUSE ? "; use another port" : "");
  }
  return RS_OK;
}

RsStatus rs_osc_new(const char *address, RsOsc **out, RsError *error) {
  *out = NULL;
  if (!rs_osc_available()) {
    return rs_error(error, RS_ERR_IO,
                    "--osc: rollsmith was built without liblo; install liblo and build it again");
  }
  RsOsc *osc = calloc(1, sizeof(*osc));
  if (!osc) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  osc->socket = -1;
  const RsStatus status = open_socket(osc, address, error);
  if (status) {
    rs_osc_free(osc);
    return status;
  }
  *out = osc;
  return RS_OK;
}

void rs_osc_free(RsOsc *osc) {
  if (osc) {
    if (osc->socket >= 0) {
      close(osc->socket);
    }
    free(osc);
  }
}

/* ---- Messages in ---- */

static size_t big_endian(const char *bytes) {
  size_t number = 0;
  for (int i = 0; i < 4; ++i) {
    number = number << 8 | (unsigned char)bytes[i];
  }
  return number;
}

static void add_part(RsOsc *osc, size_t at, size_t size) {
  if (osc->count < MESSAGES) {
    osc->parts[osc->count++] = (Part){at, size};
  } else {
    ++osc->stats.dropped;
  }
}

/* Find the messages of a bundle, or the one that is there. */
static void find_parts(RsOsc *osc, size_t at, size_t size, int depth) {
  const size_t end = at + size;
  if (size < BUNDLE_HEAD || memcmp(osc->datagram + at, "#bundle", sizeof("#bundle")) != 0) {
    add_part(osc, at, size);
    return;
  }
  for (at += BUNDLE_HEAD; at < end;) {
    const size_t length = end - at >= 4 ? big_endian(osc->datagram + at) : SIZE_MAX;
    if (length > end - at - 4 || length % 4 || !length || depth == NESTED) {
      ++osc->stats.malformed;
      return;
    }
    find_parts(osc, at + 4, length, depth + 1);
    at += 4 + length;
  }
}

/* Read a datagram. @return Its size; below 0: there is none. */
static ssize_t read_datagram(RsOsc *osc) {
  struct iovec part = {osc->datagram, sizeof(osc->datagram)};
  struct msghdr message = {.msg_name = &osc->sender,
                           .msg_namelen = sizeof(osc->sender),
                           .msg_iov = &part,
                           .msg_iovlen = 1};
  const ssize_t size = recvmsg(osc->socket, &message, 0);
  if (size >= 0 && message.msg_flags & MSG_TRUNC) {
    return 0; /* which is malformed, too */
  }
  return size;
}

/* Decode the next message of the datagram. */
static bool next_part(RsOsc *osc, RsOscMessage *message) {
  while (osc->next < osc->count) {
    const Part part = osc->parts[osc->next++];
    if (rs_osc_decode(osc->datagram + part.at, part.size, message)) {
      ++osc->stats.received;
      return true;
    }
    ++osc->stats.malformed;
  }
  return false;
}

bool rs_osc_receive(RsOsc *osc, RsOscMessage *message) {
  for (int without = 0; without < WITHOUT; ++without) {
    if (next_part(osc, message)) {
      return true;
    }
    const ssize_t size = read_datagram(osc);
    if (size < 0) {
      return false;
    }
    osc->count = osc->next = 0;
    find_parts(osc, 0, (size_t)size, 0);
  }
  rs_osc_drop_flood(osc);
  return false;
}

void rs_osc_drop_flood(RsOsc *osc) {
  osc->stats.dropped += osc->count - osc->next;
  osc->count = osc->next = 0;
  for (int i = 0; i < FLOOD && read_datagram(osc) >= 0; ++i) {
    ++osc->stats.dropped;
  }
}

void rs_osc_reject(RsOsc *osc) {
  ++osc->stats.malformed;
}

/* ---- Messages out ---- */

/* The sender of the last message, with another port unless that is 0. */
static bool take_subscriber(const RsOsc *osc, double port, struct sockaddr_in *address) {
  *address = osc->sender;
  if (!(port >= 0 && port <= UINT16_MAX)) {
    return false;
  }
  if (port >= 1) {
    address->sin_port = htons((uint16_t)port);
  }
  return true;
}

/* Number of a subscriber; that of all of them where it is none. */
static size_t find_subscriber(const RsOsc *osc, const struct sockaddr_in *address) {
  size_t i = 0;
  while (i < osc->subscriber_count &&
         (osc->subscribers[i].sin_addr.s_addr != address->sin_addr.s_addr ||
          osc->subscribers[i].sin_port != address->sin_port)) {
    ++i;
  }
  return i;
}

bool rs_osc_subscribe(RsOsc *osc, double port) {
  struct sockaddr_in address;
  if (!take_subscriber(osc, port, &address)) {
    return false;
  }
  const size_t i = find_subscriber(osc, &address);
  if (i == SUBSCRIBERS) {
    return false;
  }
  osc->subscribers[i] = address;
  osc->subscriber_count += i == osc->subscriber_count;
  return true;
}

bool rs_osc_unsubscribe(RsOsc *osc, double port) {
  struct sockaddr_in address;
  const size_t i =
      take_subscriber(osc, port, &address) ? find_subscriber(osc, &address) : osc->subscriber_count;
  if (i == osc->subscriber_count) {
    return false;
  }
  osc->subscribers[i] = osc->subscribers[--osc->subscriber_count];
  return true;
}

void rs_osc_send(RsOsc *osc, const char *path, size_t count, const int *values) {
  _Alignas(8) char data[DATAGRAM];
  const size_t size =
      osc->subscriber_count ? rs_osc_encode(path, count, values, data, sizeof(data)) : 0;
  for (size_t i = 0; size && i < osc->subscriber_count; ++i) {
    const struct sockaddr *to = (const struct sockaddr *)&osc->subscribers[i];
    osc->stats.sent += sendto(osc->socket, data, size, 0, to, sizeof(struct sockaddr_in)) > 0;
  }
}

RsOscStats rs_osc_stats(const RsOsc *osc) {
  return osc->stats;
}
