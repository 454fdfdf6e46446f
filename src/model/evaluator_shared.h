/* SPDX-License-Identifier: ISC */

#ifndef RS_MODEL_EVALUATOR_SHARED_H
#define RS_MODEL_EVALUATOR_SHARED_H

/**
   @file evaluator_shared.h Evaluation by several processes.
*/

#include "cluster/transport.h"

#include <rollsmith/evaluator.h>

/**
   As rs_evaluate(), by several processes, each of which evaluates a share of the songs. All have
   the result, which is that of one process.

   @return As rs_evaluate() and rs_agree().
*/
RsStatus rs_evaluate_shared(const RsRnnRbm *net, const float *w, const RsInputs *inputs,
                            const RsSongs *songs, const RsEvaluationSettings *settings,
                            const RsTransport *transport, RsEvaluation *out, RsError *error);

#endif /* RS_MODEL_EVALUATOR_SHARED_H */
