/* SPDX-License-Identifier: ISC */

/* Trainings of several processes, which are threads here. */

#include "folder.h"
#include "resumed.h"
#include "together.h"

#include "train/trainer_processes.h"

/* ---- Shares and agreement ---- */

static void shares_are_consecutive_and_have_owners(void **state) {
  for (size_t size = 1; size <= RANKS; ++size) {
    const RsTransport transport = {.size = size};
    for (size_t count = 0; count <= 2 * RANKS + 1; ++count) {
      size_t next = 0;
      for (size_t rank = 0; rank < size; ++rank) {
        const RsPiece share = rs_share_of(&transport, rank, count);
        assert_int_equal(share.offset, next);
        assert_int_equal(share.size / (count / size + 1), count % size > rank);
        for (size_t i = 0; i < share.size; ++i) {
          assert_int_equal(rs_owner_of(&transport, next + i, count), rank);
        }
        next += share.size;
      }
      assert_int_equal(next, count);
    }
  }
}

static void fail_in_process_two(const RsTransport *transport, void *context) {
  RsError error = {RS_OK, ""};
  RsStatus status = transport->rank >= 2
                        ? rs_error(&error, RS_ERR_FORMAT, "song %zu is damaged", transport->rank)
                        : RS_OK;
  status = rs_agree(transport, status, &error);
  assert_int_equal(status, transport->rank ? RS_ERR_STOPPED : RS_ERR_FORMAT);
  assert_string_equal(error.message, transport->rank ? "" : "process 2: song 2 is damaged");
  assert_ok(rs_agree(transport, RS_OK, &error));
}

static void the_first_error_is_reported_by_process_0_alone(void **state) {
  run_together(4, fail_in_process_two, NULL);
}

/* ---- Trainings ---- */

/* What a process does with its trainer. */
typedef struct {
  const RsSettings *settings;
  const Corpus *corpus;
  const char *from; /* resumed from here; NULL: from the beginning */
  const char *to;   /* saved here */
  int updates;      /* process `stopper` stops after so many; -1: to the end */
  size_t stopper;
} Task;

/* All that groups carry from update to update: recurrent states, persistent chains, and passages,
 * which are looked for twice. */
static RsSettings settings_of_groups(int groups) {
  RsSettings settings = training_settings(28);
  settings.train.validate_every = 4;
  settings.train.free_run_frames = 64;
  settings.train.groups = groups;
  settings.train.persistent = 0.5;
  settings.train.own_past = 0.5;
  settings.train.past_noise = 0.1;
  settings.train.borders = RS_BORDERS_CARRY;
  settings.model.recurrent = 40; /* so that parameters are more than one lot */
  settings.model.hidden = 30;
  return settings;
}

/* Several songs to validate with, for several processes. */
static Corpus several_songs(void) {
  return (Corpus){songs_of(TRAIN_TEXT), songs_of(TRAIN_TEXT VALID_TEXT)};
}

static void train_in_process(const RsTransport *transport, void *context) {
  const Task *task = context;
  RsError error = {RS_OK, ""};
  RsTrainer *trainer = trainer_of(task->settings, &task->corpus->train, &task->corpus->valid);
  assert_ok(rs_trainer_join(trainer, transport, &error));
  if (task->from) {
    assert_ok(rs_trainer_resume(trainer, task->from, &error));
  }
  const bool stops = task->updates >= 0;
  const RsTrainedReason reason =
      run(trainer, stops && transport->rank == task->stopper ? task->updates : -1);
  assert_int_equal(reason, stops ? RS_TRAINED_SIGNAL : RS_TRAINED_EPOCHS);
  save_as(trainer, task->to);
  rs_trainer_free(trainer);
}

static void several_processes_train_what_one_trains(void **state) {
  Corpus c = several_songs();
  const RsSettings settings = settings_of_groups(4);
  train_through(&settings, &c, &c.valid, "one.model");
  for (size_t count = 1; count <= RANKS; count += count < 4 ? 1 : 4) {
    Task task = {.settings = &settings, .corpus = &c, .to = "several.model", .updates = -1};
    run_together(count, train_in_process, &task);
    assert_same_trainings("one.model", "several.model");
    remove_training("several.model");
  }
  remove_training("one.model");
  corpus_clear(&c);
}

static void training_goes_on_with_another_number_of_processes(void **state) {
  Corpus c = several_songs();
  const RsSettings settings = settings_of_groups(4);
  train_through(&settings, &c, &c.valid, "one.model");
  Task task = {.settings = &settings, .corpus = &c, .to = "part.model", .updates = 7, .stopper = 2};
  run_together(3, train_in_process, &task);
  task = (Task){.settings = &settings,
                .corpus = &c,
                .from = "part.model",
                .to = "part.model",
                .updates = 5,
                .stopper = 0};
  run_together(2, train_in_process, &task);
  task = (Task){
      .settings = &settings, .corpus = &c, .from = "part.model", .to = "part.model", .updates = -1};
  run_together(1, train_in_process, &task);
  assert_same_trainings("one.model", "part.model");
  remove_training("one.model");
  remove_training("part.model");
  corpus_clear(&c);
}

static void join_with_other_songs(const RsTransport *transport, void *context) {
  const Corpus *c = context;
  const RsSettings settings = settings_of_groups(4);
  RsError error = {RS_OK, ""};
  RsTrainer *trainer = trainer_of(&settings, &c->train, transport->rank == 1 ? NULL : &c->valid);
  const RsStatus status = rs_trainer_join(trainer, transport, &error);
  assert_int_equal(status, transport->rank ? RS_ERR_STOPPED : RS_ERR_FORMAT);
  assert_string_equal(error.message,
                      transport->rank ? ""
                                      : "process 1: has read other songs than process 0; give all "
                                        "processes the same files");
  rs_trainer_free(trainer);
}

static void a_process_with_other_songs_is_refused(void **state) {
  Corpus c = several_songs();
  run_together(3, join_with_other_songs, &c);
  corpus_clear(&c);
}

static void save_in_no_folder(const RsTransport *transport, void *context) {
  const Corpus *c = context;
  const RsSettings settings = settings_of_groups(4);
  RsError error = {RS_OK, ""};
  RsTrainer *trainer = trainer_of(&settings, &c->train, NULL);
  assert_ok(rs_trainer_join(trainer, transport, &error));
  const RsStatus status = rs_trainer_save(trainer, "no-folder/one.model", &error);
  assert_int_equal(status, transport->rank ? RS_ERR_STOPPED : RS_ERR_IO);
  rs_trainer_free(trainer);
}

static void a_failed_save_ends_all_processes(void **state) {
  Corpus c = several_songs();
  run_together(2, save_in_no_folder, &c);
  corpus_clear(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shares_are_consecutive_and_have_owners),
      cmocka_unit_test(the_first_error_is_reported_by_process_0_alone),
      in_folder(several_processes_train_what_one_trains),
      in_folder(training_goes_on_with_another_number_of_processes),
      cmocka_unit_test(a_process_with_other_songs_is_refused),
      in_folder(a_failed_save_ends_all_processes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
