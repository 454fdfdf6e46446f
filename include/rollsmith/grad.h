/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_GRAD_H
#define ROLLSMITH_GRAD_H

/**
   @file grad.h All of the gradient core: what librollsmith-grad exports.

   Nets and recurrent nets, real and complex, with their gradients, Jacobians and tangents, costs
   and optimisers. The core is a library of its own that needs a BLAS and nothing else (pkg-config:
   rollsmith-grad); librollsmith contains it, and programs link to one of the two.
*/

#include <rollsmith/status.h>
#include <rollsmith/scalar.h>
#include <rollsmith/rng.h>
#include <rollsmith/net.h>
#include <rollsmith/jacobian.h>
#include <rollsmith/loss.h>
#include <rollsmith/optimiser.h>
#include <rollsmith/policy.h>
#include <rollsmith/objective.h>
#include <rollsmith/rnn.h>

#endif /* ROLLSMITH_GRAD_H */
