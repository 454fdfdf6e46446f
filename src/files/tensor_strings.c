/* SPDX-License-Identifier: ISC */

/* The strings of a tensor file. */

#include "files/tensor_internal.h"

#include "base/memory.h"
#include "base/printable.h"

#include <stdlib.h>
#include <string.h>

static int by_key(const void *a, const void *b) {
  return strcmp(((const RsTensorString *)a)->key, ((const RsTensorString *)b)->key);
}

RsTensorString *rs_tensor_strings_find(const RsTensorStrings *strings, const char *key) {
  const RsTensorString wanted = {.key = (char *)key};
  return strings->count
             ? bsearch(&wanted, strings->at, strings->count, sizeof(*strings->at), by_key)
             : NULL;
}

RsStatus rs_tensor_strings_append(RsTensorStrings *strings, const char *key, const char *value) {
  RsTensorString *grown =
      rs_grow(strings->at, &strings->capacity, strings->count + 1, sizeof(*strings->at));
  if (!grown) {
    return RS_ERR_MEMORY;
  }
  strings->at = grown;
  const RsTensorString copy = {strdup(key), strdup(value)};
  if (!copy.key || !copy.value) {
    free(copy.key);
    free(copy.value);
    return RS_ERR_MEMORY;
  }
  strings->at[strings->count++] = copy;
  return RS_OK;
}

void rs_tensor_strings_sort(RsTensorStrings *strings) {
  if (strings->count) {
    qsort(strings->at, strings->count, sizeof(*strings->at), by_key);
  }
}

void rs_tensor_strings_clear(RsTensorStrings *strings) {
  for (size_t i = 0; i < strings->count; ++i) {
    free(strings->at[i].key);
    free(strings->at[i].value);
  }
  free(strings->at);
  *strings = (RsTensorStrings){.at = NULL};
}

static RsStatus replace_value(RsTensorString *string, const char *value) {
  char *copy = strdup(value);
  if (!copy) {
    return RS_ERR_MEMORY;
  }
  free(string->value);
  string->value = copy;
  return RS_OK;
}

RsStatus rs_tensor_file_set(RsTensorFile *file, const char *key, const char *value) {
  RsTensorString *there = rs_tensor_strings_find(&file->strings, key);
  if (!strcmp(key, RS_CHECKSUM) || !rs_is_utf8(key) || !rs_is_utf8(value)) {
    return RS_ERR_ARGUMENT;
  }
  if (there) {
    return replace_value(there, value);
  }
  const RsStatus status = rs_tensor_strings_append(&file->strings, key, value);
  rs_tensor_strings_sort(&file->strings);
  return status;
}

const char *rs_tensor_file_get(const RsTensorFile *file, const char *key) {
  const RsTensorString *string = rs_tensor_strings_find(&file->strings, key);
  return string ? string->value : NULL;
}

const char *rs_tensor_file_key(const RsTensorFile *file, size_t index) {
  return index < file->strings.count ? file->strings.at[index].key : NULL;
}
