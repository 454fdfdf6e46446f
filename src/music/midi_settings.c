/* SPDX-License-Identifier: ISC */

#include "music/midi_settings.h"

static RsStatus check_tempo(double bpm, RsError *error) {
  return bpm >= 4 && bpm <= 60000
             ? RS_OK
             : rs_error(error, RS_ERR_ARGUMENT,
                        "a tempo of %g is none: 4 to 60000 quarters a minute", bpm);
}

static RsStatus check_tempos(const RsMidiSettings *settings, RsError *error) {
  RsStatus status = RS_OK;
  size_t least = 0;
  for (size_t i = 0; i < settings->tempo_count && !status; ++i) {
    const RsTempoChange *change = &settings->tempos[i];
    status = change->frame >= least
                 ? check_tempo(change->bpm, error)
                 : rs_error(error, RS_ERR_ARGUMENT, "changes of the tempo are not ascending");
    least = change->frame + 1;
  }
  return status;
}

RsStatus rs_midi_settings_check(const RsRoll *roll, const RsMidiSettings *settings, double *bpm,
                                RsError *error) {
  *bpm = settings->bpm > 0 ? settings->bpm : roll->bpm;
  if (!roll->frames) {
    return rs_error(error, RS_ERR_EMPTY, "a song of no frames cannot be written");
  }
  RsStatus status = check_tempo(*bpm, error);
  status = status ? status : check_tempos(settings, error);
  if (status) {
    return status;
  }
  if (settings->channel > 16) {
    return rs_error(error, RS_ERR_ARGUMENT, "there is no channel %u: 1 to 16", settings->channel);
  }
  if (settings->program > 127) {
    return rs_error(error, RS_ERR_ARGUMENT, "there is no program %d: 0 to 127", settings->program);
  }
  if (settings->velocity > 127) {
    return rs_error(error, RS_ERR_ARGUMENT, "there is no velocity %u: 1 to 127",
                    settings->velocity);
  }
  if (settings->key.sharps < -7 || settings->key.sharps > 7) {
    return rs_error(error, RS_ERR_ARGUMENT, "there is no key of %d sharps: -7 to 7",
                    settings->key.sharps);
  }
  return RS_OK;
}
