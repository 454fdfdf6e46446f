#include "cli/options.h"

#include "base/suggestion.h"
#include "base/open_file.h"
#include "settings/keys.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- The table ---- */

#define OF_PRESET (RS_FOR_INGEST | RS_FOR_TRAIN)
#define OF_STRICT (RS_FOR_INGEST | RS_FOR_TRAIN | RS_FOR_EVALUATE)
#define OF_SONG (RS_FOR_EXPORT | RS_FOR_PLAY)
#define OF_OUTPUT (RS_FOR_INGEST | RS_FOR_TRAIN | RS_FOR_EXPORT | RS_FOR_DRAW)
#define OF_REPORT                                                                                  \
  (RS_FOR_INGEST | RS_FOR_TRAIN | RS_FOR_EVALUATE | RS_FOR_EXPORT | RS_FOR_INFO | RS_FOR_PRESETS | \
   RS_FOR_PLAY | RS_FOR_PORTS)

// clang-format off
#define FLAG(name, letter, commands, help)                                                         \
  {#name, letter, NULL, commands, help, NULL, NULL, offsetof(RsOptions, name), RS_USES_NO_FILE}
#define USES(use, name, letter, argument, commands, help)                                          \
  {#name, letter, argument, commands, help, NULL, NULL, offsetof(RsOptions, name), use}
#define TEXT(...) USES(RS_USES_NO_FILE, __VA_ARGS__)
#define READS(...) USES(RS_READS_FILE, __VA_ARGS__)
#define WRITES(...) USES(RS_WRITES_FILE, __VA_ARGS__)
#define NAMED(name, member, letter, argument, commands, help)                                      \
  {name, letter, argument, commands, help, NULL, NULL, offsetof(RsOptions, member), RS_USES_NO_FILE}
#define SETS(name, argument, commands, key)                                                        \
  {name, 0, argument, commands, NULL, key, NULL, 0, RS_USES_NO_FILE}

static const RsOption table[] = {
  WRITES(output, 'o', "FILE", OF_OUTPUT,
       "Where the result goes; written whole or not at all. - is standard output, but for a model"),
  READS(preset, 'p', "NAME or FILE.ini", OF_PRESET,
       "Settings to start from; rollsmith presets lists those there are"),
  {"set", 0, "SECTION.KEY=VALUE", OF_PRESET | RS_FOR_EVALUATE | OF_SONG,
   "Change one setting, on top of the preset; may be repeated", NULL, NULL, 0, RS_USES_NO_FILE},
  READS(valid, 0, "PATH", RS_FOR_TRAIN,
       "Validation songs; without it a share of the songs is held out"),
  SETS("seed", "N", RS_FOR_TRAIN, "train.seed"),
  SETS("seed", "N", OF_SONG, "generate.seed"),
  SETS("seed", "N", RS_FOR_EVALUATE, "evaluate.seed"),
  SETS("threads", "N", RS_FOR_TRAIN | RS_FOR_EVALUATE, "train.threads"),
  {"epochs", 0, "N", RS_FOR_TRAIN, NULL, "train.epochs", "train.updates=0", 0, RS_USES_NO_FILE},
  SETS("minutes", "M", RS_FOR_TRAIN, "train.minutes"),
  WRITES(log, 0, "FILE.jsonl", RS_FOR_TRAIN,
       "Training log, one JSON object a line"),
  FLAG(resume, 0, RS_FOR_TRAIN,
       "Go on from the model where training was stopped, as if it never had been"),
  {"bars", 0, "N", OF_SONG, NULL, "generate.bars", "generate.frames=0", 0, RS_USES_NO_FILE},
  SETS("frames", "N", OF_SONG, "generate.frames"),
  SETS("count", "K", OF_SONG, "generate.count"),
  READS(prime, 0, "SONG.mid", OF_SONG,
       "A song that the model hears first and goes on from"),
  {"meter", 0, "N/D", OF_SONG,
   "Time signature to play in, such as 3/4: one that the model has learned; without it that of "
   "--prime, else that of most songs",
   "generate.meter_beats", NULL, 0, RS_USES_NO_FILE},
  NAMED("transpose", transpose, 0, "N", OF_SONG,
        "Move the result by so many semitones, -48 to 48"),
  NAMED("key", key, 0, "NAME", OF_SONG,
        "Move the result to a key: C, F#, Bb minor, Am; without it, it is in the prime's key or in "
        "one that the training songs had (generate.song_keys)"),
  SETS("temperature", "T", OF_SONG, "generate.temperature"),
  SETS("bpm", "B", OF_SONG, "generate.bpm"),
  SETS("velocity", "V", OF_SONG, "generate.velocity"),
  SETS("channel", "C", OF_SONG, "generate.channel"),
  SETS("program", "P", OF_SONG, "generate.program"),
  SETS("max-polyphony", "N", OF_SONG, "generate.max_polyphony"),
  NAMED("nearest-meter", nearest_meter, 0, NULL, OF_SONG,
        "Where the model has not learned the time signature of --meter or --prime, take the one that "
        "is nearest of those it has"),
  SETS("no-copy", "N", OF_SONG, "generate.no_copy"),
  TEXT(port, 'p', "PORT", RS_FOR_PLAY | RS_FOR_PANIC,
       "Name of the port, its beginning, a part of it, or its number; rollsmith ports lists them"),
  FLAG(wait, 0, RS_FOR_PLAY,
       "Wait for the port if it is not there yet, and for ever if it goes"),
  NAMED("virtual", virtual_port, 0, "NAME", RS_FOR_PLAY,
        "Make a port of this name in place of playing to one; needs PortMidi 2"),
  FLAG(loop, 0, RS_FOR_PLAY,
       "Play without end: a song from its start again, a model ever on"),
  FLAG(clock, 0, RS_FOR_PLAY,
       "Send MIDI clock, with Start, Stop and song position"),
  TEXT(sync, 0, "PORT", RS_FOR_PLAY,
       "Follow the MIDI clock that comes from this port: its Start, with which a file begins again, "
       "Stop, Continue, song position and tempo; a model keeps to its bars"),
  TEXT(control, 0, "PORT", RS_FOR_PLAY,
       "Let the controllers of this port change tempo, temperature and more"),
  TEXT(listen, 0, "PORT", RS_FOR_PLAY,
       "Listen to this port: the model answers to a phrase after a bar of silence"),
  FLAG(stats, 0, RS_FOR_PLAY,
       "At the end, tell how late messages were, how many, and how far ahead the generator was"),
  NAMED("dry-run", dry_run, 0, NULL, RS_FOR_PLAY,
        "Play to no port at all, in time; ports that are named to listen to are heard"),
  FLAG(strict, 0, OF_STRICT,
       "A song that cannot be read, or is repaired with losses, is an error in place of a line of the "
       "report"),
  FLAG(json, 0, OF_REPORT,
       "Report in JSON on standard output; all messages go to standard error"),
  FLAG(quiet, 'q', RS_FOR_ALL,
       "Say nothing but errors"),
  FLAG(verbose, 'v', RS_FOR_ALL,
       "Say more"),
  FLAG(help, 'h', RS_FOR_ALL,
       "Show this help"),
};
// clang-format on

const RsOption *rs_option_of(unsigned command, size_t index) {
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

static bool is_assignment(const RsOption *option) {
  return option->key || !strcmp(option->name, "set");
}

/* ---- Parsing ---- */

/// What GLib hands to the callback
typedef struct {
  unsigned command;
  RsOptions *options;
  bool bars, frames; // Whether these options were there
} Parsing;

/// See that no two options say different things of the same
static RsStatus check_pairs(const Parsing *parsing, RsError *error) {
  const RsOptions *options = parsing->options;
  const struct {
    bool both;
    const char *names;
  } pairs[] = {
      {parsing->bars && parsing->frames, "--bars and --frames"},
      {options->loop && rs_options_set(options, "generate.count"), "--loop and --count"},
      {options->virtual_port && options->port, "--virtual and --port"},
      {options->virtual_port && options->dry_run, "--virtual and --dry-run"},
      {options->to_stdout && options->json, "-o - and --json"},
  };
  for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); ++i) {
    if (pairs[i].both) {
      return rs_error(error, RS_ERR_SETTING, "%s contradict each other: leave one out",
                      pairs[i].names);
    }
  }
  return RS_OK;
}

static const RsOption *find(unsigned command, const char *name) {
  const RsOption *option = NULL;
  for (size_t i = 0; (option = rs_option_of(command, i)); ++i) {
    if (!strcmp(option->name, name)) {
      return option;
    }
  }
  return NULL;
}

static void assign(RsOptions *options, const char *key, const char *value, const char *origin) {
  const size_t count = options->assignment_count++;
  options->assignments =
      g_realloc_n(options->assignments, count + 1, sizeof(*options->assignments));
  options->assignments[count] =
      (RsAssignment){g_strdup(key), g_strdup(value), g_strdup_printf("%s", origin)};
}

/// Take "3/4" apart into the two keys that it sets
static gboolean take_meter(RsOptions *options, const char *name, const char *value,
                           GError **error) {
  char **parts = g_strsplit(value, "/", 2);
  const bool good = parts[0] && *parts[0] && parts[1] && *parts[1] && strcmp(parts[0], "0") &&
                    strcmp(parts[1], "0"); // The keys take 0 for that of most songs
  if (good) {
    assign(options, "generate.meter_beats", parts[0], name);
    assign(options, "generate.meter_unit", parts[1], name);
  } else {
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "--meter %s: must be a time signature such as 3/4", value);
  }
  g_strfreev(parts);
  return good;
}

/// Called by GLib for each option that sets a key
static gboolean take_assignment(const gchar *name, const gchar *value, gpointer data,
                                GError **error) {
  Parsing *parsing = data;
  const RsOption *option = find(parsing->command, name + strlen("--"));
  if (option->also) {
    assign(parsing->options, NULL, option->also, name);
  }
  if (!strcmp(option->name, "frames") && *value && strspn(value, "0") == strlen(value)) {
    // The key takes it for "count bars", which nobody means here
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "--frames %s: must be at least 1; --bars counts in bars", value);
    return FALSE;
  }
  if (!strcmp(option->name, "meter")) {
    return take_meter(parsing->options, name, value, error);
  }
  assign(parsing->options, option->key, value, name);
  parsing->bars = parsing->bars || !strcmp(option->name, "bars");
  parsing->frames = parsing->frames || !strcmp(option->name, "frames");
  return TRUE;
}

static GOptionEntry entry_of(const RsOption *option, RsOptions *options) {
  GOptionEntry entry = {.long_name = option->name,
                        .short_name = option->letter,
                        .arg = G_OPTION_ARG_FILENAME,
                        .arg_data = (char *)options + option->offset,
                        .arg_description = option->argument};
  if (is_assignment(option)) {
    entry.arg = G_OPTION_ARG_CALLBACK;
    entry.flags = G_OPTION_FLAG_FILENAME; // Any bytes
    *(GOptionArgFunc *)&entry.arg_data = take_assignment;
  } else if (!option->argument) {
    entry.arg = G_OPTION_ARG_NONE;
  }
  return entry;
}

static GOptionContext *context_of(Parsing *parsing, int *flags) {
  GOptionContext *context = g_option_context_new(NULL);
  GOptionGroup *group = g_option_group_new("main", "", "", parsing, NULL);
  const RsOption *option = NULL;
  for (size_t i = 0; (option = rs_option_of(parsing->command, i)); ++i) {
    GOptionEntry entries[2] = {entry_of(option, parsing->options), {.long_name = NULL}};
    if (entries[0].arg == G_OPTION_ARG_NONE) {
      entries[0].arg_data = &flags[i]; // GLib writes an int
    }
    g_option_group_add_entries(group, entries);
  }
  g_option_context_set_help_enabled(context, FALSE);
  g_option_context_set_main_group(context, group);
  return context;
}

static void store_flags(unsigned command, const int *flags, RsOptions *options) {
  const RsOption *option = NULL;
  for (size_t i = 0; (option = rs_option_of(command, i)); ++i) {
    if (!option->argument) {
      *(bool *)((char *)options + option->offset) = flags[i];
    }
  }
}

/// The error of GLib, with the option that was meant
static RsStatus explain(unsigned command, const GError *from, RsError *error) {
  const char *dashes = strstr(from->message, "--");
  const RsOption *option = NULL, *meant = NULL;
  if (dashes && g_error_matches(from, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION)) {
    RsSuggestion search = rs_suggestion(dashes + strlen("--"));
    for (size_t i = 0; (option = rs_option_of(command, i)); ++i) {
      meant = rs_suggestion_offer(&search, option->name) ? option : meant;
    }
  }
  if (meant) {
    return rs_error(error, RS_ERR_SETTING, "%s: did you mean --%s?", from->message, meant->name);
  }
  return rs_error(error, RS_ERR_SETTING, "%s", from->message);
}

/// "-" is standard output, and "-.svg" a picture there
static void name_standard_output(RsOptions *options) {
  const char *output = options->output;
  if (output && (!strcmp(output, "-") || !strcmp(output, "-.svg") || !strcmp(output, "-.png"))) {
    char *path = g_strconcat(RS_STANDARD_OUTPUT, output + 1, NULL);
    g_free(options->output);
    options->output = path;
    options->to_stdout = true;
  } else if (output) {
    options->to_stdout = rs_path_descriptor(output) == STDOUT_FILENO;
  }
}

RsStatus rs_options_parse(unsigned command, int argc, char **argv, RsOptions *options,
                          RsError *error) {
  int flags[sizeof(table) / sizeof(table[0])] = {0};
  Parsing parsing = {.command = command, .options = options};
  GError *failure = NULL;
  RsStatus status = RS_OK;
  *options = (RsOptions){.help = false};
  GOptionContext *context = context_of(&parsing, flags);
  char **words = g_strdupv(argv);
  char **left = g_memdup2(words, ((size_t)argc + 1) * sizeof(*words)); // GLib moves them about
  if (!g_option_context_parse(context, &argc, &left, &failure)) {
    status = explain(command, failure, error);
    g_error_free(failure);
  } else {
    char **operands = left + 1;
    operands += *operands && !strcmp(*operands, "--");
    options->operands = g_strdupv(operands);
    options->operand_count = g_strv_length(operands);
    store_flags(command, flags, options);
    name_standard_output(options);
    status = check_pairs(&parsing, error);
  }
  g_free(left);
  g_strfreev(words);
  g_option_context_free(context);
  return status;
}

void rs_options_clear(RsOptions *options) {
  for (size_t i = 0; i < options->assignment_count; ++i) {
    g_free(options->assignments[i].key);
    g_free(options->assignments[i].value);
    g_free(options->assignments[i].origin);
  }
  g_free(options->assignments);
  g_strfreev(options->operands);
  g_free(options->output);
  g_free(options->preset);
  g_free(options->valid);
  g_free(options->log);
  g_free(options->prime);
  g_free(options->transpose);
  g_free(options->key);
  g_free(options->port);
  g_free(options->virtual_port);
  g_free(options->sync);
  g_free(options->control);
  g_free(options->listen);
  *options = (RsOptions){.help = false};
}

/* ---- Settings ---- */

bool rs_options_set(const RsOptions *options, const char *key) {
  for (size_t i = 0; i < options->assignment_count; ++i) {
    const RsAssignment *one = &options->assignments[i];
    const char *set = one->key ? one->key : one->value;
    if (!strncmp(set, key, strlen(key)) && strchr("=", set[strlen(key)])) {
      return true;
    }
  }
  return false;
}

static RsStatus assign_all(const RsOptions *options, RsSettings *settings, RsError *error) {
  RsStatus status = RS_OK;
  for (size_t i = 0; !status && i < options->assignment_count; ++i) {
    const RsAssignment *one = &options->assignments[i];
    status = one->key ? rs_settings_set(settings, one->key, one->value, one->origin, error)
                      : rs_settings_assign(settings, one->value, error);
  }
  return status;
}

RsStatus rs_options_apply(const RsOptions *options, RsSettings *settings, RsError *error) {
  const RsStatus status = assign_all(options, settings, error);
  return status ? status : rs_settings_check(settings, error);
}

RsStatus rs_options_settled(const RsSettings *allowed, const RsSettings *settings, RsError *error) {
  const RsKey *key = rs_keys_difference(rs_settings_table(), allowed, settings);
  if (!key) {
    return RS_OK;
  }
  char fixed[RS_KEY_TEXT_SIZE];
  rs_key_format(key, allowed, fixed);
  return rs_error(error, RS_ERR_SETTING,
                  "--set: %s.%s is %s in this model and cannot be changed: leave it out",
                  key->section, key->name, fixed);
}

static RsStatus load_preset(const RsOptions *options, RsSettings *settings, RsError *error) {
  return options->preset ? rs_settings_load(settings, options->preset, error) : RS_OK;
}

RsStatus rs_options_override(const RsOptions *options, RsSettings *settings, RsError *error) {
  const RsStatus status = load_preset(options, settings, error);
  return status ? status : rs_options_apply(options, settings, error);
}

RsStatus rs_options_settings(const RsOptions *options, RsSettings *settings, RsError *error) {
  rs_settings_init(settings);
  return rs_options_override(options, settings, error);
}

RsStatus rs_options_roll(const RsOptions *options, RsSettings *settings, RsError *error) {
  rs_settings_init(settings);
  RsStatus status = load_preset(options, settings, error);
  status = status ? status : assign_all(options, settings, error);
  return status ? status : rs_settings_check_roll(settings, error);
}
