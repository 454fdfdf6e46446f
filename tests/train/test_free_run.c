/* SPDX-License-Identifier: ISC */

/* Free runs: what is measured while a model is trained, and the say it has in which one is kept. */

#include "training.h"

#include "train/trainer_internal.h"

#include <rollsmith/evaluator.h>
#include <rollsmith/generator.h>

#include <math.h>

enum { RUNS = 24, FRAMES = 256 };

static RsSettings free_run_settings(void) {
  RsSettings settings = training_settings(12);
  settings.train.free_run_frames = FRAMES;
  settings.generate.gibbs_steps = 10;
  return settings;
}

/* 24 songs of the model by hand, compared with those that it learned. */
static RsFreeRun by_hand(const RsTrainer *trainer, const RsSongs *songs) {
  RsGenerateSettings settings = trainer->model->settings.generate;
  RsSongs music = {0};
  RsStyle *style = NULL;
  RsStyleComparison c;
  settings.temperature = 1;
  settings.max_polyphony = settings.burn_in = 0;
  for (uint64_t i = 0; i < RUNS; ++i) {
    RsGenerator *generator = NULL;
    RsRoll roll;
    assert_ok(rs_generator_new(trainer->model, &settings, trainer->model->settings.train.seed + i,
                               &generator, NULL));
    assert_ok(rs_generator_song(generator, NULL, FRAMES, &roll));
    assert_ok(rs_songs_add(&music, &roll));
    rs_generator_free(generator);
  }
  assert_ok(rs_style_new(songs, false, &style));
  assert_ok(rs_style_compare(style, &music, &c));
  rs_style_free(style);
  rs_songs_clear(&music);
  return (RsFreeRun){c.of_ceiling, fmax(c.copies.run16 - c.copies_songs.run16, 0)};
}

static void assert_same_run(const RsFreeRun *a, const RsFreeRun *b) {
  assert_close(a->of_ceiling, b->of_ceiling, 1e-12);
  assert_close(a->copies, b->copies, 1e-12);
}

/* Songs of independent notes, as a new model plays them: inside the bands more often than not. */
static RsSongs loose_songs(void) {
  RsSongs songs = {0};
  for (size_t song = 0; song < 8; ++song) {
    RsRoll roll;
    assert_ok(rs_roll_init(&roll, NULL, 256, RS_PLANE_NONE));
    for (size_t n = 0; n < roll.frames; ++n) {
      uint32_t words[12];
      rs_rng_words((RsRng){5, RS_STREAM_TEST}, 12 * (256 * song + n), 12, words);
      for (int i = 0; i < 12; ++i) {
        if (words[i] >> 30 == 0) {
          rs_frame_set(&roll.on[n], 60 + i);
        }
      }
    }
    assert_ok(rs_songs_add(&songs, &roll));
  }
  return songs;
}

static void a_free_run_is_compared_with_the_songs(void **state) {
  const RsSettings settings = free_run_settings();
  RsSongs songs = loose_songs();
  RsTrainer *trainer = trainer_of(&settings, &songs, NULL);
  RsFreeRun run;
  assert_ok(rs_trainer_free_run(trainer, trainer->model->w, &run));
  print_message("%.4f of the ceiling\n", run.of_ceiling);
  assert_true(run.of_ceiling > 0);
  const RsFreeRun wanted = by_hand(trainer, &songs);
  assert_same_run(&run, &wanted);
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

/* What shapes a song for listeners is not to make a model look better than it is. */
static void nothing_damps_a_free_run(void **state) {
  RsSettings settings = free_run_settings();
  RsSongs songs = loose_songs();
  settings.generate.temperature = 0.1;
  settings.generate.max_polyphony = 1;
  settings.generate.burn_in = 7;
  RsTrainer *trainer = trainer_of(&settings, &songs, NULL);
  RsFreeRun run;
  assert_ok(rs_trainer_free_run(trainer, trainer->model->w, &run));
  const RsFreeRun wanted = by_hand(trainer, &songs);
  assert_same_run(&run, &wanted);
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

static void no_frames_are_no_number(void **state) {
  RsSettings settings = free_run_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.train.free_run_frames = 0;
  RsTrainer *trainer = trainer_of(&settings, &songs, NULL);
  RsFreeRun run = {0, 0};
  assert_ok(rs_trainer_free_run(trainer, trainer->parameters.w, &run));
  assert_true(isnan(run.of_ceiling) && isnan(run.copies));
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

/* ---- The choice of the best ---- */

typedef struct {
  double weight, best;
  size_t swayed; /* reports that were the best and would not have been, or the other way round */
  double best_ll;
} Choice;

static RsStatus judge_report(void *context, const RsEpochReport *report) {
  Choice *choice = context;
  const double score = report->valid_ll - choice->weight * fmax(1 - report->free_run, 0);
  assert_true(report->free_run >= 0);
  assert_int_equal(report->best, score > choice->best);
  choice->swayed += report->best != (report->valid_ll > choice->best_ll);
  choice->best = fmax(choice->best, score);
  choice->best_ll = fmax(choice->best_ll, report->valid_ll);
  return RS_OK;
}

/* What is validated is the mean of what either side says, of 1,024 frames at most. */
static RsStatus compare_sides(void *context, const RsEpochReport *report) {
  RsTrainer *trainer = *(RsTrainer **)context;
  const RsTrainSettings *train = &trainer->model->settings.train;
  const RsEvaluationSettings settings = {.chains = (size_t)train->ais_chains,
                                         .betas = (size_t)train->ais_betas,
                                         .reverse = true,
                                         .gibbs_steps = (size_t)train->cd_k,
                                         .max_frames = 1024,
                                         .seed = train->seed,
                                         .threads = 1};
  RsEvaluation found;
  assert_ok(rs_evaluate(trainer->model->net, trainer->parameters.w, &trainer->model->inputs,
                        trainer->valid, &settings, &found, NULL));
  assert_true(fabs(found.ll - found.ll_reverse) > 1e-6);
  assert_close(report->valid_ll, (found.ll + found.ll_reverse) / 2, 1e-12);
  return RS_OK;
}

static void a_validation_looks_from_both_sides(void **state) {
  RsSettings settings = free_run_settings();
  RsSongs train = loose_songs(), valid = loose_songs();
  RsTrainer *trainer = NULL;
  RsTrainedReason reason;
  settings.train.average = 0;
  settings.train.epochs = 2;
  trainer = trainer_of(&settings, &train, &valid);
  const RsTrainHooks hooks = {.epoch = compare_sides, .context = &trainer};
  assert_ok(rs_trainer_run(trainer, &hooks, &reason, NULL));
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
  rs_songs_clear(&valid);
}

/* Songs of long chords that come back, as no new model plays them. */
static RsSongs steady_songs(void) {
  RsSongs songs = {0};
  for (size_t song = 0; song < 6; ++song) {
    RsRoll roll;
    assert_ok(rs_roll_init(&roll, NULL, 128, RS_PLANE_NONE));
    for (size_t n = 0; n < roll.frames; ++n) {
      const int chord = (int)((n / (4 + song % 3 * 2) + song) % 5);
      rs_frame_set(&roll.on[n], 60 + chord);
      rs_frame_set(&roll.on[n], 64 + chord);
    }
    assert_ok(rs_songs_add(&songs, &roll));
  }
  return songs;
}

static void a_free_run_has_a_say_in_which_model_is_best(void **state) {
  RsSettings settings = free_run_settings();
  RsSongs train = steady_songs(), valid = steady_songs();
  settings.train.epochs = 40;
  settings.train.free_run_weight = 1000;
  settings.train.learning_rate = 0.002;
  settings.train.average = 0;
  Choice choice = {.weight = 1000, .best = -INFINITY, .best_ll = -INFINITY};
  const RsTrainHooks hooks = {.epoch = judge_report, .context = &choice};
  RsTrainer *trainer = trainer_of(&settings, &train, &valid);
  RsTrainedReason reason;
  assert_ok(rs_trainer_run(trainer, &hooks, &reason, NULL));
  print_message("swayed %zu times\n", choice.swayed);
  assert_true(choice.swayed);
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
  rs_songs_clear(&valid);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_free_run_is_compared_with_the_songs),
      cmocka_unit_test(nothing_damps_a_free_run),
      cmocka_unit_test(no_frames_are_no_number),
      cmocka_unit_test(a_validation_looks_from_both_sides),
      cmocka_unit_test(a_free_run_has_a_say_in_which_model_is_best),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
