/* SPDX-License-Identifier: ISC */

/* Filters, doc/math.md, equations F1 and F2. */

#include "train/filters.h"

#include "model/input_layout.h"

#include <math.h>
#include <string.h>

/* Weights of one filter at all notes: entry (p, q) is at p * note_stride + q * value_stride. */
typedef struct {
  float *values;
  size_t notes;
  size_t note_stride;
  size_t value_stride;
  bool first; /* first weights: the mean is multiplied by the root of the number of entries */
} Filter;

/* What entries that are equal become, given their sum. */
static float equal_value(const Filter *filter, double sum, size_t count) {
  const double mean = sum / (double)count;
  return (float)(filter->first ? mean * sqrt((double)count) : mean);
}

/* Entries that are `stride` apart. */
static void make_equal(const Filter *filter, size_t count, size_t stride, float *entries) {
  double sum = 0;
  for (size_t i = 0; i < count; ++i) {
    sum += entries[i * stride];
  }
  const float value = equal_value(filter, sum, count);
  for (size_t i = 0; i < count; ++i) {
    entries[i * stride] = value;
  }
}

/* Entries with the same q - p. */
static void equal_by_distance(const Filter *filter) {
  const size_t n = filter->notes, stride = filter->note_stride + filter->value_stride;
  for (size_t d = 0; d < 2 * n - 1; ++d) {
    const size_t p = d < n ? n - 1 - d : 0, count = d < n ? d + 1 : 2 * n - 1 - d;
    float *entries = filter->values + p * filter->note_stride;
    make_equal(filter, count, stride, entries + (p + d + 1 - n) * filter->value_stride);
  }
}

/* Entries of all p, for a value that belongs to no note. */
static void equal_for_all(const Filter *filter) {
  make_equal(filter, filter->notes, filter->note_stride, filter->values);
}

/* Entries (p, key) with the same distance from key to p. */
static void equal_by_degree(const Filter *filter) {
  for (size_t degree = 0; degree < 12; ++degree) {
    double sum = 0;
    for (size_t p = 0; p < filter->notes; ++p) {
      const size_t key = (p + 12 - degree) % 12;
      sum += filter->values[p * filter->note_stride + key * filter->value_stride];
    }
    const float value = equal_value(filter, sum, filter->notes);
    for (size_t p = 0; p < filter->notes; ++p) {
      const size_t key = (p + 12 - degree) % 12;
      filter->values[p * filter->note_stride + key * filter->value_stride] = value;
    }
  }
}

/* From one row of inputs on, `count` blocks of a value a note. */
static void equal_blocks(Filter filter, size_t row, size_t count) {
  float *first = filter.values;
  for (size_t i = 0; i < count; ++i) {
    filter.values = first + (row + i * filter.notes) * filter.value_stride;
    equal_by_distance(&filter);
  }
}

static void equal_rows(Filter filter, size_t first, size_t end) {
  float *values = filter.values;
  for (size_t row = first; row < end; ++row) {
    filter.values = values + row * filter.value_stride;
    equal_for_all(&filter);
  }
}

/* Direct connections from the inputs, in the order of RsInputs. */
static void equal_direct(const RsInputs *inputs, Filter filter) {
  const size_t notes = filter.notes, visible = rs_encoding_size(&inputs->encoding);
  const size_t key_at = inputs->at.plan + RS_PLAN_INPUTS - 12;
  equal_blocks(filter, 0, visible / notes);
  equal_rows(filter, visible, inputs->at.lookback);
  if (inputs->lookback) {
    equal_blocks(filter, inputs->at.lookback, RS_LOOKBACKS * visible / notes);
    equal_rows(filter, inputs->at.likeness, inputs->at.plan);
  }
  if (inputs->planned) {
    equal_rows(filter, inputs->at.plan, key_at);
    filter.values += key_at * filter.value_stride;
    equal_by_degree(&filter);
    filter.values -= key_at * filter.value_stride;
  }
  if (inputs->note_age) {
    equal_blocks(filter, inputs->at.age, RS_NOTE_AGES);
  }
  if (inputs->counts) {
    equal_rows(filter, inputs->at.counts, inputs->at.counts + RS_COUNT_CLASSES);
  }
  if (inputs->melody) {
    equal_blocks(filter, inputs->at.melody, 1);
  }
  if (inputs->contour) {
    equal_rows(filter, inputs->at.contour, inputs->at.contour + RS_MELODY_STEPS);
  }
}

/* All weights of filter k in one tensor. */
static void equal_tensor(const RsModel *model, const RsRnnRbmTensor *tensor, size_t k, bool first,
                         float *values) {
  const RsRbm *rbm = rs_rnnrbm_rbm(model->net);
  const size_t notes = rs_encoding_notes(&model->inputs.encoding), unit = k * notes;
  Filter filter = {values + tensor->offset, notes, tensor->columns, 1, first};
  if (!strcmp(tensor->name, "rbm.weight")) {
    filter.values += unit * tensor->columns;
    equal_blocks(filter, 0, rbm->visible / notes);
  } else if (!strcmp(tensor->name, "output.bias")) {
    filter.values += rbm->visible + unit;
    filter.note_stride = 1;
    equal_for_all(&filter);
  } else if (!strcmp(tensor->name, "direct.weight")) {
    filter.values += rbm->visible + unit;
    filter.note_stride = 1;
    filter.value_stride = tensor->columns;
    equal_direct(&model->inputs, filter);
  }
}

/* Filters, of binary machines: as many as the hidden units have room for. */
static size_t filters_of(const RsModel *model) {
  const RsRbm *rbm = rs_rnnrbm_rbm(model->net);
  const size_t room = rbm->hidden / rs_encoding_notes(&model->inputs.encoding);
  const size_t wanted = (size_t)model->settings.model.filters;
  return rbm->kind != RS_RBM_BERNOULLI ? 0 : wanted < room ? wanted : room;
}

static void equal_all(const RsModel *model, bool first, float *values) {
  RsRnnRbmTensor tensor;
  for (size_t i = 0; rs_rnnrbm_tensor(model->net, i, &tensor); ++i) {
    for (size_t k = 0; k < filters_of(model); ++k) {
      equal_tensor(model, &tensor, k, first, values);
    }
  }
}

void rs_filters_mean(const RsModel *model, float *values) {
  equal_all(model, false, values);
}

void rs_filters_initialise(const RsModel *model, float *w) {
  equal_all(model, true, w);
}
