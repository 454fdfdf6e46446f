/* SPDX-License-Identifier: ISC */

#include "base/plural.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/songs.h"
#include "cli/style_report.h"
#include "files/json.h"

#include <rollsmith/evaluator.h>
#include <rollsmith/generator.h>
#include <rollsmith/statistics.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* An evaluation in progress */
typedef struct {
  const RsOptions *options;
  RsSettings settings; /* Of the model, changed by the options */
  RsModel *model;
  RsSongs songs;
  RsEvaluationSettings effort;
  RsEvaluation found;
  RsRoll free_run;
  RsBand band; /* Of the songs */
  RsJudgement judgement;
  RsCopy copy;
  RsStyleComparison style; /* Of whole songs */
  RsError *error;
} Evaluation;

/* ---- Measurements ---- */

static RsStatus measure_likelihood(Evaluation *evaluation) {
  const RsModel *model = evaluation->model;
  const RsEvaluateSettings *wanted = &evaluation->settings.evaluate;
  evaluation->effort = (RsEvaluationSettings){
      .replicas = wanted->method == RS_LOG_Z_TEMPERED ? (size_t)wanted->replicas : 0,
      .rounds = (size_t)wanted->rounds,
      .chains = (size_t)wanted->chains,
      .betas = (size_t)wanted->betas,
      .reverse = true,
      .exact = true,
      .accuracy = true,
      .gibbs_steps = (size_t)evaluation->settings.generate.gibbs_steps,
      .max_frames = (size_t)wanted->max_frames,
      .seed = wanted->seed,
      .threads = (size_t)evaluation->settings.train.threads};
  return rs_evaluate(model->net, model->w, &model->inputs, &evaluation->songs, &evaluation->effort,
                     &evaluation->found, evaluation->error);
}

/* Let the model generate freely. */
static RsStatus play(Evaluation *evaluation) {
  const RsEvaluateSettings *wanted = &evaluation->settings.evaluate;
  RsGenerator *generator = NULL;
  RsStatus status = rs_generator_new(evaluation->model, &evaluation->settings.generate,
                                     wanted->seed, &generator, evaluation->error);
  if (!status) {
    status = rs_generator_song(generator, "free run", (size_t)wanted->free_run_frames,
                               &evaluation->free_run);
  }
  rs_generator_free(generator);
  return status;
}

/* Compare generated music with the songs. */
static RsStatus measure_music(Evaluation *evaluation) {
  RsStatus status = play(evaluation);
  if (!status) {
    status = rs_band(&evaluation->songs, &evaluation->band);
  }
  if (!status) {
    evaluation->judgement = rs_judge(&evaluation->free_run, &evaluation->band);
    status = rs_longest_copy(&evaluation->free_run, &evaluation->songs, &evaluation->copy);
  }
  if (!status) {
    status = rs_compare_style(evaluation->model, &evaluation->settings, &evaluation->songs,
                              &evaluation->style, evaluation->error);
  }
  return status;
}

/* ---- Report ---- */

/* Maxima of the free run, compared with those of the songs */
static const struct {
  const char *text, *key;
  RsLongest longest;
} lengths[] = {
    {"longest chord", "longest_chord", rs_longest_chord},
    {"longest note", "longest_note", rs_longest_note},
    {"longest silence", "longest_silence", rs_longest_silence},
};
enum { LENGTHS = sizeof(lengths) / sizeof(lengths[0]) };

static void print_number(const RsOptions *options, const char *what, double value,
                         const char *unit) {
  if (isfinite(value)) {
    rs_report(options, "%-24s %9.4f %s", what, value, unit);
  }
}

static void print_statistic(const Evaluation *evaluation, RsStatistic which) {
  const RsJudgement *judgement = &evaluation->judgement;
  const RsStatistics all = rs_statistics(evaluation->free_run.on, evaluation->free_run.frames);
  rs_report(evaluation->options, "%-20s %9.4f %9.4f to %7.4f %7.1f %% %8.4f, %7.4f  %s",
            rs_statistic_name(which), all.value[which], evaluation->band.low.value[which],
            evaluation->band.high.value[which], 100 * judgement->inside.value[which],
            judgement->first.value[which], judgement->last.value[which], rs_statistic_unit(which));
}

static void print_divergence(const Evaluation *evaluation) {
  const RsJudgement *judgement = &evaluation->judgement;
  if (judgement->diverged) {
    rs_report(evaluation->options, "%-24s %9zu frames; no later window is inside every band",
              "time to divergence", judgement->diverged_at);
  } else {
    rs_report(evaluation->options, "%-24s     never in %zu frame%s", "time to divergence",
              evaluation->free_run.frames, rs_plural(evaluation->free_run.frames));
  }
}

static void print_music(const Evaluation *evaluation) {
  const RsOptions *options = evaluation->options;
  const RsRoll *roll = &evaluation->free_run;
  rs_report(options, "free run, %zu frame%s, in windows of %d:", roll->frames,
            rs_plural(roll->frames), RS_WINDOW);
  rs_report(options, "%-20s %9s %20s %9s %17s", "", "model", "songs' band", "inside",
            "quarters 1 and 4");
  for (int i = 0; i < RS_STATISTICS; ++i) {
    print_statistic(evaluation, (RsStatistic)i);
  }
  rs_report(options, "%-20s %38.1f %%  of windows inside every band", "all",
            100 * evaluation->judgement.all_inside);
  print_divergence(evaluation);
  for (int i = 0; i < LENGTHS; ++i) {
    const size_t longest = lengths[i].longest(roll->on, roll->frames);
    rs_report(options, "%-24s %9zu frame%s, in the songs %zu", lengths[i].text, longest,
              rs_plural(longest), rs_longest_of(lengths[i].longest, &evaluation->songs));
  }
  rs_report(options, "%-24s %9zu frame%s", "longest copied run", evaluation->copy.frames,
            rs_plural(evaluation->copy.frames));
  rs_report_style(options, &evaluation->style);
}

/* Forward and reverse estimates further apart than this, in nats a frame, are reported. */
#define APART 0.1

/* Swaps rarer than this leave replicas where they are. */
#define RARE 0.01

/* What to change where estimates cannot be relied on. */
static const char *cure(const Evaluation *evaluation) {
  return evaluation->effort.replicas ? "evaluate.rounds or evaluate.replicas" : "evaluate.betas";
}

/* The mean of both estimates; where they are far apart, with a remark in the same line. */
static void print_mean(const Evaluation *evaluation) {
  const RsEvaluation *found = &evaluation->found;
  const double apart = fabs(found->ll - found->ll_reverse);
  char error[64] = "", doubt[128] = "";
  if (isfinite(found->ll_error)) {
    snprintf(error, sizeof error, "; standard error over songs %.4f", found->ll_error);
  }
  if (apart > APART) {
    snprintf(doubt, sizeof doubt, "; unreliable: they differ by %.2f, raise %s", apart,
             cure(evaluation));
  }
  rs_report(evaluation->options, "%-24s %9.4f nats a frame, mean of both%s%s", "",
            0.5 * (found->ll + found->ll_reverse), error, doubt);
}

static void print_swaps(const Evaluation *evaluation) {
  const double rate = evaluation->found.swap_rate;
  if (isfinite(rate)) {
    rs_report(evaluation->options, "%-24s %9.1f %% of the pair of replicas with the fewest%s",
              "accepted swaps", 100 * rate,
              rate < RARE ? "; poor mixing: raise evaluate.replicas" : "");
  }
}

static void print_likelihood(const Evaluation *evaluation) {
  const RsEvaluation *found = &evaluation->found;
  const bool replicas = evaluation->effort.replicas > 0;
  print_number(evaluation->options, "log-likelihood", found->ll,
               replicas ? "nats a frame, replicas from independent units"
                        : "nats a frame, forward AIS");
  print_number(evaluation->options, "", found->ll_reverse,
               replicas ? "nats a frame, replicas from the songs" : "nats a frame, reverse AIS");
  print_mean(evaluation);
  print_number(evaluation->options, "", found->ll_exact, "nats a frame, exact");
  print_swaps(evaluation);
}

static void print_results(const Evaluation *evaluation) {
  const RsOptions *options = evaluation->options;
  const RsEvaluation *found = &evaluation->found;
  rs_report(options, "%zu song%s, %zu frame%s; seed %" PRIu64, found->songs,
            rs_plural(found->songs), found->frames, rs_plural(found->frames),
            evaluation->effort.seed);
  print_likelihood(evaluation);
  print_number(options, "accuracy", 100 * found->accuracy, "%");
  print_music(evaluation);
}

static json_t *statistics_json(const Evaluation *evaluation) {
  const RsJudgement *judgement = &evaluation->judgement;
  const RsStatistics all = rs_statistics(evaluation->free_run.on, evaluation->free_run.frames);
  json_t *json = json_object();
  for (int i = 0; i < RS_STATISTICS; ++i) {
    json_object_set_new(
        json, rs_statistic_name((RsStatistic)i),
        json_pack("{s:f, s:f, s:f, s:f, s:f, s:f}", "model", all.value[i], "low",
                  evaluation->band.low.value[i], "high", evaluation->band.high.value[i], "inside",
                  judgement->inside.value[i], "first_quarter", judgement->first.value[i],
                  "last_quarter", judgement->last.value[i]));
  }
  return json;
}

static json_t *music_json(const Evaluation *evaluation) {
  const RsRoll *roll = &evaluation->free_run;
  const RsJudgement *judgement = &evaluation->judgement;
  json_t *songs = json_object();
  json_t *json = json_pack(
      "{s:I, s:o, s:f, s:o, s:I}", "frames", (json_int_t)roll->frames, "statistics",
      statistics_json(evaluation), "all_inside", judgement->all_inside, "diverged_at",
      judgement->diverged ? json_integer((json_int_t)judgement->diverged_at) : json_null(),
      "longest_copy", (json_int_t)evaluation->copy.frames);
  for (int i = 0; i < LENGTHS; ++i) {
    const size_t own = lengths[i].longest(roll->on, roll->frames);
    const size_t theirs = rs_longest_of(lengths[i].longest, &evaluation->songs);
    json_object_set_new(json, lengths[i].key, json_integer((json_int_t)own));
    json_object_set_new(songs, lengths[i].key, json_integer((json_int_t)theirs));
  }
  json_object_set_new(json, "songs", songs);
  rs_add_style_json(json, &evaluation->style);
  return json;
}

static json_t *evaluation_json(const Evaluation *evaluation) {
  const RsEvaluation *found = &evaluation->found;
  json_t *json = json_pack(
      "{s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:{s:I, s:I}, s:o}", "songs", (json_int_t)found->songs,
      "frames", (json_int_t)found->frames, "seed", (json_int_t)evaluation->effort.seed, "ll",
      rs_json_number(found->ll), "ll_reverse", rs_json_number(found->ll_reverse), "ll_error",
      rs_json_number(found->ll_error), "accuracy", rs_json_number(found->accuracy), "ais", "chains",
      (json_int_t)evaluation->effort.chains, "betas", (json_int_t)evaluation->effort.betas, "music",
      music_json(evaluation));
  if (isfinite(found->swap_rate)) {
    json_object_del(json, "ais");
    json_object_set_new(
        json, "tempered",
        json_pack("{s:I, s:I, s:f}", "replicas", (json_int_t)evaluation->effort.replicas, "rounds",
                  (json_int_t)evaluation->effort.rounds, "swap_rate", found->swap_rate));
  }
  if (isfinite(found->ll_exact)) {
    json_object_set_new(json, "ll_exact", json_real(found->ll_exact));
  }
  return json;
}

/* ---- The command ---- */

/* Refuse settings of the model's structure and of the contents of a frame. */
static RsStatus check_unchanged(const Evaluation *evaluation, RsError *error) {
  const RsSettings *own = &evaluation->model->settings;
  RsSettings allowed = evaluation->settings;
  allowed.model = own->model;
  allowed.roll.low = own->roll.low;
  allowed.roll.high = own->roll.high;
  allowed.roll.articulation = own->roll.articulation;
  allowed.roll.velocity = own->roll.velocity;
  return rs_options_check_fixed(&allowed, &evaluation->settings, error);
}

/* Read the songs with the settings that the model's songs were read with. */
static RsStatus read_all(Evaluation *evaluation) {
  const RsOptions *options = evaluation->options;
  RsStatus status = rs_model_load(options->operands[0], &evaluation->model, evaluation->error);
  if (!status) {
    evaluation->settings = evaluation->model->settings;
    status = rs_options_apply(options, &evaluation->settings, evaluation->error);
  }
  if (!status) {
    status = check_unchanged(evaluation, evaluation->error);
  }
  const int no_copy = evaluation->settings.generate.no_copy;
  if (!status && no_copy) {
    status = rs_model_index_runs(evaluation->model, (size_t)no_copy, evaluation->error);
  }
  if (!status) {
    RsSongsSummary summary = {.text = NULL};
    evaluation->settings.roll.duplicates = true; /* the mean is over all songs given */
    status = rs_read_songs(options, &evaluation->settings, options->operands + 1, RS_REPORT_REFUSED,
                           &evaluation->songs, &summary, NULL, evaluation->error);
    rs_songs_summary_report(options, &summary);
    rs_songs_summary_clear(&summary);
  }
  return status;
}

static RsStatus run(const RsOptions *options, RsError *error) {
  Evaluation evaluation = {.options = options, .error = error};
  RsStatus status = read_all(&evaluation);
  if (!status) {
    status = measure_likelihood(&evaluation);
  }
  if (!status) {
    status = measure_music(&evaluation);
  }
  if (!status && options->json) {
    status = rs_report_json(evaluation_json(&evaluation), error);
  } else if (!status) {
    print_results(&evaluation);
  }
  rs_roll_clear(&evaluation.free_run);
  rs_songs_clear(&evaluation.songs);
  rs_model_free(evaluation.model);
  return status;
}

const RsCommand rs_command_evaluate = {
    .name = "evaluate",
    .bit = RS_FOR_EVALUATE,
    .operands = "MODEL PATH...",
    .fewest = 2,
    .most = RS_ANY_NUMBER,
    .summary = "likelihood, accuracy and musical statistics",
    .description =
        "Reports the log-likelihood of songs in nats a frame: the sum of log p(frame | previous "
        "frames) over all frames of all songs, divided by their number. It is estimated by "
        "forward and reverse annealed importance sampling, or by tempered replicas "
        "(evaluate.method), and computed exactly where the hidden layer is small. Where the two "
        "estimates differ by more than 0.1, the line of their mean is marked as unreliable. The "
        "standard error is that of the mean over songs. The accuracy is the share of notes "
        "predicted correctly.\n"
        "Then the model generates a free run, which is compared with the songs in windows of 64 "
        "frames: the band of a statistic is from the 0.5 % to the 99.5 % quantile of the songs' "
        "windows. The time to divergence is the first frame after which no window, of four at "
        "least, is inside every band. In JSON it is music.diverged_at, null for never.\n"
        "The longest chord is the longest passage without a change; the longest note is the "
        "longest time for which a note is held. Both are given for the songs, too; in JSON in "
        "music.songs. The longest copied run is the longest passage that occurs in a song, at any "
        "transposition.\n"
        "Last, the model generates songs (evaluate.songs of evaluate.bars bars), whose rhythm, "
        "form and harmony are compared with those of the songs. The overlap of a statistic is the "
        "area common to both distributions, 0 to 1; the ceiling is the overlap of random halves "
        "of the songs. 90 % of the ceiling means that the overlap of the model's songs with the "
        "songs is 90 % of that of two halves of the songs; other songs of the same style have "
        "about 100 %. A copied run is a passage of 16 or 32 frames that occurs in a song, at any "
        "transposition, and is not a single held chord; in a nearly copied run one frame may "
        "differ. The report gives the share of windows of 64 frames that contain one, and the "
        "same for the songs with respect to each other. In JSON, these are in music by the names "
        "of the statistics.",
    .examples = "rollsmith evaluate my.model songs/\n"
                "rollsmith evaluate my.model test.roll --json\n"
                "rollsmith evaluate my.model songs/ --set evaluate.chains=100\n",
    .run = run,
};
