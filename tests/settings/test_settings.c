/* SPDX-License-Identifier: ISC */

#include "parsed.h"
#include "kit.h"

#include <rollsmith/settings.h>

#include "base/suggestion.h"

#include <string.h>
#include <unistd.h>

/* ---- The table ---- */

static void every_default_is_a_value_that_its_key_allows(void **state) {
  const RsKeyTable table = rs_settings_table();
  for (size_t i = 0; i < table.count; ++i) {
    const RsKey *key = &table.keys[i];
    if (key->type == RS_KEY_INTEGER || key->type == RS_KEY_REAL) {
      assert_true(key->low <= key->initial && key->initial <= key->high);
    }
  }
  const RsSettings settings = defaults();
  assert_ok(rs_settings_check(&settings, NULL));
}

/// The table and the ingest's own defaults are two places: they must agree
static void rolls_are_made_by_the_defaults_of_the_ingest(void **state) {
  RsSettings settings = defaults(), other = defaults();
  other.roll = rs_ingest_defaults();
  assert_same(&settings, &other);
}

static void no_two_keys_share_a_name_or_a_member(void **state) {
  const RsKeyTable table = rs_settings_table();
  for (size_t i = 0; i < table.count; ++i) {
    for (size_t j = i + 1; j < table.count; ++j) {
      const RsKey *a = &table.keys[i], *b = &table.keys[j];
      assert_int_not_equal(a->offset, b->offset);
      assert_true(strcmp(a->section, b->section) || strcmp(a->name, b->name));
    }
  }
}

static void every_key_has_help_without_a_full_stop(void **state) {
  const RsKeyTable table = rs_settings_table();
  for (size_t i = 0; i < table.count; ++i) {
    const char *help = table.keys[i].help;
    assert_true(strlen(help) > 3);
    assert_int_not_equal(help[strlen(help) - 1], '.');
  }
}

/* ---- One key ---- */

static void a_value_of_each_type_is_set(void **state) {
  RsSettings s = defaults();
  assert_ok(rs_settings_assign(&s, "roll.drums=true", NULL));
  assert_ok(rs_settings_assign(&s, "train.transpose_low=-7", NULL));
  assert_ok(rs_settings_assign(&s, "train.seed=9223372036854775807", NULL));
  assert_ok(rs_settings_assign(&s, "train.learning_rate=2.5e-3", NULL));
  assert_ok(rs_settings_assign(&s, "roll.outside=refuse", NULL));
  assert_true(s.roll.drums);
  assert_int_equal(s.train.transpose_low, -7);
  assert_true(s.train.seed == INT64_MAX);
  assert_close(s.train.learning_rate, 0.0025, 0);
  assert_int_equal(s.roll.outside, RS_OUTSIDE_REFUSE);
}

static void a_value_that_is_not_allowed_changes_nothing_and_says_what_is(void **state) {
  static const struct {
    const char *assignment, *message;
  } cases[] = {
      {"train.learning_rate=7", "--set: train.learning_rate = 7: must be 0 to 1"},
      {"train.learning_rate=nan", "--set: train.learning_rate = nan: must be 0 to 1"},
      {"train.learning_rate=inf", "--set: train.learning_rate = inf: must be 0 to 1"},
      {"train.learning_rate=0x1p-3", "--set: train.learning_rate = 0x1p-3: must be 0 to 1"},
      {"train.learning_rate=.1.", "--set: train.learning_rate = .1.: must be 0 to 1"},
      {"train.learning_rate=", "--set: train.learning_rate = : must be 0 to 1"},
      {"roll.low=-1", "--set: roll.low = -1: must be a whole number, 0 to 127"},
      {"roll.low=1.5", "--set: roll.low = 1.5: must be a whole number, 0 to 127"},
      {"roll.low=99999999999999999999",
       "--set: roll.low = 99999999999999999999: must be a whole number, 0 to 127"},
      {"roll.low= 5", "--set: roll.low =  5: must be a whole number, 0 to 127"},
      {"train.seed=x", "--set: train.seed = x: must be a whole number, 0 to 9223372036854775807"},
      {"train.seed=9223372036854775808", "--set: train.seed = 9223372036854775808: must be a whole "
                                         "number, 0 to 9223372036854775807"},
      {"roll.drums=yes", "--set: roll.drums = yes: must be true or false"},
      {"train.gradient=full", "--set: train.gradient = full: must be bptt, block or rtrl"},
  };
  const RsSettings untouched = defaults();
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    RsSettings settings = defaults();
    RsError error = {RS_OK, ""};
    assert_int_equal(rs_settings_assign(&settings, cases[i].assignment, &error), RS_ERR_SETTING);
    assert_string_equal(error.message, cases[i].message);
    assert_same(&settings, &untouched);
  }
}

static void a_mistyped_key_is_answered_with_the_nearest(void **state) {
  static const struct {
    const char *assignment, *message;
  } cases[] = {
      {"train.learning_rat=1",
       "--set: train.learning_rat: no such key; did you mean train.learning_rate?"},
      {"model.epochs=1", "--set: model.epochs: no such key; did you mean train.epochs?"},
      {"hiden=1", "--set: hiden: no such key; did you mean model.hidden?"},
      {"train.xylophone=1", "--set: train.xylophone: no such key; see rollsmith presets default"},
      {"train.epochs", "--set: train.epochs: must be section.key=value"},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    RsSettings settings = defaults();
    RsError error = {RS_OK, ""};
    assert_int_equal(rs_settings_assign(&settings, cases[i].assignment, &error), RS_ERR_SETTING);
    assert_string_equal(error.message, cases[i].message);
  }
}

static void edit_distance_counts_letters(void **state) {
  assert_int_equal(rs_edit_distance("", ""), 0);
  assert_int_equal(rs_edit_distance("", "abc"), 3);
  assert_int_equal(rs_edit_distance("kitten", "sitting"), 3);
  assert_int_equal(rs_edit_distance("quick", "quick"), 0);
}

static void ranges_that_are_empty_are_refused(void **state) {
  RsSettings settings = defaults();
  RsError error = {RS_OK, ""};
  settings.roll.low = 90;
  assert_int_equal(rs_settings_check(&settings, &error), RS_ERR_SETTING);
  assert_string_equal(error.message, "roll.low = 90 is above roll.high = 83: must not be");
  settings = defaults();
  settings.train.transpose_low = 7;
  assert_int_equal(rs_settings_check(&settings, &error), RS_ERR_SETTING);
}

static void velocities_need_gaussian_units(void **state) {
  RsSettings settings = defaults();
  settings.roll.velocity = true;
  assert_int_equal(rs_settings_check(&settings, NULL), RS_ERR_SETTING);
  settings.model.rbm = RS_RBM_GAUSSIAN;
  assert_ok(rs_settings_check(&settings, NULL));
}

/* ---- Round trips ---- */

/// Settings in which no value is a default and reals have all their digits
static RsSettings unusual(void) {
  const RsKeyTable table = rs_settings_table();
  RsSettings settings = defaults();
  for (size_t i = 0; i < table.count; ++i) {
    const RsKey *key = &table.keys[i];
    void *member = (char *)&settings + key->offset;
    if (key->type == RS_KEY_REAL) {
      *(double *)member = key->low + (key->high - key->low) / 3;
    } else if (key->type == RS_KEY_INTEGER) {
      *(int *)member = (int)(key->initial == key->high ? key->low : key->high);
    } else if (key->type == RS_KEY_SIZE) {
      *(size_t *)member = (size_t)(key->initial == key->high ? key->low : key->high);
    } else if (key->type == RS_KEY_SEED) {
      *(uint64_t *)member = INT64_MAX;
    } else if (key->type == RS_KEY_BOOL) {
      *(bool *)member = key->initial == 0;
    } else {
      *(int *)member = !key->initial;
    }
  }
  return settings;
}

static void settings_survive_ini_bit_by_bit(void **state) {
  const RsSettings written = unusual();
  RsSettings read = defaults();
  char *text = NULL;
  assert_ok(rs_settings_to_ini(&written, &text));
  assert_parses(&read, text);
  const RsKeyTable table = rs_settings_table();
  for (size_t i = 0; i < table.count; ++i) {
    if (table.keys[i].type == RS_KEY_REAL) {
      assert_memory_equal((char *)&read + table.keys[i].offset,
                          (const char *)&written + table.keys[i].offset, sizeof(double));
    }
  }
  assert_same(&read, &written);
  free(text);
}

static void settings_survive_json_bit_by_bit(void **state) {
  RsSettings written = unusual(), read = defaults();
  char *text = NULL, *again = NULL;
  assert_ok(rs_settings_to_json(&written, &text));
  assert_null(strstr(text, "threads"));
  written.train.threads = read.train.threads;
  assert_ok(rs_settings_from_json(&read, text, NULL));
  assert_ok(rs_settings_to_json(&read, &again));
  assert_string_equal(text, again);
  assert_same(&read, &written);
  free(text);
  free(again);
}

static void json_that_is_not_settings_is_refused_and_changes_nothing(void **state) {
  static const struct {
    const char *json;
    RsStatus status;
  } cases[] = {
      {"", RS_ERR_FORMAT},
      {"[]", RS_ERR_FORMAT},
      {"{\"train\":3}", RS_ERR_FORMAT},
      {"{\"train\":{\"epochs\":1,\"epochs\":2}}", RS_ERR_FORMAT},
      {"{\"train\":{\"epochs\":\"many\"}}", RS_ERR_SETTING},
      {"{\"train\":{\"epochs\":null}}", RS_ERR_SETTING},
      {"{\"train\":{\"epochs\":5,\"epoch\":1}}", RS_ERR_SETTING},
      {"{\"roll\":{\"outside\":\"refuserefuserefuserefuserefuserefuserefuse\"}}", RS_ERR_SETTING},
  };
  const RsSettings untouched = defaults();
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    RsSettings settings = defaults();
    assert_int_equal(rs_settings_from_json(&settings, cases[i].json, NULL), cases[i].status);
    assert_same(&settings, &untouched);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_default_is_a_value_that_its_key_allows),
      cmocka_unit_test(rolls_are_made_by_the_defaults_of_the_ingest),
      cmocka_unit_test(no_two_keys_share_a_name_or_a_member),
      cmocka_unit_test(every_key_has_help_without_a_full_stop),
      cmocka_unit_test(a_value_of_each_type_is_set),
      cmocka_unit_test(a_value_that_is_not_allowed_changes_nothing_and_says_what_is),
      cmocka_unit_test(a_mistyped_key_is_answered_with_the_nearest),
      cmocka_unit_test(edit_distance_counts_letters),
      cmocka_unit_test(ranges_that_are_empty_are_refused),
      cmocka_unit_test(velocities_need_gaussian_units),
      cmocka_unit_test(settings_survive_ini_bit_by_bit),
      cmocka_unit_test(settings_survive_json_bit_by_bit),
      cmocka_unit_test(json_that_is_not_settings_is_refused_and_changes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
