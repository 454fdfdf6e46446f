/* SPDX-License-Identifier: ISC */

/**
   @file cluster.c Measures training by several processes; to be started by mpirun.

     cluster messages                          what a message costs: latency, and time a byte
     cluster train SECONDS PATH KEY=VALUE...   frames/s, and time and bytes of messages an update

   Process 0 prints a line.
*/

#include "cluster/transport_mpi.h"
#include "train/seconds.h"
#include "train/trainer_internal.h"
#include "train/trainer_processes.h"

#include <rollsmith/ingest.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A transport that measures another one. */
typedef struct {
  const RsTransport *to;
  double seconds;
  size_t bytes; /* received from others */
  size_t calls;
} Meter;

static void must(RsStatus status, const RsError *error) {
  if (status) {
    fprintf(stderr, "cluster: %s: %s\n", rs_status_text(status), error->message);
    rs_mpi_abort(1);
    exit(1);
  }
}

static void count(Meter *meter, const RsPiece *received, double began) {
  meter->seconds += rs_seconds() - began;
  ++meter->calls;
  for (size_t i = 0; i < meter->to->size; ++i) {
    meter->bytes += i == meter->to->rank ? 0 : received[i].size;
  }
}

static RsStatus timed_gather(void *context, void *data, const RsPiece *pieces) {
  Meter *meter = context;
  const double began = rs_seconds();
  const RsStatus status = meter->to->gather(meter->to->context, data, pieces);
  count(meter, pieces, began);
  return status;
}

static RsStatus timed_exchange(void *context, const void *out, const RsPiece *sent, void *in,
                               const RsPiece *received) {
  Meter *meter = context;
  const double began = rs_seconds();
  const RsStatus status = meter->to->exchange(meter->to->context, out, sent, in, received);
  count(meter, received, began);
  return status;
}

/* Seconds that an exchange of so many bytes with each other process takes, the least of some. */
static double exchange_seconds(const RsTransport *transport, unsigned char *out, unsigned char *in,
                               size_t bytes) {
  RsPiece pieces[RS_RANKS_MAX];
  RsError error = {RS_OK, ""};
  double least = 1;
  for (size_t i = 0; i < transport->size; ++i) {
    pieces[i] = (RsPiece){0, i == transport->rank ? 0 : bytes};
  }
  RsPiece from[RS_RANKS_MAX];
  for (size_t i = 0; i < transport->size; ++i) {
    from[i] = (RsPiece){i * bytes, pieces[i].size};
  }
  for (int turn = 0; turn < 200; ++turn) {
    const double began = rs_seconds();
    must(transport->exchange(transport->context, out, pieces, in, from), &error);
    const double took = rs_seconds() - began;
    least = took < least ? took : least;
  }
  return least;
}

static void measure_messages(const RsTransport *transport) {
  enum { LARGEST = 4 << 20 };
  unsigned char *out = calloc(LARGEST, 1), *in = calloc(LARGEST, transport->size);
  if (!out || !in) {
    exit(1);
  }
  const double alpha = exchange_seconds(transport, out, in, 8);
  const double large = exchange_seconds(transport, out, in, LARGEST);
  const double received = (double)LARGEST * (double)(transport->size - 1);
  if (!transport->rank) {
    printf("alpha %.2f us, beta %.3f ns a byte (%.2f GB/s), 4 MiB in %.0f us\n", 1e6 * alpha,
           1e9 * (large - alpha) / received, received / (large - alpha) * 1e-9, 1e6 * large);
  }
  free(out);
  free(in);
}

static bool is_over(void *end) {
  return rs_seconds() > *(double *)end;
}

static void read_songs(const char *path, const RsSettings *settings, RsSongs *songs) {
  RsError error = {RS_OK, ""};
  RsIngestReports reports = {NULL, 0};
  must(rs_ingest_paths(&path, 1, &settings->roll, NULL, NULL, NULL, songs, &reports, &error),
       &error);
  rs_ingest_reports_clear(&reports);
}

static void train(RsTrainer *trainer, double seconds) {
  double end = rs_seconds() + seconds;
  const RsTrainHooks hooks = {.stop = is_over, .context = &end};
  RsError error = {RS_OK, ""};
  RsTrainedReason reason;
  must(rs_trainer_run(trainer, &hooks, &reason, &error), &error);
}

/* Train for some seconds, after a tenth that is not measured. */
static void measure_training(RsTrainer *trainer, Meter *meter, double seconds) {
  train(trainer, 0.1 * seconds);
  const RsTrainCounters before = trainer->counters;
  meter->seconds = 0;
  meter->bytes = meter->calls = 0;
  train(trainer, seconds);
  const RsTrainCounters after = trainer->counters;
  const double updates = (double)(after.updates - before.updates);
  const double frames = (double)(after.frames - before.frames);
  if (!meter->to->rank) {
    printf("%zu processes: %.0f frames/s, an update %.3f ms, of which %.3f ms in %.1f messages of "
           "%.3f MB received\n",
           meter->to->size, frames / (after.seconds - before.seconds),
           1e3 * (after.seconds - before.seconds) / updates, 1e3 * meter->seconds / updates,
           (double)meter->calls / updates, 1e-6 * (double)meter->bytes / updates);
  }
}

static void run_training(const RsTransport *transport, int argc, char **argv) {
  RsError error = {RS_OK, ""};
  RsSettings settings;
  RsSongs songs = {NULL, 0, 0};
  RsTrainer *trainer = NULL;
  Meter meter = {.to = transport};
  const RsTransport metered = {.context = &meter,
                               .rank = transport->rank,
                               .size = transport->size,
                               .gather = timed_gather,
                               .exchange = timed_exchange};
  rs_settings_init(&settings);
  for (int i = 4; i < argc; ++i) {
    must(rs_settings_assign(&settings, argv[i], &error), &error);
  }
  read_songs(argv[3], &settings, &songs);
  must(rs_trainer_new(&settings, &songs, NULL, &trainer, &error), &error);
  must(rs_trainer_join(trainer, &metered, &error), &error);
  measure_training(trainer, &meter, strtod(argv[2], NULL));
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

int main(int argc, char **argv) {
  const RsTransport *transport = NULL;
  RsError error = {RS_OK, ""};
  must(rs_mpi_begin(&transport, &error), &error);
  if (argc == 2 && !strcmp(argv[1], "messages")) {
    measure_messages(transport);
  } else if (argc >= 4 && !strcmp(argv[1], "train")) {
    run_training(transport, argc, argv);
  } else {
    fprintf(stderr, "usage: cluster messages | cluster train SECONDS PATH KEY=VALUE...\n");
  }
  rs_mpi_end();
  return 0;
}
