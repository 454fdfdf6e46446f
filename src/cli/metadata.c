/* SPDX-License-Identifier: ISC */

#include "cli/metadata.h"

#include "base/plural.h"
#include "cli/console.h"
#include "files/json.h"

#include <rollsmith/settings.h>

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* Deepest nesting that is printed; files of rollsmith have less */
enum { DEEPEST = 3 };

static void put_value(GString *out, json_t *value, int depth);

/* "name value, name value" */
static void put_members(GString *out, json_t *object, int depth) {
  const char *name = NULL, *between = "";
  json_t *value = NULL;
  json_object_foreach(object, name, value) {
    g_string_append_printf(out, "%s%s ", between, name);
    put_value(out, value, depth + 1);
    between = ", ";
  }
}

/* "value value; value value" for lists of lists */
static void put_elements(GString *out, json_t *array, int depth) {
  size_t index = 0;
  json_t *value = NULL;
  json_array_foreach(array, index, value) {
    g_string_append(out, !index ? "" : json_is_array(value) ? "; " : " ");
    put_value(out, value, depth + 1);
  }
}

static void put_value(GString *out, json_t *value, int depth) {
  if (depth > DEEPEST) {
    g_string_append(out, "...");
  } else if (json_is_object(value)) {
    put_members(out, value, depth);
  } else if (json_is_array(value)) {
    put_elements(out, value, depth);
  } else if (json_is_string(value)) {
    g_string_append(out, json_string_value(value));
  } else {
    char *text = rs_json_dump(value, JSON_ENCODE_ANY);
    if (text && json_is_real(value) && g_str_has_suffix(text, ".0")) {
      text[strlen(text) - 2] = '\0'; /* marks a real number in JSON only */
    }
    g_string_append(out, json_is_null(value) ? "none" : text ? text : "");
    g_free(text);
  }
}

static void print_value(const RsOptions *options, const char *key, json_t *value) {
  GString *text = g_string_new(NULL);
  put_value(text, value, 0);
  rs_report(options, "%s: %s", key, text->str);
  g_string_free(text, TRUE);
}

/* A line for each section */
static void print_sections(const RsOptions *options, const char *key, json_t *object) {
  const char *name = NULL;
  json_t *section = NULL;
  rs_report(options, "%s:", key);
  json_object_foreach(object, name, section) {
    char *indented = g_strconcat("  ", name, NULL);
    print_value(options, indented, section);
    g_free(indented);
  }
}

static bool has_sections(json_t *json) {
  json_t *first = json_object_iter_value(json_object_iter(json));
  return json_is_object(first);
}

/* Meters as "3/4 40 %": with the share of the music in each. @return Whether the list is valid. */
static bool put_meters(GString *out, json_t *list) {
  size_t index = 0;
  json_t *meter = NULL;
  json_array_foreach(list, index, meter) {
    json_int_t beats = 0, unit = 0;
    double share = 0;
    if (json_unpack(meter, "[I, I, F]", &beats, &unit, &share)) {
      return false;
    }
    g_string_append_printf(out, "%s%lld/%lld %.0f %%", index ? ", " : "", (long long)beats,
                           (long long)unit, 100 * share);
  }
  return json_is_array(list);
}

static void print_json(const RsOptions *options, const char *key, json_t *json) {
  GString *meters = g_string_new(NULL);
  if (!strcmp(key, "meters") && put_meters(meters, json)) {
    rs_report(options, "%s: %s", key, meters->str);
  } else if (has_sections(json)) {
    print_sections(options, key, json);
  } else {
    print_value(options, key, json);
  }
  g_string_free(meters, TRUE);
}

/* ---- The parts of a model ---- */

/* An optional part of a model */
typedef struct {
  bool present;
  const char *name;
} Part;

/* Print the parts that are present after a heading; nothing where there are none. */
static void print_parts(const RsOptions *options, const char *heading, const Part *parts,
                        size_t count) {
  GString *text = g_string_new(NULL);
  for (size_t i = 0; i < count; ++i) {
    if (parts[i].present) {
      g_string_append_printf(text, "%s%s", text->len ? ", " : "", parts[i].name);
    }
  }
  if (text->len) {
    rs_report(options, "%s: %s", heading, text->str);
  }
  g_string_free(text, TRUE);
}

static void print_units(const RsOptions *options, const RsSettings *settings) {
  const RsIngest *roll = &settings->roll;
  const RsModelSettings *model = &settings->model;
  char frame[80], filters[80] = "";
  if (roll->frame_ms > 0) {
    snprintf(frame, sizeof(frame), "%g ms a frame", roll->frame_ms);
  } else {
    snprintf(frame, sizeof(frame), "%d frame%s a beat", (int)roll->frames_per_beat,
             rs_plural((size_t)roll->frames_per_beat));
  }
  if (model->filters) {
    snprintf(filters, sizeof(filters), ", %d filter%s for all notes", model->filters,
             rs_plural((size_t)model->filters));
  }
  rs_report(options, "notes %d to %d%s, %s: %d hidden unit%s%s, %d recurrent", roll->low,
            roll->high, roll->articulation ? " with onsets" : "", frame, model->hidden,
            rs_plural((size_t)model->hidden), filters, model->recurrent);
}

void rs_report_model_parts(const RsOptions *options, const char *settings) {
  RsSettings read;
  rs_settings_init(&read);
  if (!settings || rs_settings_from_json(&read, settings, NULL)) {
    return;
  }
  const RsModelSettings *model = &read.model;
  const Part inputs[] = {{true, "previous frame"},
                         {model->metre, "metre"},
                         {model->lookback, "frames 1, 2, 4 and 8 bars ago"},
                         {model->plan, "plan of the song"},
                         {model->note_age, "ages of notes"}};
  const Part potentials[] = {{model->intervals, "intervals between notes"},
                             {model->counts, "numbers of notes and of onsets"}};
  print_units(options, &read);
  print_parts(options, "inputs", inputs, sizeof(inputs) / sizeof(inputs[0]));
  print_parts(options, "further potentials", potentials,
              sizeof(potentials) / sizeof(potentials[0]));
}

void rs_report_metadata(const RsOptions *options, const char *key, const char *value) {
  json_t *json = json_loads(value, 0, NULL);
  if (json) {
    print_json(options, key, json);
  } else {
    rs_report(options, "%s: %s", key, value);
  }
  json_decref(json);
}
