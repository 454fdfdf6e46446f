/* SPDX-License-Identifier: ISC */

/**
   @file json_check.c Fails unless standard input is one JSON value with some members.

   Usage: json-check NAME...    where a NAME is such as "songs.0.frames"
*/

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const json_t *step(const json_t *from, const char *name) {
  return json_is_array(from) ? json_array_get(from, strtoul(name, NULL, 10))
                             : json_object_get(from, name);
}

static const json_t *follow(const json_t *from, const char *path) {
  char name[256];
  while (from && *path) {
    const size_t length = strcspn(path, ".");
    snprintf(name, sizeof(name), "%.*s", (int)length, path);
    from = step(from, name);
    path += length + (path[length] == '.');
  }
  return from;
}

int main(int argc, char **argv) {
  json_error_t error;
  json_t *root = json_loadf(stdin, JSON_DECODE_ANY, &error);
  int failed = 0;
  if (!root) {
    printf("no JSON: %s\n", error.text);
    return 1;
  }
  for (int i = 1; i < argc; ++i) {
    if (!follow(root, argv[i])) {
      printf("no member %s\n", argv[i]);
      failed = 1;
    }
  }
  json_decref(root);
  return failed;
}
