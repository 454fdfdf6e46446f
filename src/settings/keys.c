/* SPDX-License-Identifier: ISC */

#include "settings/keys.h"

#include "base/suggestion.h"
#include "base/string_buffer.h"
#include "settings/real_text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(RsRbmKind) == sizeof(int), "a choice is stored as an int");

const RsKey *rs_keys_find(RsKeyTable table, const char *section, const char *name) {
  for (size_t i = 0; i < table.count; ++i) {
    const RsKey *key = table.keys + i;
    if (!strcmp(key->section, section) && !strcmp(key->name, name)) {
      return key;
    }
  }
  return NULL;
}

/* ---- A member as a value ---- */

/* The value of any key, as wide as its type allows */
typedef union {
  bool truth;
  int whole; /* Also the number of a choice */
  size_t size;
  uint64_t seed;
  double real;
} Value;

static size_t value_size(RsKeyType type) {
  switch (type) {
  case RS_KEY_BOOL:
    return sizeof(bool);
  case RS_KEY_INTEGER:
  case RS_KEY_CHOICE:
    return sizeof(int);
  case RS_KEY_SIZE:
    return sizeof(size_t);
  case RS_KEY_SEED:
    return sizeof(uint64_t);
  case RS_KEY_REAL:
    return sizeof(double);
  }
  return 0;
}

static void store(const RsKey *key, void *object, const Value *value) {
  memcpy((char *)object + key->offset, value, value_size(key->type));
}

static Value fetch(const RsKey *key, const void *object) {
  Value value = {.seed = 0};
  memcpy(&value, (const char *)object + key->offset, value_size(key->type));
  return value;
}

static Value initial_value(const RsKey *key) {
  switch (key->type) {
  case RS_KEY_BOOL:
    return (Value){.truth = key->initial != 0};
  case RS_KEY_INTEGER:
  case RS_KEY_CHOICE:
    return (Value){.whole = (int)key->initial};
  case RS_KEY_SIZE:
    return (Value){.size = (size_t)key->initial};
  case RS_KEY_SEED:
    return (Value){.seed = (uint64_t)key->initial};
  case RS_KEY_REAL:
    break;
  }
  return (Value){.real = key->initial};
}

void rs_keys_init(RsKeyTable table, void *object) {
  for (size_t i = 0; i < table.count; ++i) {
    const Value value = initial_value(&table.keys[i]);
    store(&table.keys[i], object, &value);
  }
}

/* ---- Value to text ---- */

void rs_key_format(const RsKey *key, const void *object, char *text) {
  const Value value = fetch(key, object);
  switch (key->type) {
  case RS_KEY_BOOL:
    snprintf(text, RS_KEY_TEXT_SIZE, "%s", value.truth ? "true" : "false");
    return;
  case RS_KEY_INTEGER:
    snprintf(text, RS_KEY_TEXT_SIZE, "%d", value.whole);
    return;
  case RS_KEY_SIZE:
    snprintf(text, RS_KEY_TEXT_SIZE, "%zu", value.size);
    return;
  case RS_KEY_SEED:
    snprintf(text, RS_KEY_TEXT_SIZE, "%llu", (unsigned long long)value.seed);
    return;
  case RS_KEY_REAL:
    rs_real_format(value.real, text);
    return;
  case RS_KEY_CHOICE:
    snprintf(text, RS_KEY_TEXT_SIZE, "%s", key->choices[value.whole]);
    return;
  }
}

const RsKey *rs_keys_difference(RsKeyTable table, const void *a, const void *b) {
  char one[RS_KEY_TEXT_SIZE], other[RS_KEY_TEXT_SIZE];
  for (size_t i = 0; i < table.count; ++i) {
    const RsKey *key = table.keys + i;
    rs_key_format(key, a, one);
    rs_key_format(key, b, other);
    if (!key->local && strcmp(one, other) != 0) {
      return key;
    }
  }
  return NULL;
}

static void list_choices(const RsKey *key, char *text, size_t size) {
  size_t used = 0;
  for (const char *const *word = key->choices; *word && used < size; ++word) {
    const char *before = word == key->choices ? "" : word[1] ? ", " : " or ";
    used += (size_t)snprintf(text + used, size - used, "%s%s", before, *word);
  }
}

void rs_key_allowed(const RsKey *key, char *text, size_t size) {
  char low[RS_KEY_TEXT_SIZE], high[RS_KEY_TEXT_SIZE];
  switch (key->type) {
  case RS_KEY_BOOL:
    snprintf(text, size, "true or false");
    return;
  case RS_KEY_SEED:
    snprintf(text, size, "0 to %lld", (long long)INT64_MAX);
    return;
  case RS_KEY_INTEGER:
  case RS_KEY_SIZE:
  case RS_KEY_REAL:
    rs_real_format(key->low, low);
    rs_real_format(key->high, high);
    snprintf(text, size, "%s to %s", low, high);
    return;
  case RS_KEY_CHOICE:
    list_choices(key, text, size);
    return;
  }
}

/* ---- Text to value ---- */

static bool parse_bool(const char *text, bool *truth) {
  *truth = !strcmp(text, "true");
  return *truth || !strcmp(text, "false");
}

static bool parse_whole(const char *text, double low, double high, long long *whole) {
  const char *digits = text + (*text == '-');
  if (!*digits || digits[strspn(digits, "0123456789")]) {
    return false;
  }
  errno = 0;
  *whole = strtoll(text, NULL, 10);
  return !errno && (double)*whole >= low && (double)*whole <= high;
}

static bool parse_real(const char *text, double low, double high, double *real) {
  char *end = NULL;
  if (!*text || text[strspn(text, "0123456789+-.eE")]) {
    return false; /* Spaces, hexadecimal, inf and nan */
  }
  *real = rs_real_parse(text, &end);
  return !*end && isfinite(*real) && *real >= low && *real <= high;
}

static bool parse_choice(const RsKey *key, const char *text, int *number) {
  for (*number = 0; key->choices[*number]; ++*number) {
    if (!strcmp(key->choices[*number], text)) {
      return true;
    }
  }
  return false;
}

static bool parse_value(const RsKey *key, const char *text, Value *value) {
  long long whole = 0;
  switch (key->type) {
  case RS_KEY_BOOL:
    return parse_bool(text, &value->truth);
  case RS_KEY_INTEGER:
    if (!parse_whole(text, key->low, key->high, &whole)) {
      return false;
    }
    value->whole = (int)whole;
    return true;
  case RS_KEY_SIZE:
    if (!parse_whole(text, key->low, key->high, &whole)) {
      return false;
    }
    value->size = (size_t)whole;
    return true;
  case RS_KEY_SEED:
    if (!parse_whole(text, 0, 0x1p63, &whole)) {
      return false;
    }
    value->seed = (uint64_t)whole;
    return true;
  case RS_KEY_REAL:
    return parse_real(text, key->low, key->high, &value->real);
  case RS_KEY_CHOICE:
    return parse_choice(key, text, &value->whole);
  }
  return false;
}

/* ---- Setting by name ---- */

/* The key that was meant, by its full name, or by its name alone where the section is wrong or
   missing */
static const RsKey *suggest(RsKeyTable table, const char *section, const char *name) {
  char full[2 * RS_SUGGESTION_MAX], candidate[2 * RS_SUGGESTION_MAX];
  const RsKey *best = NULL;
  snprintf(full, sizeof(full), "%s.%s", section, name);
  RsSuggestion by_full = rs_suggestion(full), by_name = rs_suggestion(name);
  for (size_t i = 0; i < table.count; ++i) {
    snprintf(candidate, sizeof(candidate), "%s.%s", table.keys[i].section, table.keys[i].name);
    if (rs_suggestion_offer(&by_full, candidate)) {
      best = table.keys + i;
    }
  }
  for (size_t i = 0; !best && i < table.count; ++i) {
    if (!strcmp(table.keys[i].name, name)) {
      return table.keys + i;
    }
  }
  for (size_t i = 0; !*section && i < table.count; ++i) {
    if (rs_suggestion_offer(&by_name, table.keys[i].name)) {
      best = table.keys + i;
    }
  }
  return best;
}

static RsStatus no_such_key(RsKeyTable table, const char *section, const char *name,
                            const char *origin, RsError *error) {
  const RsKey *meant = suggest(table, section, name);
  const char *dot = *section ? "." : "";
  if (meant) {
    return rs_error(error, RS_ERR_SETTING, "%s: %.80s%s%.80s: no such key; did you mean %s.%s?",
                    origin, section, dot, name, meant->section, meant->name);
  }
  return rs_error(error, RS_ERR_SETTING,
                  "%s: %.80s%s%.80s: no such key; see rollsmith presets default", origin, section,
                  dot, name);
}

RsStatus rs_keys_set(RsKeyTable table, void *object, const char *section, const char *name,
                     const char *value, const char *origin, RsError *error) {
  const RsKey *key = rs_keys_find(table, section, name);
  Value parsed = {.seed = 0};
  if (!key) {
    return no_such_key(table, section, name, origin, error);
  }
  if (!parse_value(key, value, &parsed)) {
    char allowed[128];
    const bool whole =
        key->type == RS_KEY_INTEGER || key->type == RS_KEY_SIZE || key->type == RS_KEY_SEED;
    rs_key_allowed(key, allowed, sizeof(allowed));
    return rs_error(error, RS_ERR_SETTING, "%s: %s.%s = %.80s: must be %s%s", origin, section, name,
                    value, whole ? "a whole number, " : "", allowed);
  }
  store(key, object, &parsed);
  return RS_OK;
}

/* ---- All keys as text ---- */

typedef void (*WriteKeys)(RsKeyTable table, const void *object, RsStringBuffer *text);

/* What `write` writes, as a string */
static RsStatus write_string(RsKeyTable table, const void *object, WriteKeys write, char **out) {
  RsStringBuffer text = {.data = NULL};
  write(table, object, &text);
  return rs_string_buffer_take(&text, out, NULL);
}

static bool begins_section(RsKeyTable table, size_t i) {
  return !i || strcmp(table.keys[i].section, table.keys[i - 1].section) != 0;
}

static void write_ini(RsKeyTable table, const void *object, RsStringBuffer *text) {
  char value[RS_KEY_TEXT_SIZE], allowed[128];
  for (size_t i = 0; i < table.count; ++i) {
    const RsKey *key = table.keys + i;
    if (begins_section(table, i)) {
      rs_string_buffer_append(text, "%s[%s]\n", i ? "\n" : "", key->section);
    }
    rs_key_format(key, object, value);
    rs_key_allowed(key, allowed, sizeof(allowed));
    rs_string_buffer_append(text, "# %s (%s%s%s)\n%s = %s\n", key->help, allowed,
                            *key->unit ? " " : "", key->unit, key->name, value);
  }
}

RsStatus rs_keys_to_ini(RsKeyTable table, const void *object, char **out) {
  return write_string(table, object, write_ini, out);
}

static void write_json(RsKeyTable table, const void *object, RsStringBuffer *text) {
  char value[RS_KEY_TEXT_SIZE];
  const char *before = "";
  for (size_t i = 0; i < table.count; ++i) {
    const RsKey *key = table.keys + i;
    const char *quote = key->type == RS_KEY_CHOICE ? "\"" : "";
    if (begins_section(table, i)) {
      rs_string_buffer_append(text, "%s\"%s\":{", i ? "}," : "{", key->section);
      before = "";
    }
    if (!key->local) {
      rs_key_format(key, object, value);
      rs_string_buffer_append(text, "%s\"%s\":%s%s%s", before, key->name, quote, value, quote);
      before = ",";
    }
  }
  rs_string_buffer_append(text, "}}");
}

RsStatus rs_keys_to_json(RsKeyTable table, const void *object, char **out) {
  return write_string(table, object, write_json, out);
}
