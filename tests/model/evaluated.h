/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_EVALUATED_H
#define RS_TESTS_EVALUATED_H

/**
   @file evaluated.h Evaluations of small models.
*/

#include "by_hand.h"
#include "data.h"

#include <rollsmith/evaluator.h>

static inline RsEvaluation evaluate(const RsModel *model, const RsSongs *songs,
                                    RsEvaluationSettings settings) {
  RsEvaluation result;
  RsError error = {RS_OK, ""};
  if (rs_evaluate(model->net, model->w, &model->inputs, songs, &settings, &result, &error)) {
    fail_msg("%s", error.message);
  }
  return result;
}

#endif /* RS_TESTS_EVALUATED_H */
