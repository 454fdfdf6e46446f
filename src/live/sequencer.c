/* SPDX-License-Identifier: ISC */

#include "live/sequencer.h"

#include <rollsmith/ports.h>

#include <stdio.h>
#include <string.h>

/* ---- Ports ---- */

static const char *next_line(const char *line) {
  const char *end = strchr(line, '\n');
  return end ? end + 1 : line + strlen(line);
}

/* `Client 128 : "Name" [User]` */
static bool is_client(const char *line, int *client, const char **name) {
  const char *quote = strchr(line, '"');
  *name = quote ? quote + 1 : "\"";
  return sscanf(line, "Client %d : \"", client) == 1;
}

/* `  Port   0 : "Name" (RWe-) [In/Out]`; the name may contain any character */
static bool is_port(const char *line, RsSeqPort *port) {
  const char *end = next_line(line), *quote = strchr(line, '"');
  if (sscanf(line, " Port %d : \"", &port->port) != 1 || !quote || quote >= end) {
    return false;
  }
  const char *bracket = end;
  while (bracket > quote && *bracket != '(') {
    --bracket;
  }
  port->name = quote + 1;
  port->input = bracket[1] == 'R';
  port->output = bracket[1] && bracket[2] == 'W';
  return true;
}

const char *rs_seq_next(const char *at, RsSeqPort *port) {
  for (; *at; at = next_line(at)) {
    int client = 0;
    const char *name = NULL;
    if (is_client(at, &client, &name)) {
      port->client = client;
      port->client_name = name;
    } else if (is_port(at, port)) {
      return next_line(at);
    }
  }
  return NULL;
}

/* Length of a name: up to the last quotation mark of its line. */
static size_t name_length(const char *name) {
  const char *end = name + strcspn(name, "\n");
  while (end > name && *end != '"') {
    --end;
  }
  return (size_t)(end - name);
}

void rs_seq_copy_name(const char *name, char *copy, size_t size) {
  snprintf(copy, size, "%.*s", (int)name_length(name), name);
}

bool rs_seq_is_named(const RsSeqPort *port, const char *name) {
  const size_t length = strlen(name);
  return name_length(port->name) == length && !memcmp(port->name, name, length);
}

bool rs_seq_find_again(const char *text, const char *name, bool output, RsSeqPort *port) {
  char copy[RS_PORT_NAME_SIZE];
  for (const char *at = text; (at = rs_seq_next(at, port));) {
    rs_seq_copy_name(port->name, copy, sizeof(copy));
    if ((output ? port->output : port->input) && rs_port_names_match(copy, name)) {
      return true;
    }
  }
  return false;
}

bool rs_seq_find(const char *text, const char *name, size_t place, bool output, RsSeqPort *port) {
  for (const char *at = text; (at = rs_seq_next(at, port));) {
    if ((output ? port->output : port->input) && rs_seq_is_named(port, name) && !place--) {
      return true;
    }
  }
  return false;
}

bool rs_seq_at(const char *text, int client, int number, RsSeqPort *port) {
  for (const char *at = text; (at = rs_seq_next(at, port));) {
    if (port->client == client && port->port == number) {
      return true;
    }
  }
  return false;
}

/* ---- Pools ---- */

static const char *client_text(const char *text, int client) {
  for (const char *at = text; *at; at = next_line(at)) {
    int number = 0;
    const char *name = NULL;
    if (is_client(at, &number, &name) && number == client) {
      return next_line(at);
    }
  }
  return "";
}

/* Number after `label :` in the description of an input pool. */
static int pool_number(const char *pool, const char *label) {
  const char *at = strstr(pool, label);
  int number = 0;
  return at && sscanf(at + strlen(label), " : %d", &number) == 1 ? number : 0;
}

static RsSeqPool input_pool(const char *text, int client) {
  const char *at = client_text(text, client), *end = strstr(at, "\nClient ");
  const char *pool = strstr(at, "Input pool");
  if (!pool || (end && pool > end)) {
    return (RsSeqPool){0};
  }
  return (RsSeqPool){.size = pool_number(pool, "Pool size"),
                     .unread = pool_number(pool, "Cells in use"),
                     .arrived = pool_number(pool, "Alloc success")};
}

static bool is_fuller(RsSeqPool a, RsSeqPool b) {
  return a.size && (!b.size || (long)a.unread * b.size > (long)b.unread * a.size);
}

/* `    Connecting To: 128:0, 129:0[real:0]`, the line after that of the port */
RsSeqPool rs_seq_connected_pool(const char *text, const RsSeqPort *port, RsSeqPool fullest) {
  static const char label[] = "    Connecting To: ";
  const char *line = next_line(port->name), *end = next_line(line);
  if (strncmp(line, label, strlen(label)) != 0) {
    return fullest;
  }
  for (const char *at = line + strlen(label); at && at < end; at = strchr(at, ',')) {
    int client = 0;
    at += *at == ',';
    if (sscanf(at, " %d:", &client) == 1) {
      const RsSeqPool pool = input_pool(text, client);
      fullest = is_fuller(pool, fullest) ? pool : fullest;
    }
  }
  return fullest;
}

RsSeqPool rs_seq_pool(const char *text, const RsSeqPort *port) {
  return rs_seq_connected_pool(text, port, input_pool(text, port->client));
}

bool rs_seq_stalled(RsSeqStall *stall, RsSeqPool pool, int64_t now) {
  const int read = pool.arrived - pool.unread;
  if (!pool.unread || read != stall->read || !stall->since) {
    *stall = (RsSeqStall){pool.unread ? now : 0, read};
    return false;
  }
  const int64_t still = now - stall->since;
  /* A pool more than half full overflows soon; one that is less full may belong to a busy program.
   */
  return (pool.unread > pool.size / 2 && still > 60 * RS_MILLISECOND) ||
         (pool.unread > pool.size / 16 && still > RS_SECOND);
}
