/* SPDX-License-Identifier: ISC */

/* The note 1-Gram of the published tables: accuracy of an evaluation whose model knows single notes
 * only. */

#include "evaluated.h"

enum { LOW = 21, HIGH = 108, WIDE = HIGH - LOW + 1, MOST_ON = 24 };

typedef struct {
  double on[WIDE]; /* probability of each note */
  double frames;
} Frequencies;

/* The next frame of a .roll, read here on its own account. @return Whether there is one. */
static bool read_frame(FILE *stream, bool *on) {
  char line[1024];
  do {
    if (!fgets(line, sizeof line, stream)) {
      return false;
    }
  } while (*line == '#');
  memset(on, 0, WIDE * sizeof *on);
  char *at = line;
  for (char *end = NULL;; at = end) {
    const long note = strtol(at, &end, 10);
    if (end == at) {
      return true;
    }
    on[note - LOW] = true;
  }
}

static FILE *open_roll(const char *set, const char *split) {
  char path[2048];
  snprintf(path, sizeof path, "%s/%s/%s.roll", data_folder("bench"), set, split);
  FILE *stream = fopen(path, "r");
  assert_non_null(stream);
  return stream;
}

/* (count + 1/2) / (frames + 1) of each note, equation K9. */
static Frequencies count_notes(const char *set) {
  Frequencies f = {.frames = 0};
  bool on[WIDE];
  FILE *stream = open_roll(set, "train");
  for (; read_frame(stream, on); ++f.frames) {
    for (size_t i = 0; i < WIDE; ++i) {
      f.on[i] += on[i];
    }
  }
  fclose(stream);
  for (size_t i = 0; i < WIDE; ++i) {
    f.on[i] = (f.on[i] + 0.5) / (f.frames + 1);
  }
  return f;
}

/* Add one more coin of probability p to the distribution of a number of heads. */
static void add_coin(double p, double *number) {
  for (size_t k = MOST_ON; k-- > 0;) {
    number[k] = number[k] * (1 - p) + (k ? number[k - 1] * p : 0);
  }
}

/* The mean accuracy of drawing each note on its own: over the numbers of right and of wrong notes.
 */
static double expected_accuracy(const Frequencies *f, const bool *on) {
  double right[MOST_ON] = {1}, wrong[MOST_ON] = {1}, sum = 0;
  size_t there = 0;
  for (size_t i = 0; i < WIDE; ++i) {
    there += on[i];
    add_coin(f->on[i], on[i] ? right : wrong);
  }
  for (size_t r = 0; r <= there; ++r) {
    for (size_t w = 0; w + r < MOST_ON; ++w) {
      const size_t most = r + w > there ? r + w : there;
      sum += right[r] * wrong[w] * (most ? (double)r / (double)most : 1);
    }
  }
  return sum;
}

static void expect_note_1_gram(const char *set) {
  char path[2048];
  const Frequencies f = count_notes(set);
  double ll = 0, accuracy = 0, frames = 0;
  bool on[WIDE];
  FILE *stream = open_roll(set, "valid");
  for (; read_frame(stream, on); ++frames) {
    for (size_t i = 0; i < WIDE; ++i) {
      ll += log(on[i] ? f.on[i] : 1 - f.on[i]);
    }
    accuracy += expected_accuracy(&f, on);
  }
  fclose(stream);
  RsSettings settings = small_settings(WIDE, 1, 1);
  settings.roll.low = LOW;
  settings.roll.high = HIGH;
  RsModel *model = model_of(&settings);
  for (size_t i = 0; i < WIDE; ++i) {
    part_of(model, "output.bias")[i] = (float)log(f.on[i] / (1 - f.on[i]));
  }
  RsSongs songs = {0};
  snprintf(path, sizeof path, "%s/%s/valid.roll", data_folder("bench"), set);
  assert_ok(rs_songs_read(path, &songs, NULL));
  const RsEvaluation result =
      evaluate(model, &songs,
               (RsEvaluationSettings){
                   .chains = 1, .betas = 2, .accuracy = true, .gibbs_steps = 1, .threads = 2});
  print_message("%s: %.3f nats a frame, accuracy %.2f %%\n", set, result.ll, 100 * result.accuracy);
  assert_int_equal(result.frames, (size_t)frames);
  assert_close(result.ll, ll / frames, 0.001);
  assert_close(result.accuracy, accuracy / frames, 0.006); /* sampled: 0.2 over sqrt(frames) */
  rs_songs_clear(&songs);
  rs_model_free(model);
}

static void note_1_gram_of_jsb(void **state) {
  expect_note_1_gram("jsb");
}

static void note_1_gram_of_nottingham(void **state) {
  expect_note_1_gram("nottingham");
}

static void note_1_gram_of_musedata(void **state) {
  expect_note_1_gram("muse");
}

static void note_1_gram_of_piano_midi(void **state) {
  expect_note_1_gram("piano");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(note_1_gram_of_jsb),
      cmocka_unit_test(note_1_gram_of_nottingham),
      cmocka_unit_test(note_1_gram_of_musedata),
      cmocka_unit_test(note_1_gram_of_piano_midi),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
