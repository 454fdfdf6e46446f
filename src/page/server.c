/* SPDX-License-Identifier: ISC */

#include "page/server.h"

#include "base/string_buffer.h"
#include "page/http.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Connections at a time; more have to wait */
#define CLIENTS 16

/* How long what is left is sent at the end, seconds */
#define LINGER 1

/* A connection */
typedef struct {
  int fd; /* -1: none */
  char request[RS_HTTP_REQUEST_MAX + 1];
  size_t request_size;
  bool answered;
  RsHttpAnswer answer;
  char head[512];
  size_t head_size;
  size_t sent; /* bytes of head and body */
} Client;

struct RsPageServer {
  char *page;
  int listener;
  unsigned port;
  int wake[2]; /* a pipe: something was published, or the end has come */
  pthread_t thread;
  pthread_mutex_t mutex; /* of the two below */
  RsStringBuffer events; /* all of them, as they are sent */
  bool ends;
  Client clients[CLIENTS];
};

/* ---- The address ---- */

/* @return The port; -1 where the text is invalid. */
static long port_of(const char *text) {
  char *end = NULL;
  const long port = *text >= '0' && *text <= '9' ? strtol(text, &end, 10) : -1;
  return port >= 0 && !*end && port <= 65535 ? port : -1;
}

static RsStatus read_address(const char *address, unsigned *port, RsError *error) {
  const char *colon = strrchr(address, ':');
  const size_t host = colon ? (size_t)(colon - address) : 0;
  const bool own =
      !colon ||
      (host == 9 && (!strncmp(address, "127.0.0.1", host) || !strncmp(address, "localhost", host)));
  const long number = port_of(colon ? colon + 1 : address);
  if (!own || number < 0) {
    return rs_error(error, RS_ERR_SETTING,
                    "--page %s: must be a port of this machine alone, such as 8080 or "
                    "127.0.0.1:8080",
                    address);
  }
  *port = (unsigned)number;
  return RS_OK;
}

static RsStatus cannot_serve(unsigned port, int reason, RsError *error) {
  return reason == EADDRINUSE
             ? rs_error(error, RS_ERR_IO,
                        "--page %u: another program uses this port; choose another one, or 0 for "
                        "any that is free",
                        port)
             : rs_error(error, RS_ERR_IO, "--page %u: cannot be served: %s", port,
                        strerror(reason));
}

static RsStatus listen_at(RsPageServer *server, unsigned port, RsError *error) {
  struct sockaddr_in at = {.sin_family = AF_INET,
                           .sin_port = htons((uint16_t)port),
                           .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof(at);
  const int on = 1;
  server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (server->listener < 0 ||
      setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
      bind(server->listener, (struct sockaddr *)&at, size) || listen(server->listener, CLIENTS) ||
      getsockname(server->listener, (struct sockaddr *)&at, &size)) {
    return cannot_serve(port, errno, error);
  }
  server->port = ntohs(at.sin_port);
  return RS_OK;
}

/* ---- Connections ---- */

static void hang_up(Client *client) {
  close(client->fd);
  client->fd = -1;
}

static void take_client(RsPageServer *server) {
  for (int i = 0; i < CLIENTS; ++i) {
    Client *client = &server->clients[i];
    if (client->fd < 0) {
      client->fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
      client->request_size = client->sent = 0;
      client->answered = false;
      return;
    }
  }
}

static void read_request(RsPageServer *server, Client *client) {
  const ssize_t got = recv(client->fd, client->request + client->request_size,
                           RS_HTTP_REQUEST_MAX - client->request_size, 0);
  if (got <= 0 && (!got || errno != EAGAIN)) {
    hang_up(client);
    return;
  }
  client->request_size += got > 0 ? (size_t)got : 0;
  client->request[client->request_size] = '\0';
  const bool whole = rs_http_is_whole(client->request);
  if (whole || client->request_size == RS_HTTP_REQUEST_MAX) {
    client->answered = true;
    client->answer = whole ? rs_http_answer(client->request) : RS_HTTP_BAD;
    client->head_size =
        rs_http_head(client->answer, strlen(server->page), client->head, sizeof(client->head));
  }
}

/* What is behind the head of the answer. */
static const char *body_of(const RsPageServer *server, const Client *client, size_t *size) {
  if (client->answer == RS_HTTP_EVENTS) {
    *size = server->events.size;
    return server->events.data;
  }
  *size = client->answer == RS_HTTP_PAGE ? strlen(server->page) : 0;
  return server->page;
}

static size_t left_of(const RsPageServer *server, const Client *client) {
  size_t size = 0;
  body_of(server, client, &size);
  return client->answered ? client->head_size + size - client->sent : 0;
}

/* Send what the connection takes. */
static void send_answer(RsPageServer *server, Client *client) {
  while (client->fd >= 0 && left_of(server, client)) {
    size_t size = 0;
    const char *body = body_of(server, client, &size);
    const bool head = client->sent < client->head_size;
    const char *at = head ? client->head + client->sent : body + (client->sent - client->head_size);
    const size_t count = head ? client->head_size - client->sent : left_of(server, client);
    const ssize_t sent = send(client->fd, at, count, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN) {
        hang_up(client);
      }
      return;
    }
    client->sent += (size_t)sent;
  }
  if (client->fd >= 0 && client->answered && client->answer != RS_HTTP_EVENTS) {
    hang_up(client);
  }
}

/* Clients send nothing after their request; the end of their stream ends the connection. */
static void watch_client(RsPageServer *server, Client *client, short events) {
  char rest[256];
  if (!client->answered) {
    read_request(server, client);
  } else if (events & (POLLHUP | POLLERR) || !recv(client->fd, rest, sizeof(rest), 0)) {
    hang_up(client);
  }
}

/* ---- The thread ---- */

/* Whether some connection has not got all, while the time of the end is not up. */
static bool lingers(const RsPageServer *server, time_t end) {
  for (int i = 0; i < CLIENTS; ++i) {
    if (server->clients[i].fd >= 0 && left_of(server, &server->clients[i])) {
      return time(NULL) <= end;
    }
  }
  return false;
}

enum { WAKE, LISTENER, FIRST_CLIENT, DESCRIPTORS = FIRST_CLIENT + CLIENTS };

static void list_descriptors(const RsPageServer *server, struct pollfd polled[DESCRIPTORS]) {
  bool room = false;
  for (int i = 0; i < CLIENTS; ++i) {
    const Client *client = &server->clients[i];
    const short out = client->fd >= 0 && left_of(server, client) ? POLLOUT : 0;
    polled[FIRST_CLIENT + i] = (struct pollfd){.fd = client->fd, .events = (short)(POLLIN | out)};
    room = room || client->fd < 0;
  }
  polled[WAKE] = (struct pollfd){.fd = server->wake[0], .events = POLLIN};
  polled[LISTENER] = (struct pollfd){.fd = room ? server->listener : -1, .events = POLLIN};
}

static void serve_once(RsPageServer *server, const struct pollfd *polled) {
  char bytes[64];
  if (polled[WAKE].revents) {
    (void)!read(server->wake[0], bytes, sizeof(bytes));
  }
  if (polled[LISTENER].revents) {
    take_client(server);
  }
  for (int i = 0; i < CLIENTS; ++i) {
    Client *client = &server->clients[i];
    const struct pollfd *found = &polled[FIRST_CLIENT + i];
    const short events = found->fd == client->fd ? found->revents : 0;
    if (client->fd >= 0 && events & (POLLIN | POLLHUP | POLLERR)) {
      watch_client(server, client, events);
    }
    if (client->fd >= 0) {
      send_answer(server, client);
    }
  }
}

static void *serve(void *context) {
  RsPageServer *server = context;
  struct pollfd polled[DESCRIPTORS];
  time_t end = 0;
  for (bool goes_on = true; goes_on;) {
    pthread_mutex_lock(&server->mutex);
    list_descriptors(server, polled);
    pthread_mutex_unlock(&server->mutex);
    poll(polled, DESCRIPTORS, end ? 100 : -1);
    pthread_mutex_lock(&server->mutex);
    serve_once(server, polled);
    end = server->ends && !end ? time(NULL) + LINGER : end;
    goes_on = !server->ends || lingers(server, end);
    pthread_mutex_unlock(&server->mutex);
  }
  return NULL;
}

/* Signals are the main thread's. */
static int start_thread(RsPageServer *server) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  const int reason = pthread_create(&server->thread, NULL, serve, server);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return reason;
}

/* ---- The server ---- */

static void close_all(RsPageServer *server) {
  for (int i = 0; i < CLIENTS; ++i) {
    if (server->clients[i].fd >= 0) {
      hang_up(&server->clients[i]);
    }
  }
  const int fds[] = {server->listener, server->wake[0], server->wake[1]};
  for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); ++i) {
    if (fds[i] >= 0) {
      close(fds[i]);
    }
  }
  pthread_mutex_destroy(&server->mutex);
  free(server->events.data);
  free(server->page);
  free(server);
}

static RsStatus make(const char *page, RsPageServer **out) {
  RsPageServer *server = calloc(1, sizeof(*server));
  if (!server || !(server->page = strdup(page))) {
    free(server);
    return RS_ERR_MEMORY;
  }
  server->listener = server->wake[0] = server->wake[1] = -1;
  pthread_mutex_init(&server->mutex, NULL);
  for (int i = 0; i < CLIENTS; ++i) {
    server->clients[i].fd = -1;
  }
  *out = server;
  return RS_OK;
}

RsStatus rs_page_server_new(const char *address, const char *page, RsPageServer **out,
                            RsError *error) {
  unsigned port = 0;
  RsPageServer *server = NULL;
  RsStatus status = read_address(address, &port, error);
  if (!status && make(page, &server)) {
    status = rs_error(error, RS_ERR_MEMORY, "--page: out of memory");
  }
  if (status) {
    return status;
  }
  status = listen_at(server, port, error);
  if (!status && (pipe2(server->wake, O_CLOEXEC | O_NONBLOCK) || start_thread(server))) {
    status = rs_error(error, RS_ERR_IO, "--page: cannot start a thread of the server");
  }
  if (status) {
    close_all(server);
    return status;
  }
  *out = server;
  return RS_OK;
}

unsigned rs_page_server_port(const RsPageServer *server) {
  return server->port;
}

static void wake(const RsPageServer *server) {
  (void)!write(server->wake[1], "", 1);
}

void rs_page_server_publish(RsPageServer *server, const char *line) {
  pthread_mutex_lock(&server->mutex);
  rs_string_buffer_append(&server->events, "data: %s\n\n", line);
  pthread_mutex_unlock(&server->mutex);
  wake(server);
}

void rs_page_server_free(RsPageServer *server) {
  if (server) {
    pthread_mutex_lock(&server->mutex);
    server->ends = true;
    pthread_mutex_unlock(&server->mutex);
    wake(server);
    pthread_join(server->thread, NULL);
    close_all(server);
  }
}
