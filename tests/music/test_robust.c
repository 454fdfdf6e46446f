/* SPDX-License-Identifier: ISC */

/* Odd, damaged and hostile files: what a lenient reader finds in them, we find too. */

#include "data.h"

#include "base/thread_pool.h"

#include <rollsmith/ingest.h>

#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>

/* Where we read on and the lenient reader of EXPECT.tsv stops: at a system message, which is
   stepped over, ... */
#define SYSTEM "a system message"
/* ... at data without a status, which are left out up to the next event, ... */
#define DATA "data without a status"
/* ... before junk, behind which the next track is looked for, ... */
#define NEXT_TRACK "junk before a track"
/* ... and where the length of a track is too short, behind which its events go on. */
#define LENGTH "a length that is too short"

/* Files in which we therefore find more notes. Else we do as it does: running status lasts across
   meta and exclusive events, data bytes above 127 are taken for 127, and what follows the end of a
   track is passed over. */
static const struct {
  const char *file;
  size_t ours;
  const char *why;
} differences[] = {
    {"jazz-soft/test-illegal-message-all.mid", 8, SYSTEM},
    {"jazz-soft/test-illegal-message-f1-xx.mid", 8, SYSTEM},
    {"jazz-soft/test-illegal-message-f2-xx-xx.mid", 8, SYSTEM},
    {"jazz-soft/test-illegal-message-f3-xx.mid", 8, SYSTEM},
    {"jazz-soft/test-illegal-message-f4.mid", 8, SYSTEM},
    {"jazz-soft/test-illegal-message-f5.mid", 8, SYSTEM},
    {"jazz-soft/test-illegal-message-f6.mid", 8, SYSTEM},
    {"jazz-soft/test-illegal-message-f8.mid", 8, SYSTEM},
    {"jazz-soft/test-illegal-message-f9.mid", 8, SYSTEM},
    {"jazz-soft/test-illegal-message-fa.mid", 8, SYSTEM},
    {"jazz-soft/test-illegal-message-fb.mid", 8, SYSTEM},
    {"jazz-soft/test-illegal-message-fc.mid", 8, SYSTEM},
    {"jazz-soft/test-illegal-message-fd.mid", 8, SYSTEM},
    {"jazz-soft/test-illegal-message-fe.mid", 8, SYSTEM},
    {"drywetmidi/Invalid/Invalid Channel Event/Another brick in the wall (Pink Floyd).MID", 8194,
     SYSTEM},
    {"drywetmidi/Invalid/Unknown Channel Event/brand_3.mid", 2233, SYSTEM},
    {"drywetmidi/Invalid/Unknown Channel Event/dixie-nw.mid", 1753, LENGTH},
    {"drywetmidi/Invalid/Not Enough Bytes/pbride.mid", 529, NEXT_TRACK},
    {"drywetmidi/Invalid/Unexpected Running Status/JAZZ18.MID", 1971, DATA},
    {"drywetmidi/Invalid/Unexpected Running Status/addams.mid", 454, LENGTH},
    {"drywetmidi/Invalid/Unexpected Running Status/qfg3mix.mid", 4576, DATA},
    {"drywetmidi/Invalid/Unexpected Running Status/qfg3pop.mid", 566, DATA},
    {"synthetic/data-byte-first.mid", 32, DATA},
    {"synthetic/track-length-too-short.mid", 32, LENGTH},
};

/* A line of EXPECT.tsv. */
typedef struct {
  char file[256];
  size_t notes;
} Expected;

static bool read_expected(char *line, Expected *expected) {
  char *const file = strsep(&line, "\t");
  strsep(&line, "\t"); /* bytes */
  strsep(&line, "\t"); /* format */
  strsep(&line, "\t"); /* division */
  const char *notes = strsep(&line, "\t");
  snprintf(expected->file, sizeof expected->file, "%s", file);
  expected->notes = notes ? strtoul(notes, NULL, 10) : 0; /* "None" is none */
  return notes && strcmp(file, "file");
}

static size_t notes_expected(const Expected *expected) {
  for (size_t i = 0; i < sizeof differences / sizeof *differences; ++i) {
    if (!strcmp(differences[i].file, expected->file)) {
      return differences[i].ours;
    }
  }
  return expected->notes;
}

static size_t notes_found(const char *file) {
  const RsIngest settings = rs_ingest_defaults();
  RsSongs songs = {0};
  RsIngestReport report;
  char path[2048];
  snprintf(path, sizeof path, "%s/%s", data_folder("robust"), file);
  rs_ingest_file(path, &settings, &songs, &report);
  const size_t notes = report.notes;
  rs_songs_clear(&songs);
  rs_ingest_report_clear(&report);
  return notes;
}

static void the_notes_of_a_damaged_file_are_those_a_lenient_reader_finds(void **state) {
  char path[2048];
  snprintf(path, sizeof path, "%s/EXPECT.tsv", data_folder("robust"));
  FILE *list = fopen(path, "r");
  assert_non_null(list);
  char line[2048];
  Expected expected;
  size_t files = 0, wrong = 0;
  while (fgets(line, sizeof line, list)) {
    if (read_expected(line, &expected)) {
      const size_t found = notes_found(expected.file), wanted = notes_expected(&expected);
      ++files;
      wrong += found != wanted;
      if (found != wanted) {
        print_message("%s: %zu notes, expected %zu\n", expected.file, found, wanted);
      }
    }
  }
  fclose(list);
  assert_true(files > 200);
  assert_int_equal(wrong, 0);
}

/* All of the folder with all planes at the finest frames that make sense; texts of all lines. */
static void read_all(size_t threads, RsSongs *songs, char **lines, size_t *length) {
  RsIngest settings = rs_ingest_defaults();
  settings.pedal = settings.articulation = settings.drums = true;
  settings.transpose = RS_TRANSPOSE_COMMON;
  RsThreadPool *pool = NULL;
  RsIngestReports reports;
  const char *const paths[] = {data_folder("robust")};
  assert_ok(rs_thread_pool_new(threads, &pool));
  assert_ok(rs_ingest_paths(paths, 1, &settings, pool, NULL, NULL, songs, &reports, NULL));
  FILE *out = open_memstream(lines, length);
  for (size_t i = 0; i < reports.count; ++i) {
    char line[1024];
    rs_ingest_report_line(&reports.files[i], line, sizeof line);
    fprintf(out, "%s\n", line);
  }
  fclose(out);
  rs_ingest_reports_clear(&reports);
  rs_thread_pool_free(pool);
}

static bool same_songs(const RsSongs *a, const RsSongs *b) {
  bool same = a->count == b->count;
  for (size_t i = 0; same && i < a->count; ++i) {
    const RsRoll *x = &a->rolls[i], *y = &b->rolls[i];
    const size_t bytes = x->frames * sizeof *x->on;
    same = x->frames == y->frames && !strcmp(x->name, y->name) && !memcmp(x->on, y->on, bytes) &&
           !memcmp(x->onset, y->onset, bytes);
  }
  return same;
}

static void the_result_is_the_same_for_any_number_of_threads(void **state) {
  data_folder("robust");
  RsSongs one = {0};
  char *lines = NULL;
  size_t length = 0;
  read_all(1, &one, &lines, &length);
  for (size_t threads = 2; threads <= 4; threads += 2) {
    RsSongs many = {0};
    char *other = NULL;
    size_t other_length = 0;
    read_all(threads, &many, &other, &other_length);
    assert_true(same_songs(&one, &many));
    assert_string_equal(lines, other);
    rs_songs_clear(&many);
    free(other);
  }
  rs_songs_clear(&one);
  free(lines);
}

static void memory_and_time_stay_small(void **state) {
  data_folder("robust");
#if defined __SANITIZE_ADDRESS__
  print_message("skipped: a sanitizer takes memory of its own\n");
  skip();
#endif
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  assert_true(usage.ru_maxrss < 256 * 1024); /* KiB, of all that ran above */
  assert_true(usage.ru_utime.tv_sec < 60);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_notes_of_a_damaged_file_are_those_a_lenient_reader_finds),
      cmocka_unit_test(the_result_is_the_same_for_any_number_of_threads),
      cmocka_unit_test(memory_and_time_stay_small),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
