#ifndef RS_BASE_PORTABLE_H
#define RS_BASE_PORTABLE_H

/**
   @file portable.h Functions of which C libraries differ in the last bit: here they are the same
   everywhere, within a few units in the last place of what is right.
*/

/** log x of a normal number above 0. */
double rs_portable_log(double x);

/** Cosine and sine of so many turns, 0 to 1. */
void rs_portable_turn(double turns, double *cosine, double *sine);

#endif /* RS_BASE_PORTABLE_H */
