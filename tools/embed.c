/* SPDX-License-Identifier: ISC */

/**
   @file embed.c A build tool: writes the C source that holds some text files.

   Usage: embed OUT.c HEADER TYPE ARRAY FILE...

   OUT.c includes HEADER and defines ARRAY of TYPE, whose first members are name and text; the name
   of a preset is without its ".ini". The last element has no name.
*/

#include <stdio.h>
#include <string.h>

/// Name of a file without its folder and, of a preset, its ".ini"
static int name_length(const char *path, const char **name) {
  const char *slash = strrchr(path, '/');
  *name = slash ? slash + 1 : path;
  const size_t length = strlen(*name);
  return (int)(length > 4 && !strcmp(*name + length - 4, ".ini") ? length - 4 : length);
}

/// Numbers, since C promises no more than 4095 characters to a string
static int write_text(FILE *out, const char *path, int number) {
  FILE *in = fopen(path, "rb");
  int count = 0;
  if (!in) {
    perror(path);
    return 1;
  }
  fprintf(out, "static const char text_%d[] = {", number);
  for (int c = getc(in); c != EOF; c = getc(in)) {
    fprintf(out, "%s%d,", count++ % 20 ? "" : "\n", c < 128 ? c : c - 256);
  }
  fprintf(out, "\n0};\n");
  const int failed = ferror(in);
  fclose(in);
  return failed;
}

enum { FIRST = 5 }; ///< Argument with the first file

int main(int argc, char **argv) {
  FILE *out = argc >= FIRST ? fopen(argv[1], "wb") : NULL;
  int failed = !out;
  if (failed) {
    fprintf(stderr, "usage: embed OUT.c HEADER TYPE ARRAY FILE...\n");
    return 1;
  }
  fprintf(out, "#include \"%s\"\n", argv[2]);
  for (int i = FIRST; i < argc && !failed; ++i) {
    failed = write_text(out, argv[i], i);
  }
  fprintf(out, "const %s %s[] = {\n", argv[3], argv[4]);
  for (int i = FIRST; i < argc; ++i) {
    const char *name = NULL;
    const int length = name_length(argv[i], &name);
    fprintf(out, "{\"%.*s\", text_%d},\n", length, name, i);
  }
  fprintf(out, "{NULL, NULL},\n};\n");
  return fclose(out) || failed;
}
