/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include <rollsmith/train_log.h>

#include <string.h>

#define PATH "test_train_log.tmp"

static const RsEpochReport first = {1,   10,   6400, 0.5, 0.75,  12800, 0.001,
                                    2.5, 9.25, NAN,  NAN, false, false};
static const RsEpochReport second = {2,   20,  12800, 1,     1.5,  12800, 0.001,
                                     1.5, 8.5, -7.75, 0.875, true, false};

static void write_log(bool ended) {
  RsSettings settings;
  RsTrainLog *log = NULL;
  rs_settings_init(&settings);
  settings.train.seed = 42;
  const RsTrainStart start = {&settings, 3, 640, 1, 100, 12345};
  assert_ok(rs_train_log_open(PATH, false, &log, NULL));
  assert_ok(rs_train_log_start(log, &start, NULL));
  assert_ok(rs_train_log_epoch(log, &first, NULL));
  assert_ok(rs_train_log_epoch(log, &second, NULL));
  if (ended) {
    assert_ok(rs_train_log_end(log, RS_TRAINED_EARLY_STOP, 1, 12800, NULL));
  }
  rs_train_log_close(log);
}

static void add_text(const char *mode, const char *text) {
  FILE *file = fopen(PATH, mode);
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static void what_is_written_is_read(void **state) {
  RsTrainHistory history;
  write_log(true);
  assert_ok(rs_train_history_read(PATH, &history, NULL));
  assert_int_equal(history.seed, 42);
  assert_int_equal(history.start.songs, 3);
  assert_int_equal(history.start.frames, 640);
  assert_int_equal(history.start.valid_songs, 1);
  assert_int_equal(history.start.valid_frames, 100);
  assert_int_equal(history.start.parameters, 12345);
  assert_int_equal(history.count, 2);
  assert_true(isnan(history.epochs[0].valid_ll));
  const RsEpochReport *read = &history.epochs[1];
  assert_int_equal(read->epoch, second.epoch);
  assert_int_equal(read->updates, second.updates);
  assert_int_equal(read->frames, second.frames);
  assert_close(read->seconds, second.seconds, 0);
  assert_close(read->frames_per_second, second.frames_per_second, 0);
  assert_close(read->learning_rate, second.learning_rate, 0);
  assert_close(read->gradient_norm, second.gradient_norm, 0);
  assert_close(read->train_cost, second.train_cost, 0);
  assert_close(read->valid_ll, second.valid_ll, 0);
  assert_close(read->free_run, second.free_run, 0);
  assert_true(read->best);
  assert_string_equal(history.reason, "early-stop");
  rs_train_history_clear(&history);
  remove(PATH);
}

static const char *start_line(void) {
  static char line[8192];
  RsSettings settings;
  char *json = NULL;
  rs_settings_init(&settings);
  settings.train.seed = 42;
  assert_ok(rs_settings_to_json(&settings, &json));
  snprintf(line, sizeof line,
           "{\"event\":\"start\",\"settings\":%s,\"songs\":3,\"frames\":640,\"valid_songs\":1,"
           "\"valid_frames\":100,\"parameters\":12345,\"seed\":42}\n",
           json);
  free(json);
  return line;
}

static void the_lines_are_those_of_the_contract(void **state) {
  static const char epoch[] =
      "{\"event\":\"epoch\",\"epoch\":1,\"updates\":10,\"frames\":6400,\"seconds\":0.5,"
      "\"frames_per_second\":12800.0,\"learning_rate\":0.001,\"gradient_norm\":2.5,"
      "\"train_cost\":9.25,\"valid_ll\":null,\"free_run\":null,\"best\":false}\n";
  static const char end[] =
      "{\"event\":\"end\",\"reason\":\"early-stop\",\"seconds\":1.0,\"frames\":12800}\n";
  char line[8192];
  write_log(true);
  FILE *file = fopen(PATH, "r");
  assert_non_null(file);
  assert_non_null(fgets(line, sizeof(line), file));
  assert_string_equal(line, start_line());
  assert_non_null(fgets(line, sizeof(line), file));
  assert_string_equal(line, epoch);
  assert_non_null(fgets(line, sizeof(line), file));
  assert_non_null(fgets(line, sizeof(line), file));
  assert_string_equal(line, end);
  assert_null(fgets(line, sizeof(line), file));
  fclose(file);
  remove(PATH);
}

static void a_log_that_is_gone_on_with_keeps_what_it_has(void **state) {
  RsTrainHistory history;
  RsTrainLog *log = NULL;
  write_log(true);
  assert_ok(rs_train_log_open(PATH, true, &log, NULL));
  assert_ok(rs_train_log_epoch(log, &second, NULL));
  rs_train_log_close(log);
  assert_ok(rs_train_history_read(PATH, &history, NULL));
  assert_int_equal(history.count, 3);
  assert_string_equal(history.reason, "");
  rs_train_history_clear(&history);
  remove(PATH);
}

static void a_last_line_that_is_cut_short_is_left_out(void **state) {
  RsTrainHistory history;
  write_log(false);
  add_text("a", "{\"event\":\"epo");
  assert_ok(rs_train_history_read(PATH, &history, NULL));
  assert_int_equal(history.count, 2);
  assert_string_equal(history.reason, "");
  rs_train_history_clear(&history);
  remove(PATH);
}

static void what_is_no_log_is_refused_with_its_line(void **state) {
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"words", PATH ":1: not a line of a training log"},
      {"{\"event\":\"epoch\"}\nwords\n", PATH ":2: not a line of a training log"},
      {"{\"event\":7}\n", PATH ":1: not a line of a training log"},
      {"[]\n", PATH ":1: not a line of a training log"},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    RsTrainHistory history;
    RsError error = {RS_OK, ""};
    add_text("w", cases[i].text);
    assert_int_equal(rs_train_history_read(PATH, &history, &error), RS_ERR_FORMAT);
    assert_string_equal(error.message, cases[i].message);
    rs_train_history_clear(&history);
  }
  remove(PATH);
}

static void a_log_that_cannot_be_written_is_said(void **state) {
  RsTrainLog *log = NULL;
  RsError error = {RS_OK, ""};
  assert_int_equal(rs_train_log_open("/no/such/log", false, &log, &error), RS_ERR_IO);
  assert_string_equal(error.message, "cannot write /no/such/log: No such file or directory");
  assert_ok(rs_train_log_open("/dev/full", false, &log, &error));
  assert_int_equal(rs_train_log_epoch(log, &first, &error), RS_ERR_IO);
  assert_string_equal(error.message, "cannot write /dev/full: No space left on device");
  rs_train_log_close(log);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_written_is_read),
      cmocka_unit_test(the_lines_are_those_of_the_contract),
      cmocka_unit_test(a_log_that_is_gone_on_with_keeps_what_it_has),
      cmocka_unit_test(a_last_line_that_is_cut_short_is_left_out),
      cmocka_unit_test(what_is_no_log_is_refused_with_its_line),
      cmocka_unit_test(a_log_that_cannot_be_written_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
