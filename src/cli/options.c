/* SPDX-License-Identifier: ISC */

#include "cli/options.h"

#include "base/suggestion.h"
#include "base/open_file.h"

#include <glib.h>
#include <string.h>
#include <unistd.h>

static bool is_assignment(const RsOption *option) {
  return option->key || !strcmp(option->name, "set");
}

/* ---- Parsing ---- */

/* Data of the GLib callbacks */
typedef struct {
  unsigned command;
  RsOptions *options;
  bool bars, frames; /* whether these options were given */
} Parsing;

/* Check that no two options contradict each other. */
static RsStatus check_pairs(const Parsing *parsing, RsError *error) {
  const RsOptions *options = parsing->options;
  const struct {
    bool both;
    const char *names;
  } pairs[] = {
      {parsing->bars && parsing->frames, "--bars and --frames"},
      {options->live.loop && rs_options_is_set(options, "generate.count"), "--loop and --count"},
      {options->live.virtual_port && options->live.port, "--virtual and --port"},
      {options->live.virtual_port && options->live.dry_run, "--virtual and --dry-run"},
      {options->live.split && options->live.voices, "--split and --voices"},
      {options->live.virtual_port && !g_strcmp0(options->live.driver, "none"),
       "--virtual and --driver none"},
      {options->to_stdout && options->json, "-o - and --json"},
      {options->given.harmonise && options->prime, "--harmonise and --prime"},
      {options->given.harmonise && parsing->bars, "--harmonise and --bars"},
      {options->given.harmonise && parsing->frames, "--harmonise and --frames"},
      {options->given.harmonise && options->music.transpose, "--harmonise and --transpose"},
      {options->given.harmonise && options->music.key, "--harmonise and --key"},
      {options->given.harmonise && options->live.split, "--harmonise and --split"},
      {options->given.harmonise && options->live.voices, "--harmonise and --voices"},
      {options->given.harmonise && rs_options_is_set(options, "generate.meter_beats"),
       "--harmonise and --meter"},
  };
  for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); ++i) {
    if (pairs[i].both) {
      return rs_error(error, RS_ERR_SETTING, "%s exclude each other", pairs[i].names);
    }
  }
  return RS_OK;
}

/* Check that options of a song that is harmonised have one. */
static RsStatus check_song(RsOptions *options, RsError *error) {
  const struct {
    bool given;
    const char *name;
  } parts[] = {{options->given.fill, "--fill"},
               {options->given.keep_tracks, "--keep-track"},
               {options->given.keep_range, "--keep-range"},
               {options->given.keep_as, "--keep-as"},
               {options->given.look_ahead, "--look-ahead"},
               {options->given.particles, "--particles"},
               {options->given.annealing_steps, "--annealing-steps"}};
  for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !options->given.harmonise; ++i) {
    if (parts[i].given) {
      return rs_error(error, RS_ERR_SETTING, "%s needs a song: add --harmonise SONG.mid",
                      parts[i].name);
    }
  }
  return RS_OK;
}

/* Check that no text is empty, as of a variable of the shell without a value, and that options
   other than -o write no file "-". */
static RsStatus check_texts(const Parsing *parsing, RsError *error) {
  const RsOption *option = NULL;
  for (size_t i = 0; (option = rs_option_at(parsing->command, i)); ++i) {
    const bool is_text = option->argument && !is_assignment(option) && option->use != RS_IS_LIST;
    const char *text = is_text ? rs_option_file(parsing->options, option, option->use) : NULL;
    if (text && !*text) {
      return rs_error(error, RS_ERR_SETTING, "--%s: its value is empty; must be %s", option->name,
                      option->argument);
    }
    if (text && option->use == RS_WRITES_FILE && option->offset != offsetof(RsOptions, output) &&
        !strcmp(text, "-")) {
      return rs_error(error, RS_ERR_SETTING,
                      "--%s -: must be a file; standard output is /dev/stdout", option->name);
    }
  }
  return RS_OK;
}

/* With --fill, the song of --prime is not continued, but the one that is filled. */
static void take_prime_for_fill(RsOptions *options) {
  if (options->given.fill && options->prime && !options->given.harmonise) {
    options->given.harmonise = options->prime;
    options->prime = NULL;
  }
}

/* Check that no flag is given a value, as in --json=1, which GLib ignores. */
static RsStatus check_flags(unsigned command, char *const *words, RsError *error) {
  const RsOption *option = NULL;
  for (; *words && strcmp(*words, "--") != 0; ++words) {
    const size_t length = strcspn(*words, "=");
    for (size_t i = 0; (*words)[length] && (option = rs_option_at(command, i)); ++i) {
      if (!option->argument && strlen(option->name) + 2 == length && !strncmp(*words, "--", 2) &&
          !strncmp(*words + 2, option->name, length - 2)) {
        return rs_error(error, RS_ERR_SETTING, "%s: --%s has no value", *words, option->name);
      }
    }
  }
  return RS_OK;
}

static const RsOption *find(unsigned command, const char *name) {
  const RsOption *option = NULL;
  for (size_t i = 0; (option = rs_option_at(command, i)); ++i) {
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

/* Split "3/4" into two assignments. */
static gboolean take_meter(RsOptions *options, const char *name, const char *value,
                           GError **error) {
  char **parts = g_strsplit(value, "/", 2);
  const bool good = parts[0] && *parts[0] && parts[1] && *parts[1] && strcmp(parts[0], "0") != 0 &&
                    strcmp(parts[1], "0") != 0; /* 0 of the keys is the default */
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

/* Called by GLib for each option that sets a key */
static gboolean take_assignment(const gchar *name, const gchar *value, gpointer data,
                                GError **error) {
  Parsing *parsing = data;
  const RsOption *option = find(parsing->command, name + strlen("--"));
  if (option->also) {
    assign(parsing->options, NULL, option->also, name);
  }
  if (!strcmp(option->name, "frames") && *value && strspn(value, "0") == strlen(value)) {
    /* 0 of the key means that bars are counted */
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "--frames %s: must be at least 1; use --bars for a number of bars", value);
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
    entry.flags = G_OPTION_FLAG_FILENAME; /* Any bytes */
    *(GOptionArgFunc *)&entry.arg_data = take_assignment;
  } else if (!option->argument) {
    entry.arg = G_OPTION_ARG_NONE;
  } else if (option->use == RS_IS_LIST) {
    entry.arg = G_OPTION_ARG_FILENAME_ARRAY;
  }
  return entry;
}

static GOptionContext *context_of(Parsing *parsing, int *flags) {
  GOptionContext *context = g_option_context_new(NULL);
  GOptionGroup *group = g_option_group_new("main", "", "", parsing, NULL);
  const RsOption *option = NULL;
  for (size_t i = 0; (option = rs_option_at(parsing->command, i)); ++i) {
    GOptionEntry entries[2] = {entry_of(option, parsing->options), {.long_name = NULL}};
    if (entries[0].arg == G_OPTION_ARG_NONE) {
      entries[0].arg_data = &flags[i]; /* GLib writes an int */
    }
    g_option_group_add_entries(group, entries);
  }
  g_option_context_set_help_enabled(context, FALSE);
  g_option_context_set_main_group(context, group);
  return context;
}

static void store_flags(unsigned command, const int *flags, RsOptions *options) {
  const RsOption *option = NULL;
  for (size_t i = 0; (option = rs_option_at(command, i)); ++i) {
    if (!option->argument) {
      *(bool *)((char *)options + option->offset) = flags[i];
    }
  }
}

/* Message of a GLib error, with a suggestion for a misspelt option. */
static RsStatus parse_error(unsigned command, const GError *from, RsError *error) {
  const char *dashes = strstr(from->message, "--");
  const RsOption *option = NULL, *meant = NULL;
  if (dashes && g_error_matches(from, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION)) {
    RsSuggestion search = rs_suggestion(dashes + strlen("--"));
    for (size_t i = 0; (option = rs_option_at(command, i)); ++i) {
      meant = rs_suggestion_offer(&search, option->name) ? option : meant;
    }
  }
  if (meant) {
    return rs_error(error, RS_ERR_SETTING, "%s: did you mean --%s?", from->message, meant->name);
  }
  return rs_error(error, RS_ERR_SETTING, "%s", from->message);
}

/* Resolve "-" and names such as "-.svg", whose ending is that of a format, to standard output. */
static void resolve_standard_output(RsOptions *options) {
  const char *output = options->output;
  if (output && (!strcmp(output, "-") || (!strncmp(output, "-.", 2) && !strchr(output, '/')))) {
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
  int flags[RS_OPTIONS_MAX] = {0};
  Parsing parsing = {.command = command, .options = options};
  GError *failure = NULL;
  RsStatus status = RS_OK;
  *options = (RsOptions){.help = false};
  GOptionContext *context = context_of(&parsing, flags);
  char **words = g_strdupv(argv);
  char **left = g_memdup2(words, ((size_t)argc + 1) * sizeof(*words)); /* GLib moves them about */
  if (!g_option_context_parse(context, &argc, &left, &failure)) {
    status = parse_error(command, failure, error);
    g_error_free(failure);
  } else {
    char **operands = left + 1;
    operands += *operands && !strcmp(*operands, "--");
    options->operands = g_strdupv(operands);
    options->operand_count = g_strv_length(operands);
    store_flags(command, flags, options);
    resolve_standard_output(options);
    take_prime_for_fill(options);
    status = check_flags(command, argv + 1, error);
    status = status ? status : check_pairs(&parsing, error);
    status = status ? status : check_song(options, error);
    status = status ? status : check_texts(&parsing, error);
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
  g_free(options->train.valid);
  g_free(options->train.log);
  g_free(options->prime);
  g_free(options->given.harmonise);
  g_strfreev(options->given.keep_tracks);
  g_free(options->given.keep_range);
  g_free(options->given.keep_as);
  g_free(options->given.fill);
  g_free(options->given.look_ahead);
  g_free(options->given.particles);
  g_free(options->given.annealing_steps);
  g_free(options->music.transpose);
  g_free(options->music.key);
  g_free(options->music.density);
  g_free(options->music.pitch);
  g_free(options->music.polyphony);
  g_free(options->music.key_weights);
  g_free(options->live.port);
  g_free(options->live.driver);
  g_free(options->live.virtual_port);
  g_free(options->live.sync);
  g_free(options->live.control);
  g_free(options->live.listen);
  g_free(options->live.follow);
  g_free(options->live.when_silent);
  g_free(options->live.osc);
  g_free(options->live.split);
  *options = (RsOptions){.help = false};
}
