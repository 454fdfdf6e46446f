/* SPDX-License-Identifier: ISC */

#include <rollsmith/settings.h>

/* Slowest tempo that a MIDI file holds, quarters a minute, rounded up */
#define SLOWEST 4

static RsStatus not_above(const char *low_name, double low, const char *high_name, double high,
                          RsError *error) {
  if (low > high) {
    return rs_error(error, RS_ERR_SETTING, "%s = %g is above %s = %g: must not be", low_name, low,
                    high_name, high);
  }
  return RS_OK;
}

RsStatus rs_settings_check_roll(const RsSettings *settings, RsError *error) {
  const RsIngest *roll = &settings->roll;
  const RsStatus status = not_above("roll.low", roll->low, "roll.high", roll->high, error);
  return status ? status : rs_ingest_check(roll, error);
}

static RsStatus check_groups(const RsTrainSettings *train, RsError *error) {
  if (train->groups && train->streams % train->groups) {
    return rs_error(error, RS_ERR_SETTING,
                    "train.groups = %d does not divide train.streams = %d: must do so, or be 0",
                    train->groups, train->streams);
  }
  return RS_OK;
}

RsStatus rs_settings_check(const RsSettings *settings, RsError *error) {
  const RsTrainSettings *train = &settings->train;
  RsStatus status = rs_settings_check_roll(settings, error);
  if (!status) {
    status = not_above("train.transpose_low", train->transpose_low, "train.transpose_high",
                       train->transpose_high, error);
  }
  if (!status) {
    const RsModelSettings *model = &settings->model;
    status = not_above("model.deviation_low", model->deviation_low, "model.deviation_high",
                       model->deviation_high, error);
  }
  status = status ? status : check_groups(train, error);
  if (!status && train->negative_weight > 0 && train->negative_past == RS_NEGATIVE_SONG &&
      !(train->negative_hinge > 0)) {
    status =
        rs_error(error, RS_ERR_SETTING,
                 "train.negative_past = song: the cost has no lower bound without a hinge; set "
                 "train.negative_hinge above 0");
  }
  if (!status && settings->roll.velocity && settings->model.rbm != RS_RBM_GAUSSIAN) {
    status = rs_error(
        error, RS_ERR_SETTING,
        "roll.velocity = true: units of a bb model are on or off only; set model.rbm = gb");
  }
  if (!status && !settings->generate.meter_beats != !settings->generate.meter_unit) {
    status = rs_error(error, RS_ERR_SETTING,
                      "generate.meter_beats = %d, generate.meter_unit = %d: must both be 0 or "
                      "neither",
                      settings->generate.meter_beats, settings->generate.meter_unit);
  }
  if (!status && settings->generate.no_copy == 1) {
    status = rs_error(error, RS_ERR_SETTING,
                      "generate.no_copy = 1: must be at least 2, or 0 for any copy; 32 is usual");
  }
  if (!status && settings->generate.bpm > 0 && settings->generate.bpm < SLOWEST) {
    status = rs_error(error, RS_ERR_SETTING,
                      "generate.bpm = %g: must be %d to 1000, or 0 for that of the songs",
                      settings->generate.bpm, SLOWEST);
  }
  return status;
}
