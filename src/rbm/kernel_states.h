/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_KERNEL_STATES_H
#define RS_RBM_KERNEL_STATES_H

/**
   @file kernel_states.h Draws of visible units where each note is in one of given states:
   doc/math.md, equations H7 to H9.

   Most notes are off or on in all planes: they are drawn by their number, as in kernel_counts.h.
   The few others are taken one by one.
*/

#include "rbm/kernel_counts.h"

/* Units of machines without potentials: those of one state, and which of these are on. */
static void open_free_units(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  const RsGibbsStates *given = &chain->given;
  memset(given->fixed, 0, rs_gibbs_words(weights->visible_pad) * sizeof *given->fixed);
  memset(given->free, 0, rs_gibbs_words(weights->visible_pad) * sizeof *given->free);
  for (size_t i = 0; i < weights->visible; ++i) {
    const RsGibbsBits bit = (RsGibbsBits)1 << i % RS_GIBBS_WORD;
    const unsigned states = chain->states[i] & (RS_STATE_OFF | RS_STATE_ON);
    given->free[i / RS_GIBBS_WORD] |= states == (RS_STATE_OFF | RS_STATE_ON) ? bit : 0;
    given->fixed[i / RS_GIBBS_WORD] |= states == RS_STATE_ON ? bit : 0;
  }
}

/* A note of one state. */
ALWAYS_INLINE void fix_note(const RsGibbsWeights *weights, RsGibbsStates *given, size_t note,
                            unsigned state) {
  const size_t second = weights->count_units + note;
  given->sounding += state != RS_STATE_OFF;
  given->beginning += state == RS_STATE_BEGUN;
  if (state != RS_STATE_OFF) {
    given->fixed[note / RS_GIBBS_WORD] |= (RsGibbsBits)1 << note % RS_GIBBS_WORD;
  }
  if (state == RS_STATE_BEGUN) {
    given->fixed[second / RS_GIBBS_WORD] |= (RsGibbsBits)1 << second % RS_GIBBS_WORD;
  }
}

/* Make a chain ready for the states that its notes may be in. */
static void open_states(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  RsGibbsStates *given = &chain->given;
  const unsigned whole = weights->planes > 1 ? RS_STATE_BEGUN : RS_STATE_ON;
  const unsigned known = RS_STATE_OFF | RS_STATE_ON | whole;
  if (!weights->planes) {
    open_free_units(weights, chain);
    return;
  }
  given->sounding = given->beginning = given->tied_count = 0;
  memset(given->fixed, 0, rs_gibbs_words(weights->visible_pad) * sizeof *given->fixed);
  for (size_t i = 0; i < weights->count_units; ++i) {
    const unsigned states = chain->states[i] & known;
    given->plain[i] = states == (RS_STATE_OFF | whole);
    if (!(states & (states - 1))) {
      fix_note(weights, given, i, states);
    } else if (!(given->plain[i] > 0)) {
      given->tied[given->tied_count++] = (RsGibbsTied){i, (unsigned char)states};
    }
  }
}

/* Units of one state are in it. */
ALWAYS_INLINE void restrict_units(const RsGibbsWeights *weights, const RsGibbsChain *chain) {
  for (size_t i = 0; i < rs_gibbs_words(weights->visible); ++i) {
    chain->visible.on[i] = (chain->visible.on[i] & chain->given.free[i]) | chain->given.fixed[i];
  }
}

/* Odds of the notes that are off or on in all planes; 0 of all others. */
ALWAYS_INLINE void fill_plain_odds(int planes, const RsGibbsWeights *weights,
                                   const RsGibbsChain *chain, float coupling) {
  const size_t units = weights->count_units;
  for (size_t i = 0; i < units; ++i) {
    const float first = visible_field(chain, coupling, i);
    const float field = planes > 1 ? first + visible_field(chain, coupling, units + i) : first;
    chain->counts->odds[i] = chain->given.plain[i] * odds_of(field);
  }
}

/* Weights of the states of the other notes, and the rows of H8. */
ALWAYS_INLINE void fill_tied(const RsGibbsWeights *weights, const RsGibbsChain *chain,
                             float coupling) {
  const RsGibbsStates *given = &chain->given;
  rs_state_row_start(given->sounding, given->beginning, given->rows);
  for (size_t j = 0; j < given->tied_count; ++j) {
    const RsGibbsTied tied = given->tied[j];
    const float first = visible_field(chain, coupling, tied.note);
    const float second = visible_field(chain, coupling, weights->count_units + tied.note);
    const double off = tied.states & RS_STATE_OFF ? 1 : 0;
    const double on = tied.states & RS_STATE_ON ? odds_of(first) : 0;
    const double begun = tied.states & RS_STATE_BEGUN ? odds_of(first + second) : 0;
    const double part = 1 / (off + on + begun);
    double *row = given->rows + j * RS_STATE_CELLS;
    given->weights[j] = (RsStateWeights){off * part, on * part, begun * part};
    rs_state_row_add(row, given->sounding + j, given->weights[j], row + RS_STATE_CELLS);
  }
}

ALWAYS_INLINE Row load_row(const double *x) {
  Row row;
  memcpy(&row, x, sizeof row);
  return row;
}

/* Factor of each class of the number of plain notes that are on: equation H9. */
ALWAYS_INLINE void fill_class_factors(const double *cells, size_t most, const double *sounding,
                                      const double *beginning, double *factors) {
  Row sum = {{{0}}};
  for (size_t s = 0; s <= rs_state_class(most); ++s) {
    const Row by_sounding = load_row(sounding + s);
    Row inner = {{{0}}};
    for (size_t b = 0; b <= s; ++b) {
      const Row by_beginning = load_row(beginning + b);
      for (int k = 0; k < ROW_VECTORS; ++k) {
        inner.x[k] += cells[s * RS_STATE_CLASSES + b] * by_beginning.x[k];
      }
    }
    for (int k = 0; k < ROW_VECTORS; ++k) {
      sum.x[k] += inner.x[k] * by_sounding.x[k];
    }
  }
  memcpy(factors, &sum, sizeof sum);
}

/* The other notes, from the last one: equation H8. */
ALWAYS_INLINE void draw_tied(const RsGibbsWeights *weights, const RsGibbsChain *chain, size_t cell,
                             const float *noise) {
  const RsGibbsStates *given = &chain->given;
  const size_t units = weights->count_units;
  for (size_t j = given->tied_count; j--;) {
    const size_t note = given->tied[j].note;
    const RsStateStep step = rs_state_step_back(given->rows + j * RS_STATE_CELLS, given->weights[j],
                                                cell, uniform_of(noise[units + note]));
    set_unit(chain, note, step.sounds);
    set_unit(chain, units + note, step.begins);
    cell = step.cell;
  }
}

/* What is on in the first plane begins. */
ALWAYS_INLINE void begin_all(const RsGibbsWeights *weights, const RsGibbsChain *chain) {
  const size_t units = weights->count_units;
  for (size_t word = 0; word < rs_gibbs_words(units); ++word) {
    const size_t left = units - word * RS_GIBBS_WORD;
    RsGibbsBits bits = chain->visible.on[word];
    bits &= left < RS_GIBBS_WORD ? ((RsGibbsBits)1 << left) - 1 : ~(RsGibbsBits)0;
    for (; bits; bits &= bits - 1) {
      set_unit(chain, units + word * RS_GIBBS_WORD + (size_t)__builtin_ctzll(bits), true);
    }
  }
}

/* Plain notes of a class, of the table of the first plane. */
ALWAYS_INLINE void draw_plain(const RsGibbsWeights *weights, const RsGibbsChain *chain,
                              size_t class, const float *noise) {
  Plane plane = plane_of(weights, chain, 0, noise);
  plane.class = class;
  draw_last_class(weights, chain, &plane, noise);
  while (plane.class) {
    draw_unit(chain, &plane);
  }
}

/* Visible units given what the hidden ones sent, of `planes` planes, a constant at each call. */
ALWAYS_INLINE void draw_states_of(int planes, const RsGibbsWeights *weights,
                                  const RsGibbsChain *chain, float coupling, const float *noise) {
  static const double ones[2 * CLASSES] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const RsGibbsCounts *counts = chain->counts;
  const RsGibbsStates *given = &chain->given;
  const double *sounding = counts->factors;
  const double *beginning = planes > 1 ? counts->factors + 2 * CLASSES : ones;
  const double *cells = given->rows + given->tied_count * RS_STATE_CELLS;
  const size_t most = given->sounding + given->tied_count, units = weights->count_units;
  double factors[CLASSES];
  fill_plain_odds(planes, weights, chain, coupling);
  fill_rows(1, units, counts->odds, counts->stride, counts->table);
  fill_tied(weights, chain, coupling);
  fill_class_factors(cells, most, sounding, beginning, factors);
  const size_t class =
      draw_class(factors, counts->table + units * CLASSES, uniform_of(noise[weights->visible]));
  memset(chain->visible.on, 0, rs_gibbs_words(weights->visible) * sizeof *chain->visible.on);
  draw_plain(weights, chain, class, noise);
  if (planes > 1) {
    begin_all(weights, chain);
  }
  if (given->tied_count) {
    draw_tied(weights, chain,
              rs_state_draw_cell(cells, most, sounding + class, beginning + class,
                                 uniform_of(noise[weights->visible + 1])),
              noise);
  }
  for (size_t i = 0; i < rs_gibbs_words(weights->visible); ++i) {
    chain->visible.on[i] |= given->fixed[i];
  }
}

static void draw_states(const RsGibbsWeights *weights, const RsGibbsChain *chain, float coupling,
                        const float *noise) {
  if (weights->planes > 1) {
    draw_states_of(2, weights, chain, coupling, noise);
  } else {
    draw_states_of(1, weights, chain, coupling, noise);
  }
}

#endif /* RS_RBM_KERNEL_STATES_H */
