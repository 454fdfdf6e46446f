/* SPDX-License-Identifier: ISC */

#include "template.h"

#include <stdio.h>

int template_copy(const char *path, int (*direct)(const char *line)) {
  FILE *template = fopen(path, "r");
  char line[1024];
  int failed = !template;
  while (!failed && fgets(line, sizeof(line), template)) {
    failed = *line == '@' ? direct(line) : fputs(line, stdout) == EOF;
    if (failed) {
      fprintf(stderr, "%s: cannot write: %s", path, line);
    }
  }
  if (template) {
    fclose(template);
  } else {
    perror(path);
  }
  return failed || fflush(stdout);
}
