/* SPDX-License-Identifier: ISC */

#ifndef RS_MODEL_CHAIN_H
#define RS_MODEL_CHAIN_H

/**
   @file chain.h The Gibbs chain by which a frame is drawn.
*/

#include <rollsmith/gibbs.h>

/**
   Run seeded chains that begin with a weaker coupling, so that they leave the frame that they start
   at where the song is to move on: equation T14.

   @param run  As for rs_gibbs_run(); run->coupling is the coupling of the last sweeps.
*/
void rs_chain_run(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run);

#endif /* RS_MODEL_CHAIN_H */
