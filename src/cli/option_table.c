/* SPDX-License-Identifier: ISC */

#include "cli/options.h"

#include "settings/keys.h"

#include <stddef.h>

#define OF_PRESET (RS_FOR_INGEST | RS_FOR_TRAIN)
#define OF_STRICT (RS_FOR_INGEST | RS_FOR_TRAIN | RS_FOR_EVALUATE)
#define OF_SONG (RS_FOR_EXPORT | RS_FOR_PLAY)
#define OF_OUTPUT (RS_FOR_INGEST | RS_FOR_TRAIN | RS_FOR_EXPORT | RS_FOR_DRAW | RS_FOR_PAGE)
#define OF_REPORT                                                                                  \
  (RS_FOR_INGEST | RS_FOR_TRAIN | RS_FOR_EVALUATE | RS_FOR_EXPORT | RS_FOR_INFO | RS_FOR_PRESETS | \
   RS_FOR_PLAY | RS_FOR_PORTS)

// clang-format off
#define FLAG(name, member, letter, commands, help)                                                 \
  {name, letter, NULL, commands, help, NULL, NULL, offsetof(RsOptions, member), RS_USES_NO_FILE}
#define USES(use, name, member, letter, argument, commands, help)                                  \
  {name, letter, argument, commands, help, NULL, NULL, offsetof(RsOptions, member), use}
#define TEXT(...) USES(RS_USES_NO_FILE, __VA_ARGS__)
#define READS(...) USES(RS_READS_FILE, __VA_ARGS__)
#define WRITES(...) USES(RS_WRITES_FILE, __VA_ARGS__)
#define LIST(name, member, argument, commands, help)                                               \
  {name, 0, argument, commands, help, NULL, NULL, offsetof(RsOptions, member), RS_IS_LIST}
#define SETS(name, argument, commands, key)                                                        \
  {name, 0, argument, commands, NULL, key, NULL, 0, RS_USES_NO_FILE}

static const RsOption table[] = {
  WRITES("output", output, 'o', "FILE", OF_OUTPUT,
       "Output file, replaced atomically; - is standard output, followed by a format where there "
       "are several, such as -.svg (not for a model)"),
  READS("preset", preset, 'p', "NAME or FILE.ini", OF_PRESET,
       "Preset or settings file to start from; list presets with rollsmith presets"),
  {"set", 0, "SECTION.KEY=VALUE", OF_PRESET | RS_FOR_EVALUATE | OF_SONG,
   "Change a setting of the preset; may be repeated", NULL, NULL, 0, RS_USES_NO_FILE},
  READS("valid", train.valid, 0, "PATH", RS_FOR_TRAIN,
       "Validation songs; default: a share of the songs is held out"),
  SETS("seed", "N", RS_FOR_TRAIN, "train.seed"),
  SETS("seed", "N", OF_SONG, "generate.seed"),
  SETS("seed", "N", RS_FOR_EVALUATE, "evaluate.seed"),
  SETS("threads", "N", RS_FOR_TRAIN | RS_FOR_EVALUATE, "train.threads"),
  {"epochs", 0, "N", RS_FOR_TRAIN, NULL, "train.epochs", "train.updates=0", 0, RS_USES_NO_FILE},
  SETS("minutes", "M", RS_FOR_TRAIN, "train.minutes"),
  WRITES("log", train.log, 0, "FILE.jsonl", RS_FOR_TRAIN,
       "Training log, one JSON object a line"),
  TEXT("page", train.page, 0, "PORT", RS_FOR_TRAIN,
       "Serve the training report as a page on this port of 127.0.0.1, while training goes on; 0: "
       "any free port"),
  FLAG("resume", train.resume, 0, RS_FOR_TRAIN,
       "Continue a stopped training of the output; the result is that of an uninterrupted one"),
  FLAG("mpi", train.mpi, 0, RS_FOR_TRAIN,
       "Train with all processes that mpirun started"),
  {"bars", 0, "N", OF_SONG, NULL, "generate.bars", "generate.frames=0", 0, RS_USES_NO_FILE},
  SETS("frames", "N", OF_SONG, "generate.frames"),
  SETS("count", "K", OF_SONG, "generate.count"),
  READS("prime", prime, 0, "SONG.mid", OF_SONG,
       "A song that the model continues"),
  {"continue", 0, "SONG.mid", OF_SONG, "The same as --prime", NULL, NULL,
   offsetof(RsOptions, prime), RS_READS_FILE},
  READS("harmonise", given.harmonise, 0, "SONG.mid", RS_FOR_EXPORT,
       "A song whose notes are kept as they are, while the model adds the others"),
  LIST("keep-track", given.keep_tracks, "N", RS_FOR_EXPORT,
       "With --harmonise, keep only the notes of this track, counted from 1; may be repeated"),
  TEXT("keep-range", given.keep_range, 0, "A-B", RS_FOR_EXPORT,
        "With --harmonise, keep only the notes from A to B, MIDI numbers"),
  TEXT("keep-as", given.keep_as, 0, "VOICE", RS_FOR_EXPORT,
        "Voice of the kept notes: top or bottom, beyond which no notes are added, or any; "
        "default: top where their mean is in the upper half of the model's range, else bottom"),
  TEXT("fill", given.fill, 0, "A-B", RS_FOR_EXPORT,
        "Replace bars A to B of the song of --harmonise, and keep all others; an upbeat is bar 0"),
  TEXT("look-ahead", given.look_ahead, 0, "N", RS_FOR_EXPORT,
        "With --harmonise, condition the added notes on kept notes up to N frames later, which "
        "takes about 50 times as many steps of sampling; 0: only on those up to the same frame; "
        "default: 16"),
  TEXT("particles", given.particles, 0, "N", RS_FOR_EXPORT,
        "With --look-ahead, number of generators (2 to 256, default 16), whose frames are weighted by "
        "the probability of the kept notes; time is in proportion"),
  TEXT("annealing-steps", given.annealing_steps, 0, "N", RS_FOR_EXPORT,
        "With --look-ahead, steps by which that probability is estimated (1 to 10000, default 20); "
        "300 are more accurate and take about six times as long"),
  {"meter", 0, "N/D", OF_SONG,
   "Time signature, such as 3/4, one of those that the model was trained on; default: that of "
   "--prime, else that of most training songs",
   "generate.meter_beats", NULL, 0, RS_USES_NO_FILE},
  TEXT("transpose", music.transpose, 0, "N", OF_SONG,
        "Transpose the result by N semitones, -48 to 48"),
  TEXT("key", music.key, 0, "NAME", OF_SONG,
        "Transpose the result to a key: C, F#, Bb minor, Am; default: the key of the prime, or a key "
        "of the training songs (generate.song_keys)"),
  TEXT("density", music.density, 0, "D", OF_SONG,
       "Steer the mean number of notes that begin in a frame to D"),
  TEXT("register", music.pitch, 0, "R", OF_SONG,
        "Steer the mean pitch of the notes that begin to MIDI number R; 60 is middle C"),
  TEXT("polyphony", music.polyphony, 0, "A-B", OF_SONG,
       "Steer the number of notes at a time to A to B; 3 is 3-3"),
  TEXT("key-weights", music.key_weights, 0, "WEIGHTS", OF_SONG,
        "Multiply the odds that a note begins, by its pitch class: 12 weights from C on, separated by "
        "commas, or a key such as D or Am"),
  SETS("temperature", "T", OF_SONG, "generate.temperature"),
  SETS("bpm", "B", OF_SONG, "generate.bpm"),
  SETS("velocity", "V", OF_SONG, "generate.velocity"),
  SETS("channel", "C", OF_SONG, "generate.channel"),
  SETS("program", "P", OF_SONG, "generate.program"),
  TEXT("split", live.split, 0, "NOTE", OF_SONG,
       "Notes below this MIDI number go to --channel, others to the channel after it"),
  FLAG("voices", live.voices, 0, OF_SONG,
       "The lowest note goes to --channel, inner ones to the channel after it, the highest to the next; "
       "channel 10 is passed over"),
  SETS("max-polyphony", "N", OF_SONG, "generate.max_polyphony"),
  TEXT("nearest-meter", music.nearest_meter, 0, NULL, OF_SONG,
        "Where the model was not trained on the time signature of --meter or --prime, use the "
        "nearest one that it was trained on"),
  SETS("no-copy", "N", OF_SONG, "generate.no_copy"),
  TEXT("port", live.port, 'p', "PORT", RS_FOR_PLAY | RS_FOR_PANIC,
       "Name of the port, its beginning, a part of it, its number, or its address (128:0 or "
       "Client:port); list ports with rollsmith ports"),
  TEXT("driver", live.driver, 0, "DRIVER", RS_FOR_PLAY | RS_FOR_PORTS | RS_FOR_PANIC,
       "MIDI system: portmidi, alsa (ALSA's sequencer), jack (JACK or PipeWire) or none (nothing is "
       "sent); default: portmidi, but alsa where a virtual port is to be created"),
  FLAG("wait", live.wait, 0, RS_FOR_PLAY,
       "Wait for the port if it is missing, also if it disappears, without time limit"),
  TEXT("virtual", live.virtual_port, 0, "NAME", RS_FOR_PLAY,
        "Create a virtual port of this name, to which other programs connect; not with PortMidi 217"),
  FLAG("loop", live.loop, 0, RS_FOR_PLAY,
       "Repeat a song, or generate music, without end"),
  FLAG("clock", live.clock, 0, RS_FOR_PLAY,
       "Send MIDI clock, with Start, Stop and song position"),
  TEXT("sync", live.sync, 0, "PORT", RS_FOR_PLAY,
       "Follow the MIDI clock of this port: tempo, Start (a file begins again), Stop, Continue and "
       "song position; a model stays aligned with the bars"),
  TEXT("control", live.control, 0, "PORT", RS_FOR_PLAY,
       "Change tempo, temperature and more by the MIDI controllers of this port"),
  TEXT("listen", live.listen, 0, "PORT", RS_FOR_PLAY,
       "Call and response: the model answers a phrase played on this port after a bar of silence"),
  TEXT("follow", live.follow, 0, "PORT", RS_FOR_PLAY,
       "Accompany a player on this port: the notes that are held are part of the music, and the "
       "model adds others at once"),
  TEXT("when-silent", live.when_silent, 0, "lead|rest", RS_FOR_PLAY,
        "With --follow, after a bar without a key: continue without the player (lead, the "
        "default), or rest until a key is pressed"),
  TEXT("osc", live.osc, 0, "PORT", RS_FOR_PLAY,
       "Receive Open Sound Control messages at this UDP port of 127.0.0.1, or at ADDRESS:PORT, "
       "and send notes to subscribers; needs liblo"),
  FLAG("stats", live.stats, 0, RS_FOR_PLAY,
       "Report number and lateness of messages, and the load of the generator, at the end"),
  TEXT("dry-run", live.dry_run, 0, NULL, RS_FOR_PLAY,
        "Play in real time without sending MIDI; input ports are used"),
  FLAG("strict", strict, 0, OF_STRICT,
       "Fail on any song that cannot be read or is repaired with losses"),
  FLAG("json", json, 0, OF_REPORT,
       "Report in JSON on standard output; messages go to standard error"),
  FLAG("quiet", quiet, 'q', RS_FOR_ALL,
       "Print errors only"),
  FLAG("verbose", verbose, 'v', RS_FOR_ALL,
       "Print more messages"),
  FLAG("help", help, 'h', RS_FOR_ALL,
       "Show this help"),
};
// clang-format on

_Static_assert(sizeof(table) / sizeof(table[0]) <= RS_OPTIONS_MAX, "RS_OPTIONS_MAX is too small");

const RsOption *rs_option_at(unsigned command, size_t index) {
  for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); ++i) {
    if (table[i].commands & command && !index--) {
      return &table[i];
    }
  }
  return NULL;
}

const char *rs_option_file(const RsOptions *options, const RsOption *option, RsFileUse use) {
  return option->use == use ? *(char *const *)((const char *)options + option->offset) : NULL;
}

const char *rs_option_help(const RsOption *option) {
  const RsKey *key = option->key && !option->help ? rs_settings_key(option->key) : NULL;
  return key ? key->help : option->help;
}
