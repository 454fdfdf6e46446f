/* SPDX-License-Identifier: ISC */

/* Files that never were: each is a sound or an odd one with some of its bytes changed, cut out,
   doubled or mixed with another's. The same ones in every run, RS_MUTATIONS of the environment or
   2,000; RS_MUTATION takes one alone. */

#include "kit.h"
#include "midi_maker.h"
#include "one_input.h"

#include "music/file.h"

#include <rollsmith/rng.h>

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

enum { MUTATIONS = 2000, SEEDS_MAX = 256, SEED_SIZE_MAX = 8192 };

static RsBytes seeds[SEEDS_MAX];
static size_t seed_count;

static void add_seed(const uint8_t *data, size_t size) {
  if (seed_count < SEEDS_MAX && size && size <= SEED_SIZE_MAX) {
    RsBytes *seed = &seeds[seed_count++];
    *seed = (RsBytes){malloc(size), size};
    memcpy(seed->data, data, size);
  }
}

#define END 0, 0xFF, 0x2F, 0

/* Small files of our own that between them use every part of the reader. */
static void add_own_seeds(void) {
  Midi midi = {.size = 0};
  midi_header(&midi, 1, 3, 96);
  midi_track(&midi, BYTES(0, 0xFF, 0x51, 3, 7, 0xA1, 0x20, 0, 0xFF, 0x58, 4, 3, 2, 24, 8, 96, 0xFF,
                          0x51, 3, 5, 0, 0, END));
  midi_track(&midi, BYTES(0, 0xC0, 5, 0, 0x90, 60, 80, 0, 64, 80, 96, 60, 0, 0, 64, 0, 0, 0xB0, 64,
                          127, 0, 0x90, 67, 90, 48, 67, 0, 48, 0xB0, 64, 0, END));
  midi_track(&midi, BYTES(0, 0xFF, 3, 4, 'n', 'a', 'm', 'e', 0x81, 0x40, 0x99, 35, 100, 0, 0x91, 40,
                          70, 0, 0xF0, 3, 1, 2, 0xF7, 24, 0x81, 40, 0, 0, 0xB1, 123, 0, END));
  add_seed(midi.data, midi.size);
  Midi songs = {.size = 0};
  midi_header(&songs, 2, 2, 0xE728);
  midi_track(&songs, BYTES(0, 0x90, 60, 80, 0x83, 0x60, 60, 0, END));
  midi_track(&songs, BYTES(0x87, 0x68, 0x90, 72, 80, 10, 0x80, 72, 0, END));
  add_seed(songs.data, songs.size);
  Midi riff = {.size = 0};
  midi_put(&riff, BYTES('R', 'I', 'F', 'F', 60, 0, 0, 0, 'R', 'M', 'I', 'D', 'd', 'a', 't', 'a', 40,
                        0, 0, 0));
  midi_header(&riff, 0, 1, 4);
  midi_track(&riff, BYTES(0, 0x90, 60, 80, 4, 60, 0, END));
  add_seed(riff.data, riff.size);
  const char text[] = "# one\n60 64 67\n-\n62\n# two\n48\n";
  add_seed((const uint8_t *)text, sizeof text - 1);
}

/* The odd files of a folder, in the order of their names. */
static void add_seeds_of_folder(const char *folder) {
  struct dirent **names = NULL;
  const int count = scandir(folder, &names, NULL, alphasort);
  for (int i = 0; i < count; ++i) {
    char path[2048];
    RsBytes bytes;
    snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
    if (!rs_read_file(path, SEED_SIZE_MAX, &bytes, NULL)) {
      add_seed(bytes.data, bytes.size);
      free(bytes.data);
    }
    free(names[i]);
  }
  free(names);
}

/* ---- Mutation -------------------------------------------------------------------------------- */

/* Random numbers of one mutated file. */
typedef struct {
  uint64_t file;
  uint32_t drawn;
} Dice;

static uint32_t roll_dice(Dice *dice, uint32_t sides) {
  const RsRng rng = {20121, RS_STREAM_TEST};
  return rs_rng_below(rng, dice->file * 4096 + dice->drawn++, sides);
}

/* Bytes that mean something to a reader. */
static uint8_t telling_byte(Dice *dice) {
  static const uint8_t bytes[] = {0,    0x7F, 0x80, 0xFF, 0x90, 0x99, 0xB0,
                                  0xF0, 0xF7, 0x2F, 0x51, 0x58, 0xF8, 1};
  return roll_dice(dice, 2) ? bytes[roll_dice(dice, sizeof bytes)] : (uint8_t)roll_dice(dice, 256);
}

static void cut_out(RsBytes *file, size_t at, size_t size) {
  size = size < file->size - at ? size : file->size - at;
  memmove(file->data + at, file->data + at + size, file->size - at - size);
  file->size -= size;
}

static void insert(RsBytes *file, size_t at, const uint8_t *bytes, size_t size) {
  memmove(file->data + at + size, file->data + at, file->size - at);
  memmove(file->data + at, bytes, size);
  file->size += size;
}

/* One change. The file has room for 64 bytes more. */
static void mutate(RsBytes *file, Dice *dice) {
  const size_t at = roll_dice(dice, (uint32_t)file->size), size = 1 + roll_dice(dice, 16);
  const RsBytes *other = &seeds[roll_dice(dice, (uint32_t)seed_count)];
  switch (roll_dice(dice, 6)) {
  case 0:
    file->data[at] ^= (uint8_t)(1u << roll_dice(dice, 8));
    break;
  case 1:
    cut_out(file, at, size);
    break;
  case 2:
    insert(file, at, other->data, size < other->size ? size : other->size);
    break;
  case 3:
    file->size = roll_dice(dice, 4) ? file->size : at;
    break;
  default:
    file->data[at] = telling_byte(dice);
  }
}

static void try_mutation(uint64_t number) {
  Dice dice = {number, 0};
  const RsBytes *seed = &seeds[roll_dice(&dice, (uint32_t)seed_count)];
  const int changes = 1 + (int)roll_dice(&dice, 8);
  RsBytes file = {malloc(seed->size + 64 * 8), seed->size};
  memcpy(file.data, seed->data, seed->size);
  for (int i = 0; i < changes && file.size; ++i) {
    mutate(&file, &dice);
  }
  /* In memory of its own size, so that a sanitizer sees a byte too far. */
  uint8_t *exact = malloc(file.size + !file.size);
  memcpy(exact, file.data, file.size);
  one_input(exact, file.size);
  free(exact);
  free(file.data);
}

static void mutated_files_do_no_harm(void **state) {
  add_own_seeds();
  const char *data = getenv("RS_TEST_DATA"), *only = getenv("RS_MUTATION");
  if (data) {
    char folder[1024];
    snprintf(folder, sizeof folder, "%s/robust/synthetic", data);
    add_seeds_of_folder(folder);
  }
  const char *wanted = getenv("RS_MUTATIONS");
  const uint64_t mutations = wanted ? strtoull(wanted, NULL, 10) : MUTATIONS;
  for (uint64_t i = 0; i < mutations; ++i) {
    if (!only || strtoull(only, NULL, 10) == i) {
      try_mutation(i);
    }
  }
  for (size_t i = 0; i < seed_count; ++i) {
    free(seeds[i].data);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(mutated_files_do_no_harm)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
