/* SPDX-License-Identifier: ISC */

/* Presets: what they set, how they inherit, where they are looked for. */

#include "parsed.h"
#include "kit.h"

#include <rollsmith/settings.h>

#include "base/suggestion.h"

#include <string.h>
#include <unistd.h>

static void a_preset_sets_what_it_names_and_leaves_the_rest(void **state) {
  RsSettings settings = defaults(), expected = defaults();
  expected.train.epochs = 7;
  expected.model.hidden = 12;
  assert_parses(&settings, "# words\r\n\n[ train ]\r\n epochs=7 \r\n; words\n[model]\nhidden = 12");
  assert_same(&settings, &expected);
}

static void what_is_wrong_in_a_preset_is_named_with_its_line(void **state) {
  assert_refused("[train]\n\nlearning_rat = 1\n",
                 "x.ini:3: train.learning_rat: no such key; did you mean train.learning_rate?");
  assert_refused("[train]\nlearning_rate = 7\n",
                 "x.ini:2: train.learning_rate = 7: must be 0 to 1");
  assert_refused("[trian]\n", "x.ini:1: [trian]: no such section; did you mean [train]?");
  assert_refused("[x]\n", "x.ini:1: [x]: no such section; see rollsmith presets default");
  assert_refused("[train]\nepochs = 1\nclip = 1\nepochs = 1\n",
                 "x.ini:4: train.epochs: already set in line 2");
  assert_refused("epochs = 1\n", "x.ini:1: epochs: no such key; did you mean train.epochs?");
  assert_refused("[train]\nepochs\n",
                 "x.ini:2: epochs: must be [section], key = value or # comment");
  assert_refused("[preset]\nbass = quick\n",
                 "x.ini:2: preset.bass: no such key; there are base and description");
  assert_refused("[preset]\nbase = quik\n", "x.ini:2: quik: no such preset; did you mean quick?");
  assert_refused("[train]\nepochs = 1\n[preset]\nbase = quick\n",
                 "x.ini:4: preset.base: must stand before all other settings");
}

static void a_preset_inherits_from_its_base(void **state) {
  RsSettings quick = defaults(), heir = defaults();
  assert_ok(rs_settings_load(&quick, "quick", NULL));
  assert_int_not_equal(quick.model.hidden, defaults().model.hidden);
  assert_parses(&heir, "[preset]\nbase = quick\n[train]\nepochs = 3\n");
  quick.train.epochs = 3;
  assert_same(&heir, &quick);
}

/// Write a file, load it, remove it
static RsStatus load_text(const char *path, const char *text, RsSettings *settings,
                          RsError *error) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
  const RsStatus status = rs_settings_load(settings, path, error);
  remove(path);
  return status;
}

static void presets_that_inherit_in_a_circle_are_refused(void **state) {
  RsSettings settings = defaults();
  RsError error = {RS_OK, ""};
  assert_int_equal(load_text("./circle.ini", "[preset]\nbase = circle.ini\n", &settings, &error),
                   RS_ERR_SETTING);
  assert_string_equal(error.message,
                      "./circle.ini:2: base = circle.ini: presets inherit in a circle");
}

static void a_preset_is_looked_for_by_path_and_by_name(void **state) {
  RsSettings settings = defaults();
  RsError error = {RS_OK, ""};
  assert_ok(load_text("./some.ini", "[train]\nepochs = 3\n", &settings, &error));
  assert_int_equal(settings.train.epochs, 3);
  assert_int_equal(rs_settings_load(&settings, "no/such.ini", &error), RS_ERR_SETTING);
  assert_string_equal(error.message, "preset: cannot read no/such.ini: No such file or directory");
  assert_int_equal(rs_settings_load(&settings, "/", &error), RS_ERR_SETTING);
  assert_int_equal(rs_settings_load(&settings, "xylophone", &error), RS_ERR_SETTING);
  assert_int_equal(rs_settings_load(&settings, "", &error), RS_ERR_SETTING);
}

static void a_preset_of_the_user_is_found_in_the_data_folders(void **state) {
  char folder[] = "/tmp/rs-settings-XXXXXX", command[128], path[128];
  assert_non_null(mkdtemp(folder));
  snprintf(command, sizeof(command), "mkdir -p %s/rollsmith/presets", folder);
  assert_int_equal(system(command), 0);
  snprintf(path, sizeof(path), "%s/rollsmith/presets/mine.ini", folder);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs("[train]\nepochs = 5\n", file);
  fclose(file);
  setenv("XDG_DATA_HOME", folder, 1);
  RsSettings settings = defaults();
  assert_ok(rs_settings_load(&settings, "mine", NULL));
  assert_int_equal(settings.train.epochs, 5);
  snprintf(command, sizeof(command), "rm -r %s", folder);
  assert_int_equal(system(command), 0);
}

static void a_file_that_is_no_text_is_no_preset(void **state) {
  RsSettings settings = defaults();
  RsError error = {RS_OK, ""};
  FILE *file = fopen("./binary.ini", "wb");
  assert_non_null(file);
  fwrite("a\0b", 1, 3, file);
  fclose(file);
  assert_int_equal(rs_settings_load(&settings, "./binary.ini", &error), RS_ERR_SETTING);
  assert_string_equal(error.message, "preset: ./binary.ini: not a text file");
  remove("./binary.ini");
}

static void every_built_in_preset_holds_and_describes_itself(void **state) {
  size_t count = 0;
  for (const RsPreset *preset = rs_presets(); preset->name; ++preset, ++count) {
    RsSettings settings = defaults();
    char *description = NULL;
    RsError error = {RS_OK, ""};
    rs_settings_load(&settings, preset->name, &error);
    assert_string_equal(error.message, "");
    assert_ok(rs_settings_check(&settings, NULL));
    assert_ok(rs_preset_description(preset->text, &description));
    assert_true(strlen(description) > 10);
    free(description);
  }
  assert_true(count >= 3);
}

/// What stands in presets/default.ini is what the table says: `rollsmith presets default` writes it
static void the_default_preset_is_the_table(void **state) {
  const RsPreset *preset = rs_presets();
  const RsSettings settings = defaults();
  char *text = NULL;
  while (preset->name && strcmp(preset->name, "default") != 0) {
    ++preset;
  }
  assert_non_null(preset->name);
  assert_ok(rs_settings_to_ini(&settings, &text));
  const char *keys = strstr(preset->text, "[roll]");
  assert_non_null(keys);
  assert_string_equal(keys, text);
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_preset_of_the_user_is_found_in_the_data_folders),
      cmocka_unit_test(a_preset_sets_what_it_names_and_leaves_the_rest),
      cmocka_unit_test(what_is_wrong_in_a_preset_is_named_with_its_line),
      cmocka_unit_test(a_preset_inherits_from_its_base),
      cmocka_unit_test(presets_that_inherit_in_a_circle_are_refused),
      cmocka_unit_test(a_preset_is_looked_for_by_path_and_by_name),
      cmocka_unit_test(a_file_that_is_no_text_is_no_preset),
      cmocka_unit_test(every_built_in_preset_holds_and_describes_itself),
      cmocka_unit_test(the_default_preset_is_the_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
