/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_SETTINGS_H
#define ROLLSMITH_SETTINGS_H

/**
   @file settings.h Everything a user can choose, as plain structs, and one table that describes
   each key.

   The table drives the defaults, the parser of presets and of `--set`, the checks, what is printed
   and the manual page rollsmith-settings(5). A preset is an ini file: sections, `key = value`,
   comments that begin with `#` or `;`. It may inherit: `[preset] base = default` reads that preset
   first.
*/

#include <rollsmith/ingest.h>
#include <rollsmith/rbm.h>
#include <rollsmith/rnn.h>
#include <rollsmith/roll.h>
#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Most bars that are generated for one of a song. */
#define RS_CANDIDATES_MAX 64

/** Activation of the recurrent layer. */
typedef enum {
  RS_RECURRENT_TANH,
  RS_RECURRENT_LOGISTIC,
} RsRecurrentChoice;

/** Shape of the model. */
typedef struct {
  RsRbmKind rbm;                ///< bb: notes are on or off; gb: they have a velocity
  int hidden;                   ///< Hidden units of the RBM
  int filters;                  ///< Hidden units a note whose weights are the same for all notes
  int recurrent;                ///< Units of the recurrent state
  RsRecurrentChoice activation; ///< Activation of the recurrent state
  bool learned_start;           ///< Whether the state before the first frame is learned
  bool metre;                   ///< Whether the place of a frame in the meter is an input
  bool lookback;                ///< Whether the frames 1, 2, 4 and 8 bars ago are inputs
  bool plan;                    ///< Whether texture and returning bars are drawn beforehand
  bool intervals;               ///< Whether intervals have weights shared by all notes
  bool melody;                  ///< Whether the last note of the highest line is an input
  bool contour;                 ///< Whether its last step is an input
  bool counts;                  ///< Whether the number of notes of a frame has potentials
  bool joint_onsets;     ///< Whether that a note sounds and that it begins are drawn together
  bool note_age;         ///< Whether how long each note has sounded is an input
  double deviation_low;  ///< Smallest standard deviation of a Gaussian unit
  double deviation_high; ///< Largest standard deviation of a Gaussian unit
} RsModelSettings;

/** What the recurrent state does where one song of a series ends and the next begins. */
typedef enum {
  RS_BORDERS_RESET, ///< Starts anew
  RS_BORDERS_CARRY, ///< The state is carried over
} RsBordersChoice;

/** How the variances of Gaussian units are learned. */
typedef enum {
  RS_VARIANCE_JOINT,    ///< With all else
  RS_VARIANCE_SEPARATE, ///< In epochs of their own, in which nothing else moves
  RS_VARIANCE_FIXED,    ///< Not at all: they stay what they are in the songs
} RsVarianceChoice;

/** What a random frame of the negative gradient follows. */
typedef enum {
  RS_NEGATIVE_NOISE, ///< Other random frames: songs of noise (equation X6)
  RS_NEGATIVE_SONG,  ///< The songs' own past: noise in place of a frame (equation X5)
} RsNegativeChoice;

/** What turns gradients into steps. */
typedef enum {
  RS_OPTIMISER_ADAM,
  RS_OPTIMISER_SGD,
} RsOptimiserChoice;

/** How a model is trained. */
typedef struct {
  int epochs;              ///< Passes over the songs, at most
  int updates;             ///< Updates of the parameters, at most; 0: by epochs alone
  double minutes;          ///< Time limit; 0: none
  int streams;             ///< Series that are trained side by side
  int groups;              ///< Groups of them, which threads and processes work on; 0: by streams
  int block;               ///< Frames of each series between two updates
  RsRnnEngine gradient;    ///< Gradient engine
  RsBordersChoice borders; ///< The state at the borders of songs
  int cd_k;                ///< Gibbs steps of contrastive divergence
  int cd_k_start;          ///< The same in the first epoch
  int cd_k_ramp_epochs;    ///< Epochs from cd_k_start to cd_k; 0: cd_k from the start
  double persistent;       ///< Share of the chains that start from their last state (PCD)
  double from_past;        ///< Share of the chains that begin at the frame before
  bool loose_chains;       ///< Whether chains begin with a weaker coupling, as in generation
  double past_noise;       ///< Probability that a note of the previous frame is replaced
  double own_past;         ///< Share of blocks with a replayed passage of a free run
  bool centre;             ///< Whether units are measured from their means while learning
  double learning_rate;    ///< Step size of the RBM's weights
  double rnn_learning_rate_factor; ///< Factor on it for the recurrent net
  double learning_rate_decay;      ///< Factor after patience / 2 validations without improvement
  bool anneal;                     ///< Whether the step size falls to a fiftieth until the end
  int anneal_epochs;               ///< Epochs over which it falls to a fiftieth; 0: it does not
  RsOptimiserChoice optimiser;     ///< Kind of steps
  double beta1;                    ///< Adam: decay of the mean gradient
  double beta2;                    ///< Adam: decay of the mean squared gradient
  double momentum;                 ///< SGD: decay of the velocity
  double clip;                     ///< Largest gradient norm; 0: any
  double weight_decay;             ///< Decay of the RBM's weights, a step, times the step size
  int weight_decay_frames;         ///< Frames of songs that it is meant for; 0: any number
  double rnn_weight_decay;         ///< The same of the recurrent net and the direct connections
  double valid_share;              ///< Share of the songs held out for validation
  int validate_every;              ///< Epochs between validations; 0: by what these cost
  int patience;                    ///< Validations without improvement before the end; 0: never
  int transpose_low;               ///< Random transposition, lowest, semitones
  int transpose_high;              ///< Random transposition, highest, semitones
  double average;                  ///< Decay of the running mean of the weights; 0: off
  int pretrain_epochs;             ///< Epochs of the RBM alone, before the recurrent net joins in
  double negative_weight;          ///< Weight of the negative gradient; 0: off
  double negative_p;               ///< Probability of a note in a random frame
  RsNegativeChoice negative_past;  ///< What random frames follow
  double negative_hinge;     ///< Gap of free energy at which random frames stop pushing; 0: none
  int negative_from_epoch;   ///< First epoch with the negative gradient
  int negative_ramp_epochs;  ///< Epochs over which its weight grows; 0: it does not
  int free_run_frames;       ///< Frames of each song made at a validation; 0: none
  double keep_later;         ///< By how much a later state that is kept may be worse, nats a frame
  double free_run_weight;    ///< What music unlike the songs costs in the choice of a state, nats
  RsVarianceChoice variance; ///< How the variances of Gaussian units are learned
  int variance_every;        ///< Separate variances: epochs from one of theirs to the next
  int ais_chains;            ///< Chains of annealed importance sampling at validation
  int ais_betas;             ///< Temperatures of annealed importance sampling at validation
  bool keep_songs;           ///< Whether the model file holds the training songs
  bool discriminator;        ///< Whether to train a classifier of song bars and generated bars
  uint64_t seed;             ///< Seed of all random numbers
  int threads;               ///< Threads; 0: one a processor; never changes a result
} RsTrainSettings;

/** How a model makes songs. */
typedef struct {
  int gibbs_steps;    ///< Gibbs steps a frame
  int replicas;       ///< Tempered replicas of a frame, each of so many steps; 0: a chain
  int burn_in;        ///< Frames made and thrown away before the first
  double temperature; ///< 1: as learned; lower: safer, higher: wilder
  int bars;           ///< Length in bars
  int frames;         ///< Length in frames; 0: by bars
  int count;          ///< How many songs
  uint64_t seed;      ///< Seed; 0: a new one each time
  double bpm;         ///< Tempo in beats a minute; 0: the median of the training songs
  int velocity;       ///< Velocity of every note; 0: shaped by beat and voice
  int max_polyphony;  ///< Most notes at a time; 0: any number
  int meter_beats;    ///< Time signature, upper number; 0: that of most songs
  int meter_unit;     ///< Time signature, lower number; 0: that of most songs
  bool song_keys;     ///< Draw a song's key as often as songs had it; else C major or A minor
  int candidates;     ///< Bars that are generated for one of a song, at most RS_CANDIDATES_MAX
  int no_copy;        ///< Never complete a run of so many frames of a training song; 0: may
  int channel;        ///< MIDI channel, 1 to 16
  int program;        ///< MIDI program, 0 to 127
} RsGenerateSettings;

/** How log Z is estimated. */
typedef enum {
  RS_LOG_Z_AIS,      ///< By annealed importance sampling
  RS_LOG_Z_TEMPERED, ///< By tempered replicas
} RsLogZChoice;

/** How a model is evaluated. */
typedef struct {
  RsLogZChoice method; ///< How log Z is estimated
  int replicas;        ///< Tempered replicas of a frame
  int rounds;          ///< Rounds in which they are measured
  int chains;          ///< Chains of annealed importance sampling a frame
  int betas;           ///< Steps of the annealed path
  int max_frames;      ///< Frames that are evaluated, spread evenly over the songs; 0: all
  int free_run_frames; ///< Frames that the model plays alone
  int songs;           ///< Songs that the model plays alone, to be compared with others as a whole
  int bars;            ///< Bars of each, as long as they are no more than free_run_frames
  uint64_t seed;       ///< Seed of all random numbers
} RsEvaluateSettings;

/** All settings: one member a section of a preset. */
typedef struct {
  RsIngest roll;               ///< [roll]
  RsModelSettings model;       ///< [model]
  RsTrainSettings train;       ///< [train]
  RsGenerateSettings generate; ///< [generate]
  RsEvaluateSettings evaluate; ///< [evaluate]
} RsSettings;

/** The types of a key's value, and of the struct member that holds it. */
typedef enum {
  RS_KEY_BOOL,    ///< true or false, `bool`
  RS_KEY_INTEGER, ///< Whole number from low to high, `int`, or `unsigned` where low is not negative
  RS_KEY_SIZE,    ///< Whole number from low to high, `size_t`
  RS_KEY_SEED,    ///< Whole number from 0 to 2^63 - 1, `uint64_t`
  RS_KEY_REAL,    ///< Finite number from low to high, `double`
  RS_KEY_CHOICE,  ///< One of some words, an enumeration counted from 0
} RsKeyType;

/** Description of a key. */
typedef struct {
  const char *section;        ///< Such as "train"
  const char *name;           ///< Such as "epochs"
  RsKeyType type;             ///< Type of the value
  double initial;             ///< Default; of a choice, its number
  double low;                 ///< Lowest value allowed, of integers and reals
  double high;                ///< Highest value allowed, of integers and reals
  const char *const *choices; ///< Words of a choice, ended by NULL; else NULL
  const char *unit;           ///< Unit, or "" where there is none
  const char *help;           ///< One sentence, no full stop
  size_t offset;              ///< Place of the member in its struct, bytes
  bool local;                 ///< Changes no result, such as train.threads: left out of JSON
} RsKey;

/** Keys of one struct. */
typedef struct {
  const RsKey *keys; ///< `count` of them, section by section
  size_t count;      ///< Number of keys
} RsKeyTable;

/** The table of all keys of RsSettings. */
RsKeyTable rs_settings_table(void);

/** The key "section.name", or NULL. */
const RsKey *rs_settings_key(const char *key);

/** Set every key to its default. */
void rs_settings_init(RsSettings *settings);

/**
   Set one key.

   @param settings  Changed where the value is allowed, else untouched.
   @param key       "section.name".
   @param value     Its value as text, without surrounding space.
   @param origin    Where that stands, for the message: "x.ini:7", "--set".
   @param error     NULL or what is wrong.
   @return RS_OK; RS_ERR_SETTING where there is no such key or the value is not allowed.
*/
RsStatus rs_settings_set(RsSettings *settings, const char *key, const char *value,
                         const char *origin, RsError *error);

/** As rs_settings_set(), from "section.name=value" as given to `--set`. */
RsStatus rs_settings_assign(RsSettings *settings, const char *assignment, RsError *error);

/**
   Check what no single key shows, such as roll.low above roll.high.

   @return RS_OK, or RS_ERR_SETTING.
*/
RsStatus rs_settings_check(const RsSettings *settings, RsError *error);

/** The same of section roll alone, for rolls that no model is made of. */
RsStatus rs_settings_check_roll(const RsSettings *settings, RsError *error);

/**
   Settings as the text of a preset that needs no other, each key with its help as a comment.

   @param out  Output, to be given to free(). Reading it back gives the same settings bit by bit.
   @return RS_OK or RS_ERR_MEMORY.
*/
RsStatus rs_settings_to_ini(const RsSettings *settings, char **out);

/**
   Settings as one line of JSON, {"roll":{...},"model":{...},...}, as it stands in a model file;
   keys that change no result are left out.

   @param out  Output, to be given to free(). The same settings give the same bytes.
   @return RS_OK or RS_ERR_MEMORY.
*/
RsStatus rs_settings_to_json(const RsSettings *settings, char **out);

/**
   Settings from JSON; keys that are not there get their defaults, but model.counts,
   model.intervals, model.melody, model.contour and model.joint_onsets, which older files do not
   have: these are then off.

   @param settings  Output, written only if all is well.
   @param json      Zero-terminated text.
   @return RS_OK; RS_ERR_FORMAT where it is not JSON or not settings, RS_ERR_SETTING for a bad
   value.
*/
RsStatus rs_settings_from_json(RsSettings *settings, const char *json, RsError *error);

/**
   Read the text of a preset on top of what is in `settings`.

   @param settings  Changed up to the first error.
   @param text      Zero-terminated ini text.
   @param name      Its name in messages, and where `base` is looked for if that is a relative path.
   @return RS_OK; RS_ERR_SETTING with name, line and what would be allowed; RS_ERR_MEMORY.
*/
RsStatus rs_settings_parse(RsSettings *settings, const char *text, const char *name,
                           RsError *error);

/**
   Read a preset by name or by path on top of what is in `settings`.

   A `preset` with a slash in it, or that ends in ".ini", is a path. Anything else is a name: first
   of those built into the program, then of files rollsmith/presets/NAME.ini in the user's and the
   system's data folders ($XDG_DATA_HOME, $XDG_DATA_DIRS).

   @return RS_OK; RS_ERR_SETTING where there is none or something is wrong in it; RS_ERR_MEMORY.
*/
RsStatus rs_settings_load(RsSettings *settings, const char *preset, RsError *error);

/** A preset that is built into the program. */
typedef struct {
  const char *name; ///< Such as "quick"
  const char *text; ///< The whole ini file
} RsPreset;

/** The presets that are built in, ended by one whose name is NULL. */
const RsPreset *rs_presets(void);

/** Whether a preset is named as a file, by a slash or by .ini at its end, and not as one of those
 * that are built in or installed. */
bool rs_preset_is_file(const char *preset);

/**
   Description of a preset, one line, `[preset] description`.

   @param text  Text of the preset.
   @param out   Output, to be given to free(); empty where there is no description.
   @return RS_OK or RS_ERR_MEMORY.
*/
RsStatus rs_preset_description(const char *text, char **out);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_SETTINGS_H */
