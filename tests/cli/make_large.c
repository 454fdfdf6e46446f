/* SPDX-License-Identifier: ISC */

/* Writes a file in which one thing is there N times, for tests of what reading it costs:

       make-large KIND N FILE */

#include <rollsmith/tensor_file.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void roll_title(FILE *out, size_t n) {
  fputs("# ", out);
  for (size_t i = 0; i < n; ++i) {
    fputc("title "[i % 6], out);
  }
  fputs("\n60\n64\n", out);
}

static void roll_frames(FILE *out, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    fputs("60 64 67\n", out);
  }
}

static void roll_songs(FILE *out, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    fprintf(out, "# song %zu\n60\n-\n", i);
  }
}

static void log_epochs(FILE *out, size_t n) {
  fputs("{\"event\":\"start\",\"songs\":1,\"frames\":1,\"parameters\":1,\"seed\":1}\n", out);
  for (size_t i = 0; i < n; ++i) {
    fprintf(out,
            "{\"event\":\"epoch\",\"epoch\":%zu,\"seconds\":1,\"train_cost\":%d,\"valid_ll\":%d}\n",
            i + 1, i % 2 ? 1 : 9, i % 2 ? -9 : -1);
  }
}

static void preset_lines(FILE *out, size_t n) {
  fputs("[preset]\n", out);
  for (size_t i = 0; i < n; ++i) {
    fprintf(out, "description = line %zu\n", i);
  }
}

/* ---- MIDI ---- */

static void put_number(FILE *out, size_t number, int bytes) {
  while (bytes--) {
    fputc((int)(number >> (8 * bytes) & 0xff), out);
  }
}

static void midi_head(FILE *out, size_t tracks) {
  fputs("MThd", out);
  put_number(out, 6, 4);
  put_number(out, 1, 2);
  put_number(out, tracks, 2);
  put_number(out, 96, 2);
}

/* A track of one event, which is repeated, and an end. */
static void midi_track(FILE *out, size_t n, const void *event, size_t size) {
  fputs("MTrk", out);
  put_number(out, n * size + 4, 4);
  for (size_t i = 0; i < n; ++i) {
    fwrite(event, 1, size, out);
  }
  fwrite("\0\xff\x2f\0", 1, 4, out);
}

static void midi_notes(FILE *out, size_t n) {
  midi_head(out, 1);
  midi_track(out, n, "\x18\x90\x3c\x40\x18\x80\x3c\x40", 8);
}

static void midi_endless(FILE *out, size_t n) { /* notes that begin again and never end */
  midi_head(out, 1);
  midi_track(out, n, "\1\x90\x3c\x40", 4);
}

static void midi_tempi(FILE *out, size_t n) {
  midi_head(out, 2);
  midi_track(out, 1, "\x18\x90\x3c\x40", 4);
  midi_track(out, n, "\1\xff\x51\3\7\xa1\x20", 7);
}

static void midi_meters(FILE *out, size_t n) {
  midi_head(out, 2);
  midi_track(out, 1, "\x18\x90\x3c\x40", 4);
  midi_track(out, n, "\1\xff\x58\4\3\2\x18\x08", 8);
}

static void midi_tracks(FILE *out, size_t n) {
  midi_head(out, n);
  for (size_t i = 0; i < n; ++i) {
    midi_track(out, 2, "\x18\x90\x3c\x40\x18\x80\x3c\x40", 8);
  }
}

/* ---- Models ---- */

static void model_keys(RsTensorFile *file, size_t n) {
  char key[32];
  for (size_t i = 0; i < n; ++i) {
    snprintf(key, sizeof key, "key %zu", i * 7919 % n);
    if (rs_tensor_file_set(file, key, "value")) {
      exit(1);
    }
  }
}

static void add(RsTensorFile *file, const char *name) {
  const float value = 1;
  const RsTensor tensor = {
      .name = name, .type = RS_TENSOR_F32, .rank = 1, .shape = {1}, .data = &value};
  if (rs_tensor_file_add(file, &tensor)) {
    exit(1);
  }
}

static void model_name(RsTensorFile *file, size_t n) {
  char *name = calloc(n + 1, 1);
  if (!name) {
    exit(1);
  }
  memset(name, 'n', n);
  add(file, name);
  free(name);
}

static void model_tensors(RsTensorFile *file, size_t n) {
  char name[64];
  for (size_t i = 0; i < n; ++i) {
    snprintf(name, sizeof name, "a name of which all begin alike %zu", i * 7919 % n);
    add(file, name);
  }
}

static const struct {
  const char *name;
  void (*text)(FILE *out, size_t n);
  void (*model)(RsTensorFile *file, size_t n);
} kinds[] = {
    {"roll-title", roll_title, NULL},       {"roll-frames", roll_frames, NULL},
    {"roll-songs", roll_songs, NULL},       {"log-epochs", log_epochs, NULL},
    {"preset-lines", preset_lines, NULL},   {"midi-notes", midi_notes, NULL},
    {"midi-endless", midi_endless, NULL},   {"midi-tempi", midi_tempi, NULL},
    {"midi-meters", midi_meters, NULL},     {"midi-tracks", midi_tracks, NULL},
    {"model-keys", NULL, model_keys},       {"model-name", NULL, model_name},
    {"model-tensors", NULL, model_tensors},
};

static int write_text(void (*write)(FILE *out, size_t n), size_t n, const char *path) {
  FILE *out = fopen(path, "wb");
  if (out) {
    write(out, n);
  }
  return !out || fclose(out);
}

static int write_model(void (*fill)(RsTensorFile *file, size_t n), size_t n, const char *path) {
  RsTensorFile *file = NULL;
  if (rs_tensor_file_new(&file)) {
    return 1;
  }
  fill(file, n);
  const int failed = rs_tensor_file_save(file, path, NULL) != RS_OK;
  rs_tensor_file_free(file);
  return failed;
}

int main(int argc, char **argv) {
  const size_t n = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
  for (size_t i = 0; n && i < sizeof kinds / sizeof *kinds; ++i) {
    if (!strcmp(kinds[i].name, argv[1])) {
      return kinds[i].text ? write_text(kinds[i].text, n, argv[3])
                           : write_model(kinds[i].model, n, argv[3]);
    }
  }
  return 2;
}
