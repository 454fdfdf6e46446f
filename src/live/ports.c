/* SPDX-License-Identifier: ISC */

#include <rollsmith/ports.h>

#include "live/midi_system.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void rs_ports_clear(RsPorts *ports) {
  if (ports) {
    free(ports->ports);
    *ports = (RsPorts){NULL, 0};
  }
}

/* ---- Matching ---- */

static bool is_number(const char *text) {
  return *text && !text[strspn(text, "0123456789")];
}

/* Case-folded copy. */
static char *fold(const char *text) {
  char *valid = g_utf8_make_valid(text, -1);
  char *folded = g_utf8_casefold(valid, -1);
  g_free(valid);
  return folded;
}

typedef bool Comparison(const char *name, const char *pattern);

static bool equals(const char *name, const char *pattern) {
  return !strcmp(name, pattern);
}

static bool begins(const char *name, const char *pattern) {
  return g_str_has_prefix(name, pattern);
}

static bool contains(const char *name, const char *pattern) {
  return strstr(name, pattern) != NULL;
}

/* Compare case-insensitively. */
static bool compares(Comparison *comparison, const char *name, const char *pattern) {
  char *folded_name = fold(name), *folded_pattern = fold(pattern);
  const bool so = comparison(folded_name, folded_pattern);
  g_free(folded_name);
  g_free(folded_pattern);
  return so;
}

/* `128:0`, `Client:0` or `Client:Port` */
static bool is_address(const RsPort *port, const char *pattern) {
  char text[2 * RS_PORT_NAME_SIZE + 16];
  if (port->address[0]) {
    snprintf(text, sizeof(text), "%d:%d", port->address[0], port->address[1]);
    if (!strcmp(text, pattern)) {
      return true;
    }
    snprintf(text, sizeof(text), "%s:%d", port->client, port->address[1]);
    if (compares(equals, text, pattern)) {
      return true;
    }
  }
  snprintf(text, sizeof(text), "%s:%s", port->client, port->name);
  return *port->client && compares(equals, text, pattern);
}

/* Ways to match, by precedence: the first one that matches any port is used. */
static bool matches(const RsPort *port, const char *pattern, int way) {
  switch (way) {
  case 0:
    return !strcmp(port->name, pattern);
  case 1:
    return is_number(pattern) && strlen(pattern) < 9 && strtol(pattern, NULL, 10) == port->number;
  case 2:
    return is_address(port, pattern);
  case 3:
    return compares(equals, port->name, pattern);
  case 4:
    return compares(begins, port->name, pattern);
  case 5:
    return compares(contains, port->name, pattern);
  case 6:
    return compares(contains, port->client, pattern);
  default:
    return false;
  }
}

enum { WAYS = 7 };

/* ---- Messages ---- */

/* Names of the ports that match, or of all of a direction where `pattern` is NULL */
static void list_names(const RsPorts *ports, bool output, const char *pattern, int way, char *text,
                       size_t size) {
  size_t used = 0;
  text[0] = '\0';
  for (size_t i = 0; i < ports->count && used < size; ++i) {
    const RsPort *port = &ports->ports[i];
    if (port->output == output && (!pattern || matches(port, pattern, way))) {
      used += (size_t)snprintf(text + used, size - used, "%s%d '%s'", used ? ", " : "",
                               port->number, port->name);
    }
  }
}

static RsStatus no_such_port(const RsPorts *ports, bool output, const char *pattern,
                             RsError *error) {
  const char *kind = output ? "output" : "input";
  char names[RS_ERROR_MESSAGE_SIZE / 2];
  list_names(ports, output, NULL, 0, names, sizeof(names));
  if (!*names) {
    return rs_error(error, RS_ERR_PORT, "there is no MIDI %s port: %s", kind,
                    rs_midi_diagnose(RS_ALSA_FOLDER, RS_ALSA_SEQUENCER));
  }
  for (size_t i = 0; i < ports->count; ++i) {
    for (int way = 0; way < WAYS; ++way) {
      if (matches(&ports->ports[i], pattern, way)) {
        return rs_error(error, RS_ERR_PORT, "%.80s: '%s' is not a MIDI %s port; available: %s",
                        pattern, ports->ports[i].name, kind, names);
      }
    }
  }
  return rs_error(error, RS_ERR_PORT, "%.80s: no such MIDI %s port; available: %s", pattern, kind,
                  names);
}

static RsStatus ambiguous(const RsPorts *ports, bool output, const char *pattern, int way,
                          RsError *error) {
  char names[RS_ERROR_MESSAGE_SIZE / 2];
  list_names(ports, output, pattern, way, names, sizeof(names));
  return rs_error(error, RS_ERR_PORT,
                  "%.80s: ambiguous, matches %s; use a longer part of the name, or the number",
                  pattern, names);
}

/* ---- The choice ---- */

static size_t count_matches(const RsPorts *ports, bool output, const char *pattern, int way,
                            size_t *index) {
  size_t count = 0;
  for (size_t i = 0; i < ports->count; ++i) {
    if (ports->ports[i].output == output && matches(&ports->ports[i], pattern, way)) {
      *index = i;
      ++count;
    }
  }
  return count;
}

static RsStatus choose_default(const RsPorts *ports, bool output, size_t *index, RsError *error) {
  for (size_t i = 0; i < ports->count; ++i) {
    if (ports->ports[i].output == output && ports->ports[i].is_default) {
      *index = i;
      return RS_OK;
    }
  }
  return no_such_port(ports, output, "the default port", error);
}

RsStatus rs_ports_choose(const RsPorts *ports, bool output, const char *pattern, size_t *index,
                         RsError *error) {
  if (!pattern || !*pattern) {
    return choose_default(ports, output, index, error);
  }
  for (int way = 0; way < WAYS; ++way) {
    const size_t count = count_matches(ports, output, pattern, way, index);
    if (count > 1) {
      return ambiguous(ports, output, pattern, way, error);
    }
    if (count == 1) {
      return RS_OK;
    }
  }
  return no_such_port(ports, output, pattern, error);
}

/* ---- Ports that return ---- */

static size_t stem_length(const char *name) {
  const size_t length = strcspn(name, "(");
  return length ? length : strlen(name);
}

bool rs_port_names_match(const char *a, const char *b) {
  const size_t length = stem_length(a);
  return length == stem_length(b) && !memcmp(a, b, length);
}

/* Whether two ports may belong to the same program. */
static bool programs_alike(const RsPort *a, const RsPort *b) {
  return !*a->client || !*b->client || rs_port_names_match(a->client, b->client);
}

static bool is_same_place(const RsPort *a, const RsPort *b) {
  return a->address[0] && a->address[0] == b->address[0] && a->address[1] == b->address[1] &&
         a->output == b->output && !strcmp(a->name, b->name);
}

static bool is_among(const RsPorts *ports, const RsPort *port) {
  for (size_t i = 0; ports && i < ports->count; ++i) {
    if (is_same_place(&ports->ports[i], port)) {
      return true;
    }
  }
  return false;
}

static void remove_missing(RsPorts *namesakes, const RsPorts *ports) {
  size_t kept = 0;
  for (size_t i = 0; namesakes && i < namesakes->count; ++i) {
    if (is_among(ports, &namesakes->ports[i])) {
      namesakes->ports[kept++] = namesakes->ports[i];
    }
  }
  if (namesakes) {
    namesakes->count = kept;
  }
}

static bool may_be(const RsPort *port, const RsPort *former) {
  return port->output == former->output && rs_port_names_match(port->name, former->name) &&
         programs_alike(port, former);
}

/* Port number `client_index` of its exact name, without `namesakes`; the last one where fewer have
   returned. */
static RsStatus find_namesake(const RsPorts *ports, const RsPort *former, size_t client_index,
                              const RsPorts *namesakes, size_t *index) {
  RsStatus status = RS_ERR_PORT;
  for (size_t i = 0; i < ports->count; ++i) {
    const RsPort *port = &ports->ports[i];
    if (!may_be(port, former) || strcmp(port->name, former->name) != 0) {
      continue;
    }
    if (is_among(namesakes, port)) {
      client_index -= status && client_index > 0; /* it precedes the port */
    } else if (namesakes || !client_index) {
      *index = i;
      status = RS_OK;
    }
    if (!status && !client_index) {
      return RS_OK;
    }
    client_index -= !is_among(namesakes, port) && client_index > 0;
  }
  return status;
}

static bool has_namesake(const RsPorts *ports, const RsPort *former) {
  for (size_t i = 0; i < ports->count; ++i) {
    if (may_be(&ports->ports[i], former) && !strcmp(ports->ports[i].name, former->name)) {
      return true;
    }
  }
  return false;
}

RsStatus rs_ports_find_returned(const RsPorts *ports, const RsPort *former, size_t client_index,
                                RsPorts *namesakes, size_t *index) {
  remove_missing(namesakes, ports);
  if (has_namesake(ports, former)) {
    return find_namesake(ports, former, client_index, namesakes, index);
  }
  for (size_t i = 0; i < ports->count; ++i) {
    if (may_be(&ports->ports[i], former)) {
      *index = i;
      return RS_OK;
    }
  }
  return RS_ERR_PORT;
}
