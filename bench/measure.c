/* SPDX-License-Identifier: ISC */

/**
   @file measure.c Measures the library as bench.py asks: a line of words in, a line of JSON out.

     new SLOT PATH KEY=VALUE...  a trainer on the songs of PATH
     run SLOT SECONDS            go on training
     free SLOT
     generate SLOT FRAMES        music from what SLOT has learned
     evaluate SLOT FRAMES        likelihood of SLOT's songs, with the effort of a validation
     ingest PATH THREADS         files to rolls
     sgemm SECONDS               products of large matrices on one core
*/

#include "base/linear_algebra.h"
#include "base/memory.h"
#include "base/thread_pool.h"
#include "stopwatch.h"

#include <rollsmith/evaluator.h>
#include <rollsmith/generator.h>
#include <rollsmith/ingest.h>
#include <rollsmith/trainer.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 16, WORDS = 32, SQUARE = 1024 };

typedef struct {
  RsSettings settings;
  RsSongs songs;
  RsTrainer *trainer;
} Slot;

static void must(RsStatus status, const RsError *error) {
  if (status) {
    fprintf(stderr, "measure: %s: %s\n", rs_status_text(status), error->message);
    exit(1);
  }
}

static void read_songs(const char *path, const RsIngest *settings, size_t threads, RsSongs *songs,
                       size_t *files) {
  RsError error = {RS_OK, ""};
  RsIngestReports reports = {NULL, 0};
  RsThreadPool *pool = NULL;
  must(rs_thread_pool_new(threads, &pool), &error);
  must(rs_ingest_paths(&path, 1, settings, pool, NULL, NULL, songs, &reports, &error), &error);
  *files = reports.count;
  rs_ingest_reports_clear(&reports);
  rs_thread_pool_free(pool);
}

static void new_trainer(Slot *slot, size_t count, char **words) {
  RsError error = {RS_OK, ""};
  size_t files = 0;
  rs_settings_init(&slot->settings);
  for (size_t i = 1; i < count; ++i) {
    must(rs_settings_assign(&slot->settings, words[i], &error), &error);
  }
  must(rs_settings_check(&slot->settings, &error), &error);
  read_songs(words[0], &slot->settings.roll, 1, &slot->songs, &files);
  must(rs_trainer_new(&slot->settings, &slot->songs, NULL, &slot->trainer, &error), &error);
  printf("{\"songs\": %zu, \"parameters\": %zu}\n", slot->songs.count,
         rs_trainer_parameters(slot->trainer));
}

static void free_trainer(Slot *slot) {
  rs_trainer_free(slot->trainer);
  rs_songs_clear(&slot->songs);
  *slot = (Slot){.trainer = NULL};
  puts("{}");
}

typedef struct {
  double end;
  size_t updates;
} Run;

static bool is_over(void *context) {
  return rs_now() >= ((const Run *)context)->end;
}

static void count_update(void *context, const RsTrainProgress *progress) {
  (void)progress;
  ++((Run *)context)->updates;
}

static void run(Slot *slot, double seconds) {
  double before[RS_PART_COUNT];
  memcpy(before, rs_stopwatch(), sizeof before);
  const double begin = rs_now();
  Run one = {begin + seconds, 0};
  const RsTrainHooks hooks = {is_over, count_update, NULL, &one};
  RsTrainedReason reason;
  RsError error = {RS_OK, ""};
  must(rs_trainer_run(slot->trainer, &hooks, &reason, &error), &error);
  const double took = rs_now() - begin;
  const RsTrainSettings *train = &slot->settings.train;
  printf("{\"frames\": %zu, \"seconds\": %.9f, \"parts\": {",
         one.updates * (size_t)train->streams * (size_t)train->block, took);
  for (RsMeasuredPart part = RS_PART_SERIES; part < RS_PART_COUNT; ++part) {
    printf("%s\"%s\": %.9f", part ? ", " : "", rs_part_name(part),
           rs_stopwatch()[part] - before[part]);
  }
  puts("}}");
}

static void tell(size_t frames, double begin) {
  printf("{\"frames\": %zu, \"seconds\": %.9f}\n", frames, rs_now() - begin);
}

static void generate(const Slot *slot, size_t frames) {
  const RsModel *model = rs_trainer_model(slot->trainer);
  RsGenerator *generator = NULL;
  RsError error = {RS_OK, ""};
  must(rs_generator_new(model, &slot->settings.generate, 1, &generator, &error), &error);
  const double begin = rs_now();
  for (size_t n = 0; n < frames; ++n) {
    RsFrame on;
    must(rs_generator_next(generator, &on, NULL, NULL), &error);
  }
  tell(frames, begin);
  rs_generator_free(generator);
}

static void evaluate(const Slot *slot, size_t frames) {
  const RsModel *model = rs_trainer_model(slot->trainer);
  const RsTrainSettings *train = &slot->settings.train;
  const RsEvaluationSettings settings = {.chains = (size_t)train->ais_chains,
                                         .betas = (size_t)train->ais_betas,
                                         .max_frames = frames,
                                         .seed = 1,
                                         .threads = 1};
  RsEvaluation result;
  RsError error = {RS_OK, ""};
  const double begin = rs_now();
  must(rs_evaluate(model->net, model->w, &model->inputs, &slot->songs, &settings, &result, &error),
       &error);
  tell(result.frames, begin);
}

static void ingest(const char *path, size_t threads) {
  RsSettings settings;
  RsSongs songs = {NULL, 0, 0};
  size_t files = 0;
  rs_settings_init(&settings);
  const double begin = rs_now();
  read_songs(path, &settings.roll, threads, &songs, &files);
  const double took = rs_now() - begin;
  printf("{\"files\": %zu, \"songs\": %zu, \"seconds\": %.9f}\n", files, songs.count, took);
  rs_songs_clear(&songs);
}

static void sgemm(double seconds) {
  const size_t n = SQUARE;
  float *a = rs_alloc(3 * n * n, sizeof *a);
  must(a ? RS_OK : RS_ERR_MEMORY, &(RsError){RS_OK, ""});
  for (size_t i = 0; i < 2 * n * n; ++i) {
    a[i] = (float)(i % 7) - 3;
  }
  rs_blas_one_thread();
  double best = 1e9;
  const double end = rs_now() + seconds;
  while (rs_now() < end) {
    const double begin = rs_now();
    rs_gemm(RS_PLAIN, RS_PLAIN, n, n, n, a, n, a + n * n, n, 0, a + 2 * n * n, n);
    const double took = rs_now() - begin;
    best = took < best ? took : best;
  }
  printf("{\"gflops\": %.3f}\n", 2e-9 * (double)n * (double)n * (double)n / best);
  free(a);
}

/* One request; false where nobody knows what it means. */
static bool answer(Slot *slots, size_t count, char **words) {
  const char *what = words[0];
  const double number = count > 2 ? strtod(words[2], NULL) : 0;
  Slot *slot = slots + strtoul(count > 1 ? words[1] : "0", NULL, 10) % SLOTS;
  if (!strcmp(what, "sgemm") && count == 2) {
    sgemm(strtod(words[1], NULL));
  } else if (!strcmp(what, "ingest") && count == 3) {
    ingest(words[1], (size_t)number);
  } else if (!strcmp(what, "new") && count > 2 && !slot->trainer) {
    new_trainer(slot, count - 2, words + 2);
  } else if (!slot->trainer) {
    return false;
  } else if (!strcmp(what, "run") && count == 3) {
    run(slot, number);
  } else if (!strcmp(what, "generate") && count == 3) {
    generate(slot, (size_t)number);
  } else if (!strcmp(what, "evaluate") && count == 3) {
    evaluate(slot, (size_t)number);
  } else if (!strcmp(what, "free") && count == 2) {
    free_trainer(slot);
  } else {
    return false;
  }
  return true;
}

int main(void) {
  static Slot slots[SLOTS];
  char line[4096];
  while (fgets(line, sizeof line, stdin)) {
    char *words[WORDS];
    size_t count = 0;
    for (char *word = strtok(line, "\t\n"); word && count < WORDS; word = strtok(NULL, "\t\n")) {
      words[count++] = word;
    }
    if (count && !answer(slots, count, words)) {
      fprintf(stderr, "measure: cannot make sense of %s\n", words[0]);
      return 2;
    }
    fflush(stdout);
  }
  return 0;
}
