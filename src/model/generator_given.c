/* SPDX-License-Identifier: ISC */

/* Frames of which some notes are given, doc/math.md, equations T32 and T34. */

#include "model/generator_internal.h"

#include <string.h>

void rs_generator_clamp(RsGenerator *generator, const RsGivenNotes *given) {
  generator->now.given = given ? *given : (RsGivenNotes){.velocity = NULL};
}

/* The state of a note that is given. */
static unsigned char given_state(const RsGenerator *generator, int note) {
  const RsGivenNotes *given = &generator->now.given;
  if (!rs_frame_has(&given->on, note)) {
    return RS_STATE_OFF;
  }
  const bool held =
      rs_frame_has(&generator->now.before, note) && !rs_frame_has(&given->begins, note);
  return held ? RS_STATE_ON : RS_STATE_BEGUN;
}

/* Units of a given note, of a machine in which each unit is a note: the one that it sounds, and the
 * one that it begins. Real numbers are held where they are. */
static void give_units(RsGenerator *generator, size_t place, unsigned char state) {
  const RsEncoding *encoding = &generator->model->inputs.encoding;
  const bool real = rs_rnnrbm_rbm(generator->model->net)->kind == RS_RBM_GAUSSIAN;
  const size_t onset = rs_encoding_notes(encoding) + place;
  const uint8_t *velocity = generator->now.given.velocity;
  const bool sounds = state != RS_STATE_OFF, begins = state == RS_STATE_BEGUN;
  generator->now.states[place] = real ? 0 : sounds ? RS_STATE_ON : RS_STATE_OFF;
  generator->now.v[place] = sounds ? 1 : 0;
  if (sounds && encoding->velocities) {
    const int note = encoding->low + (int)place;
    generator->now.v[place] = rs_encode_velocity(velocity ? velocity[note] : RS_VELOCITY_DEFAULT);
  }
  if (encoding->onsets) {
    generator->now.states[onset] = real ? 0 : begins ? RS_STATE_ON : RS_STATE_OFF;
    generator->now.v[onset] = begins ? 1 : 0;
  }
}

bool rs_generator_restrict(RsGenerator *generator) {
  const RsInputs *inputs = &generator->model->inputs;
  const RsRbm *rbm = rs_rnnrbm_rbm(generator->model->net);
  const RsEncoding *encoding = &inputs->encoding;
  const bool paired = rbm->planes > 1;
  memset(generator->now.states, RS_STATE_OFF | RS_STATE_ON, rs_rbm_notes(rbm));
  if (paired) {
    rs_inputs_states(inputs, generator->now.v, NULL, generator->now.states);
  }
  bool any = inputs->joint_onsets;
  for (size_t i = 0; i < rs_encoding_notes(encoding); ++i) {
    const int note = encoding->low + (int)i;
    if (!rs_frame_has(&generator->now.given.known, note)) {
      continue;
    }
    const unsigned char state = given_state(generator, note);
    any = true;
    if (paired) {
      generator->now.states[i] = state;
    } else {
      give_units(generator, i, state);
    }
  }
  return any;
}
