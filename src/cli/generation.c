/* SPDX-License-Identifier: ISC */

#include "cli/generation.h"

#include "cli/console.h"
#include "cli/number.h"
#include "cli/song_file.h"

#include "model/meters.h"
#include "model/song_key.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

/* Longest song, frames */
#define LONGEST 16777216

/* A random seed of 32 bits, not 0: short enough to be typed. */
static RsStatus new_seed(uint64_t *seed, RsError *error) {
  uint32_t word = 0;
  while (!word) {
    if (getentropy(&word, sizeof(word))) {
      return rs_error(error, RS_ERR_IO, "cannot get a random seed from the system: add --seed N");
    }
  }
  *seed = word;
  return RS_OK;
}

/* Songs have consecutive seeds; each must be valid for --seed. */
static RsStatus check_seeds(const RsGenerateSettings *settings, RsError *error) {
  const uint64_t room = (uint64_t)INT64_MAX - settings->seed;
  if ((uint64_t)settings->count - 1 > room) {
    return rs_error(error, RS_ERR_SETTING,
                    "--count %d: from seed %" PRIu64 " on there are only %" PRIu64
                    " seeds up to %" PRId64 "; take a smaller --seed",
                    settings->count, settings->seed, room + 1, INT64_MAX);
  }
  return RS_OK;
}

/* Apply the options; only section generate may be changed. */
static RsStatus take_settings(RsGeneration *generation, const RsOptions *options, RsError *error) {
  RsSettings settings = generation->model->settings;
  RsStatus status = rs_options_apply(options, &settings, error);
  RsSettings allowed = generation->model->settings;
  allowed.generate = settings.generate;
  if (!status) {
    status = rs_options_check_fixed(&allowed, &settings, error);
  }
  generation->settings = settings.generate;
  if (!status && !generation->settings.seed) {
    status = new_seed(&generation->settings.seed, error);
  }
  return status ? status : check_seeds(&generation->settings, error);
}

static double frames_per_quarter(const RsGeneration *generation) {
  const RsIngest *roll = &generation->model->settings.roll;
  return roll->frame_ms > 0 ? 60000 / generation->bpm / roll->frame_ms : roll->frames_per_beat;
}

/* Read the prime with the settings that the model's songs were read with. */
static RsStatus take_prime(RsGeneration *generation, const char *path, RsError *error) {
  RsIngestReport report;
  const RsStatus status = rs_read_song_file(path, &generation->model->settings.roll,
                                            &generation->prime, &report, error);
  generation->prime_transposed = status ? 0 : report.transposed;
  rs_ingest_report_clear(&report);
  return status;
}

/* The given notes of --harmonise stand in for a prime: meter, key and tempo are those of the song.
 */
static RsStatus take_harmony(RsGeneration *generation, const RsOptions *options, RsError *error) {
  const RsIngest *settings = &generation->model->settings.roll;
  RsRoll copy = {.frames = 0};
  RsStatus status = rs_harmony_new(options, settings, &generation->harmony, error);
  status = status
               ? status
               : rs_harmony_set_look_ahead(options, generation->model, generation->harmony, error);
  if (status) {
    return status;
  }
  generation->prime_transposed = generation->harmony->transposed;
  status = rs_harmony_compare_voices(options, generation->model, generation->harmony);
  status = status ? status
                  : rs_roll_fit(&generation->harmony->given, 0, RS_NOTES - 1, RS_OUTSIDE_DROP, 0,
                                &copy, NULL);
  status = status ? status : rs_songs_add(&generation->prime, &copy);
  rs_roll_clear(&copy);
  return status ? rs_error(error, status, "out of memory") : RS_OK;
}

/* Index the runs of the training songs for --no-copy. */
static RsStatus index_runs(RsGeneration *generation, RsError *error) {
  const int no_copy = generation->settings.no_copy;
  return no_copy ? rs_model_index_runs(generation->model, (size_t)no_copy, error) : RS_OK;
}

/* Handle a meter that the model has not learned: an error, or with --nearest-meter another one. */
static RsStatus not_learned(RsGeneration *generation, const RsOptions *options, unsigned beats,
                            unsigned unit, RsError *error) {
  const RsInputs *inputs = &generation->model->inputs;
  const int nearest = options->music.nearest_meter ? rs_nearest_meter(inputs, beats, unit) : -1;
  char known[RS_METER_NAMES_SIZE];
  rs_meter_names(inputs, known);
  if (nearest >= 0) {
    generation->settings.meter_beats = (int)inputs->meters[nearest].beats;
    generation->settings.meter_unit = (int)inputs->meters[nearest].unit;
    rs_notice(options,
              "the model was not trained on %u/%u; of its meters (%s), %u/%u is the "
              "nearest",
              beats, unit, known, inputs->meters[nearest].beats, inputs->meters[nearest].unit);
  } else if (*known && generation->settings.meter_beats) {
    return rs_error(
        error, RS_ERR_SETTING,
        "--meter %u/%u: the model was not trained on it; its meters are %s; use --nearest-meter "
        "for the nearest of them",
        beats, unit, known);
  } else if (*known) {
    rs_notice(
        options,
        "%s: the model was not trained on %u/%u, and continues without a position in the bar; "
        "its meters are %s; use %s--nearest-meter for the nearest of them",
        options->prime ? options->prime : options->given.harmonise, beats, unit, known,
        options->prime ? "--meter N/D, or " : "");
  }
  return RS_OK;
}

/* Check whether the model has learned the meter of --meter, or else the last meter of the prime. */
static RsStatus check_meter(RsGeneration *generation, const RsOptions *options, RsError *error) {
  const RsGenerateSettings *settings = &generation->settings;
  const RsRoll *prime = generation->prime.count ? generation->prime.rolls : NULL;
  unsigned beats = (unsigned)settings->meter_beats, unit = (unsigned)settings->meter_unit;
  if (!beats && prime && prime->meter_count) {
    beats = prime->meters[prime->meter_count - 1].beats;
    unit = prime->meters[prime->meter_count - 1].unit;
  }
  return !beats || rs_inputs_meter(&generation->model->inputs, beats, unit) >= 0
             ? RS_OK
             : not_learned(generation, options, beats, unit, error);
}

/* Choose the meter in which bars are counted: of --meter, the prime, or most training songs. */
static void take_meter(RsGeneration *generation) {
  const RsTrainingSummary *training = &generation->model->training;
  const RsGenerateSettings *settings = &generation->settings;
  const RsRoll *prime = generation->prime.count ? generation->prime.rolls : NULL;
  generation->meter_beats = training->meter_beats;
  generation->meter_unit = training->meter_unit;
  if (settings->meter_beats) {
    generation->meter_beats = (unsigned)settings->meter_beats;
    generation->meter_unit = (unsigned)settings->meter_unit;
  } else if (prime && prime->meter_count) {
    generation->meter_beats = prime->meters[prime->meter_count - 1].beats;
    generation->meter_unit = prime->meters[prime->meter_count - 1].unit;
  }
}

/* Choose tempo and length: of the settings, or else of the training songs. */
static RsStatus take_length(RsGeneration *generation, RsError *error) {
  const RsTrainingSummary *training = &generation->model->training;
  const RsGenerateSettings *settings = &generation->settings;
  generation->bpm = settings->bpm > 0 ? settings->bpm : training->bpm > 0 ? training->bpm : 120;
  const double quarters =
      generation->meter_unit ? 4.0 * generation->meter_beats / generation->meter_unit : 4.0;
  const double frames = settings->frames > 0
                            ? settings->frames
                            : round(settings->bars * quarters * frames_per_quarter(generation));
  if (!(frames >= 1 && frames <= LONGEST)) {
    return rs_error(error, RS_ERR_SETTING, "%d bars are %.0f frames: must be 1 to %d",
                    settings->bars, frames, LONGEST);
  }
  generation->frames = (size_t)frames;
  return RS_OK;
}

/* Length and tempo of a song that is harmonised, unless another tempo is given. */
static void take_song_length(RsGeneration *generation, const RsOptions *options) {
  RsHarmony *harmony = generation->harmony;
  const RsGenerateSettings *settings = &generation->settings;
  harmony->bpm = rs_options_is_set(options, "generate.bpm") ? settings->bpm : 0;
  harmony->channel =
      rs_options_is_set(options, "generate.channel") ? (unsigned)settings->channel : 0;
  generation->frames = harmony->given.frames;
  generation->bpm = harmony->bpm > 0 ? harmony->bpm : harmony->given.bpm;
}

/* Parse --split and --voices. */
static RsStatus take_parts(RsGeneration *generation, const RsOptions *options, RsError *error) {
  const char *split = options->live.split;
  long note = 0;
  const bool valid = !split || rs_parse_number(split, 1, RS_NOTES - 1, &note);
  generation->parts = options->live.voices ? RS_PARTS_VOICES
                      : split              ? RS_PARTS_SPLIT
                                           : RS_PARTS_ONE;
  generation->split = (unsigned)note;
  return valid ? RS_OK
               : rs_error(error, RS_ERR_SETTING,
                          "--split %.80s: must be a MIDI number, 1 to %d; 60 is middle C", split,
                          RS_NOTES - 1);
}

/* Whether targets depend on the pitch at which the result sounds. */
static bool steers_pitch(const RsOptions *options) {
  return options->music.pitch || options->music.key_weights;
}

/* Pitches are steered before --key moves the song: the way to its key must be known by then. */
static RsStatus check_steering(const RsGeneration *generation, const RsOptions *options,
                               RsError *error) {
  return steers_pitch(options) && generation->transposition.to_key &&
                 !rs_generation_key_is_known(generation)
             ? rs_error(error, RS_ERR_SETTING,
                        "%s with --key: the key of this model's music is known only after "
                        "generation; use --transpose instead of --key",
                        options->music.pitch ? "--register" : "--key-weights")
             : RS_OK;
}

RsStatus rs_generation_init(const char *path, const RsOptions *options, RsGeneration *out,
                            RsError *error) {
  *out = (RsGeneration){.model = NULL};
  RsStatus status = rs_model_load(path, &out->model, error);
  if (!status) {
    status = take_settings(out, options, error);
  }
  if (!status && options->prime) {
    status = take_prime(out, options->prime, error);
  }
  if (!status && options->given.harmonise) {
    status = take_harmony(out, options, error);
  }
  if (!status) {
    status = rs_transposition_parse(options->music.transpose, options->music.key,
                                    &out->transposition, error);
  }
  if (!status) {
    status = take_parts(out, options, error);
  }
  if (!status) {
    status = rs_steering_parse(options, &out->steering, error);
  }
  if (!status) {
    status = check_steering(out, options, error);
  }
  if (!status) {
    status = index_runs(out, error);
  }
  if (!status) {
    status = check_meter(out, options, error);
  }
  if (!status) {
    take_meter(out);
    status = take_length(out, error);
  }
  if (!status && out->harmony) {
    take_song_length(out, options);
  }
  return status;
}

void rs_generation_clear(RsGeneration *generation) {
  rs_songs_clear(&generation->prime);
  rs_harmony_free(generation->harmony);
  rs_model_free(generation->model);
}

uint64_t rs_generation_seed(const RsGeneration *generation, int index) {
  return generation->settings.seed + (uint64_t)index;
}

/* Steer a generator so that its music meets the targets after transposition. */
static RsStatus steer(const RsGeneration *generation, int index, RsGenerator *generator) {
  const RsTranspositionOptions *move = &generation->transposition;
  const bool known = !move->to_key || rs_generation_key_is_known(generation);
  int by = 0;
  const RsStatus status = known ? rs_generation_transposition(generation, index, &by) : RS_OK;
  const RsSteering steering = rs_steering_before(&generation->steering, by);
  rs_generator_steer(generator, &steering);
  return status;
}

RsStatus rs_generation_generator(const RsGeneration *generation, int index, RsGenerator **out,
                                 RsError *error) {
  const uint64_t seed = rs_generation_seed(generation, index);
  RsStatus status = rs_generator_new(generation->model, &generation->settings, seed, out, error);
  if (!status && generation->harmony) {
    status = rs_harmony_start(generation->harmony, *out);
  } else if (!status && generation->prime.count) {
    status = rs_generator_prime(*out, &generation->prime.rolls[0]);
  }
  return status ? status : steer(generation, index, *out);
}

/* Songs that continue a prime are in its key. */
bool rs_generation_key_is_known(const RsGeneration *generation) {
  const RsModel *model = generation->model;
  return generation->prime.count ? model->settings.roll.transpose == RS_TRANSPOSE_COMMON
                                 : rs_model_knows_key(model);
}

int rs_generation_key(const RsGeneration *generation, int index) {
  return generation->prime.count ? 0
                                 : rs_generator_key(generation->model, &generation->settings,
                                                    rs_generation_seed(generation, index));
}

/* Generate a song to estimate its key, where there is no prime. */
static RsStatus sample_song(const RsGeneration *generation, int index, RsRoll *song) {
  RsGenerator *generator = NULL;
  RsStatus status = rs_generation_generator(generation, index, &generator, NULL);
  if (!status) {
    status = rs_generator_song(generator, NULL, generation->frames, song);
  }
  rs_generator_free(generator);
  return status;
}

RsStatus rs_generation_transposition(const RsGeneration *generation, int index, int *semitones) {
  const RsTranspositionOptions *move = &generation->transposition;
  const RsRoll *song = generation->prime.count ? &generation->prime.rolls[0] : NULL;
  RsRoll sample = {.frames = 0};
  RsStatus status = RS_OK;
  if (!move->to_key || rs_generation_key_is_known(generation)) {
    song = NULL;
  } else if (!song) {
    status = sample_song(generation, index, &sample);
    song = &sample;
  }
  if (!status) {
    const int key = song ? 0 : rs_generation_key(generation, index);
    *semitones = rs_transposition_semitones(move, song, key, generation->prime_transposed);
  }
  rs_roll_clear(&sample);
  return status;
}

/* Make all frames of a song, as they are before transposition. */
static RsStatus make_frames(const RsGeneration *generation, int index, const char *name,
                            RsRoll *made, RsSteeringReport *steered, RsError *error) {
  RsGenerator *generator = NULL;
  RsStatus status = rs_generation_generator(generation, index, &generator, error);
  if (!status && steered && rs_steering_active(&generation->steering)) {
    status = rs_generator_measure_steering(generator);
  }
  if (!status && generation->harmony) {
    status = rs_harmony_song(generation->harmony, generation->model, &generation->settings,
                             generator, name, made);
  } else if (!status) {
    status = rs_generator_song(generator, name, generation->frames, made);
  }
  if (!status && steered) {
    *steered = rs_generator_steering_report(generator);
  }
  rs_generator_free(generator);
  return status;
}

RsStatus rs_generation_song(const RsGeneration *generation, int index, const char *name,
                            RsRoll *roll, RsSteeringReport *steered, RsError *error) {
  RsRoll made = {.frames = 0};
  int by = 0;
  RsStatus status = make_frames(generation, index, name, &made, steered, error);
  if (!status) {
    status = rs_generation_transposition(generation, index, &by);
  }
  if (!status) {
    status = rs_roll_fit(&made, 0, RS_NOTES - 1, RS_OUTSIDE_FOLD, by, roll, NULL);
  }
  if (steered && steered->pitch > 0) {
    steered->pitch += by;
  }
  rs_roll_clear(&made);
  return status;
}
