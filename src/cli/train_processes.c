/* SPDX-License-Identifier: ISC */

#include "cli/train_processes.h"

#include "base/plural.h"
#include "cli/console.h"
#include "cli/signals.h"
#include "cluster/transport_mpi.h"
#include "rbm/kernel.h"
#include "settings/keys.h"
#include "train/trainer_processes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Path of the program that this process runs, on Linux */
#define PROGRAM "/proc/self/exe"

static const RsTransport *connected; /* NULL: --mpi was not given */

/* A build, and how it computes on this processor */
typedef struct {
  uint64_t program; /* a hash of the program's file; 0 where there is none */
  char version[24];
  char kernel[24];
} Build;

/* FNV-1a of the file, which distinguishes builds of one version. */
static uint64_t hash_program(void) {
  FILE *file = fopen(PROGRAM, "rb");
  uint64_t hash = file ? UINT64_C(0xCBF29CE484222325) : 0;
  unsigned char block[4096];
  for (size_t size; file && (size = fread(block, 1, sizeof(block), file)) > 0;) {
    for (size_t i = 0; i < size; ++i) {
      hash = (hash ^ block[i]) * UINT64_C(0x100000001B3);
    }
  }
  if (file) {
    fclose(file);
  }
  return hash;
}

static Build this_build(void) {
  Build build = {.program = hash_program(), .version = RS_VERSION};
  const RsGibbsKernel *kernel = rs_gibbs_kernel();
  snprintf(build.kernel, sizeof(build.kernel), "%s", kernel ? kernel->name : "none");
  return build;
}

static RsStatus compare_builds(const Build *ours, const Build *theirs, RsError *error) {
  if (strcmp(ours->version, theirs->version) != 0 || ours->program != theirs->program) {
    return rs_error(error, RS_ERR_SETTING,
                    "runs rollsmith %s, build %016" PRIx64 ", and process 0 %s, build %016" PRIx64
                    "; start the same program everywhere",
                    ours->version, ours->program, theirs->version, theirs->program);
  }
  if (strcmp(ours->kernel, theirs->kernel) != 0) {
    return rs_error(error, RS_ERR_SETTING,
                    "uses the kernel %s, and process 0 %s, as their processors differ; set "
                    "ROLLSMITH_KERNEL=plain for all, or do without this process",
                    ours->kernel, theirs->kernel);
  }
  return RS_OK;
}

static RsStatus check_builds(const RsTransport *transport, RsError *error) {
  const Build ours = this_build();
  Build first = ours;
  RsStatus status = rs_broadcast(transport, 0, &first, sizeof(first));
  status = status ? status : compare_builds(&ours, &first, error);
  return rs_agree(transport, status, error);
}

RsStatus rs_train_processes_begin(const RsOptions *options, const RsTransport **transport,
                                  RsError *error) {
  const size_t started = rs_mpi_started_with();
  *transport = rs_transport_alone();
  if (!options->train.mpi && started > 1) {
    return rs_error(error, RS_ERR_SETTING,
                    "%zu processes were started, and each would write %s; add --mpi to train "
                    "together",
                    started, options->output);
  }
  if (!options->train.mpi) {
    return RS_OK;
  }
  const RsStatus status = rs_mpi_begin(transport, error);
  if (!status) {
    connected = *transport;
  }
  return status ? status : check_builds(*transport, error);
}

RsOptions rs_train_processes_options(const RsOptions *options, const RsTransport *transport) {
  RsOptions own = *options;
  if (transport->rank) {
    own.quiet = true;
    own.verbose = own.json = false;
    own.train.log = own.train.page = NULL;
  }
  return own;
}

static RsStatus compare_settings(const RsSettings *ours, const RsSettings *theirs, RsError *error) {
  const RsKey *key = rs_keys_difference(rs_settings_table(), ours, theirs);
  if (!key) {
    return RS_OK;
  }
  char own[RS_KEY_TEXT_SIZE], other[RS_KEY_TEXT_SIZE];
  rs_key_format(key, ours, own);
  rs_key_format(key, theirs, other);
  return rs_error(error, RS_ERR_SETTING,
                  "has %s.%s = %s, and process 0 has %s; give all processes the same settings",
                  key->section, key->name, own, other);
}

RsStatus rs_train_processes_settings(const RsTransport *transport, const RsSettings *settings,
                                     RsError *error) {
  RsSettings first = *settings;
  RsStatus status = rs_broadcast(transport, 0, &first, sizeof(first));
  status = status ? status : compare_settings(settings, &first, error);
  return rs_agree(transport, status, error);
}

RsStatus rs_train_processes_join(const RsOptions *options, const RsTransport *transport,
                                 RsTrainer *trainer, RsError *error) {
  const RsStatus status =
      rs_is_alone(transport) ? RS_OK : rs_trainer_join(trainer, transport, error);
  if (status || rs_is_alone(transport)) {
    return status;
  }
  const size_t groups = rs_trainer_groups(trainer);
  rs_notice(options, "%zu processes, %zu group%s of series", transport->size, groups,
            rs_plural(groups));
  if (transport->size > groups) {
    rs_notice(options,
              "more processes than groups: %zu of them are idle; raise train.groups, which must "
              "divide train.streams",
              transport->size - groups);
  }
  return RS_OK;
}

RsStatus rs_train_processes_signal(const RsTransport *transport) {
  int signals[RS_RANKS_MAX];
  signals[transport->rank] = rs_signal_received();
  const RsStatus status = rs_gather_each(transport, signals, sizeof(signals[0]));
  for (size_t i = 0; !status && i < transport->size; ++i) {
    rs_signals_record(signals[i]);
  }
  return status;
}

int rs_train_processes_end(const RsError *error, int exit_status) {
  if (!connected) {
    return exit_status;
  }
  const bool others_wait = connected->rank && error->status && error->status != RS_ERR_STOPPED;
  if (others_wait) {
    rs_mpi_abort(exit_status);
  }
  const bool first = !connected->rank;
  rs_mpi_end();
  connected = NULL;
  return first ? exit_status : 0;
}
