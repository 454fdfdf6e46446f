/* SPDX-License-Identifier: ISC */

/* Chains of growing coupling, doc/math.md, equation T14. */

#include "model/chain.h"

/* Tenths of a chain's sweeps: six at growing couplings, from seven tenths on, and four as it is. */
enum { LOOSE_STAGES = 6, TIGHT_STAGES = 4 };
#define LOOSEST 0.7

void rs_chain_run(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run) {
  const size_t loose = run->steps * LOOSE_STAGES / (LOOSE_STAGES + TIGHT_STAGES);
  RsGibbsRun stage = *run;
  size_t done = 0;
  for (size_t i = 0; i < LOOSE_STAGES; ++i) {
    const size_t end = ((i + 1) * loose + LOOSE_STAGES - 1) / LOOSE_STAGES;
    const double share = LOOSEST + (1 - LOOSEST) * (double)i / LOOSE_STAGES;
    stage.steps = end - done;
    stage.coupling = (float)((double)run->coupling * share);
    rs_gibbs_run(gibbs, chains, &stage);
    done = end;
  }
  stage.steps = run->steps - loose;
  stage.coupling = run->coupling;
  rs_gibbs_run(gibbs, chains, &stage);
}
