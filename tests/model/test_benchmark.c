/* SPDX-License-Identifier: ISC */

/* The songs of the 2012 benchmark become its rolls, frame by frame, under the presets that state
 * its rule. */

#include "data.h"

#include <rollsmith/settings.h>

#include <string.h>

typedef struct {
  const char *name;
  const char *preset;
  double share; /* of the songs that have to come out exactly */
} SongSet;

/* A line of MANIFEST.tsv. */
typedef struct {
  char split[16], file[128];
  size_t index;
  int semitones;
} Entry;

static RsIngest settings_of(const SongSet *set) {
  RsSettings settings;
  rs_settings_init(&settings);
  assert_ok(rs_settings_load(&settings, set->preset, NULL));
  return settings.roll;
}

static bool read_entry(const char *line, Entry *entry) {
  return sscanf(line, "%15s %zu %127s %*s %*s %d", entry->split, &entry->index, entry->file,
                &entry->semitones) == 4;
}

static bool same_frames(const RsRoll *a, const RsRoll *b) {
  return a->frames == b->frames && !memcmp(a->on, b->on, a->frames * sizeof *a->on);
}

static bool is_reproduced(const SongSet *set, const Entry *entry, const RsSongs *rolls) {
  RsIngest settings = settings_of(set);
  RsSongs songs = {0};
  RsIngestReport report;
  char path[2048];
  settings.transpose_semitones = entry->semitones;
  snprintf(path, sizeof path, "%s/%s/%s/%s", data_folder("midi"), set->name, entry->split,
           entry->file);
  const bool same = !rs_ingest_file(path, &settings, &songs, &report) &&
                    same_frames(&songs.rolls[0], &rolls->rolls[entry->index]);
  if (!same && getenv("RS_VERBOSE")) {
    printf("differs: %s (%s)\n", path, report.error.message);
  }
  rs_songs_clear(&songs);
  rs_ingest_report_clear(&report);
  return same;
}

static void read_rolls(const SongSet *set, const char *split, RsSongs *rolls) {
  char path[2048];
  snprintf(path, sizeof path, "%s/%s/%s.roll", data_folder("bench"), set->name, split);
  assert_ok(rs_songs_read(path, rolls, NULL));
}

/* Count the songs of a manifest, and those that come out exactly. */
static void compare_set(const SongSet *set, size_t *songs, size_t *same) {
  RsSongs train = {0}, valid = {0};
  char path[2048], line[512];
  snprintf(path, sizeof path, "%s/%s/MANIFEST.tsv", data_folder("midi"), set->name);
  FILE *manifest = fopen(path, "r");
  assert_non_null(manifest);
  read_rolls(set, "train", &train);
  read_rolls(set, "valid", &valid);
  Entry entry;
  while (fgets(line, sizeof line, manifest)) {
    if (read_entry(line, &entry)) {
      ++*songs;
      *same += is_reproduced(set, &entry, strcmp(entry.split, "train") ? &valid : &train);
    }
  }
  fclose(manifest);
  rs_songs_clear(&train);
  rs_songs_clear(&valid);
}

static void expect_set(const SongSet *set) {
  size_t songs = 0, same = 0;
  compare_set(set, &songs, &same);
  print_message("%s: %zu of %zu songs exactly\n", set->name, same, songs);
  assert_true(songs > 0);
  assert_true((double)same >= set->share * (double)songs);
}

static void jsb_comes_out_exactly(void **state) {
  expect_set(&(SongSet){"jsb", "bench-jsb", 1});
}

static void nottingham_comes_out_exactly(void **state) {
  expect_set(&(SongSet){"nottingham", "bench", 0.99});
}

static void musedata_comes_out_exactly(void **state) {
  expect_set(&(SongSet){"muse", "bench", 0.99});
}

static void piano_midi_comes_out_exactly(void **state) {
  expect_set(&(SongSet){"piano", "bench", 1});
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(jsb_comes_out_exactly),
      cmocka_unit_test(nottingham_comes_out_exactly),
      cmocka_unit_test(musedata_comes_out_exactly),
      cmocka_unit_test(piano_midi_comes_out_exactly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
