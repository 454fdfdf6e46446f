#ifndef RS_RBM_GIBBS_ENDS_H
#define RS_RBM_GIBBS_ENDS_H

/**
   @file gibbs_ends.h How a chain begins and ends: frames to bits and back, biases to their places.
*/

#include "rbm/gibbs_vector.h"

/* A unit with this bias is off whatever the rest. */
#define OFF (-1e9f)

/* Which of the units from `base` on are none of padding. */
ALWAYS_INLINE unsigned real_units(const RsGibbsBits *units, size_t base) {
  return (unsigned)(units[base / RS_GIBBS_WORD] >> base % RS_GIBBS_WORD) & 0xFFFF;
}

/* The frame of a chain as bits. */
ALWAYS_INLINE void read_frame(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  memset(chain->visible.on, 0, rs_gibbs_words(weights->visible) * sizeof *chain->visible.on);
#if defined __AVX512F__
  for (size_t base = 0; base < weights->visible_pad; base += RS_GIBBS_PAD) {
    const __mmask16 real = (__mmask16)real_units(weights->visible_units, base);
    const __m512 x = _mm512_maskz_loadu_ps(real, chain->v + base);
    const RsGibbsBits bits = _mm512_cmp_ps_mask(x, set(0), _CMP_NEQ_UQ);
    chain->visible.on[base / RS_GIBBS_WORD] |= bits << base % RS_GIBBS_WORD;
  }
#else
  for (size_t i = 0; i < weights->visible; ++i) {
    const RsGibbsBits on = chain->v[i] > 0 || chain->v[i] < 0;
    chain->visible.on[i / RS_GIBBS_WORD] |= on << i % RS_GIBBS_WORD;
  }
#endif
}

/* And back. */
ALWAYS_INLINE void write_frame(const RsGibbsWeights *weights, RsGibbsChain *chain) {
#if defined __AVX512F__
  for (size_t base = 0; base < weights->visible_pad; base += RS_GIBBS_PAD) {
    const __mmask16 real = (__mmask16)real_units(weights->visible_units, base);
    const __mmask16 on = (__mmask16)real_units(chain->visible.on, base);
    _mm512_mask_storeu_ps(chain->v + base, real, _mm512_maskz_mov_ps(on, set(1)));
  }
#else
  for (size_t i = 0; i < weights->visible; ++i) {
    const RsGibbsBits word = chain->visible.on[i / RS_GIBBS_WORD];
    chain->v[i] = (float)(int)(word >> i % RS_GIBBS_WORD & 1);
  }
#endif
}

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

#endif /* RS_RBM_GIBBS_ENDS_H */
