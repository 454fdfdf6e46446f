/* SPDX-License-Identifier: ISC */

#include "cli/harmonise.h"

#include "base/memory.h"
#include "base/plural.h"
#include "cli/console.h"
#include "cli/number.h"
#include "music/meter_map.h"

#include <stdlib.h>
#include <string.h>

/* Particles and annealed steps of looking ahead: a song takes some 50 times as many sweeps. */
enum {
  PARTICLES = 16,
  BETAS = 20,
  BETAS_MAX = 10000,
  LOOK_AHEAD_DEFAULT = 16,
  LOOK_AHEAD_MAX = 1024
};

/* ---- Reading ---- */

/* Whether the given notes are in the upper half of the model's range, in the mean over frames. */
static bool is_high(const RsHarmony *harmony) {
  double sum = 0, count = 0;
  for (size_t n = 0; n < harmony->given.frames; ++n) {
    const RsFrame *on = &harmony->given.on[n];
    for (int note = rs_frame_next(on, 0); note < RS_NOTES; note = rs_frame_next(on, note + 1)) {
      sum += note;
      ++count;
    }
  }
  return 2 * sum >= count * (harmony->settings.low + harmony->settings.high);
}

/* The outermost given note of a frame; -1 where it is silent. */
static int outermost(const RsHarmony *harmony, size_t frame) {
  const RsFrame *on = &harmony->given.on[frame];
  const int lowest = rs_frame_next(on, 0);
  return harmony->part == RS_PART_TOP ? rs_frame_highest(on) : lowest < RS_NOTES ? lowest : -1;
}

/* In a rest the last given note counts, before the first one that. */
static void find_limits(RsHarmony *harmony) {
  int last = -1;
  for (size_t n = 0; n < harmony->given.frames && last < 0; ++n) {
    last = outermost(harmony, n);
  }
  for (size_t n = 0; n < harmony->given.frames; ++n) {
    const int note = outermost(harmony, n);
    last = note < 0 ? last : note;
    harmony->limit[n] = (signed char)last;
  }
}

/* Report given notes that the model reads at another pitch, or not at all. */
static void report_reading(const RsOptions *options, const RsHarmony *harmony,
                           const RsIngestReport *report) {
  const RsRollCounts *counts = &report->counts;
  if (harmony->song.lossy) {
    rs_notice(options, "%s: repaired: %s", options->given.harmonise, harmony->song.repairs);
  }
  if (counts->folded || counts->dropped) {
    rs_notice(options,
              "%s: given notes outside the model's range %d to %d: %zu transposed by octaves, %zu "
              "dropped for the model; all are written unchanged",
              options->given.harmonise, harmony->settings.low, harmony->settings.high,
              counts->folded, counts->dropped);
  }
}

static RsStatus read_given(const RsOptions *options, RsHarmony *harmony, RsError *error) {
  RsIngestReport report = {.path = NULL};
  RsError detail = {RS_OK, ""};
  RsStatus status =
      rs_given_song_roll(&harmony->song, &harmony->settings, &harmony->given, &report, &detail);
  if (status) {
    rs_error(error, status, "%s: %s", options->given.harmonise, detail.message);
  } else if (!report.counts.kept && !harmony->fills) {
    status =
        rs_error(error, RS_ERR_EMPTY, "%s: has no given notes in the model's range, drums aside",
                 options->given.harmonise);
  } else {
    harmony->transposed = report.transposed;
    report_reading(options, harmony, &report);
  }
  rs_ingest_report_clear(&report);
  return status;
}

static RsStatus read_song(const RsOptions *options, RsHarmony *harmony, RsError *error) {
  RsStatus status = rs_harmony_parse_part(options->given.keep_as, &harmony->part, error);
  status = status ? status : rs_given_song_read(options->given.harmonise, &harmony->song, error);
  status = status ? status : rs_harmony_choose(options, harmony, error);
  status = status ? status : read_given(options, harmony, error);
  if (status) {
    return status;
  }
  harmony->limit = rs_alloc(harmony->given.frames, sizeof *harmony->limit);
  if (!harmony->limit) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  if (!harmony->fills) {
    harmony->to = harmony->given.frames;
  }
  if (harmony->part == RS_PART_WHOLE && !harmony->fills) {
    harmony->part = is_high(harmony) ? RS_PART_TOP : RS_PART_BOTTOM;
  }
  find_limits(harmony);
  return RS_OK;
}

RsStatus rs_harmony_new(const RsOptions *options, const RsIngest *settings, RsHarmony **out,
                        RsError *error) {
  RsHarmony *harmony = *out = rs_alloc(1, sizeof *harmony);
  if (!harmony) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  harmony->settings = *settings;
  harmony->settings.start = RS_START_KEEP;
  const RsStatus status = read_song(options, harmony, error);
  if (status) {
    rs_harmony_free(harmony);
    *out = NULL;
  }
  return status;
}

void rs_harmony_free(RsHarmony *harmony) {
  if (harmony) {
    rs_given_song_clear(&harmony->song);
    rs_roll_clear(&harmony->given);
    free(harmony->limit);
    free(harmony);
  }
}

/* An option of looking ahead, a number. */
typedef struct {
  const char *name, *text; /* NULL where it is not given */
  const char *unit;
  long low, high;
  size_t *to;
} NumberOption;

static RsStatus set_number(const NumberOption *option, RsError *error) {
  long number = 0;
  if (!option->text) {
    return RS_OK;
  }
  if (!rs_parse_number(option->text, option->low, option->high, &number)) {
    return rs_error(error, RS_ERR_SETTING, "--%s %s: must be a number of %s, %ld to %ld",
                    option->name, option->text, option->unit, option->low, option->high);
  }
  *option->to = (size_t)number;
  return RS_OK;
}

RsStatus rs_harmony_set_look_ahead(const RsOptions *options, const RsModel *model,
                                   RsHarmony *harmony, RsError *error) {
  const bool gaussian = rs_rnnrbm_rbm(model->net)->kind == RS_RBM_GAUSSIAN;
  const char *ahead = options->given.look_ahead, *particles = options->given.particles;
  const char *steps = options->given.annealing_steps;
  const NumberOption numbers[] = {
      {"look-ahead", ahead, "frames", 0, LOOK_AHEAD_MAX, &harmony->look_ahead},
      {"particles", particles, "generators", 2, RS_PARTICLES_MAX, &harmony->particles},
      {"annealing-steps", steps, "steps", 1, BETAS_MAX, &harmony->betas},
  };
  harmony->look_ahead = gaussian ? 0 : LOOK_AHEAD_DEFAULT;
  harmony->particles = PARTICLES;
  harmony->betas = BETAS;
  for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); ++i) {
    const RsStatus status = set_number(&numbers[i], error);
    if (status) {
      return status;
    }
  }
  if (gaussian && harmony->look_ahead) {
    return rs_error(error, RS_ERR_SETTING,
                    "--look-ahead %s: not available for a Gaussian model: use --look-ahead 0",
                    ahead);
  }
  return harmony->look_ahead || (!particles && !steps)
             ? RS_OK
             : rs_error(error, RS_ERR_SETTING, "--%s %s: has no effect without --look-ahead",
                        steps ? "annealing-steps" : "particles", steps ? steps : particles);
}

/* The most notes at a time. */
static int most_notes(const RsRoll *rolls, size_t count) {
  int most = 0;
  for (size_t i = 0; i < count; ++i) {
    for (size_t n = 0; n < rolls[i].frames; ++n) {
      const int notes = rs_frame_count(&rolls[i].on[n]);
      most = notes > most ? notes : most;
    }
  }
  return most;
}

RsStatus rs_harmony_compare_voices(const RsOptions *options, const RsModel *model,
                                   const RsHarmony *harmony) {
  RsSongs songs = {.count = 0};
  const RsStatus status = rs_model_songs(model, &songs);
  const int learned = most_notes(songs.rolls, songs.count);
  const int given = most_notes(&harmony->given, 1);
  if (learned && given > learned) {
    rs_notice(options, "%s: up to %d given notes at a time, the training songs have up to %d",
              options->given.harmonise, given, learned);
  }
  rs_songs_clear(&songs);
  return status;
}

/* ---- Generating ---- */

RsStatus rs_harmony_start(const RsHarmony *harmony, RsGenerator *generator) {
  return rs_generator_follow(generator, &harmony->given, harmony->part);
}

/* Given notes of a frame: the notes that sound, and that none is beyond the limit. */
static RsGivenNotes given_of(const RsHarmony *harmony, size_t frame) {
  const RsRoll *given = &harmony->given;
  RsGivenNotes notes = {.known = given->on[frame],
                        .on = given->on[frame],
                        .begins = rs_roll_begins(given, frame),
                        .velocity = given->velocity ? given->velocity + frame * RS_NOTES : NULL};
  const int limit = harmony->limit[frame];
  const bool bound = limit >= 0 && !harmony->fills;
  for (int note = 0; bound && note < RS_NOTES; ++note) {
    if ((harmony->part == RS_PART_TOP && note > limit) ||
        (harmony->part == RS_PART_BOTTOM && note < limit)) {
      rs_frame_set(&notes.known, note);
    }
  }
  return notes;
}

/* Put a frame that is known altogether into the roll. */
static void take_frame(const RsHarmony *harmony, size_t n, RsRoll *roll) {
  const RsRoll *given = &harmony->given;
  roll->on[n] = given->on[n];
  if (roll->onset) {
    roll->onset[n] = rs_roll_begins(given, n);
  }
  if (roll->velocity && given->velocity) {
    memcpy(roll->velocity + n * RS_NOTES, given->velocity + n * RS_NOTES, RS_NOTES);
  }
}

/* Where the planes of a frame are; NULL where there are none. */
static RsFrame *onset_at(RsRoll *roll, size_t n) {
  return roll->onset ? &roll->onset[n] : NULL;
}

static uint8_t *velocity_at(RsRoll *roll, size_t n) {
  return roll->velocity ? roll->velocity + n * RS_NOTES : NULL;
}

/* Generate frames one after the other. */
static RsStatus make_frames(const RsHarmony *harmony, RsGenerator *generator, RsRoll *roll) {
  RsStatus status = RS_OK;
  for (size_t n = harmony->from; !status && n < harmony->to; ++n) {
    const RsGivenNotes given = given_of(harmony, n);
    rs_generator_clamp(generator, &given);
    status = rs_generator_next(generator, &roll->on[n], onset_at(roll, n), velocity_at(roll, n));
  }
  return status;
}

/* Decide frames as soon as can be, up to the last one that is generated. @param now  As of
 * rs_look_ahead_take(). */
static void decide_frames(const RsHarmony *harmony, RsLookAhead *ahead, bool now, size_t *decided,
                          RsRoll *roll) {
  while (*decided < harmony->to &&
         rs_look_ahead_take(ahead, now, &roll->on[*decided], onset_at(roll, *decided),
                            velocity_at(roll, *decided))) {
    ++*decided;
  }
}

/* Generate frames, and weigh them by later ones, behind a fill also by those that are known. */
static RsStatus look_ahead(const RsHarmony *harmony, RsLookAhead *ahead, RsRoll *roll) {
  size_t decided = harmony->from;
  RsStatus status = RS_OK;
  for (size_t n = harmony->from; !status && n < roll->frames && decided < harmony->to; ++n) {
    if (n < harmony->to) {
      const RsGivenNotes given = given_of(harmony, n);
      status = rs_look_ahead_next(ahead, &given);
    } else {
      status = rs_look_ahead_prime(ahead, &harmony->given, n);
    }
    decide_frames(harmony, ahead, false, &decided, roll);
  }
  decide_frames(harmony, ahead, true, &decided, roll);
  return status;
}

/* A silent roll with the length, tempo and meters of the song. */
static RsStatus new_roll(const RsHarmony *harmony, const char *name, unsigned planes,
                         RsRoll *roll) {
  const RsRoll *given = &harmony->given;
  RsStatus status = rs_roll_init(roll, name, given->frames, planes);
  status = status ? status : rs_meters_copy(given, roll);
  if (!status) {
    roll->bpm = given->bpm;
    roll->frames_per_beat = given->frames_per_beat;
    roll->frame_ms = given->frame_ms;
    roll->meter_beats = given->meter_beats;
    roll->meter_unit = given->meter_unit;
  }
  return status;
}

RsStatus rs_harmony_song(const RsHarmony *harmony, const RsModel *model,
                         const RsGenerateSettings *generate, RsGenerator *generator,
                         const char *name, RsRoll *roll) {
  const RsLookAheadSettings settings = {harmony->look_ahead, harmony->particles, harmony->betas};
  RsLookAhead *ahead = NULL;
  RsStatus status = new_roll(harmony, name, rs_encoding_planes(&model->inputs.encoding), roll);
  for (size_t n = 0; !status && n < roll->frames; ++n) {
    take_frame(harmony, n, roll);
    if (n < harmony->from) {
      status = rs_generator_prime_frame(generator, &harmony->given, n);
    }
  }
  if (!status && harmony->look_ahead) {
    status = rs_look_ahead_new(model, generate, &settings, generator, &ahead, NULL);
    status = status ? status : look_ahead(harmony, ahead, roll);
    rs_look_ahead_free(ahead);
  } else if (!status) {
    status = make_frames(harmony, generator, roll);
  }
  return status;
}

/* ---- Writing ---- */

/* Take given notes out of a frame; a note of the same pitch begins where they end. */
static void take_out(const RsRoll *given, RsRoll *roll, size_t n) {
  for (int i = 0; i < 2; ++i) {
    const uint64_t before = n ? roll->on[n - 1].bits[i] : 0;
    roll->on[n].bits[i] &= ~given->on[n].bits[i];
    if (roll->onset) {
      roll->onset[n].bits[i] |= ~before;
      roll->onset[n].bits[i] &= roll->on[n].bits[i];
    }
  }
  for (int note = 0; roll->velocity && note < RS_NOTES; ++note) {
    if (!rs_frame_has(&roll->on[n], note)) {
      roll->velocity[n * RS_NOTES + (size_t)note] = 0;
    }
  }
}

RsStatus rs_harmony_write(const RsHarmony *harmony, const RsRoll *roll, const RsMidiSettings *how,
                          const char *path, RsError *error) {
  RsRoll given = {.frames = 0}, made = {.frames = 0};
  RsMidiSettings settings = *how;
  const int by = -harmony->transposed;
  settings.bpm = harmony->bpm;
  settings.channel = harmony->channel;
  RsStatus status =
      rs_roll_fit(&harmony->given, 0, RS_NOTES - 1, RS_OUTSIDE_FOLD, by, &given, NULL);
  status = status ? status : rs_roll_fit(roll, 0, RS_NOTES - 1, RS_OUTSIDE_FOLD, 0, &made, NULL);
  if (status) {
    rs_error(error, status, "out of memory");
  } else {
    for (size_t n = 0; n < made.frames; ++n) {
      take_out(&given, &made, n);
    }
    status = rs_given_song_write(&harmony->song, &made, &harmony->settings, &settings, path, error);
  }
  rs_roll_clear(&given);
  rs_roll_clear(&made);
  return status;
}
