#ifndef RS_BASE_CLONES_H
#define RS_BASE_CLONES_H

/**
   @file clones.h Loops compiled for several processors, the best one chosen when the program
   starts.

   A function marked RS_CLONED is built for the plain processor of the target and, where compiler
   and loader can do it (the build asks them), for wider vectors too. What it calls must be inlined
   into it: that is RS_INLINED.
*/

#if defined RS_TARGET_CLONES
#define RS_CLONED __attribute__((target_clones(RS_TARGET_CLONES)))
#else
#define RS_CLONED
#endif

#define RS_INLINED static inline __attribute__((always_inline))

#endif /* RS_BASE_CLONES_H */
