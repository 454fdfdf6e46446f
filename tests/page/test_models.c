/* SPDX-License-Identifier: ISC */

/* Models that are put into a page. */

#include "folder.h"

#include "page/page.h"

#include <rollsmith/model.h>

#include <stdio.h>

/* Save a model with so many recurrent units. @return Its parameters. */
static size_t save_model(int recurrent, const char *path) {
  RsSettings settings;
  RsModel *model = NULL;
  rs_settings_init(&settings);
  settings.model.hidden = 8;
  settings.model.recurrent = recurrent;
  assert_ok(rs_model_new(&settings, 0, NULL, &model, NULL));
  const size_t count = rs_rnnrbm_parameters(model->net);
  assert_ok(rs_model_save(model, path, NULL));
  rs_model_free(model);
  return count;
}

static void a_model_that_is_too_large_is_refused_with_its_size(void **state) {
  const size_t count = save_model(4000, "large.model");
  char wanted[300];
  RsError error = {RS_OK, ""};
  assert_true(count * sizeof(float) > RS_PAGE_MODEL_LARGEST);
  snprintf(wanted, sizeof wanted,
           "large.model: too large for a page: %zu parameters are %zu MB, must be at most 67 MB; "
           "train with fewer units (model.hidden, model.recurrent)",
           count, count * sizeof(float) / 1000000);
  assert_int_equal(rs_page_write_player("large.model", "large", "page.html", &error),
                   RS_ERR_FORMAT);
  assert_string_equal(error.message, wanted);
  assert_int_equal(files_here(), 1);
  assert_int_equal(remove("large.model"), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      in_folder(a_model_that_is_too_large_is_refused_with_its_size),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
