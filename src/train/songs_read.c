/* SPDX-License-Identifier: ISC */

#include "train/songs_read.h"

#include "base/memory.h"
#include "music/ingest_job.h"
#include "train/rolls_gather.h"

#include <stdlib.h>
#include <string.h>

/* Files of a process whose songs are sent in one message: some megabytes. */
enum { FILES_A_MESSAGE = 64 };

/* Files that are exchanged at once; of these each process reads its share. */
typedef struct {
  size_t first, count;
  RsPiece files[RS_RANKS_MAX]; /* of each process, counted from the first */
  RsPiece songs[RS_RANKS_MAX]; /* of these files, once their reports are known */
} Batch;

/* The batch that begins with a file. */
static Batch batch_from(const RsTransport *transport, const RsIngestJob *job, size_t first) {
  const size_t most = FILES_A_MESSAGE * transport->size, left = job->count - first;
  Batch batch = {.first = first, .count = left < most ? left : most};
  for (size_t rank = 0; rank < transport->size; ++rank) {
    batch.files[rank] = rs_share_of(transport, rank, batch.count);
  }
  return batch;
}

static bool is_own(const RsTransport *transport, const Batch *batch, size_t file) {
  const RsPiece own = batch->files[transport->rank];
  return file - batch->first >= own.offset && file - batch->first < own.offset + own.size;
}

/* ---- Reading the share of this process ---- */

static RsStatus read_share(const RsTransport *transport, RsIngestJob *job,
                           struct RsThreadPool *pool, RsIngestProgress progress, void *context) {
  size_t *files = rs_alloc(job->count, sizeof *files), count = 0;
  for (size_t first = 0; files && first < job->count;) {
    const Batch batch = batch_from(transport, job, first);
    const RsPiece own = batch.files[transport->rank];
    for (size_t i = 0; i < own.size; ++i) {
      files[count++] = first + own.offset + i;
    }
    first += batch.count;
  }
  const RsStatus status =
      files ? rs_ingest_job_read(job, files, count, pool, progress, context) : RS_ERR_MEMORY;
  free(files);
  return status;
}

/* ---- Exchanging reports ---- */

/* Take over the reports of the other processes. */
static RsStatus take_reports(const RsTransport *transport, const Batch *batch,
                             const RsIngestReport *reports, RsIngestJob *job) {
  RsStatus status = RS_OK;
  for (size_t i = 0; i < batch->count; ++i) {
    const size_t file = batch->first + i;
    if (!is_own(transport, batch, file)) {
      job->reports[file] = reports[i];
      job->reports[file].path = strdup(rs_ingest_job_path(job, file));
      status = job->reports[file].path ? status : RS_ERR_MEMORY;
    }
  }
  return status;
}

/* Without what they own: path, and the file of an equal song, which is looked for later. */
static RsStatus gather_reports(const RsTransport *transport, const Batch *batch, RsIngestJob *job) {
  RsIngestReport *reports = rs_alloc(batch->count, sizeof *reports);
  RsStatus status = rs_agree(transport, reports ? RS_OK : RS_ERR_MEMORY, NULL);
  for (size_t i = 0; !status && reports && i < batch->count; ++i) {
    reports[i] = job->reports[batch->first + i];
    reports[i].path = reports[i].same_as = NULL;
  }
  status = status ? status : rs_gather_shares(transport, reports, batch->count, sizeof *reports);
  if (!status && reports) {
    status = rs_agree(transport, take_reports(transport, batch, reports, job), NULL);
  }
  free(reports);
  return status;
}

/* ---- Exchanging songs ---- */

/* The songs of a batch, file by file. */
typedef struct {
  size_t count;
  RsRoll *rolls;
  RsStatus *statuses; /* all of them RS_OK */
  RsSongRecord *records;
} BatchSongs;

/* Which songs each process has read. @return How many there are. */
static size_t count_songs(const RsTransport *transport, const RsIngestJob *job, Batch *batch) {
  size_t songs = 0;
  for (size_t rank = 0; rank < transport->size; ++rank) {
    const RsPiece files = batch->files[rank];
    batch->songs[rank].offset = songs;
    for (size_t i = 0; i < files.size; ++i) {
      songs += job->reports[batch->first + files.offset + i].songs;
    }
    batch->songs[rank].size = songs - batch->songs[rank].offset;
  }
  return songs;
}

/* The songs of this process; the job owns them. */
static void lend_own(const RsTransport *transport, const RsIngestJob *job, const Batch *batch,
                     BatchSongs *songs) {
  const RsPiece files = batch->files[transport->rank];
  size_t at = batch->songs[transport->rank].offset;
  for (size_t i = 0; i < files.size; ++i) {
    const size_t file = batch->first + files.offset + i, count = job->songs[file].count;
    if (count) {
      memcpy(songs->rolls + at, job->songs[file].rolls, count * sizeof *songs->rolls);
      memcpy(songs->records + at, job->records[file].records, count * sizeof *songs->records);
    }
    at += count;
  }
}

static RsStatus gather_records(const RsTransport *transport, const Batch *batch,
                               RsSongRecord *records) {
  RsPiece pieces[RS_RANKS_MAX];
  for (size_t rank = 0; rank < transport->size; ++rank) {
    const RsPiece songs = batch->songs[rank];
    pieces[rank] = (RsPiece){songs.offset * sizeof *records, songs.size * sizeof *records};
  }
  return transport->gather(transport->context, records, pieces);
}

/* Take over the songs of one file. */
static RsStatus take_file(RsIngestJob *job, size_t file, RsRoll *rolls,
                          const RsSongRecord *records) {
  const size_t count = job->reports[file].songs;
  RsSongRecords *to = &job->records[file];
  RsStatus status = RS_OK;
  to->records = rs_alloc(count, sizeof *records);
  if (!to->records) {
    return RS_ERR_MEMORY;
  }
  to->count = to->room = count;
  for (size_t i = 0; !status && i < count; ++i) {
    to->records[i] = records[i];
    status = rs_songs_add(&job->songs[file], rolls + i);
  }
  return status;
}

/* Take over the songs of the other processes. */
static RsStatus take_songs(const RsTransport *transport, const Batch *batch, BatchSongs *songs,
                           RsIngestJob *job) {
  RsStatus status = RS_OK;
  size_t at = 0;
  for (size_t i = 0; i < batch->count; ++i) {
    const size_t file = batch->first + i;
    if (!status && !is_own(transport, batch, file)) {
      status = take_file(job, file, songs->rolls + at, songs->records + at);
    }
    at += job->reports[file].songs;
  }
  return status;
}

/* Free what was not taken over. */
static void free_songs(const RsTransport *transport, const Batch *batch, BatchSongs *songs) {
  const RsPiece own = batch->songs[transport->rank];
  for (size_t i = 0; songs->rolls && i < songs->count; ++i) {
    if (i < own.offset || i >= own.offset + own.size) {
      rs_roll_clear(songs->rolls + i);
    }
  }
  free(songs->rolls);
  free(songs->statuses);
  free(songs->records);
}

static RsStatus gather_songs(const RsTransport *transport, Batch *batch, RsIngestJob *job) {
  BatchSongs songs = {.count = count_songs(transport, job, batch)};
  songs.rolls = rs_alloc(songs.count, sizeof *songs.rolls);
  songs.statuses = rs_alloc(songs.count, sizeof *songs.statuses);
  songs.records = rs_alloc(songs.count, sizeof *songs.records);
  const bool good = songs.rolls && songs.statuses && songs.records;
  RsStatus status = rs_agree(transport, good ? RS_OK : RS_ERR_MEMORY, NULL);
  if (!status) {
    lend_own(transport, job, batch, &songs);
    status = gather_records(transport, batch, songs.records);
  }
  status = status ? status
                  : rs_rolls_gather_from(transport, batch->songs, songs.rolls, songs.statuses,
                                         songs.count);
  if (!status) {
    status = rs_agree(transport, take_songs(transport, batch, &songs, job), NULL);
  }
  free_songs(transport, batch, &songs);
  return status;
}

static RsStatus exchange(const RsTransport *transport, RsIngestJob *job) {
  RsStatus status = RS_OK;
  for (size_t first = 0; !status && first < job->count;) {
    Batch batch = batch_from(transport, job, first);
    status = gather_reports(transport, &batch, job);
    status = status ? status : gather_songs(transport, &batch, job);
    first += batch.count;
  }
  return status;
}

/* ---- All of it ---- */

/* Whether this process has found what process 0 has. */
static RsStatus compare_files(const RsTransport *transport, const RsIngestJob *job,
                              RsError *error) {
  const RsHash ours = rs_ingest_job_hash(job);
  RsHash first = ours;
  const RsStatus status = rs_broadcast(transport, 0, &first, sizeof first);
  return status || !memcmp(&ours, &first, sizeof first)
             ? status
             : rs_error(error, RS_ERR_FORMAT,
                        "has other files than process 0; give all processes the same files");
}

static RsStatus read_together(const RsTransport *transport, RsIngestJob *job,
                              struct RsThreadPool *pool, RsIngestProgress progress, void *context,
                              RsError *error) {
  RsStatus status = rs_agree(transport, compare_files(transport, job, error), error);
  if (!status) {
    status = read_share(transport, job, pool, progress, context);
    status = rs_agree(
        transport, status ? rs_error(error, status, "%s", rs_status_text(status)) : RS_OK, error);
  }
  if (!status) {
    status = exchange(transport, job);
    status = status ? rs_error(error, status, "%s", rs_status_text(status)) : RS_OK;
  }
  return status;
}

RsStatus rs_songs_read_together(const RsTransport *transport, const char *const *paths,
                                size_t count, const RsIngest *settings, struct RsThreadPool *pool,
                                RsIngestProgress progress, void *context, RsSongs *songs,
                                RsIngestReports *reports, RsError *error) {
  if (rs_is_alone(transport)) {
    return rs_ingest_paths(paths, count, settings, pool, progress, context, songs, reports, error);
  }
  RsIngestJob job;
  RsStatus status = rs_ingest_job_new(paths, count, settings, &job, reports, error);
  status = rs_agree(transport, status, error);
  status = status ? status : read_together(transport, &job, pool, progress, context, error);
  status = status ? status : rs_agree(transport, rs_ingest_job_end(&job, songs, error), error);
  rs_ingest_job_clear(&job);
  return status;
}
