#include <rollsmith/ports.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void rs_ports_clear(RsPorts *ports) {
  if (ports) {
    free(ports->ports);
    *ports = (RsPorts){NULL, 0};
  }
}

/* ---- What matches ---- */

static bool is_number(const char *text) {
  return *text && !text[strspn(text, "0123456789")];
}

static bool begins(const char *name, const char *pattern) {
  return !strncasecmp(name, pattern, strlen(pattern));
}

static bool contains(const char *name, const char *pattern) {
  for (; *name; ++name) {
    if (begins(name, pattern)) {
      return true;
    }
  }
  return false;
}

/// Ways to match, the first one that matches any port decides
static bool matches(const RsPort *port, const char *pattern, int way) {
  switch (way) {
  case 0:
    return !strcmp(port->name, pattern);
  case 1:
    return is_number(pattern) && strlen(pattern) < 9 && strtol(pattern, NULL, 10) == port->number;
  case 2:
    return !strcasecmp(port->name, pattern);
  case 3:
    return begins(port->name, pattern);
  case 4:
    return contains(port->name, pattern);
  case 5:
    return contains(port->client, pattern);
  default:
    return false;
  }
}

enum { WAYS = 6 };

/* ---- Messages ---- */

/// Names of the ports that match, or of all of a direction where `pattern` is NULL
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
    return rs_error(error, RS_ERR_PORT,
                    "there is no MIDI %s port: is a synthesizer running, or a device plugged in?",
                    kind);
  }
  for (size_t i = 0; i < ports->count; ++i) {
    for (int way = 0; way < WAYS; ++way) {
      if (matches(&ports->ports[i], pattern, way)) {
        return rs_error(error, RS_ERR_PORT, "%.80s: '%s' is no MIDI %s port; there are %s", pattern,
                        ports->ports[i].name, kind, names);
      }
    }
  }
  return rs_error(error, RS_ERR_PORT, "%.80s: no such MIDI %s port; there are %s", pattern, kind,
                  names);
}

static RsStatus ambiguous(const RsPorts *ports, bool output, const char *pattern, int way,
                          RsError *error) {
  char names[RS_ERROR_MESSAGE_SIZE / 2];
  list_names(ports, output, pattern, way, names, sizeof(names));
  return rs_error(error, RS_ERR_PORT, "%.80s: could be any of %s; say more of it, or its number",
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

/* ---- Coming back ---- */

static size_t stem_length(const char *name) {
  const size_t length = strcspn(name, "(");
  return length ? length : strlen(name);
}

bool rs_port_names_alike(const char *a, const char *b) {
  const size_t length = stem_length(a);
  return length == stem_length(b) && !memcmp(a, b, length);
}

/// Whether a port may be another one of its program's, as far as that is known
static bool programs_alike(const RsPort *a, const RsPort *b) {
  return !*a->client || !*b->client || rs_port_names_alike(a->client, b->client);
}

RsStatus rs_ports_find_again(const RsPorts *ports, const RsPort *former, size_t twin,
                             size_t *index) {
  RsStatus status = RS_ERR_PORT;
  bool named = false;
  for (size_t i = 0; i < ports->count; ++i) {
    const RsPort *port = &ports->ports[i];
    if (port->output != former->output || !rs_port_names_alike(port->name, former->name) ||
        !programs_alike(port, former)) {
      continue;
    }
    const bool same = !strcmp(port->name, former->name);
    if (same ? !twin-- : status && !named) {
      *index = i;
      status = RS_OK;
    }
    named = named || same;
  }
  return status;
}
