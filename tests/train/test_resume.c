/* A training that was stopped and taken up again is the one that never was. */

#include "folder.h"
#include "training.h"

#include "train/trainer_internal.h"

enum { EPOCHS = 8 };

/* ---- Files ---- */

static void assert_same_files(const char *one, const char *two) {
  FILE *a = fopen(one, "rb"), *b = fopen(two, "rb");
  assert_true(a && b);
  int x = 0, y = 0;
  for (long at = 0; x != EOF || y != EOF; ++at) {
    x = getc(a);
    y = getc(b);
    if (x != y) {
      fail_msg("%s and %s differ from byte %ld on", one, two, at);
    }
  }
  fclose(a);
  fclose(b);
}

static RsTensorFile *tensors_of(const char *path) {
  RsTensorFile *file = NULL;
  assert_ok(rs_tensor_file_load(path, &file, NULL));
  return file;
}

/* Cut `"key":value` out of JSON. */
static void cut_member(char *json, const char *key) {
  char mark[32];
  snprintf(mark, sizeof mark, "\"%s\":", key);
  char *at = strstr(json, mark);
  assert_non_null(at);
  char *end = at + strcspn(at, ",}");
  memmove(at, end, strlen(end) + 1);
}

/* Counters but for the time that they took. */
static char *timeless_counters(const RsTensorFile *file) {
  char *json = strdup(rs_tensor_file_get(file, "counters"));
  cut_member(json, "seconds");
  cut_member(json, "epoch_seconds");
  cut_member(json, "wall");
  return json;
}

static void assert_same_tensors(const RsTensorFile *a, const RsTensorFile *b) {
  assert_int_equal(rs_tensor_file_count(a), rs_tensor_file_count(b));
  for (size_t i = 0; i < rs_tensor_file_count(a); ++i) {
    const RsTensor *t = rs_tensor_file_at(a, i), *u = rs_tensor_file_at(b, i);
    assert_string_equal(t->name, u->name);
    assert_int_equal(t->type, u->type);
    assert_int_equal(t->shape[0], u->shape[0]);
    const size_t width = t->type == RS_TENSOR_U64 ? 8 : 4;
    if (memcmp(t->data, u->data, t->shape[0] * width) != 0) {
      fail_msg("%s differs", t->name);
    }
  }
}

static void assert_same_states(const char *one, const char *two) {
  RsTensorFile *a = tensors_of(one), *b = tensors_of(two);
  char *counters_a = timeless_counters(a), *counters_b = timeless_counters(b);
  assert_string_equal(counters_a, counters_b);
  assert_string_equal(rs_tensor_file_get(a, "settings"), rs_tensor_file_get(b, "settings"));
  assert_string_equal(rs_tensor_file_get(a, "songs"), rs_tensor_file_get(b, "songs"));
  assert_same_tensors(a, b);
  free(counters_a);
  free(counters_b);
  rs_tensor_file_free(a);
  rs_tensor_file_free(b);
}

static void save_as(RsTrainer *trainer, const char *path) {
  RsError error = {RS_OK, ""};
  if (rs_trainer_save(trainer, path, &error)) {
    fail_msg("%s", error.message);
  }
}

static void remove_training(const char *path) {
  char state[64];
  snprintf(state, sizeof state, "%s.state", path);
  remove(path);
  remove(state);
}

static void assert_same_trainings(const char *one, const char *two) {
  char a[64], b[64];
  snprintf(a, sizeof a, "%s.state", one);
  snprintf(b, sizeof b, "%s.state", two);
  assert_same_files(one, two);
  assert_same_states(a, b);
}

/* ---- Stopping and going on ---- */

typedef struct {
  RsSongs train, valid;
} Corpus;

static Corpus corpus(void) {
  return (Corpus){songs_of(TRAIN_TEXT), songs_of(VALID_TEXT)};
}

/* The same songs in bars of four frames. */
static Corpus metred_corpus(void) {
  Corpus c = corpus();
  for (size_t i = 0; i < c.train.count; ++i) {
    assert_ok(rs_roll_add_meter(c.train.rolls + i, 0, 2, 8));
    c.train.rolls[i].meter_beats = 2;
    c.train.rolls[i].meter_unit = 8;
  }
  assert_ok(rs_roll_add_meter(c.valid.rolls, 0, 2, 8));
  return c;
}

static void corpus_clear(Corpus *c) {
  rs_songs_clear(&c->train);
  rs_songs_clear(&c->valid);
}

/* Train to the end in one go, into `path`. */
static void train_through(const RsSettings *settings, const Corpus *c, const RsSongs *valid,
                          const char *path) {
  RsTrainer *trainer = trainer_of(settings, &c->train, valid);
  assert_int_equal(run(trainer, -1), RS_TRAINED_EPOCHS);
  save_as(trainer, path);
  rs_trainer_free(trainer);
}

/* Train, but stop after some updates each time, and go on with a trainer made anew. */
static void train_in_parts(const RsSettings *settings, const Corpus *c, const RsSongs *valid,
                           const int *parts, const char *path) {
  for (size_t i = 0; parts[i]; ++i) {
    RsTrainer *trainer = trainer_of(settings, &c->train, valid);
    if (i) {
      assert_ok(rs_trainer_resume(trainer, path, NULL));
    }
    assert_int_equal(run(trainer, parts[i]), parts[i] > 0 ? RS_TRAINED_SIGNAL : RS_TRAINED_EPOCHS);
    save_as(trainer, path);
    rs_trainer_free(trainer);
  }
}

/* 8 epochs are 20 updates; the first is over after 3, the second after 5, the seventh after 18. */
static void expect_exact_resume_of(const RsSettings *settings, const Corpus *c,
                                   const RsSongs *valid) {
  static const int parts[][5] = {{1, 2, 2, -1}, {17, -1}};
  train_through(settings, c, valid, "whole");
  for (size_t i = 0; i < sizeof parts / sizeof *parts; ++i) {
    train_in_parts(settings, c, valid, parts[i], "parts");
    assert_same_trainings("whole", "parts");
    remove_training("parts");
  }
  remove_training("whole");
}

static void expect_exact_resume(const RsSettings *settings, const RsSongs *valid) {
  Corpus c = corpus();
  expect_exact_resume_of(settings, &c, valid);
  corpus_clear(&c);
}

static void expect_exact_resume_with_all_gradients(RsSettings settings) {
  static const RsGradientChoice gradients[] = {RS_GRADIENT_BPTT, RS_GRADIENT_BLOCK,
                                               RS_GRADIENT_RTRL};
  Corpus c = corpus();
  for (size_t i = 0; i < 6; ++i) {
    settings.train.gradient = gradients[i / 2];
    settings.train.borders = i % 2 ? RS_BORDERS_CARRY : RS_BORDERS_RESET;
    expect_exact_resume(&settings, i == 1 ? NULL : &c.valid);
  }
  corpus_clear(&c);
}

static void a_stop_leaves_no_trace(void **state) {
  expect_exact_resume_with_all_gradients(training_settings(EPOCHS));
}

static void a_stop_leaves_no_trace_in_persistent_chains_and_noise(void **state) {
  RsSettings settings = training_settings(EPOCHS);
  settings.train.cd_k = 1; /* chains that have not forgotten where they were, and big weights */
  settings.train.learning_rate = 0.1;
  settings.train.persistent = 0.4;
  settings.train.from_past = 0.3;
  settings.train.past_noise = 0.2;
  settings.train.own_past = 0.5;
  settings.train.negative_weight = 0.2;
  settings.train.negative_hinge = 3;
  settings.train.negative_from_epoch = 2;
  expect_exact_resume_with_all_gradients(settings);
}

static void a_stop_leaves_no_trace_in_ramps_and_momentum(void **state) {
  RsSettings settings = training_settings(EPOCHS);
  Corpus c = corpus();
  settings.train.optimiser = RS_OPTIMISER_SGD;
  settings.train.average = 0;
  settings.train.pretrain_epochs = 2;
  settings.train.cd_k_ramp_epochs = 5;
  settings.train.anneal_epochs = 4;
  settings.train.weight_decay = 0.1;
  settings.train.validate_every = 2;
  settings.train.patience = 3;
  expect_exact_resume(&settings, &c.valid);
  corpus_clear(&c);
}

static void a_stop_leaves_no_trace_in_gaussian_models(void **state) {
  RsSettings settings = training_settings(EPOCHS);
  Corpus c = corpus();
  settings.model.rbm = RS_RBM_GB;
  settings.roll.velocity = true;
  settings.train.persistent = 1;
  settings.train.learning_rate = 0.001;
  expect_exact_resume(&settings, &c.valid);
  corpus_clear(&c);
}

/* Every part of x(n), with input noise and replay. */
static RsSettings settings_of_all_inputs(bool gaussian) {
  RsSettings settings = training_settings(EPOCHS);
  settings.roll.articulation = true;
  settings.model.metre = settings.model.lookback = true;
  settings.model.plan = settings.model.note_age = true;
  settings.model.rbm = gaussian ? RS_RBM_GB : RS_RBM_BB;
  settings.train.learning_rate = gaussian ? 0.001 : 0.01;
  settings.train.past_noise = 0.1;
  settings.train.own_past = 0.2;
  return settings;
}

static void songs_with_meters_give_a_model_of_all_inputs(void **state) {
  const RsSettings settings = settings_of_all_inputs(false);
  Corpus c = metred_corpus();
  RsTrainer *trainer = trainer_of(&settings, &c.train, &c.valid);
  const RsInputs *inputs = &trainer->model->inputs;
  assert_true(inputs->metre && inputs->lookback && inputs->planned && inputs->note_age);
  rs_trainer_free(trainer);
  corpus_clear(&c);
}

static const RsGradientChoice GRADIENTS[] = {RS_GRADIENT_BPTT, RS_GRADIENT_BLOCK, RS_GRADIENT_RTRL};

static void a_stop_leaves_no_trace_in_models_of_all_inputs(void **state) {
  Corpus c = metred_corpus();
  for (size_t i = 0; i < 6; ++i) {
    RsSettings settings = settings_of_all_inputs(i % 2);
    settings.train.gradient = GRADIENTS[i / 2];
    expect_exact_resume_of(&settings, &c, &c.valid);
  }
  corpus_clear(&c);
}

static void an_early_stop_comes_at_the_same_time(void **state) {
  static const int updates[] = {4, 100};
  RsSettings settings = training_settings(100);
  Corpus c = corpus();
  settings.train.learning_rate = 1e-30; /* nothing moves: no validation is better than the first */
  settings.train.patience = 3;
  for (size_t i = 0; i < 2; ++i) {
    RsTrainer *trainer = trainer_of(&settings, &c.train, &c.valid);
    if (i) {
      assert_ok(rs_trainer_resume(trainer, "m", NULL));
    }
    for (int part = 0; part < 2; ++part) {
      const RsTrainedReason reason = run(trainer, updates[i]);
      assert_int_equal(reason, i ? RS_TRAINED_EARLY_STOP : RS_TRAINED_SIGNAL);
    }
    save_as(trainer, "m");
    assert_int_equal(trainer->counters.epoch, i ? 4 : 3);
    rs_trainer_free(trainer);
  }
  remove_training("m");
  corpus_clear(&c);
}

/* Numbers run out of range after the stop: the good state is that of an epoch before it. */
static void a_stop_leaves_no_trace_in_a_recovery(void **state) {
  const RsSettings settings = training_settings(EPOCHS);
  Corpus c = corpus();
  RsTrainer *whole = trainer_of(&settings, &c.train, &c.valid);
  RsTrainer *parts = trainer_of(&settings, &c.train, &c.valid);
  run(whole, 7);
  save_as(whole, "parts");
  assert_ok(rs_trainer_resume(parts, "parts", NULL));
  whole->parameters.w[0] = parts->parameters.w[0] = NAN;
  run(whole, -1);
  run(parts, -1);
  assert_int_equal(parts->counters.recoveries, 1);
  save_as(whole, "whole");
  save_as(parts, "parts");
  assert_same_trainings("whole", "parts");
  rs_trainer_free(whole);
  rs_trainer_free(parts);
  remove_training("whole");
  remove_training("parts");
  corpus_clear(&c);
}

/* Saves at the end of one epoch, as a program does that may be killed at any time. */
typedef struct {
  RsTrainer *trainer;
  uint64_t epoch;
} SaveAt;

static RsStatus save_at(void *context, const RsEpochReport *report) {
  const SaveAt *at = context;
  if (report->epoch == at->epoch) {
    save_as(at->trainer, "parts");
  }
  return RS_OK;
}

/* The training in "parts", resumed and run to its end, is the one in "whole". */
static void expect_parts_to_make_the_whole(const RsSettings *settings, const Corpus *c) {
  RsTrainer *trainer = trainer_of(settings, &c->train, &c->valid);
  assert_ok(rs_trainer_resume(trainer, "parts", NULL));
  run(trainer, -1);
  save_as(trainer, "parts");
  rs_trainer_free(trainer);
  assert_same_trainings("whole", "parts");
}

static void what_was_saved_at_an_epochs_end_goes_on_the_same(void **state) {
  const RsSettings settings = training_settings(EPOCHS);
  Corpus c = corpus();
  for (uint64_t epoch = 1; epoch <= EPOCHS; ++epoch) {
    SaveAt at = {trainer_of(&settings, &c.train, &c.valid), epoch};
    const RsTrainHooks hooks = {.epoch = save_at, .context = &at};
    RsTrainedReason reason = RS_TRAINED_SIGNAL;
    assert_ok(rs_trainer_run(at.trainer, &hooks, &reason, NULL));
    save_as(at.trainer, "whole");
    rs_trainer_free(at.trainer);
    expect_parts_to_make_the_whole(&settings, &c);
  }
  remove_training("whole");
  remove_training("parts");
  corpus_clear(&c);
}

static void more_epochs_go_on_from_the_end(void **state) {
  RsSettings settings = training_settings(EPOCHS), shorter = settings;
  Corpus c = corpus();
  train_through(&settings, &c, &c.valid, "whole");
  shorter.train.epochs = 3;
  shorter.train.minutes = 100;
  shorter.train.threads = 2;
  train_through(&shorter, &c, &c.valid, "parts");
  expect_parts_to_make_the_whole(&settings, &c);
  remove_training("whole");
  remove_training("parts");
  corpus_clear(&c);
}

static void expect_the_same_with_any_threads(RsSettings settings, const Corpus *c) {
  settings.train.streams = 32; /* four groups */
  train_through(&settings, c, &c->valid, "one");
  for (int threads = 2; threads <= 4; threads += 2) {
    settings.train.threads = threads;
    train_through(&settings, c, &c->valid, "many");
    assert_same_trainings("one", "many");
  }
  remove_training("one");
  remove_training("many");
}

static void threads_never_change_a_result(void **state) {
  RsSettings settings = training_settings(EPOCHS);
  Corpus c = corpus();
  settings.train.negative_weight = 0.1;
  expect_the_same_with_any_threads(settings, &c);
  corpus_clear(&c);
}

static void threads_never_change_a_model_of_all_inputs(void **state) {
  Corpus c = metred_corpus();
  for (size_t i = 0; i < 6; ++i) {
    RsSettings settings = settings_of_all_inputs(i % 2);
    settings.train.gradient = GRADIENTS[i / 2];
    settings.train.epochs = 4;
    expect_the_same_with_any_threads(settings, &c);
  }
  corpus_clear(&c);
}

static RsRnnLearner *learner_of(const RsTrainer *trainer, size_t group) {
  return rs_rnnrbm_learner_rnn(trainer->groups[group].learner);
}

/* dr/dw is all that RTRL carries beside a flag and the state. */
static size_t size_of_dr_dw(const RsSettings *settings, const Corpus *c) {
  RsSettings other = *settings;
  other.train.gradient = RS_GRADIENT_RTRL;
  RsTrainer *trainer = trainer_of(&other, &c->train, &c->valid);
  const size_t state = rs_rnn_state_size(rs_rnnrbm_rnn(trainer->model->net));
  const size_t size = rs_rnn_learner_carry_size(learner_of(trainer, 0));
  const size_t rest = trainer->groups[0].batch.streams * (1 + state);
  rs_trainer_free(trainer);
  return size - rest;
}

static void a_carry_that_has_grown_goes_on_with_its_size(void **state) {
  Corpus c = corpus();
  const RsSettings settings = training_settings(EPOCHS);
  const size_t more = size_of_dr_dw(&settings, &c);
  RsTrainer *one = trainer_of(&settings, &c.train, &c.valid);
  RsTrainer *two = trainer_of(&settings, &c.train, &c.valid);
  run(one, 7);
  const size_t size = rs_rnn_learner_carry_size(learner_of(one, 0));
  assert_ok(rs_rnn_learner_carry_resize(learner_of(one, 0), size + more));
  save_as(one, "grown");
  assert_ok(rs_trainer_resume(two, "grown", NULL));
  assert_int_equal(rs_rnn_learner_carry_size(learner_of(two, 0)), size + more);
  run(one, -1);
  run(two, -1);
  save_as(one, "whole");
  save_as(two, "parts");
  assert_same_trainings("whole", "parts");
  rs_trainer_free(one);
  rs_trainer_free(two);
  remove_training("grown");
  remove_training("whole");
  remove_training("parts");
  corpus_clear(&c);
}

/* ---- What is refused, and changes nothing ---- */

/* Try to resume in vain; then train on, and end where a trainer ends that never tried. */
typedef struct {
  Corpus c;
  RsSettings settings;
  RsTrainer *trainer;
} Trial;

static void trial_begin(Trial *t) {
  t->c = corpus();
  t->settings = training_settings(EPOCHS);
  RsTrainer *trainer = trainer_of(&t->settings, &t->c.train, &t->c.valid);
  run(trainer, 7);
  save_as(trainer, "old");
  rs_trainer_free(trainer);
  train_through(&t->settings, &t->c, &t->c.valid, "whole");
  t->trainer = trainer_of(&t->settings, &t->c.train, &t->c.valid);
}

static void trial_end(Trial *t) {
  run(t->trainer, -1);
  save_as(t->trainer, "tried");
  assert_same_trainings("whole", "tried");
  rs_trainer_free(t->trainer);
  remove_training("old");
  remove_training("whole");
  remove_training("tried");
  corpus_clear(&t->c);
}

static void assert_no_resume(RsTrainer *trainer, RsStatus status, const char *message) {
  RsError error = {RS_OK, ""};
  assert_int_equal(rs_trainer_resume(trainer, "old", &error), status);
  assert_string_equal(error.message, message);
}

/* A file in which a byte is wrong; where, and what it breaks, is not always the same. */
static void assert_damaged(RsTrainer *trainer, const char *beginning) {
  RsError error = {RS_OK, ""};
  assert_int_equal(rs_trainer_resume(trainer, "old", &error), RS_ERR_FORMAT);
  error.message[strlen(beginning)] = '\0';
  assert_string_equal(error.message, beginning);
}

static void flip(const char *path, long at) {
  FILE *stream = fopen(path, "r+b");
  assert_non_null(stream);
  assert_int_equal(fseek(stream, at, SEEK_SET), 0);
  const int byte = getc(stream);
  assert_int_equal(fseek(stream, at, SEEK_SET), 0);
  putc(byte ^ 4, stream);
  fclose(stream);
}

static long size_of(const char *path) {
  FILE *stream = fopen(path, "rb");
  assert_non_null(stream);
  fseek(stream, 0, SEEK_END);
  const long size = ftell(stream);
  fclose(stream);
  return size;
}

static void damaged_files_are_refused(void **state) {
  static const char *const paths[] = {"old.state", "old"};
  static const char *const beginnings[] = {"cannot resume: old.state: ", "old: "};
  Trial t;
  trial_begin(&t);
  for (size_t i = 0; i < 2; ++i) {
    const long size = size_of(paths[i]);
    for (long at = 0; at < size; at += 97) {
      flip(paths[i], at);
      assert_damaged(t.trainer, beginnings[i]);
      flip(paths[i], at);
    }
  }
  remove("old.state");
  assert_no_resume(
      t.trainer, RS_ERR_READ,
      "cannot resume: cannot read old.state: No such file or directory; train without --resume");
  trial_end(&t);
}

/* Values that 4 streams of 5 recurrent units have in a carry before the count of past blocks. */
enum { BEFORE_BLOCKS = 4 * (1 + 5) };

/* A number that no state has: a place beyond the songs, or more past blocks than are kept. */
static void spoil(const RsTensor *t) {
  if (t->type == RS_TENSOR_U64) {
    ((uint64_t *)t->data)[1] = 99;
  } else {
    ((float *)t->data)[BEFORE_BLOCKS] = 65;
  }
}

/* Write the state anew with a good checksum, without one tensor, with another one spoilt, or with
   other settings; NULL: its own. */
static void forge_all(const char *without, const char *spoilt, const char *settings) {
  RsTensorFile *old = tensors_of("old.state"), *new = NULL;
  assert_ok(rs_tensor_file_new(&new));
  for (size_t i = 0; i < rs_tensor_file_count(old); ++i) {
    const RsTensor *t = rs_tensor_file_at(old, i);
    if (!strcmp(t->name, spoilt)) {
      spoil(t);
    }
    if (strcmp(t->name, without) != 0) {
      assert_ok(rs_tensor_file_add(new, t));
    }
  }
  const char *key = NULL;
  for (size_t i = 0; (key = rs_tensor_file_key(old, i)); ++i) {
    const bool replaced = settings && !strcmp(key, "settings");
    assert_ok(rs_tensor_file_set(new, key, replaced ? settings : rs_tensor_file_get(old, key)));
  }
  assert_ok(rs_tensor_file_save(new, "old.state", NULL));
  rs_tensor_file_free(old);
  rs_tensor_file_free(new);
}

static void forge(const char *without, const char *spoilt) {
  forge_all(without, spoilt, NULL);
}

/* The settings that the state has, with more room behind them. */
static char *settings_of_state(void) {
  RsTensorFile *file = tensors_of("old.state");
  char *json = calloc(2, strlen(rs_tensor_file_get(file, "settings")) + 100);
  strcpy(json, rs_tensor_file_get(file, "settings"));
  rs_tensor_file_free(file);
  return json;
}

/* Put text behind the beginning of a section. */
static void add_member(char *json, const char *section, const char *member) {
  char mark[32];
  snprintf(mark, sizeof mark, "\"%s\":{", section);
  char *at = strstr(json, mark);
  assert_non_null(at);
  at += strlen(mark);
  memmove(at + strlen(member), at, strlen(at) + 1);
  memcpy(at, member, strlen(member));
}

static void a_state_without_a_key_that_came_later_goes_on(void **state) {
  Trial t;
  trial_begin(&t);
  char *json = settings_of_state();
  cut_member(json, "anneal_epochs");
  char *comma = strstr(json, ",,");
  assert_non_null(comma);
  memmove(comma, comma + 1, strlen(comma));
  forge_all("", "", json);
  assert_ok(rs_trainer_resume(t.trainer, "old", NULL));
  free(json);
  trial_end(&t);
}

static void a_key_that_is_unknown_here_is_named(void **state) {
  Trial t;
  trial_begin(&t);
  char *json = settings_of_state();
  add_member(json, "train", "\"strange\":1,");
  forge_all("", "", json);
  assert_no_resume(t.trainer, RS_ERR_FORMAT, "old.state: bad settings: train.strange: no such key");
  free(json);
  trial_end(&t);
}

static void keys_that_change_no_training_are_passed_over(void **state) {
  Trial t;
  trial_begin(&t);
  char *json = settings_of_state();
  add_member(json, "generate", "\"strange\":1,");
  add_member(json, "evaluate", "\"strange\":1,");
  forge_all("", "", json);
  RsSettings other = t.settings;
  assert_ok(rs_settings_assign(&other, "evaluate.chains=9", NULL));
  assert_ok(rs_settings_assign(&other, "generate.bars=9", NULL));
  RsTrainer *trainer = trainer_of(&other, &t.c.train, &t.c.valid);
  assert_ok(rs_trainer_resume(trainer, "old", NULL));
  rs_trainer_free(trainer);
  free(json);
  trial_end(&t);
}

static void saved_settings_are_those_of_the_model(void **state) {
  Trial t;
  trial_begin(&t);
  RsSettings saved;
  RsError error;
  assert_ok(rs_trainer_saved_settings("old", &saved, NULL));
  char *ours = NULL, *theirs = NULL;
  assert_ok(rs_settings_to_json(&t.settings, &ours));
  assert_ok(rs_settings_to_json(&saved, &theirs));
  assert_string_equal(theirs, ours);
  remove("old.state");
  assert_int_equal(rs_trainer_saved_settings("old", &saved, &error), RS_ERR_READ);
  assert_string_equal(
      error.message,
      "cannot resume: cannot read old.state: No such file or directory; train without --resume");
  free(ours);
  free(theirs);
  trial_end(&t);
}

static void a_state_with_a_part_missing_is_refused(void **state) {
  static const char *const names[] = {"parameters", "optimiser.1", "position", "carry.1",
                                      "chains.1"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    Trial t;
    trial_begin(&t);
    forge(names[i], "");
    char message[64];
    snprintf(message, sizeof message, "old.state: damaged: tensor %s is missing", names[i]);
    assert_no_resume(t.trainer, RS_ERR_FORMAT, message);
    trial_end(&t);
  }
}

static void a_state_of_no_place_in_the_songs_is_refused(void **state) {
  Trial t;
  trial_begin(&t);
  forge("", "position");
  assert_no_resume(t.trainer, RS_ERR_FORMAT, "old.state: does not belong to these songs");
  trial_end(&t);
}

static void a_state_of_no_past_blocks_like_these_is_refused(void **state) {
  Trial t;
  trial_begin(&t);
  forge("", "carry.1");
  assert_no_resume(t.trainer, RS_ERR_FORMAT,
                   "old.state: damaged: carry.1 is of no recurrent net like this one");
  trial_end(&t);
}

static void assert_other_settings(RsTrainer *trainer, const char *path, const char *what) {
  char message[256];
  snprintf(message, sizeof message,
           "%s: was made with other settings, %s; give the same ones, or train without --resume",
           path, what);
  assert_no_resume(trainer, RS_ERR_FORMAT, message);
}

static void other_settings_are_refused(void **state) {
  static const char *const changes[][2] = {
      {"train.learning_rate=0.02", "train.learning_rate = 0.01 and not 0.02"},
      {"model.hidden=7", "model.hidden = 6 and not 7"},
      {"train.seed=2", "train.seed = 1 and not 2"},
      {"train.cd_k=4", "train.cd_k = 3 and not 4"},
      {"roll.low=59", "roll.low = 60 and not 59"}};
  Trial t;
  trial_begin(&t);
  for (size_t i = 0; i < sizeof changes / sizeof *changes; ++i) {
    RsSettings other = t.settings;
    assert_ok(rs_settings_assign(&other, changes[i][0], NULL));
    RsTrainer *trainer = trainer_of(&other, &t.c.train, &t.c.valid);
    assert_other_settings(trainer, "old.state", changes[i][1]);
    rs_trainer_free(trainer);
  }
  trial_end(&t);
}

static void a_model_of_another_training_is_refused(void **state) {
  Trial t;
  trial_begin(&t);
  RsSettings other = t.settings;
  other.train.seed = 99;
  RsTrainer *trainer = trainer_of(&other, &t.c.train, &t.c.valid);
  assert_ok(rs_model_save(rs_trainer_model(trainer), "old", NULL));
  rs_trainer_free(trainer);
  assert_other_settings(t.trainer, "old", "train.seed = 99 and not 1");
  trial_end(&t);
}

static void expect_other_songs(const Trial *t, const RsSongs *train, const RsSongs *valid) {
  RsTrainer *trainer = trainer_of(&t->settings, train, valid);
  assert_no_resume(
      trainer, RS_ERR_FORMAT,
      "old.state: was made with other songs; give the same ones, or train without --resume");
  rs_trainer_free(trainer);
}

static void other_songs_are_refused(void **state) {
  Trial t;
  trial_begin(&t);
  Corpus other = corpus();
  expect_other_songs(&t, &other.train, NULL);
  rs_frame_set(other.train.rolls[2].on + 5, 71);
  expect_other_songs(&t, &other.train, &other.valid);
  corpus_clear(&other);
  other = corpus();
  other.train.rolls[1].bpm = 97;
  expect_other_songs(&t, &other.train, &other.valid);
  corpus_clear(&other);
  other.train = songs_of(TRAIN_TEXT VALID_TEXT); /* the same row of songs, split elsewhere */
  expect_other_songs(&t, &other.train, NULL);
  rs_songs_clear(&other.train);
  trial_end(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      in_folder(a_stop_leaves_no_trace),
      in_folder(a_stop_leaves_no_trace_in_persistent_chains_and_noise),
      in_folder(a_stop_leaves_no_trace_in_ramps_and_momentum),
      in_folder(a_stop_leaves_no_trace_in_gaussian_models),
      in_folder(songs_with_meters_give_a_model_of_all_inputs),
      in_folder(a_stop_leaves_no_trace_in_models_of_all_inputs),
      in_folder(an_early_stop_comes_at_the_same_time),
      in_folder(a_stop_leaves_no_trace_in_a_recovery),
      in_folder(what_was_saved_at_an_epochs_end_goes_on_the_same),
      in_folder(more_epochs_go_on_from_the_end),
      in_folder(threads_never_change_a_result),
      in_folder(threads_never_change_a_model_of_all_inputs),
      in_folder(a_carry_that_has_grown_goes_on_with_its_size),
      in_folder(damaged_files_are_refused),
      in_folder(a_state_with_a_part_missing_is_refused),
      in_folder(a_state_of_no_place_in_the_songs_is_refused),
      in_folder(a_state_of_no_past_blocks_like_these_is_refused),
      in_folder(other_settings_are_refused),
      in_folder(a_state_without_a_key_that_came_later_goes_on),
      in_folder(a_key_that_is_unknown_here_is_named),
      in_folder(keys_that_change_no_training_are_passed_over),
      in_folder(saved_settings_are_those_of_the_model),
      in_folder(a_model_of_another_training_is_refused),
      in_folder(other_songs_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
