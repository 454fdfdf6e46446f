#include "cli/piece.h"

#include "cli/kind.h"
#include "cli/song_file.h"

#include "live/moved_source.h"
#include "live/row_source.h"
#include "music/file.h"
#include "music/midi_read.h"

#include <rollsmith/model_source.h>
#include <rollsmith/score_source.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/// Frames of a quarter note that --frames counts in a file, and in which a roll is played
enum { FINE_FRAMES = 24 };

/// Seconds that a port may be gone
#define PATIENCE 10

/// Tempo 0 is that of the model or file; no one asks for that in so many words
static RsStatus refuse_no_tempo(const RsOptions *options, RsError *error) {
  for (size_t i = 0; i < options->assignment_count; ++i) {
    const RsAssignment *one = &options->assignments[i];
    if (one->key && !strcmp(one->key, "generate.bpm") && !(strtod(one->value, NULL) >= 4)) {
      return rs_error(error, RS_ERR_SETTING, "%s %s: a tempo must be 4 to 1000 beats a minute",
                      one->origin, one->value);
    }
  }
  return RS_OK;
}

/// The frames, meter and tempo of a roll, as export writes them
static void take_time(RsPiece *piece, const RsRoll *roll, double bpm, unsigned velocity) {
  RsPlayerSettings *settings = &piece->settings;
  settings->frames_per_beat = roll->frames_per_beat;
  settings->frame_ms = roll->frame_ms;
  settings->bpm = bpm;
  settings->performance = rs_performance_of(roll, velocity);
  piece->frames_per_quarter = rs_roll_frames_per_quarter(roll);
  piece->quarters_per_bar = roll->meter_unit ? 4.0 * roll->meter_beats / roll->meter_unit : 4;
}

/// A generator of song number `index`; with --sync the clock says where in the bar it begins
static RsStatus new_generator(const RsPiece *piece, size_t index, RsGenerator **out,
                              RsError *error) {
  RsStatus status = rs_composition_generator(&piece->composition, (int)index, out, error);
  if (!status && piece->settings.follow) {
    status = rs_generator_go_to(*out, 0);
  }
  return status;
}

/// Transpose a song as it is wanted
static RsStatus move_song(const RsComposition *composition, size_t index, RsFrameSource **source) {
  RsFrameSource *moved = NULL;
  int by = 0;
  RsStatus status = rs_composition_transposition(composition, (int)index, &by);
  if (!status && by) {
    status = rs_frame_source_moved(*source, by, &moved);
  }
  *source = moved ? moved : *source;
  return status;
}

/// Song number `index` of a piece
static RsStatus make_song(void *context, size_t index, RsFrameSource **out) {
  RsPiece *piece = context;
  const RsComposition *composition = &piece->composition;
  RsGenerator *generator = piece->first;
  piece->first = NULL;
  RsStatus status = generator ? RS_OK : new_generator(piece, index, &generator, NULL);
  *out = NULL;
  if (!status) {
    const RsRoll *prime = composition->prime.count ? &composition->prime.rolls[0] : NULL;
    status =
        rs_frame_source_model(composition->model, &composition->settings, prime, generator, out);
  }
  if (!*out) {
    rs_generator_free(generator);
  } else if ((status = move_song(composition, index, out))) {
    rs_frame_source_free(*out);
    *out = NULL;
  }
  return status;
}

/// The meters of songs that follow each other: those of the first one again and again
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

static RsStatus take_shape(RsPiece *piece, size_t count, RsError *error) {
  const RsComposition *composition = &piece->composition;
  RsRoll *shape = &piece->shape;
  RsStatus status = new_generator(piece, 0, &piece->first, error);
  if (!status) {
    status = rs_generator_describe(piece->first, shape);
  }
  if (!status) {
    status = repeat_meters(shape, count, composition->frames);
  }
  take_time(piece, shape, composition->bpm, (unsigned)composition->settings.velocity);
  return status;
}

static RsStatus take_model(const RsOptions *options, RsPiece *piece, RsError *error) {
  RsComposition *composition = &piece->composition;
  RsStatus status = rs_composition_init(options->operands[0], options, composition, error);
  if (status) {
    return status;
  }
  const bool endless = options->loop || options->listen;
  const size_t count = endless ? 1 : (size_t)composition->settings.count;
  status = take_shape(piece, count, error);
  if (status) {
    return status;
  }
  piece->settings.channel = (unsigned)composition->settings.channel;
  piece->settings.program = composition->settings.program;
  piece->settings.seed = rs_composition_seed(composition, 0);
  piece->settings.frames = count * composition->frames;
  status = rs_frame_source_row(count, endless ? SIZE_MAX : composition->frames, make_song, piece,
                               &piece->source);
  return status ? rs_error(error, status, "%s: %s", options->operands[0], rs_status_text(status))
                : RS_OK;
}

/// How much of a song is to be played, in quarter notes; 0: all
static double song_quarters(const RsPiece *piece, const RsOptions *options,
                            const RsGenerateSettings *settings) {
  if (settings->frames > 0) {
    return (double)settings->frames / FINE_FRAMES;
  }
  return rs_options_set(options, "generate.bars") ? settings->bars * piece->quarters_per_bar : 0;
}

/// A MIDI file is played as it stands. @return RS_ERR_FORMAT where it is another kind of file.
static RsStatus take_score(const RsOptions *options, RsPiece *piece,
                           const RsGenerateSettings *generate) {
  const RsScoreSettings how = {
      .channel = rs_options_set(options, "generate.channel") ? generate->channel : 0,
      .program = rs_options_set(options, "generate.program") ? generate->program : -1,
      .quarters = song_quarters(piece, options, generate),
      .loop = options->loop};
  RsPlayerSettings *settings = &piece->settings;
  RsBytes bytes;
  RsStatus status = rs_read_file(options->operands[0], RS_MIDI_SIZE_MAX, &bytes, NULL);
  if (status) {
    return status;
  }
  unsigned division = 0;
  status = rs_frame_source_score(bytes.data, bytes.size, &how, &division, &settings->score_bpm,
                                 &piece->source);
  free(bytes.data);
  if (!status) {
    settings->frames_per_beat = division;
    settings->frame_ms = 0;
    settings->bpm = generate->bpm > 0 ? generate->bpm : settings->score_bpm;
    settings->program = -1; // The score has it
    settings->frames = 0;   // And its end
    piece->frames_per_quarter = division;
    piece->left_out = rs_score_source_left_out(piece->source);
  }
  return status;
}

static RsStatus is_for_models(const RsOptions *options, const char *option, RsError *error) {
  return rs_error(error, RS_ERR_SETTING,
                  "%s: %s is a file, which is played as it stands; %s is for models", option,
                  options->operands[0], option);
}

/// Whether a setting says how a file is played; of all others only a model knows
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

/// A file goes its way, whatever it hears, and is played as it stands
static RsStatus refuse_of_models(const RsOptions *options, RsError *error) {
  const char *name = options->transpose       ? "--transpose"
                     : options->key           ? "--key"
                     : options->prime         ? "--prime"
                     : options->nearest_meter ? "--nearest-meter"
                                              : NULL;
  if (options->listen) {
    return rs_error(error, RS_ERR_SETTING, "--listen: %s is a file, and only a model can answer",
                    options->operands[0]);
  }
  for (size_t i = 0; i < options->assignment_count && !name; ++i) {
    const RsAssignment *one = &options->assignments[i];
    name = is_for_files(one) ? NULL : one->origin;
  }
  return name ? is_for_models(options, name, error) : RS_OK;
}

static RsStatus take_song(const RsOptions *options, RsPiece *piece, RsError *error) {
  RsIngest how = rs_as_it_stands();
  RsSettings settings;
  how.frames_per_beat = FINE_FRAMES;
  how.velocity = true;
  rs_settings_init(&settings);
  RsStatus status = refuse_of_models(options, error);
  if (!status) {
    status = rs_options_apply(options, &settings, error);
  }
  if (!status) {
    status = rs_read_song_file(options->operands[0], &how, &piece->songs, NULL, error);
  }
  if (status) {
    return status;
  }
  const RsGenerateSettings *generate = &settings.generate;
  const RsRoll *roll = &piece->songs.rolls[0];
  take_time(piece, roll, generate->bpm > 0 ? generate->bpm : roll->bpm,
            (unsigned)generate->velocity);
  piece->settings.channel = (unsigned)generate->channel;
  piece->settings.program = rs_options_set(options, "generate.program") ? generate->program : -1;
  piece->settings.seed = generate->seed;
  piece->settings.frames =
      (size_t)lrint(song_quarters(piece, options, generate) * piece->frames_per_quarter);
  status = take_score(options, piece, generate);
  if (!status && rs_options_set(options, "generate.velocity")) {
    return is_for_models(options, "--velocity", error);
  }
  return status == RS_ERR_FORMAT ? rs_frame_source_roll(roll, options->loop, &piece->source)
                                 : status;
}

RsStatus rs_piece_init(const RsOptions *options, RsPiece *piece, RsError *error) {
  RsKind kind = RS_KIND_SONG;
  *piece = (RsPiece){.settings.follow = options->sync};
  RsStatus status = refuse_no_tempo(options, error);
  if (!status) {
    status = rs_kind_of(options->operands[0], &kind, error);
  }
  if (!status) {
    piece->is_model = kind == RS_KIND_MODEL;
    status = piece->is_model ? take_model(options, piece, error) : take_song(options, piece, error);
  }
  piece->settings.frames = options->loop || options->listen ? 0 : piece->settings.frames;
  piece->settings.clock = options->clock;
  piece->settings.patience = options->wait ? -1 : PATIENCE;
  return status;
}

void rs_piece_clear(RsPiece *piece) {
  rs_frame_source_free(piece->source);
  rs_generator_free(piece->first);
  rs_roll_clear(&piece->shape);
  rs_composition_clear(&piece->composition);
  rs_songs_clear(&piece->songs);
}
