#include "cli/compose.h"

#include "cli/output.h"
#include "cli/song_file.h"

#include "model/meters.h"

#include <inttypes.h>
#include <math.h>
#include <unistd.h>

/// Longest song, frames
#define LONGEST 16777216

/// A seed that is not 0 and not too long to be typed
static RsStatus new_seed(uint64_t *seed, RsError *error) {
  uint32_t word = 0;
  while (!word) {
    if (getentropy(&word, sizeof(word))) {
      return rs_error(error, RS_ERR_IO, "the system gives no random numbers: add --seed N");
    }
  }
  *seed = word;
  return RS_OK;
}

/// Songs have seeds that follow each other, and each must be one that --seed takes
static RsStatus check_seeds(const RsGenerateSettings *settings, RsError *error) {
  const uint64_t room = (uint64_t)INT64_MAX - settings->seed;
  if ((uint64_t)settings->count - 1 > room) {
    return rs_error(error, RS_ERR_SETTING,
                    "--count %d: from seed %" PRIu64 " on, there are only %" PRIu64
                    " seeds up to %" PRId64 "; take a smaller --seed",
                    settings->count, settings->seed, room + 1, INT64_MAX);
  }
  return RS_OK;
}

/// Only what is said of generating has a say
static RsStatus take_settings(RsComposition *composition, const RsOptions *options,
                              RsError *error) {
  RsSettings settings = composition->model->settings;
  RsStatus status = rs_options_apply(options, &settings, error);
  RsSettings allowed = composition->model->settings;
  allowed.generate = settings.generate;
  if (!status) {
    status = rs_options_settled(&allowed, &settings, error);
  }
  composition->settings = settings.generate;
  if (!status && !composition->settings.seed) {
    status = new_seed(&composition->settings.seed, error);
  }
  return status ? status : check_seeds(&composition->settings, error);
}

static double frames_per_quarter(const RsComposition *composition) {
  const RsIngest *roll = &composition->model->settings.roll;
  return roll->frame_ms > 0 ? 60000 / composition->bpm / roll->frame_ms : roll->frames_per_beat;
}

/// The song that is heard first, as the model's songs were read
static RsStatus take_prime(RsComposition *composition, const char *path, RsError *error) {
  RsIngestReport report;
  const RsStatus status = rs_read_song_file(path, &composition->model->settings.roll,
                                            &composition->prime, &report, error);
  composition->moved = status ? 0 : report.transposed;
  rs_ingest_report_clear(&report);
  return status;
}

/// What is not to be copied
static RsStatus index_runs(RsComposition *composition, RsError *error) {
  const int no_copy = composition->settings.no_copy;
  return no_copy ? rs_model_index_runs(composition->model, (size_t)no_copy, error) : RS_OK;
}

/// A meter that the model has not learned: another one is taken only where that is wanted
static RsStatus not_learned(RsComposition *composition, const RsOptions *options, unsigned beats,
                            unsigned unit, RsError *error) {
  const RsInputs *inputs = &composition->model->inputs;
  const int nearest = options->nearest_meter ? rs_nearest_meter(inputs, beats, unit) : -1;
  char known[RS_METER_NAMES_SIZE];
  rs_meter_names(inputs, known);
  if (nearest >= 0) {
    composition->settings.meter_beats = (int)inputs->meters[nearest].beats;
    composition->settings.meter_unit = (int)inputs->meters[nearest].unit;
    rs_say(options, "the model has not learned %u/%u; of those it knows (%s), %u/%u is nearest",
           beats, unit, known, inputs->meters[nearest].beats, inputs->meters[nearest].unit);
  } else if (*known && composition->settings.meter_beats) {
    return rs_error(
        error, RS_ERR_SETTING,
        "--meter %u/%u: the model has not learned it; it knows %s; --nearest-meter takes "
        "the nearest",
        beats, unit, known);
  } else if (*known) {
    rs_say(options,
           "%s: the model has not learned %u/%u, and goes on without knowing its place in the bar; "
           "it knows %s; --meter N/D takes one of these, --nearest-meter the nearest",
           options->prime, beats, unit, known);
  }
  return RS_OK;
}

/// See whether the model has learned the meter that was asked for, or else the prime's last one
static RsStatus check_meter(RsComposition *composition, const RsOptions *options, RsError *error) {
  const RsGenerateSettings *settings = &composition->settings;
  const RsRoll *prime = composition->prime.count ? composition->prime.rolls : NULL;
  unsigned beats = (unsigned)settings->meter_beats, unit = (unsigned)settings->meter_unit;
  if (!beats && prime && prime->meter_count) {
    beats = prime->meters[prime->meter_count - 1].beats;
    unit = prime->meters[prime->meter_count - 1].unit;
  }
  return !beats || rs_inputs_meter(&composition->model->inputs, beats, unit) >= 0
             ? RS_OK
             : not_learned(composition, options, beats, unit, error);
}

/// The meter that bars are counted in: the one that was asked for, the prime's, that of most songs
static void take_meter(RsComposition *composition) {
  const RsTrainingSummary *training = &composition->model->training;
  const RsGenerateSettings *settings = &composition->settings;
  const RsRoll *prime = composition->prime.count ? composition->prime.rolls : NULL;
  composition->meter_beats = training->meter_beats;
  composition->meter_unit = training->meter_unit;
  if (settings->meter_beats) {
    composition->meter_beats = (unsigned)settings->meter_beats;
    composition->meter_unit = (unsigned)settings->meter_unit;
  } else if (prime && prime->meter_count) {
    composition->meter_beats = prime->meters[prime->meter_count - 1].beats;
    composition->meter_unit = prime->meters[prime->meter_count - 1].unit;
  }
}

/// Tempo and length, from the settings or else from the songs that the model learned
static RsStatus take_length(RsComposition *composition, RsError *error) {
  const RsTrainingSummary *training = &composition->model->training;
  const RsGenerateSettings *settings = &composition->settings;
  composition->bpm = settings->bpm > 0 ? settings->bpm : training->bpm > 0 ? training->bpm : 120;
  const double quarters =
      composition->meter_unit ? 4.0 * composition->meter_beats / composition->meter_unit : 4.0;
  const double frames = settings->frames > 0
                            ? settings->frames
                            : round(settings->bars * quarters * frames_per_quarter(composition));
  if (!(frames >= 1 && frames <= LONGEST)) {
    return rs_error(error, RS_ERR_SETTING, "%d bars are %.0f frames: must be 1 to %d",
                    settings->bars, frames, LONGEST);
  }
  composition->frames = (size_t)frames;
  return RS_OK;
}

RsStatus rs_composition_init(const char *path, const RsOptions *options, RsComposition *out,
                             RsError *error) {
  *out = (RsComposition){.model = NULL};
  RsStatus status = rs_model_load(path, &out->model, error);
  if (!status) {
    status = take_settings(out, options, error);
  }
  if (!status && options->prime) {
    status = take_prime(out, options->prime, error);
  }
  if (!status) {
    status = rs_transposition_parse(options->transpose, options->key, &out->transposition, error);
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
  return status;
}

void rs_composition_clear(RsComposition *composition) {
  rs_songs_clear(&composition->prime);
  rs_model_free(composition->model);
}

uint64_t rs_composition_seed(const RsComposition *composition, int index) {
  return composition->settings.seed + (uint64_t)index;
}

RsStatus rs_composition_generator(const RsComposition *composition, int index, RsGenerator **out,
                                  RsError *error) {
  const uint64_t seed = rs_composition_seed(composition, index);
  RsStatus status = rs_generator_new(composition->model, &composition->settings, seed, out, error);
  if (!status && composition->prime.count) {
    status = rs_generator_prime(*out, &composition->prime.rolls[0]);
  }
  return status;
}

/// Its songs were in these keys, or it is told their key
bool rs_composition_is_common(const RsComposition *composition) {
  const RsSettings *settings = &composition->model->settings;
  const RsTrainSettings *train = &settings->train;
  const bool in_place = !train->transpose_low && !train->transpose_high;
  return settings->roll.transpose == RS_TRANSPOSE_COMMON &&
         (composition->prime.count || composition->model->inputs.plan || in_place);
}

int rs_composition_key(const RsComposition *composition, int index) {
  return composition->prime.count ? 0
                                  : rs_generator_key(composition->model, &composition->settings,
                                                     rs_composition_seed(composition, index));
}

/// A song to tell the key of, where there is no prime
static RsStatus sample_song(const RsComposition *composition, int index, RsRoll *song) {
  RsGenerator *generator = NULL;
  RsStatus status = rs_composition_generator(composition, index, &generator, NULL);
  if (!status) {
    status = rs_generator_song(generator, NULL, composition->frames, song);
  }
  rs_generator_free(generator);
  return status;
}

RsStatus rs_composition_transposition(const RsComposition *composition, int index, int *semitones) {
  const RsMove *move = &composition->transposition;
  const RsRoll *song = composition->prime.count ? &composition->prime.rolls[0] : NULL;
  RsRoll sample = {.frames = 0};
  RsStatus status = RS_OK;
  if (!move->to_key || rs_composition_is_common(composition)) {
    song = NULL;
  } else if (!song) {
    status = sample_song(composition, index, &sample);
    song = &sample;
  }
  if (!status) {
    const int key = song ? 0 : rs_composition_key(composition, index);
    *semitones = rs_transposition_of(move, song, key, composition->moved);
  }
  rs_roll_clear(&sample);
  return status;
}

RsStatus rs_composition_song(const RsComposition *composition, int index, const char *name,
                             RsRoll *roll, RsError *error) {
  RsGenerator *generator = NULL;
  RsRoll made = {.frames = 0};
  int by = 0;
  RsStatus status = rs_composition_generator(composition, index, &generator, error);
  if (!status) {
    status = rs_generator_song(generator, name, composition->frames, &made);
  }
  rs_generator_free(generator);
  if (!status) {
    status = rs_composition_transposition(composition, index, &by);
  }
  if (!status) {
    status = rs_roll_fit(&made, 0, RS_NOTES - 1, RS_OUTSIDE_FOLD, by, roll, NULL);
  }
  rs_roll_clear(&made);
  return status;
}
