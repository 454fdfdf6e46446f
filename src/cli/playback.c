/* SPDX-License-Identifier: ISC */

#include "cli/playback.h"

#include "cli/console.h"
#include "cli/file_type.h"
#include "cli/song_file.h"

#include "live/transposed_source.h"
#include "live/concat_source.h"
#include "music/file.h"
#include "music/midi_read.h"

#include <rollsmith/model_source.h>
#include <rollsmith/score_source.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Frames per quarter note in which a .roll is played and --frames counts in a file: it divides by
   triplets and sixteenths. */
enum { FINE_FRAMES = 24 };

/* Seconds for which a missing port is waited for, without --wait */
#define PATIENCE 10

/* Refuse --bpm 0: the value 0 of the key, the tempo of the model or file, is the default. */
static RsStatus check_tempo(const RsOptions *options, RsError *error) {
  for (size_t i = 0; i < options->assignment_count; ++i) {
    const RsAssignment *one = &options->assignments[i];
    if (one->key && !strcmp(one->key, "generate.bpm") && !(strtod(one->value, NULL) >= 4)) {
      return rs_error(error, RS_ERR_SETTING, "%s %s: a tempo must be 4 to 1000 beats a minute",
                      one->origin, one->value);
    }
  }
  return RS_OK;
}

/* Take frames, meter and tempo of a roll, as export writes them. */
static void take_time(RsPlayback *playback, const RsRoll *roll, double bpm, unsigned velocity) {
  RsPlayerSettings *settings = &playback->settings;
  settings->frames_per_beat = roll->frames_per_beat;
  settings->frame_ms = roll->frame_ms;
  settings->bpm = bpm;
  settings->performance = rs_performance_of(roll, velocity);
  playback->frames_per_quarter = rs_roll_frames_per_quarter(roll);
  playback->quarters_per_bar = roll->meter_unit ? 4.0 * roll->meter_beats / roll->meter_unit : 4;
}

/* Make the generator of song number `index`; with --sync it starts at position 0 of the clock. */
static RsStatus new_generator(const RsPlayback *playback, size_t index, RsGenerator **out,
                              RsError *error) {
  RsStatus status = rs_generation_generator(&playback->generation, (int)index, out, error);
  if (!status && playback->settings.follow) {
    status = rs_generator_go_to(*out, 0);
  }
  return status;
}

/* Transpose a song by --transpose and --key. */
static RsStatus move_song(const RsGeneration *generation, size_t index, RsFrameSource **source) {
  RsFrameSource *moved = NULL;
  int by = 0;
  RsStatus status = rs_generation_transposition(generation, (int)index, &by);
  if (!status && by) {
    status = rs_frame_source_transposed(*source, by, &moved);
  }
  *source = moved ? moved : *source;
  return status;
}

/* With --follow the source of a model accompanies a person, who is silent after a bar. */
static RsStatus accompany(const RsPlayback *playback, RsFrameSource *source) {
  const double bar = playback->quarters_per_bar * playback->frames_per_quarter;
  return playback->accompanies
             ? rs_frame_source_accompany(source, playback->when_silent, (size_t)fmax(lrint(bar), 1))
             : RS_OK;
}

/* Make the source of song number `index`, as RsSourceFactory. */
static RsStatus make_song(void *context, size_t index, RsFrameSource **out) {
  RsPlayback *playback = context;
  const RsGeneration *generation = &playback->generation;
  RsGenerator *generator = playback->first;
  playback->first = NULL;
  RsStatus status = generator ? RS_OK : new_generator(playback, index, &generator, NULL);
  *out = NULL;
  if (!status) {
    const RsRoll *prime = generation->prime.count ? &generation->prime.rolls[0] : NULL;
    status = rs_frame_source_model(generation->model, &generation->settings, prime, generator, out);
  }
  if (!*out) {
    rs_generator_free(generator);
    return status;
  }
  status = accompany(playback, *out);
  status = status ? status : move_song(generation, index, out);
  if (status) {
    rs_frame_source_free(*out);
    *out = NULL;
  }
  return status;
}

/* Repeat the meters of the first song for all songs. */
static RsStatus repeat_meters(RsRoll *shape, size_t count, size_t frames) {
  const size_t changes = shape->meter_count;
  RsStatus status = RS_OK;
  for (size_t i = changes; !status && i < count * changes; ++i) {
    const RsMeterChange change = shape->meters[i % changes];
    if (change.frame < frames) {
      status =
          rs_roll_add_meter(shape, i / changes * frames + change.frame, change.beats, change.unit);
    }
  }
  return status;
}

static RsStatus take_shape(RsPlayback *playback, size_t count, RsError *error) {
  const RsGeneration *generation = &playback->generation;
  RsRoll *shape = &playback->shape;
  RsStatus status = new_generator(playback, 0, &playback->first, error);
  if (!status) {
    status = rs_generator_describe(playback->first, shape);
  }
  if (!status) {
    status = repeat_meters(shape, count, generation->frames);
  }
  take_time(playback, shape, generation->bpm, (unsigned)generation->settings.velocity);
  return status;
}

static RsStatus take_model(const RsOptions *options, RsPlayback *playback, RsError *error) {
  RsGeneration *generation = &playback->generation;
  RsStatus status = rs_generation_init(options->operands[0], options, generation, error);
  if (status) {
    return status;
  }
  const bool endless = options->live.loop || options->live.listen || options->live.follow;
  const size_t count = endless ? 1 : (size_t)generation->settings.count;
  status = take_shape(playback, count, error);
  if (status) {
    return status;
  }
  playback->settings.channel = (unsigned)generation->settings.channel;
  playback->settings.performance.parts = generation->parts;
  playback->settings.performance.split = generation->split;
  playback->settings.program = generation->settings.program;
  playback->settings.seed = rs_generation_seed(generation, 0);
  playback->settings.frames = count * generation->frames;
  status = rs_frame_source_concat(count, endless ? SIZE_MAX : generation->frames, make_song,
                                  playback, &playback->source);
  return status ? rs_error(error, status, "%s: %s", options->operands[0], rs_status_text(status))
                : RS_OK;
}

/* Length to be played, in quarter notes; 0: all. */
static double song_quarters(const RsPlayback *playback, const RsOptions *options,
                            const RsGenerateSettings *settings) {
  if (settings->frames > 0) {
    return (double)settings->frames / FINE_FRAMES;
  }
  return rs_options_is_set(options, "generate.bars") ? settings->bars * playback->quarters_per_bar
                                                     : 0;
}

/* Play a MIDI file unchanged. @return RS_ERR_FORMAT where it is not a MIDI file. */
static RsStatus take_score(const RsOptions *options, RsPlayback *playback,
                           const RsGenerateSettings *generate) {
  const RsScoreSettings how = {
      .channel = rs_options_is_set(options, "generate.channel") ? generate->channel : 0,
      .program = rs_options_is_set(options, "generate.program") ? generate->program : -1,
      .quarters = song_quarters(playback, options, generate),
      .loop = options->live.loop};
  RsPlayerSettings *settings = &playback->settings;
  RsBytes bytes;
  RsStatus status = rs_read_file(options->operands[0], RS_MIDI_SIZE_MAX, &bytes, NULL);
  if (status) {
    return status;
  }
  unsigned division = 0;
  status = rs_frame_source_score(bytes.data, bytes.size, &how, &division, &settings->score_bpm,
                                 &playback->source);
  free(bytes.data);
  if (!status) {
    settings->frames_per_beat = division;
    settings->frame_ms = 0;
    settings->bpm = generate->bpm > 0 ? generate->bpm : settings->score_bpm;
    settings->program = -1; /* program changes are in the file */
    settings->frames = 0;   /* the source ends by itself */
    playback->frames_per_quarter = division;
    playback->left_out = rs_score_source_left_out(playback->source);
  }
  return status;
}

static RsStatus is_for_models(const RsOptions *options, const char *option, RsError *error) {
  return rs_error(error, RS_ERR_SETTING,
                  "%s: %s is a file, which is played unchanged; %s is for models", option,
                  options->operands[0], option);
}

/* Whether a setting applies to files; all others apply to models only. */
static bool is_for_files(const RsAssignment *one) {
  static const char *const keys[] = {"bpm", "channel", "program", "velocity", "bars", "frames"};
  const char *set = one->key ? one->key : one->value;
  const char *name = strchr(set, '.') ? strchr(set, '.') + 1 : set;
  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); ++i) {
    if (!strncmp(name, keys[i], strlen(keys[i])) && strchr("=", name[strlen(keys[i])])) {
      return !strncmp(set, "generate.", strlen("generate."));
    }
  }
  return false;
}

/* Refuse options that apply to models only. */
static RsStatus check_file_options(const RsOptions *options, RsError *error) {
  const char *name = options->music.transpose       ? "--transpose"
                     : options->music.key           ? "--key"
                     : options->prime               ? "--prime"
                     : options->music.nearest_meter ? "--nearest-meter"
                     : options->live.split          ? "--split"
                     : options->live.voices         ? "--voices"
                                                    : rs_steering_option(options);
  const char *input = options->live.listen ? "--listen" : options->live.follow ? "--follow" : NULL;
  if (input) {
    return rs_error(error, RS_ERR_SETTING, "%s: %s is a file; %s is for models", input,
                    options->operands[0], input);
  }
  for (size_t i = 0; i < options->assignment_count && !name; ++i) {
    const RsAssignment *one = &options->assignments[i];
    name = is_for_files(one) ? NULL : one->origin;
  }
  return name ? is_for_models(options, name, error) : RS_OK;
}

static RsStatus take_song(const RsOptions *options, RsPlayback *playback, RsError *error) {
  RsIngest how = rs_ingest_verbatim();
  RsSettings settings;
  how.frames_per_beat = FINE_FRAMES;
  how.velocity = true;
  rs_settings_init(&settings);
  RsStatus status = check_file_options(options, error);
  if (!status) {
    status = rs_options_apply(options, &settings, error);
  }
  if (!status) {
    status = rs_read_song_file(options->operands[0], &how, &playback->songs, NULL, error);
  }
  if (status) {
    return status;
  }
  const RsGenerateSettings *generate = &settings.generate;
  const RsRoll *roll = &playback->songs.rolls[0];
  take_time(playback, roll, generate->bpm > 0 ? generate->bpm : roll->bpm,
            (unsigned)generate->velocity);
  playback->settings.channel = (unsigned)generate->channel;
  playback->settings.program =
      rs_options_is_set(options, "generate.program") ? generate->program : -1;
  playback->settings.seed = generate->seed;
  playback->settings.frames =
      (size_t)lrint(song_quarters(playback, options, generate) * playback->frames_per_quarter);
  status = take_score(options, playback, generate);
  if (!status && rs_options_is_set(options, "generate.velocity")) {
    return is_for_models(options, "--velocity", error);
  }
  return status == RS_ERR_FORMAT ? rs_frame_source_roll(roll, options->live.loop, &playback->source)
                                 : status;
}

/* --follow and --when-silent. */
static RsStatus take_partner(const RsOptions *options, RsPlayback *playback, RsError *error) {
  const char *when = options->live.when_silent;
  playback->accompanies = options->live.follow;
  if (when && !options->live.follow) {
    return rs_error(error, RS_ERR_SETTING, "--when-silent: applies to --follow PORT only");
  }
  if (options->live.follow && options->live.listen) {
    return rs_error(error, RS_ERR_SETTING,
                    "--follow: cannot be combined with --listen, which waits for silence");
  }
  playback->when_silent = when && !strcmp(when, "rest") ? RS_WHEN_SILENT_REST : RS_WHEN_SILENT_LEAD;
  if (when && playback->when_silent == RS_WHEN_SILENT_LEAD && strcmp(when, "lead") != 0) {
    return rs_error(error, RS_ERR_SETTING, "--when-silent %s: must be lead or rest", when);
  }
  return RS_OK;
}

RsStatus rs_playback_init(const RsOptions *options, RsPlayback *playback, RsError *error) {
  RsFileType kind = RS_FILE_SONG;
  *playback = (RsPlayback){.settings.follow = options->live.sync};
  RsStatus status = check_tempo(options, error);
  status = status ? status : take_partner(options, playback, error);
  if (!status) {
    status = rs_file_type(options->operands[0], &kind, error);
  }
  if (!status) {
    playback->is_model = kind == RS_FILE_MODEL;
    status = playback->is_model ? take_model(options, playback, error)
                                : take_song(options, playback, error);
  }
  playback->settings.frames = options->live.loop || options->live.listen || options->live.follow
                                  ? 0
                                  : playback->settings.frames;
  playback->settings.clock = options->live.clock;
  playback->settings.patience = options->live.wait ? -1 : PATIENCE;
  return status;
}

void rs_playback_print_left_out(const RsPlayback *playback, const RsOptions *options) {
  const size_t count = playback->left_out;
  if (count) {
    rs_notice(options, "%s: %zu system-exclusive message%s left out", options->operands[0], count,
              count == 1 ? " is" : "s are");
  }
}

void rs_playback_clear(RsPlayback *playback) {
  rs_frame_source_free(playback->source);
  rs_generator_free(playback->first);
  rs_roll_clear(&playback->shape);
  rs_generation_clear(&playback->generation);
  rs_songs_clear(&playback->songs);
}
