/* SPDX-License-Identifier: ISC */

/* Writes a small model with random weights: no music, but as many notes as any, and little work
   for an emulated machine.

     make_model FILE            small
     make_model FILE default    of the usual size
*/

#include <rollsmith/model.h>
#include <rollsmith/rng.h>

#include <stdio.h>
#include <stdlib.h>

static RsStatus fill(RsModel *model) {
  const size_t count = rs_rnnrbm_parameters(model->net);
  const RsRng rng = {1, RS_STREAM_TEST};
  double *normal = malloc(count * sizeof(*normal));
  if (!normal) {
    return RS_ERR_MEMORY;
  }
  rs_rng_normal(rng, 0, count, normal);
  for (size_t i = 0; i < count; ++i) {
    model->w[i] = (float)(0.3 * normal[i] - 0.02);
  }
  free(normal);
  model->training.bpm = 120;
  model->training.meter_beats = model->training.meter_unit = 4;
  return RS_OK;
}

int main(int argc, char **argv) {
  const RsKnownMeter meter = {4, 4, 1};
  RsSettings settings;
  RsModel *model = NULL;
  RsError error = {RS_OK, ""};
  rs_settings_init(&settings);
  if (argc == 2) {
    settings.model.hidden = 32;
    settings.model.recurrent = 16;
    settings.generate.gibbs_steps = 5;
  }
  RsStatus status =
      argc == 2 || argc == 3 ? rs_model_new(&settings, 1, &meter, &model, &error) : RS_ERR_ARGUMENT;
  status = status ? status : fill(model);
  status = status ? status : rs_model_save(model, argv[1], &error);
  if (status) {
    fprintf(stderr, "make_model: %s\n", *error.message ? error.message : rs_status_text(status));
  }
  rs_model_free(model);
  return status != RS_OK;
}
