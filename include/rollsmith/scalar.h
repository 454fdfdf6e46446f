/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_SCALAR_H
#define ROLLSMITH_SCALAR_H

/**
   @file scalar.h The scalar that the numerical layers are built for.

   The gradient core is one source compiled for three scalars, each function under a name of its
   own, so that all three can be linked into one program. A translation unit picks its flavour
   before it includes anything of rollsmith:

       (nothing)                   float          suffix _f
       #define RS_SCALAR_DOUBLE    double         suffix _d
       #define RS_SCALAR_COMPLEX   double complex suffix _z

   and then writes rs_net_new() and so on without a suffix: the headers map the names.
*/

#if defined RS_SCALAR_DOUBLE && defined RS_SCALAR_COMPLEX
#error "choose one of RS_SCALAR_DOUBLE and RS_SCALAR_COMPLEX"
#endif

#if defined RS_SCALAR_COMPLEX
#ifdef __cplusplus
#include <complex>
typedef std::complex<double> rs_scalar;
#else
#include <complex.h>
typedef double _Complex rs_scalar;
#endif
typedef double rs_real;             ///< Magnitudes, costs and learning rates of this flavour
#define RS_FLAVOURED(name) name##_z ///< Name with the suffix of the flavour
#elif defined RS_SCALAR_DOUBLE
typedef double rs_scalar;
typedef double rs_real; ///< Magnitudes, costs and learning rates of this flavour
#define RS_FLAVOURED(name) name##_d ///< Name with the suffix of the flavour
#else
typedef float rs_scalar; ///< Weights, inputs and outputs
typedef float rs_real;   ///< Magnitudes, costs and learning rates of this flavour
#define RS_FLAVOURED(name) name##_f ///< Name with the suffix of the flavour
#endif

#endif /* ROLLSMITH_SCALAR_H */
