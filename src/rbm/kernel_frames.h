/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_KERNEL_FRAMES_H
#define RS_RBM_KERNEL_FRAMES_H

/**
   @file kernel_frames.h Biases in their places, where a chain begins.
*/

#include "rbm/kernel_vector.h"

/* A unit with this bias is off whatever the rest. */
#define OFF (-1e9f)

/* The bias of the hidden unit at a place. */
ALWAYS_INLINE size_t hidden_bias_at(const RsGibbsWeights *weights, size_t place) {
  const size_t in_word = RS_GIBBS_WORD_GROUPS * RS_GIBBS_GROUP;
  return weights->visible + place / RS_GIBBS_WORD * in_word + place % RS_GIBBS_WORD;
}

ALWAYS_INLINE void place_biases(const float *bias, size_t units, size_t padded, float *out) {
  for (size_t i = 0; i < padded; ++i) {
    out[i] = i < units ? bias[i] : OFF;
  }
}

/* Biases in their places. */
ALWAYS_INLINE void pad_biases(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  const size_t in_word = RS_GIBBS_WORD_GROUPS * RS_GIBBS_GROUP;
  const float *hidden = chain->biases + weights->visible;
  place_biases(chain->biases, weights->visible, weights->visible_pad, chain->visible_bias);
  for (size_t place = 0, j = 0; place < weights->hidden_pad; place += RS_GIBBS_WORD, j += in_word) {
    const size_t left = j < weights->hidden ? weights->hidden - j : 0;
    const size_t room = weights->hidden_pad - place;
    place_biases(hidden + j, left < in_word ? left : in_word,
                 room < RS_GIBBS_WORD ? room : RS_GIBBS_WORD, chain->hidden_bias + place);
  }
}

#endif /* RS_RBM_KERNEL_FRAMES_H */
