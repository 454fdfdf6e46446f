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
       "Length of a frame as a time; 0: a fraction of a beat, by roll.frames_per_beat"),
  ROLL(low, RS_KEY_INTEGER, LOW, "MIDI note",
          "Lowest note of the range"),
  ROLL(high, RS_KEY_INTEGER, HIGH, "MIDI note",
          "Highest note of the range"),
  CHOICE(roll, outside, RS_OUTSIDE_FOLD, outside_words,
         "Notes outside the range are transposed into it by octaves (fold) or dropped (drop), or "
         "the song is refused (refuse)"),
  BOOL(roll, drums, false,
       "Include the drums of channel 10 as notes"),
  CHOICE(roll, pairing, RS_PAIRING_CHANNEL, pairing_words,
         "A note-off ends the note of its channel and pitch in any track (channel), or only the "
         "latest one of its own track (track); earlier notes of that track without an end are "
         "then dropped"),
  BOOL(roll, pedal, false,
       "Hold notes while the sustain pedal is down"),
  ROLL(min_velocity, RS_KEY_INTEGER, MIN_VELOCITY, "",
          "Notes with a lower velocity are dropped"),
  CHOICE(roll, transpose, RS_TRANSPOSE_AUTO, transpose_words,
         "Transpose each song to C major or A minor (common), or not at all (none); auto is "
         "common in training on MIDI files, and none otherwise"),
  ROLL(transpose_semitones, RS_KEY_INTEGER, SEMITONES, "semitones",
          "Transposition of every song, after roll.transpose"),
  BOOL(roll, articulation, true,
       "Add a second vector to each frame that marks onsets, to distinguish repeated from held "
       "notes"),
  BOOL(roll, velocity, false,
       "Frames of velocities, scaled to 0 to 1, in place of on and off; needs model.rbm = gb"),
  CHOICE(roll, start, RS_START_KEEP, start_words,
         "Silence before the first note: keep or trim; drop-first leaves out the frame at time 0"),
  ROLL(min_frames, RS_KEY_INTEGER, MIN_FRAMES, "frames",
          "Minimum length of a note; 0 drops notes that are rounded to no frame"),
  ROLL(max_silence, RS_KEY_SIZE, MAX_SILENCE, "frames",
       "Longest silence, to which longer ones are shortened; 0: no limit"),
  ROLL(max_frames, RS_KEY_SIZE, MAX_FRAMES, "frames",
       "Length of the longest song; longer ones are refused"),
  BOOL(roll, duplicates, false,
       "Keep all songs that are equal up to transposition, not only the first of them"),

  CHOICE(model, rbm, RS_RBM_BERNOULLI, rbm_words,
         "Visible units of the RBM: bb for notes on or off, gb (Gaussian) for velocities"),
  INTEGER(model, hidden, 300, 1, 4096, "units",
          "Hidden units of the RBM"),
  INTEGER(model, filters, 4, 0, 64, "filters",
          "Convolution filters over pitch: hidden units with the same weights for every note, "
          "transposed; each filter takes one of the first model.hidden units a note, up to their "
          "number; none with model.rbm = gb"),
  INTEGER(model, recurrent, 100, 1, 4096, "units",
          "Units of the recurrent state"),
  CHOICE(model, activation, RS_RECURRENT_TANH, recurrent_words,
         "Activation of the recurrent state"),
  BOOL(model, learned_start, true,
       "Train the initial recurrent state; else it is zero"),
  BOOL(model, metre, true,
       "Input: position of a frame in its beat, bar and phrase, and the time signature; songs without "
       "time signatures (.roll files, roll.frame_ms) do not have it"),
  BOOL(model, lookback, true,
       "Input: the frames 1, 2, 4 and 8 bars before, for the repetition of phrases; needs time "
       "signatures, as model.metre"),
  BOOL(model, plan, true,
       "Draw a plan of the song before its notes: density, register and which bars repeat earlier "
       "ones; needs time signatures, as model.metre"),
  BOOL(model, intervals, true,
       "Shared weights, for all pitches, from an active note to the notes at each interval from "
       "it, and from the key to each degree of its scale"),
  BOOL(model, melody, true,
       "Input: the last note of the melody (the highest notes), with shared weights to the notes "
       "at each interval from it"),
  BOOL(model, contour, true,
       "Input: the last step of the melody, up or down and its size, with shared weights to the "
       "notes at each interval from its last note; needs model.melody"),
  BOOL(model, counts, true,
       "Potentials on the number of active notes and on that of onsets in a frame; needs "
       "model.rbm = bb"),
  BOOL(model, joint_onsets, true,
       "Draw active notes and onsets jointly, so that they are always consistent; needs "
       "roll.articulation and model.counts"),
  BOOL(model, note_age, true,
       "Input: the age of each active note in frames, for the lengths of notes"),
  REAL(model, deviation_low, 0.05, 0.0001, 10, "",
       "Smallest standard deviation of a Gaussian unit: the precision of velocities"),
  REAL(model, deviation_high, 0.5, 0.0001, 1000, "",
       "Largest standard deviation of a Gaussian unit"),

  INTEGER(train, epochs, 1000000, 1, 1000000, "epochs",
          "Maximum number of passes over the songs"),
  INTEGER(train, updates, 20000, 0, 1000000000, "updates",
          "Maximum number of updates of the parameters; training ends with the epoch in which it "
          "is reached; 0: no limit"),
  REAL(train, minutes, 0, 0, 100000, "minutes",
       "Time limit; 0: none"),
  INTEGER(train, streams, 16, 1, 1024, "series",
          "Parallel series of songs: the batch size"),
  INTEGER(train, groups, 0, 0, 64, "groups",
          "Groups of series, the largest number of threads or processes that training uses; 0: 1, "
          "or 2 from 8 series on, or 4 from 32 on. Affects the rounding of results"),
  INTEGER(train, block, 64, 1, 65536, "frames",
          "Frames of each series in an update"),
  CHOICE(train, gradient, RS_ENGINE_BLOCK, gradient_words,
         "Gradient through time: block (exact, carried from block to block), bptt (cut at the block), "
         "rtrl (exact and slow)"),
  CHOICE(train, borders, RS_BORDERS_RESET, borders_words,
         "At the border of two songs of a series the recurrent state is reset or carried over"),
  INTEGER(train, cd_k, 20, 1, 10000, "steps",
          "Gibbs steps of contrastive divergence (CD-k)"),
  INTEGER(train, cd_k_start, 1, 1, 10000, "steps",
          "Gibbs steps in the first epoch of the ramp"),
  INTEGER(train, cd_k_ramp_epochs, 0, 0, 1000000, "epochs",
          "Epochs in which the steps increase from cd_k_start to cd_k; 0: no ramp"),
  REAL(train, persistent, 0, 0, 1, "",
       "Share of the Gibbs chains that start from their last state (persistent contrastive divergence)"),
  REAL(train, from_past, 1, 0, 1, "",
       "Share of the Gibbs chains that start from the previous frame, as in generation"),
  BOOL(train, loose_chains, true,
       "Run the first steps of the Gibbs chains with smaller weights, as in generation"),
  REAL(train, past_noise, 0.05, 0, 1, "",
       "Input noise: probability that a note of the input frames is replaced, and that one is "
       "prolonged, for robustness against errors in generated frames"),
  REAL(train, own_past, 0, 0, 1, "",
       "Share of the blocks in which a passage of a free run outside the songs' bands replaces "
       "the song in the input (as in DAgger and scheduled sampling)"),
  BOOL(train, centre, false,
       "Centre the units of the RBM at their means in the gradient, for faster convergence"),
  REAL(train, learning_rate, 0.003, 0, 1, "",
       "Step size of the RBM's weights"),
  REAL(train, rnn_learning_rate_factor, 1, 0, 100, "",
       "Step size of the recurrent net, as a factor on train.learning_rate"),
  REAL(train, learning_rate_decay, 0.5, 0.01, 1, "",
       "Factor on the step size after train.patience / 2 validations without improvement; 1: none"),
  BOOL(train, anneal, true,
       "Decrease the step size linearly to a fiftieth over the whole training, where "
       "train.anneal_epochs is 0; with a time limit training may end before that"),
  INTEGER(train, anneal_epochs, 0, 0, 1000000, "epochs",
          "Epochs over which the step size decreases linearly to a fiftieth, and then is "
          "constant; 0: see train.anneal"),
  CHOICE(train, optimiser, RS_OPTIMISER_ADAM, optimiser_words,
         "Optimiser"),
  REAL(train, beta1, 0.9, 0, 0.9999, "",
       "Adam: decay of the mean gradient"),
  REAL(train, beta2, 0.999, 0, 0.999999, "",
       "Adam: decay of the mean squared gradient"),
  REAL(train, momentum, 0.9, 0, 0.9999, "",
       "SGD: decay of the velocity"),
  REAL(train, clip, 1, 0, 1000000, "",
       "Largest norm of a gradient, to which larger ones are clipped; 0: no limit"),
  REAL(train, weight_decay, 0.5, 0, 1, "",
       "Weight decay of the RBM, times the step size (decoupled, as in AdamW)"),
  INTEGER(train, weight_decay_frames, 30000, 0, 1000000000, "frames",
          "Number of training frames up to which train.weight_decay applies in full; with more "
          "frames it is reduced in proportion; 0: never reduced"),
  REAL(train, rnn_weight_decay, 0.1, 0, 10, "",
       "Weight decay of the recurrent net and of the direct connections from its inputs, for any "
       "number of frames"),
  REAL(train, valid_share, 0.1, 0, 0.9, "",
       "Share of the songs held out for validation where no --valid is given"),
  INTEGER(train, validate_every, 0, 0, 1000000, "epochs",
          "Epochs between validations; 0: so many that validation takes a fifth of the time"),
  INTEGER(train, patience, 0, 0, 1000000, "validations",
          "Validations without improvement after which training ends; 0: no early stop"),
  INTEGER(train, transpose_low, -5, -24, 24, "semitones",
          "Lowest random transposition of a song in training"),
  INTEGER(train, transpose_high, 6, -24, 24, "semitones",
          "Highest random transposition of a song in training"),
  REAL(train, average, 0.998, 0, 0.999999, "",
       "Decay, for each update, of the running mean of the weights that becomes the model; 0: the "
       "last weights"),
  INTEGER(train, pretrain_epochs, 0, 0, 1000000, "epochs",
          "Epochs in which the RBM is trained alone, before the recurrent net"),
  REAL(train, negative_weight, 0, 0, 1, "",
       "Weight of the negative gradient, that of random frames, which is subtracted; 0: none"),
  REAL(train, negative_p, 0.7, 0, 1, "",
       "Probability of each note in a random frame; notes are on or off in velocity rolls, too"),
  CHOICE(train, negative_past, RS_NEGATIVE_NOISE, negative_words,
         "Past of a random frame: noise, the random frames before it, in songs of train.block "
         "frames; or song, the frames of the song, which needs train.negative_hinge above 0"),
  REAL(train, negative_hinge, 0, 0, 1000000, "nats",
       "Hinge of the negative gradient: random frames are left out if their free energy exceeds "
       "that of the model's sample (of the song's frame where train.negative_past is song) by "
       "more than this; 0: none"),
  INTEGER(train, negative_from_epoch, 1, 1, 1000000, "epoch",
          "First epoch with the negative gradient"),
  INTEGER(train, negative_ramp_epochs, 0, 0, 1000000, "epochs",
          "Epochs over which the weight of the negative gradient increases linearly to "
          "train.negative_weight; 0: no ramp"),
  INTEGER(train, free_run_frames, 512, 0, 65536, "frames",
          "Length of each of the 24 songs that are generated at a validation and compared with "
          "the training songs; 0: none"),
  REAL(train, free_run_weight, 100, 0, 1000, "nats a frame",
       "Validation cost of generated songs that have no similarity to the training songs"),
  REAL(train, keep_later, 4, 0, 1000, "nats a frame",
       "A later state replaces the best one unless it is worse by this or more"),
  CHOICE(train, variance, RS_VARIANCE_JOINT, variance_words,
         "Variances of Gaussian units: trained with all other parameters (joint), in separate "
         "epochs (separate), or fixed at those of the songs (fixed)"),
  INTEGER(train, variance_every, 4, 2, 1000000, "epochs",
          "With train.variance = separate, one epoch in this number trains the variances"),
  INTEGER(train, ais_chains, 2, 1, 10000, "chains",
          "Chains of annealed importance sampling at each validation"),
  INTEGER(train, ais_betas, 1000, 2, 1000000, "temperatures",
          "Temperatures of annealed importance sampling at each validation"),
  BOOL(train, keep_songs, true,
       "Store the notes of the training songs in the model file, for --no-copy and for the report "
       "of copies by export"),
  BOOL(train, discriminator, true,
       "Train, at the end, a discriminator of bars of the songs and generated ones, for "
       "generate.candidates; needs time signatures"),
  SEED(train, seed, 1,
       "Seed of all random numbers of training"),
  {"train", "threads", RS_KEY_INTEGER, 0, 0, 1024, NULL, "threads",
   "Threads; 0: one for each processor; does not affect results",
   offsetof(RsSettings, train.threads), true},

  INTEGER(generate, gibbs_steps, 20, 1, 100000, "steps",
          "Gibbs steps a frame"),
  INTEGER(generate, replicas, 0, 0, 256, "replicas",
          "Replicas of parallel tempering, each of gibbs_steps steps, which sample all modes of a "
          "model with large weights; 0: one chain without tempering"),
  INTEGER(generate, burn_in, 0, 0, 1000000, "frames",
          "Frames that are generated and discarded before the first"),
  REAL(generate, temperature, 1, 0.05, 20, "",
       "Temperature of sampling: 1 samples from the model, less makes probable notes more "
       "probable, more makes the music more varied"),
  INTEGER(generate, bars, 32, 1, 1000000, "bars",
          "Length in bars"),
  INTEGER(generate, frames, 0, 0, 16000000, "frames",
          "Length in frames in place of bars; 0: by generate.bars"),
  INTEGER(generate, count, 1, 1, 100000, "songs",
          "Number of songs"),
  SEED(generate, seed, 0,
       "Seed of all random numbers of a song, which is printed and stored; 0: a random one"),
  REAL(generate, bpm, 0, 0, 1000, "beats a minute",
       "Tempo; 0: the median of the training songs"),
  INTEGER(generate, velocity, 0, 0, 127, "",
          "Velocity of every note; 0: by beat and voice"),
  INTEGER(generate, max_polyphony, 0, 0, 128, "notes",
          "Maximum number of notes at a time; 0: no limit"),
  INTEGER(generate, meter_beats, 0, 0, 64, "",
          "Time signature, upper number; 0: that of most training songs"),
  INTEGER(generate, meter_unit, 0, 0, 64, "",
          "Time signature, lower number, a power of 2; 0: that of most training songs"),
  BOOL(generate, song_keys, true,
          "Draw the key of each song from the keys of the training songs; else it is C major or A "
          "minor, to which these were transposed (roll.transpose)"),
  INTEGER(generate, candidates, 8, 1, RS_CANDIDATES_MAX, "bars",
          "Candidates generated for each bar, of which one is selected by the discriminator of "
          "bars (train.discriminator); more give music more similar to the songs and take longer"),
  INTEGER(generate, no_copy, 0, 0, 65536, "frames",
          "Prevent copies of this number of consecutive frames of a training song, at any "
          "transposition; 0: no limit"),
  INTEGER(generate, channel, 1, 1, 16, "",
          "MIDI channel"),
  INTEGER(generate, program, 0, 0, 127, "",
          "MIDI program, counted from 0, which is a piano"),

  CHOICE(evaluate, method, RS_LOG_Z_AIS, log_z_words,
         "Estimate of partition functions: annealed importance sampling (ais) or parallel "
         "tempering (tempered)"),
  INTEGER(evaluate, replicas, 5, 2, 256, "replicas",
          "Replicas of parallel tempering for a frame"),
  INTEGER(evaluate, rounds, 800, 2, 1000000, "rounds",
          "Measured rounds of parallel tempering for a frame, each of two sweeps and a swap, for "
          "each of the two estimates"),
  INTEGER(evaluate, chains, 4, 1, 10000, "chains",
          "Chains of annealed importance sampling a frame"),
  INTEGER(evaluate, betas, 10000, 1, 1000000, "steps",
          "Steps of the annealed path"),
  INTEGER(evaluate, max_frames, 0, 0, 16000000, "frames",
          "Number of frames that are evaluated, spread evenly over the songs; 0: all"),
  INTEGER(evaluate, free_run_frames, 4096, 1, 16000000, "frames",
          "Length of the free run"),
  INTEGER(evaluate, songs, 24, 0, 10000, "songs",
          "Number of generated songs that are compared with the songs"),
  INTEGER(evaluate, bars, 32, 1, 100000, "bars",
          "Length of each generated song, at most free_run_frames frames"),
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
