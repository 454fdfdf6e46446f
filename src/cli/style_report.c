/* SPDX-License-Identifier: ISC */

#include "cli/style_report.h"

#include "base/memory.h"
#include "base/thread_pool.h"
#include "base/plural.h"
#include "cli/console.h"
#include "files/json.h"

#include <rollsmith/generator.h>

#include <math.h>
#include <stdlib.h>

/* Most frames that are searched for near copies: the index takes about 100 bytes a frame */
#define NEAR_MOST 1048576

/* Songs being generated */
typedef struct {
  const RsModel *model;
  const RsSettings *settings;
  const RsSongs *songs; /* songs to compare with */
  RsRoll *played;       /* one per iteration */
  RsStatus *status;     /* one per iteration */
} Play;

/* The song whose meter and length song `number` takes: each song equally often. */
static const RsRoll *song_like(const Play *play, size_t number) {
  return &play->songs->rolls[number * play->songs->count / (size_t)play->settings->evaluate.songs];
}

static size_t frames_of(const RsEvaluateSettings *settings, const RsRoll *like) {
  const double frames = settings->bars * rs_meter_bar_frames(like->meter_beats, like->meter_unit,
                                                             rs_roll_frames_per_quarter(like));
  return (size_t)fmax(1, fmin(round(frames), settings->free_run_frames));
}

/* Set the meter of a song before it is generated. */
static void set_meter(RsRoll *played, const RsRoll *like) {
  played->meter_beats = like->meter_beats;
  played->meter_unit = like->meter_unit;
}

static void play_song(void *context, size_t number) {
  const Play *play = context;
  const RsEvaluateSettings *settings = &play->settings->evaluate;
  const RsRoll *like = song_like(play, number);
  RsRoll *roll = &play->played[number];
  RsGenerator *generator = NULL;
  RsStatus status = rs_generator_new(play->model, &play->settings->generate,
                                     settings->seed + number, &generator, NULL);
  if (!status) {
    status = rs_generator_song(generator, NULL, frames_of(settings, like), roll);
  }
  if (!status) {
    set_meter(roll, like);
  }
  rs_generator_free(generator);
  play->status[number] = status;
}

/* Generate all songs, on train.threads threads. */
static RsStatus play_songs(Play *play, size_t count) {
  RsThreadPool *pool = NULL;
  RsStatus status = rs_thread_pool_new((size_t)play->settings->train.threads, &pool);
  if (!status) {
    rs_thread_pool_run(pool, count, play_song, play);
  }
  for (size_t i = 0; !status && i < count; ++i) {
    status = play->status[i];
  }
  rs_thread_pool_free(pool);
  return status;
}

static bool are_few(const RsSongs *songs) {
  size_t frames = 0;
  for (size_t s = 0; s < songs->count; ++s) {
    frames += songs->rolls[s].frames;
  }
  return frames <= NEAR_MOST;
}

RsStatus rs_compare_style(const RsModel *model, const RsSettings *settings, const RsSongs *songs,
                          RsStyleComparison *out, RsError *error) {
  const size_t count = (size_t)settings->evaluate.songs;
  RsSongs music = {.rolls = rs_alloc(count, sizeof(RsRoll)), .count = count};
  RsStatus *each = rs_alloc(count, sizeof(*each));
  Play play = {model, settings, songs, music.rolls, each};
  RsStyle *style = NULL;
  RsStatus status = music.rolls && each ? play_songs(&play, count) : RS_ERR_MEMORY;
  status = status ? status : rs_style_new(songs, are_few(songs), &style);
  status = status ? status : rs_style_compare(style, &music, out);
  rs_style_free(style);
  free(each);
  if (music.rolls) {
    rs_songs_clear(&music);
  }
  return status ? rs_error(error, status, "cannot generate songs: %s", rs_status_text(status))
                : RS_OK;
}

/* ---- Text ---- */

/* "0.1234", or "-" where there is no value */
static const char *number(double value, char text[16]) {
  snprintf(text, 16, isfinite(value) ? "%.4f" : "-", value);
  return text;
}

static const char *percent(double share, char text[16]) {
  snprintf(text, 16, isfinite(share) ? "%.1f %%" : "-", 100 * share);
  return text;
}

static void report_row(const RsOptions *options, const char *name, const RsStyleStatistic *s,
                       double of_ceiling, const char *unit) {
  char text[5][16];
  rs_report(options, "%-24s %9s %9s %9s %9s %9s  %s", name, number(s->model, text[0]),
            number(s->songs, text[1]), number(s->overlap, text[2]), number(s->ceiling, text[3]),
            percent(of_ceiling, text[4]), unit);
}

static void report_copies(const RsOptions *options, const char *what, double model, double songs) {
  char text[2][16];
  rs_report(options, "%-24s %9s %9s  %s", what, percent(model, text[0]), percent(songs, text[1]),
            "of windows contain one; for the songs: one of another song");
}

void rs_report_style(const RsOptions *options, const RsStyleComparison *comparison) {
  const RsStyleStatistic all = {NAN, NAN, comparison->overlap, comparison->ceiling};
  const RsCopies *model = &comparison->copies, *songs = &comparison->copies_songs;
  rs_report(options, "%zu generated song%s, compared with %zu song%s:", comparison->compared,
            rs_plural(comparison->compared), comparison->songs, rs_plural(comparison->songs));
  rs_report(options, "%-24s %9s %9s %9s %9s %9s", "", "model", "songs", "overlap", "ceiling",
            "of it");
  for (int i = 0; i < RS_SONG_STATISTICS; ++i) {
    const RsStyleStatistic *s = &comparison->statistic[i];
    report_row(options, rs_song_statistic_name((RsSongStatistic)i), s, s->overlap / s->ceiling,
               rs_song_statistic_unit((RsSongStatistic)i));
  }
  report_row(options, "all", &all, comparison->of_ceiling,
             "of the overlap of random halves of the songs");
  report_copies(options, "copied runs of 16", model->run16, songs->run16);
  report_copies(options, "copied runs of 32", model->run32, songs->run32);
  report_copies(options, "nearly copied runs of 16", model->near16, songs->near16);
}

/* ---- JSON ---- */

static void add(json_t *object, const char *key, double value) {
  json_object_set_new(object, key, rs_json_number(value));
}

static json_t *statistic_json(const RsStyleStatistic *s) {
  json_t *json = json_object();
  add(json, "songs", s->songs);
  add(json, "model", s->model);
  add(json, "overlap", s->overlap);
  add(json, "ceiling", s->ceiling);
  return json;
}

void rs_add_style_json(json_t *object, const RsStyleComparison *comparison) {
  for (int i = 0; i < RS_SONG_STATISTICS; ++i) {
    json_object_set_new(object, rs_song_statistic_name((RsSongStatistic)i),
                        statistic_json(&comparison->statistic[i]));
  }
  add(object, "overlap", comparison->overlap);
  add(object, "ceiling", comparison->ceiling);
  add(object, "of_ceiling", comparison->of_ceiling);
  add(object, "copies", comparison->copies.run16);
  add(object, "copies_songs", comparison->copies_songs.run16);
  add(object, "copies32", comparison->copies.run32);
  add(object, "copies32_songs", comparison->copies_songs.run32);
  add(object, "copies_near", comparison->copies.near16);
  add(object, "copies_near_songs", comparison->copies_songs.near16);
}
