/* SPDX-License-Identifier: ISC */

#include <rollsmith/settings.h>

#include "music/ingest_limits.h"
#include "settings/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The table ---- */

static const char *const outside_words[] = {"fold", "drop", "refuse", NULL};
static const char *const pairing_words[] = {"channel", "track", NULL};
static const char *const transpose_words[] = {"none", "common", "auto", NULL};
static const char *const start_words[] = {"keep", "trim", "drop-first", NULL};
static const char *const rbm_words[] = {"bb", "gb", NULL};
static const char *const recurrent_words[] = {"tanh", "logistic", NULL};
static const char *const gradient_words[] = {"bptt", "block", "rtrl", NULL};
static const char *const borders_words[] = {"reset", "carry", NULL};
static const char *const variance_words[] = {"joint", "separate", "fixed", NULL};
static const char *const log_z_words[] = {"ais", "tempered", NULL};
static const char *const negative_words[] = {"noise", "song", NULL};
static const char *const optimiser_words[] = {"adam", "sgd", NULL};

// clang-format off
#define KEY(section, name, type, initial, low, high, choices, unit, help)                          \
  {#section, #name, type, initial, low, high, choices, unit, help,                                 \
   offsetof(RsSettings, section.name), false} /* NOLINT(bugprone-macro-parentheses): a member */
// clang-format on
#define BOOL(section, name, initial, help)                                                         \
  KEY(section, name, RS_KEY_BOOL, initial, 0, 1, NULL, "", help)
#define INTEGER(section, name, initial, low, high, unit, help)                                     \
  KEY(section, name, RS_KEY_INTEGER, initial, low, high, NULL, unit, help)
#define SIZE(section, name, initial, low, high, unit, help)                                        \
  KEY(section, name, RS_KEY_SIZE, initial, low, high, NULL, unit, help)
#define ROLL(name, type, limits, unit, help)                                                       \
  KEY(roll, name, type, RS_##limits##_DEFAULT, RS_##limits##_MIN, RS_##limits##_MAX, NULL, unit,   \
      help)
#define SEED(section, name, initial, help)                                                         \
  KEY(section, name, RS_KEY_SEED, initial, 0, 0x1p63, NULL, "", help)
#define REAL(section, name, initial, low, high, unit, help)                                        \
  KEY(section, name, RS_KEY_REAL, initial, low, high, NULL, unit, help)
#define CHOICE(section, name, initial, words, help)                                                \
  KEY(section, name, RS_KEY_CHOICE, initial, 0, 0, words, "", help)

// clang-format off
static const RsKey keys[] = {
  ROLL(frames_per_beat, RS_KEY_INTEGER, FRAMES_PER_BEAT, "frames",
          "Frames a beat; 4 makes a frame a sixteenth note"),
  ROLL(frame_ms, RS_KEY_REAL, FRAME_MS, "milliseconds",
       "Length of a frame in time in place of beats; 0 counts beats"),
  ROLL(low, RS_KEY_INTEGER, LOW, "MIDI note",
          "Lowest note of the range"),
  ROLL(high, RS_KEY_INTEGER, HIGH, "MIDI note",
          "Highest note of the range"),
  CHOICE(roll, outside, RS_OUTSIDE_FOLD, outside_words,
         "Notes outside the range are moved into it by octaves, left out, or make the song refused"),
  BOOL(roll, drums, false,
       "Read the drums of channel 10 as notes"),
  CHOICE(roll, pairing, RS_PAIRING_CHANNEL, pairing_words,
         "A note-off ends the note of its channel and pitch in any track (channel), or the last one that "
         "its own track began, and one begun before that has not ended is dropped (track)"),
  BOOL(roll, pedal, false,
       "Let the sustain pedal hold notes"),
  ROLL(min_velocity, RS_KEY_INTEGER, MIN_VELOCITY, "",
          "Notes with a lower velocity are dropped"),
  CHOICE(roll, transpose, RS_TRANSPOSE_AUTO, transpose_words,
         "Transpose each song into one common key, C major or A minor, or leave it as it stands; auto is "
         "common where a model learns from MIDI files, and none otherwise"),
  ROLL(transpose_semitones, RS_KEY_INTEGER, SEMITONES, "semitones",
          "Transpose every song by this, after roll.transpose"),
  BOOL(roll, articulation, true,
       "Add a second vector a frame that marks where notes begin, to tell repeated from held"),
  BOOL(roll, velocity, false,
       "Let a frame hold velocities from 0 to 1 in place of on and off; needs model.rbm = gb"),
  CHOICE(roll, start, RS_START_KEEP, start_words,
         "The first frame: keep silence before the first note, trim it, or drop-first, which leaves "
         "out the frame at time 0"),
  ROLL(min_frames, RS_KEY_INTEGER, MIN_FRAMES, "frames",
          "Frames that a note gets at least; 0 drops notes that round to nothing"),
  ROLL(max_silence, RS_KEY_SIZE, MAX_SILENCE, "frames",
       "Longer silences are cut to this; 0 keeps any"),
  ROLL(max_frames, RS_KEY_SIZE, MAX_FRAMES, "frames",
       "Longer songs are refused"),
  BOOL(roll, duplicates, false,
       "Keep all songs that are equal at some transposition, and not just the first of them"),

  CHOICE(model, rbm, RS_RBM_BERNOULLI, rbm_words,
         "Visible units of the RBM: bb for notes on or off, gb (Gaussian) for velocities"),
  INTEGER(model, hidden, 300, 1, 4096, "units",
          "Hidden units of the RBM"),
  INTEGER(model, filters, 4, 0, 64, "filters",
          "So many hidden units a note have the same weights for all notes, transposed; they are the "
          "first of model.hidden, as many as it has room for, and there are none with model.rbm = gb"),
  INTEGER(model, recurrent, 100, 1, 4096, "units",
          "Units of the recurrent state, the model's memory"),
  CHOICE(model, activation, RS_RECURRENT_TANH, recurrent_words,
         "Activation of the recurrent state"),
  BOOL(model, learned_start, true,
       "Learn the initial recurrent state; else it is zero"),
  BOOL(model, metre, true,
       "Input: position of a frame in its beat, bar and phrase, and the time signature; songs without "
       "time signatures (.roll files, roll.frame_ms) do not have it"),
  BOOL(model, lookback, true,
       "Input: the frames 1, 2, 4 and 8 bars ago, so that phrases can return; needs time signatures as "
       "model.metre does"),
  BOOL(model, plan, true,
       "Draw a plan of the song before its notes: how dense it is, and which bars return; needs time "
       "signatures as model.metre does"),
  BOOL(model, intervals, true,
       "Share among all notes what a sounding note means for those at an interval from it, and what the "
       "key means for each degree of its scale"),
  BOOL(model, melody, true,
       "Give the model the last note of the melody, the line of the highest notes, and share among all "
       "notes what it means for those at an interval from it"),
  BOOL(model, contour, true,
       "Give the model the last step of the melody, up or down and by how much, and share among all "
       "notes what it means for those at an interval from its last note; needs model.melody"),
  BOOL(model, counts, true,
       "Learn how many notes sound and how many begin in a frame, beside which ones; needs model.rbm = "
       "bb"),
  BOOL(model, joint_onsets, true,
       "Draw that a note sounds and that it begins together, so that no note sounds that never began; "
       "needs roll.articulation and model.counts"),
  BOOL(model, note_age, true,
       "Input: the age of each active note in frames, from which lengths are learned"),
  REAL(model, deviation_low, 0.05, 0.0001, 10, "",
       "Smallest standard deviation of a Gaussian unit: what a velocity is worth knowing to"),
  REAL(model, deviation_high, 0.5, 0.0001, 1000, "",
       "Largest standard deviation of a Gaussian unit"),

  INTEGER(train, epochs, 1000000, 1, 1000000, "epochs",
          "Passes over the songs, at most"),
  INTEGER(train, updates, 20000, 0, 1000000000, "updates",
          "Updates of the parameters, at most, to the end of an epoch; 0 counts epochs alone"),
  REAL(train, minutes, 0, 0, 100000, "minutes",
       "Time limit; 0 sets none"),
  INTEGER(train, streams, 16, 1, 1024, "series",
          "Series of songs trained side by side"),
  INTEGER(train, groups, 0, 0, 64, "groups",
          "Groups that the series are divided into: so many threads, or processes, have work; 0: 1, or "
          "2 from 8 series on, or 4 from 32 on. Changes the rounding of results"),
  INTEGER(train, block, 64, 1, 65536, "frames",
          "Frames of each series between two updates"),
  CHOICE(train, gradient, RS_ENGINE_BLOCK, gradient_words,
         "Gradient through time: block (exact, carried from block to block), bptt (cut at the block), "
         "rtrl (exact and slow)"),
  CHOICE(train, borders, RS_BORDERS_RESET, borders_words,
         "At the border of two songs of a series the recurrent state is reset or carried over"),
  INTEGER(train, cd_k, 20, 1, 10000, "steps",
          "Gibbs steps of contrastive divergence"),
  INTEGER(train, cd_k_start, 1, 1, 10000, "steps",
          "The same in the first epoch of the ramp"),
  INTEGER(train, cd_k_ramp_epochs, 0, 0, 1000000, "epochs",
          "Epochs in which the steps grow from cd_k_start to cd_k; 0 begins with cd_k"),
  REAL(train, persistent, 0, 0, 1, "",
       "Share of the Gibbs chains that start from their last state (persistent contrastive divergence)"),
  REAL(train, from_past, 1, 0, 1, "",
       "Share of the Gibbs chains that start at the previous frame, as those of generation do"),
  BOOL(train, loose_chains, true,
       "Begin the Gibbs chains with a weaker coupling, as those of generation do"),
  REAL(train, past_noise, 0.05, 0, 1, "",
       "Input noise: probability that a note of the previous frame is replaced, for robustness against "
       "the model's own errors"),
  REAL(train, own_past, 0, 0, 1, "",
       "Share of the blocks in which a passage of a free run outside the songs' bands is replayed in "
       "place of the song, so that the model learns to return (as DAgger and scheduled sampling)"),
  BOOL(train, centre, false,
       "Centre the units of the RBM at their means in the gradient, for faster convergence"),
  REAL(train, learning_rate, 0.003, 0, 1, "",
       "Step size of the RBM's weights"),
  REAL(train, rnn_learning_rate_factor, 1, 0, 100, "",
       "Step size of the recurrent net, as a factor on train.learning_rate"),
  REAL(train, learning_rate_decay, 0.5, 0.01, 1, "",
       "Factor on the step size after train.patience / 2 validations without improvement; 1 keeps it"),
  BOOL(train, anneal, true,
       "Let the step size fall evenly to a fiftieth until the last epoch, where train.anneal_epochs is "
       "0; an end by time comes before that"),
  INTEGER(train, anneal_epochs, 0, 0, 1000000, "epochs",
          "Epochs over which the step size falls evenly to a fiftieth, where it stays; 0 lets it be"),
  CHOICE(train, optimiser, RS_OPTIMISER_ADAM, optimiser_words,
         "Optimiser"),
  REAL(train, beta1, 0.9, 0, 0.9999, "",
       "Adam: decay of the mean gradient"),
  REAL(train, beta2, 0.999, 0, 0.999999, "",
       "Adam: decay of the mean squared gradient"),
  REAL(train, momentum, 0.9, 0, 0.9999, "",
       "SGD: decay of the velocity"),
  REAL(train, clip, 1, 0, 1000000, "",
       "Largest norm of a gradient, longer ones are shortened; 0 lets all pass"),
  REAL(train, weight_decay, 0.5, 0, 1, "",
       "Share of a weight of the RBM taken off at each update, times the step size"),
  INTEGER(train, weight_decay_frames, 30000, 0, 1000000000, "frames",
          "Frames of songs that train.weight_decay is meant for; of more, a smaller share is taken "
          "off in proportion; 0 takes it off whatever their number"),
  REAL(train, rnn_weight_decay, 0.1, 0, 10, "",
       "Share taken off the weights of the recurrent net and of the direct connections from its inputs, whatever the number of frames"),
  REAL(train, valid_share, 0.1, 0, 0.9, "",
       "Share of the songs held out for validation where no --valid is given"),
  INTEGER(train, validate_every, 0, 0, 1000000, "epochs",
          "Epochs from one validation to the next; 0 lets validation take a fifth of the time"),
  INTEGER(train, patience, 0, 0, 1000000, "validations",
          "Validations without improvement before training ends; 0 never ends it so"),
  INTEGER(train, transpose_low, -5, -24, 24, "semitones",
          "Lowest random transposition of a song in training"),
  INTEGER(train, transpose_high, 6, -24, 24, "semitones",
          "Highest random transposition of a song in training"),
  REAL(train, average, 0.998, 0, 0.999999, "",
       "Decay, an update, of the running mean of the weights that becomes the model; 0 takes the last"),
  INTEGER(train, pretrain_epochs, 0, 0, 1000000, "epochs",
          "Epochs of the RBM alone before the recurrent net joins in"),
  REAL(train, negative_weight, 0, 0, 1, "",
       "Weight of the negative gradient, that of random frames, subtracted; 0 leaves it out"),
  REAL(train, negative_p, 0.7, 0, 1, "",
       "Probability of each note in such a random frame; it is on or off in velocity rolls, too"),
  CHOICE(train, negative_past, RS_NEGATIVE_NOISE, negative_words,
         "What a random frame follows: noise, the random frames before it, in songs of train.block "
         "frames; or song, the song's own past, where train.negative_hinge must be above 0"),
  REAL(train, negative_hinge, 0, 0, 1000000, "nats",
       "A random frame stops pushing where its free energy is above that of another frame after the "
       "same past by more than this: the model's own sample, or the song's frame where "
       "train.negative_past is song; 0 sets none"),
  INTEGER(train, negative_from_epoch, 1, 1, 1000000, "epoch",
          "First epoch with the negative gradient"),
  INTEGER(train, negative_ramp_epochs, 0, 0, 1000000, "epochs",
          "Epochs over which its weight grows evenly to train.negative_weight; 0 begins with that"),
  INTEGER(train, free_run_frames, 512, 0, 65536, "frames",
          "Length of each of the 24 songs that the model makes at a validation, to be compared with "
          "the training songs; 0 makes none"),
  REAL(train, free_run_weight, 100, 0, 1000, "nats a frame",
       "Cost of generated songs without any similarity to the training songs, when states are compared"),
  REAL(train, keep_later, 4, 0, 1000, "nats a frame",
       "A later state is kept in place of the best one unless it is worse by as much as this"),
  CHOICE(train, variance, RS_VARIANCE_JOINT, variance_words,
         "Variances of Gaussian units: joint learns them with all else, separate in epochs of their "
         "own, fixed leaves them as they are in the songs"),
  INTEGER(train, variance_every, 4, 2, 1000000, "epochs",
          "Separate variances: one epoch in so many is theirs"),
  INTEGER(train, ais_chains, 2, 1, 10000, "chains",
          "Chains of annealed importance sampling at each validation"),
  INTEGER(train, ais_betas, 1000, 2, 1000000, "temperatures",
          "Temperatures of annealed importance sampling at each validation"),
  BOOL(train, keep_songs, true,
       "Keep the notes of the training songs in the model file: --no-copy needs them, and export "
       "tells what was copied"),
  BOOL(train, discriminator, true,
       "Learn at the end to tell bars of the songs from generated ones, for generate.candidates; "
       "needs time signatures"),
  SEED(train, seed, 1,
       "Seed of all random numbers of training"),
  {"train", "threads", RS_KEY_INTEGER, 0, 0, 1024, NULL, "threads",
   "Threads; 0 takes one a processor; never changes a result",
   offsetof(RsSettings, train.threads), true},

  INTEGER(generate, gibbs_steps, 20, 1, 100000, "steps",
          "Gibbs steps a frame"),
  INTEGER(generate, replicas, 0, 0, 256, "replicas",
          "Tempered replicas of a frame at so many couplings, which make gibbs_steps each and swap: "
          "frames of all modes of a model whose weights are large; 0 takes one chain"),
  INTEGER(generate, burn_in, 0, 0, 1000000, "frames",
          "Frames made and thrown away before the first"),
  REAL(generate, temperature, 1, 0.05, 20, "",
       "1 plays as learned, less is safer, more is wilder"),
  INTEGER(generate, bars, 32, 1, 1000000, "bars",
          "Length in bars"),
  INTEGER(generate, frames, 0, 0, 16000000, "frames",
          "Length in frames in place of bars; 0 counts bars"),
  INTEGER(generate, count, 1, 1, 100000, "songs",
          "How many songs"),
  SEED(generate, seed, 0,
       "Seed of all random numbers of a song, printed and stored; 0 draws a new one each time"),
  REAL(generate, bpm, 0, 0, 1000, "beats a minute",
       "Tempo; 0 takes the median of the training songs"),
  INTEGER(generate, velocity, 0, 0, 127, "",
          "Velocity of every note; 0 shapes it by beat and voice"),
  INTEGER(generate, max_polyphony, 0, 0, 128, "notes",
          "Most notes at a time; 0 allows any number"),
  INTEGER(generate, meter_beats, 0, 0, 64, "",
          "Time signature, upper number; 0 takes that of most songs"),
  INTEGER(generate, meter_unit, 0, 0, 64, "",
          "Time signature, lower number, a power of 2; 0 takes that of most songs"),
  BOOL(generate, song_keys, true,
          "Make each song in a key as often as the training songs were in it; else in C major or A "
          "minor, to which they were brought (see roll.transpose)"),
  INTEGER(generate, candidates, 8, 1, RS_CANDIDATES_MAX, "bars",
          "Generate each bar so many times, and choose one by how much it is like bars of the "
          "training songs (train.discriminator); more are more like them and take longer"),
  INTEGER(generate, no_copy, 0, 0, 65536, "frames",
          "Never complete a run of so many frames of a training song, at any transposition; 0 allows "
          "any"),
  INTEGER(generate, channel, 1, 1, 16, "",
          "MIDI channel"),
  INTEGER(generate, program, 0, 0, 127, "",
          "MIDI program, counted from 0, which is a piano"),

  CHOICE(evaluate, method, RS_LOG_Z_AIS, log_z_words,
         "How partition functions are estimated: by annealed importance sampling, or by tempered "
         "replicas"),
  INTEGER(evaluate, replicas, 5, 2, 256, "replicas",
          "Tempered replicas of a frame, at so many couplings"),
  INTEGER(evaluate, rounds, 800, 2, 1000000, "rounds",
          "Rounds of two sweeps and a swap in which the tempered replicas of a frame are measured, "
          "from either side"),
  INTEGER(evaluate, chains, 4, 1, 10000, "chains",
          "Chains of annealed importance sampling a frame"),
  INTEGER(evaluate, betas, 10000, 1, 1000000, "steps",
          "Steps of the annealed path"),
  INTEGER(evaluate, max_frames, 0, 0, 16000000, "frames",
          "Frames that are evaluated, spread evenly over the songs; 0 evaluates all"),
  INTEGER(evaluate, free_run_frames, 4096, 1, 16000000, "frames",
          "Frames that the model plays alone"),
  INTEGER(evaluate, songs, 24, 0, 10000, "songs",
          "Songs that the model plays alone, to be compared with the songs as a whole"),
  INTEGER(evaluate, bars, 32, 1, 100000, "bars",
          "Bars of each of these, as long as they are no more than free_run_frames"),
  SEED(evaluate, seed, 1,
       "Seed of all random numbers of an evaluation"),
};
// clang-format on

RsKeyTable rs_settings_table(void) {
  return (RsKeyTable){.keys = keys, .count = sizeof(keys) / sizeof(keys[0])};
}

/* ---- One key ---- */

void rs_settings_init(RsSettings *settings) {
  memset(settings, 0, sizeof(*settings));
  rs_keys_init(rs_settings_table(), settings);
}

/* Take "section.name" apart; the section is empty where there is none. @return The name. */
static const char *split(const char *key, char *section) {
  const char *dot = strchr(key, '.');
  snprintf(section, RS_KEY_TEXT_SIZE, "%.*s", dot ? (int)(dot - key) : 0, key);
  return dot ? dot + 1 : key;
}

const RsKey *rs_settings_key(const char *key) {
  char section[RS_KEY_TEXT_SIZE];
  const char *name = split(key, section);
  return rs_keys_find(rs_settings_table(), section, name);
}

RsStatus rs_settings_set(RsSettings *settings, const char *key, const char *value,
                         const char *origin, RsError *error) {
  char section[RS_KEY_TEXT_SIZE];
  const char *name = split(key, section);
  return rs_keys_set(rs_settings_table(), settings, section, name, value, origin, error);
}

RsStatus rs_settings_assign(RsSettings *settings, const char *assignment, RsError *error) {
  const char *equals = strchr(assignment, '=');
  if (!equals) {
    return rs_error(error, RS_ERR_SETTING, "--set: %.80s: must be section.key=value", assignment);
  }
  char *key = strndup(assignment, (size_t)(equals - assignment));
  if (!key) {
    return rs_error(error, RS_ERR_MEMORY, "--set: out of memory");
  }
  const RsStatus status = rs_settings_set(settings, key, equals + 1, "--set", error);
  free(key);
  return status;
}

/* ---- All of them ---- */

RsStatus rs_settings_to_ini(const RsSettings *settings, char **out) {
  return rs_keys_to_ini(rs_settings_table(), settings, out);
}

RsStatus rs_settings_to_json(const RsSettings *settings, char **out) {
  return rs_keys_to_json(rs_settings_table(), settings, out);
}

void rs_settings_init_for_reading(RsSettings *settings) {
  rs_settings_init(settings);
  /* Older files do not have these parts. */
  settings->model.counts = settings->model.intervals = settings->model.melody = false;
  settings->model.joint_onsets = settings->model.contour = false;
}
