/* SPDX-License-Identifier: ISC */

/* Songs that several processes, which are threads here, read together. */

#include "folder.h"
#include "together.h"

#include "train/songs_read.h"

#include <stdio.h>

/* More than are exchanged at once by two processes. */
enum { FILES = 140 };

static const char *const here[] = {"."};

/* ---- Files ---- */

static void put(const char *name, const void *bytes, size_t size) {
  FILE *file = fopen(name, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

/* A song in 3/4, then 2/4: one note, which is longer from file to file. */
static void put_midi(const char *name, uint8_t ticks) {
  const uint8_t bytes[] = {'M', 'T',  'h', 'd', 0,   0,   0,  6,     0,     0,    0,   1,    0,
                           4,   'M',  'T', 'r', 'k', 0,   0,  0,     30,    0,    255, 0x58, 4,
                           3,   2,    24,  8,   0,   144, 60, ticks, ticks, 0x80, 60,  0,    0,
                           255, 0x58, 4,   2,   2,   24,  8,  0,     255,   0x2F, 0};
  put(name, bytes, sizeof bytes);
}

/* Two songs; the second one is in each third file. */
static void put_roll(const char *name, size_t number) {
  char text[4 * FILES + 200];
  int size = snprintf(text, sizeof text, "# first %zu\n60 64\n", number);
  for (size_t i = 0; i < number; ++i) {
    size += snprintf(text + size, sizeof text - (size_t)size, "62\n");
  }
  size += snprintf(text + size, sizeof text - (size_t)size, "# second\n60\n-\n%s67\n",
                   number % 3 ? "61\n" : "");
  put(name, text, (size_t)size);
}

static void name_of(size_t number, char name[24]) {
  snprintf(name, 24, "%03zu.%s", number, number % 2 ? "roll" : "mid");
}

/* Some files are damaged, and one is empty. */
static void put_files(void) {
  for (size_t i = 0; i < FILES; ++i) {
    char name[24];
    name_of(i, name);
    if (i % 2) {
      put_roll(name, i);
    } else if (i % 10 == 4) {
      put(name, "MThd\0\0\0", 7);
    } else {
      put_midi(name, (uint8_t)(i / 2 + 1));
    }
  }
  put("141.mid", "", 0);
}

static void remove_files(void) {
  for (size_t i = 0; i < FILES; ++i) {
    char name[24];
    name_of(i, name);
    assert_int_equal(remove(name), 0);
  }
  assert_int_equal(remove("141.mid"), 0);
}

/* ---- What is read ---- */

typedef struct {
  RsIngest settings;
  RsSongs songs; /* of one process */
  RsIngestReports reports;
  size_t read[RANKS]; /* files, of each process */
  size_t stop_in;     /* process that stops */
} Task;

typedef struct {
  Task *task;
  size_t rank;
} Reader;

static bool count_files(void *context, const RsIngestReport *file, size_t done, size_t files) {
  const Reader *reader = context;
  assert_non_null(file->path);
  assert_int_equal(done, ++reader->task->read[reader->rank]);
  return reader->rank != reader->task->stop_in;
}

static Task task_of(bool planes, size_t stop_in) {
  Task task = {.settings = rs_ingest_defaults(), .stop_in = stop_in};
  task.settings.articulation = task.settings.velocity = planes;
  assert_ok(
      rs_ingest_paths(here, 1, &task.settings, NULL, NULL, NULL, &task.songs, &task.reports, NULL));
  return task;
}

static void clear_task(Task *task) {
  rs_songs_clear(&task->songs);
  rs_ingest_reports_clear(&task->reports);
}

static void same_array(const void *a, const void *b, size_t size) {
  assert_int_equal(!a, !b);
  if (a) {
    assert_memory_equal(a, b, size);
  }
}

static void same_roll(const RsRoll *a, const RsRoll *b) {
  assert_string_equal(a->name, b->name);
  assert_int_equal(a->frames, b->frames);
  same_array(a->on, b->on, a->frames * sizeof *a->on);
  same_array(a->onset, b->onset, a->frames * sizeof *a->onset);
  same_array(a->velocity, b->velocity, a->frames * RS_NOTES);
  assert_int_equal(a->meter_count, b->meter_count);
  same_array(a->meters, b->meters, a->meter_count * sizeof *a->meters);
  assert_int_equal(a->meter_beats, b->meter_beats);
  assert_int_equal(a->to_common, b->to_common);
  assert_int_equal(a->frames_per_beat, b->frames_per_beat);
}

static void same_report(const RsIngestReport *a, const RsIngestReport *b) {
  char first[1024], second[1024];
  assert_int_equal(rs_ingest_report_line(a, first, sizeof first),
                   rs_ingest_report_line(b, second, sizeof second));
  assert_string_equal(first, second);
  assert_int_equal(a->songs, b->songs);
  assert_int_equal(a->error.status, b->error.status);
  assert_int_equal(a->lossy, b->lossy);
}

static void read_and_compare(const RsTransport *transport, void *context) {
  Task *task = context;
  Reader reader = {task, transport->rank};
  RsSongs songs = {0};
  RsIngestReports reports;
  RsError error = {RS_OK, ""};
  assert_ok(rs_songs_read_together(transport, here, 1, &task->settings, NULL, count_files, &reader,
                                   &songs, &reports, &error));
  assert_int_equal(songs.count, task->songs.count);
  for (size_t i = 0; i < songs.count; ++i) {
    same_roll(&songs.rolls[i], &task->songs.rolls[i]);
  }
  assert_int_equal(reports.count, task->reports.count);
  for (size_t i = 0; i < reports.count; ++i) {
    same_report(&reports.files[i], &task->reports.files[i]);
  }
  rs_songs_clear(&songs);
  rs_ingest_reports_clear(&reports);
}

static void each_process_reads_a_share_and_gets_all_songs(void **state) {
  put_files();
  for (size_t count = 1; count <= RANKS; count += count < 4 ? 1 : 4) {
    Task task = task_of(count % 2, SIZE_MAX);
    assert_in_range(task.songs.count, 100, 200);
    run_together(count, read_and_compare, &task);
    size_t sum = 0;
    for (size_t rank = 0; rank < count; ++rank) {
      assert_in_range(task.read[rank], (FILES + 1) / count - 1, (FILES + 1) / count + 2);
      sum += task.read[rank];
    }
    assert_int_equal(sum, FILES + 1);
    clear_task(&task);
  }
  remove_files();
}

/* ---- Errors ---- */

static void expect_status(const RsTransport *transport, void *context, const char *const *paths,
                          RsStatus wanted, const char *message) {
  Task *task = context;
  Reader reader = {task, transport->rank};
  RsSongs songs = {0};
  RsIngestReports reports;
  RsError error = {RS_OK, ""};
  const RsStatus status = rs_songs_read_together(transport, paths, 1, &task->settings, NULL,
                                                 count_files, &reader, &songs, &reports, &error);
  assert_int_equal(status, transport->rank ? RS_ERR_STOPPED : wanted);
  assert_string_equal(error.message, transport->rank ? "" : message);
  assert_int_equal(songs.count, 0);
  rs_ingest_reports_clear(&reports);
}

static void stop(const RsTransport *transport, void *context) {
  expect_status(transport, context, here, RS_ERR_STOPPED, "process 2: stopped on request");
}

static void one_process_that_is_stopped_stops_all(void **state) {
  put_files();
  Task task = task_of(false, 2);
  run_together(4, stop, &task);
  clear_task(&task);
  remove_files();
}

static void read_one_file_less(const RsTransport *transport, void *context) {
  const char *const one[] = {"003.roll"};
  expect_status(transport, context, transport->rank == 1 ? one : here, RS_ERR_FORMAT,
                "process 1: has other files than process 0; give all processes the same files");
}

static void other_files_are_refused(void **state) {
  put_files();
  Task task = task_of(false, SIZE_MAX);
  run_together(3, read_one_file_less, &task);
  clear_task(&task);
  remove_files();
}

static void read_no_song(const RsTransport *transport, void *context) {
  const char *const none[] = {"141.mid"};
  expect_status(transport, context, none, RS_ERR_EMPTY,
                "no readable song among 1 file (*.mid, *.midi, *.kar, *.rmi, *.smf, *.roll)");
}

static void files_without_songs_are_told_once(void **state) {
  put_files();
  Task task = task_of(false, SIZE_MAX);
  run_together(2, read_no_song, &task);
  clear_task(&task);
  remove_files();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      in_folder(each_process_reads_a_share_and_gets_all_songs),
      in_folder(one_process_that_is_stopped_stops_all),
      in_folder(other_files_are_refused),
      in_folder(files_without_songs_are_told_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
