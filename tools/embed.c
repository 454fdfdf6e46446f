/**
   @file embed.c A build tool: writes the C source that holds some preset files.

   Usage: embed OUT.c NAME.ini...
*/

#include <stdio.h>
#include <string.h>

/// Name of a file without its folder and its ".ini"
static int name_length(const char *path, const char **name) {
  const char *slash = strrchr(path, '/');
  *name = slash ? slash + 1 : path;
  const char *dot = strrchr(*name, '.');
  return (int)(dot ? dot - *name : (long)strlen(*name));
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

int main(int argc, char **argv) {
  FILE *out = argc > 1 ? fopen(argv[1], "wb") : NULL;
  int failed = !out;
  if (failed) {
    fprintf(stderr, "usage: embed OUT.c NAME.ini...\n");
    return 1;
  }
  fprintf(out, "#include \"settings/embedded.h\"\n");
  for (int i = 2; i < argc && !failed; ++i) {
    failed = write_text(out, argv[i], i);
  }
  fprintf(out, "const RsPreset rs_embedded_presets[] = {\n");
  for (int i = 2; i < argc; ++i) {
    const char *name = NULL;
    const int length = name_length(argv[i], &name);
    fprintf(out, "{\"%.*s\", text_%d},\n", length, name, i);
  }
  fprintf(out, "{NULL, NULL},\n};\n");
  return fclose(out) || failed;
}
