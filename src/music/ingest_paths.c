/* SPDX-License-Identifier: ISC */

#include "music/ingest_job.h"

#include "base/memory.h"
#include "base/thread_pool.h"
#include "base/plural.h"
#include "music/paths.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- Finding ---- */

/* Report the files that were left out, after the others. */
static RsStatus report_left_out(RsIngestReport *reports, const GPtrArray *left_out) {
  for (size_t i = 0; i < left_out->len; ++i) {
    reports[i] = (RsIngestReport){.path = strdup(g_ptr_array_index(left_out, i)), .left_out = 1};
    if (!reports[i].path) {
      return RS_ERR_MEMORY;
    }
  }
  return RS_OK;
}

RsStatus rs_ingest_job_new(const char *const *paths, size_t count, const RsIngest *settings,
                           RsIngestJob *job, RsIngestReports *reports, RsError *error) {
  *job = (RsIngestJob){.settings = settings};
  *reports = (RsIngestReports){0};
  const RsStatus status = rs_ingest_check(settings, error);
  if (status) {
    return status;
  }
  job->files = rs_paths_find(paths, count, &job->left_out);
  job->count = job->files->len;
  job->songs = rs_alloc(job->count, sizeof *job->songs);
  job->records = rs_alloc(job->count, sizeof *job->records);
  job->reports = rs_alloc(job->count + job->left_out->len, sizeof *job->reports);
  *reports = (RsIngestReports){job->reports, job->reports ? job->count + job->left_out->len : 0};
  const bool good = job->songs && job->records && job->reports &&
                    !report_left_out(job->reports + job->count, job->left_out);
  return good ? RS_OK : rs_error(error, RS_ERR_MEMORY, "%s", rs_status_text(RS_ERR_MEMORY));
}

void rs_ingest_job_clear(RsIngestJob *job) {
  for (size_t i = 0; job->songs && i < job->count; ++i) {
    rs_songs_clear(&job->songs[i]);
  }
  for (size_t i = 0; job->records && i < job->count; ++i) {
    free(job->records[i].records);
  }
  free(job->songs);
  free(job->records);
  if (job->files) {
    g_ptr_array_unref(job->files);
    g_ptr_array_unref(job->left_out);
  }
}

const char *rs_ingest_job_path(const RsIngestJob *job, size_t file) {
  return g_ptr_array_index(job->files, file);
}

RsHash rs_ingest_job_hash(const RsIngestJob *job) {
  RsHash hash = {{0, 0}};
  for (size_t i = 0; i < job->count; ++i) {
    const char *path = rs_ingest_job_path(job, i), *slash = strrchr(path, '/');
    struct stat status;
    for (const char *at = slash ? slash + 1 : path; *at; ++at) {
      rs_hash_add(&hash, (unsigned char)*at);
    }
    rs_hash_add(&hash, stat(path, &status) ? UINT64_MAX : (uint64_t)status.st_size);
  }
  return hash;
}

/* ---- Reading ---- */

/* What the threads share: each writes the results of its own files, and counts under the mutex. */
typedef struct {
  RsIngestJob *job;
  const size_t *files; /* numbers of `count` files */
  size_t count;
  RsIngestProgress progress;
  void *context;
  pthread_mutex_t mutex;
  size_t done;
  bool stopped;
} Reading;

static bool is_stopped(Reading *reading) {
  pthread_mutex_lock(&reading->mutex);
  const bool stopped = reading->stopped;
  pthread_mutex_unlock(&reading->mutex);
  return stopped;
}

static void report_progress(Reading *reading, const RsIngestReport *report) {
  pthread_mutex_lock(&reading->mutex);
  ++reading->done;
  if (reading->progress && !reading->stopped) {
    reading->stopped = !reading->progress(reading->context, report, reading->done, reading->count);
  }
  pthread_mutex_unlock(&reading->mutex);
}

static void read_turn(void *context, size_t turn) {
  Reading *reading = context;
  RsIngestJob *job = reading->job;
  const size_t file = reading->files[turn];
  if (!is_stopped(reading)) {
    rs_ingest_file_records(rs_ingest_job_path(job, file), job->settings, &job->songs[file],
                           &job->records[file], &job->reports[file]);
    report_progress(reading, &job->reports[file]);
  }
}

/* Whether memory was out for any file: an error of the machine, not of the file. */
static bool lacked_memory(const RsIngestJob *job) {
  for (size_t i = 0; i < job->count; ++i) {
    if (job->reports[i].error.status == RS_ERR_MEMORY) {
      return true;
    }
  }
  return false;
}

RsStatus rs_ingest_job_read(RsIngestJob *job, const size_t *files, size_t count,
                            struct RsThreadPool *pool, RsIngestProgress progress, void *context) {
  Reading reading = {
      .job = job, .files = files, .count = count, .progress = progress, .context = context};
  pthread_mutex_init(&reading.mutex, NULL);
  rs_thread_pool_run(pool, count, read_turn, &reading);
  pthread_mutex_destroy(&reading.mutex);
  return lacked_memory(job) ? RS_ERR_MEMORY : reading.stopped ? RS_ERR_STOPPED : RS_OK;
}

/* ---- Putting together ---- */

RsStatus rs_ingest_job_end(RsIngestJob *job, RsSongs *songs, RsError *error) {
  RsSongs all = {0};
  RsStatus status = RS_OK;
  if (!job->settings->duplicates) {
    status = rs_leave_out_equal_songs(job->songs, job->records, job->reports, job->count);
  }
  for (size_t i = 0; !status && i < job->count; ++i) {
    status = rs_songs_move(&job->songs[i], &all);
  }
  if (!status && !all.count) {
    status = rs_error(error, RS_ERR_EMPTY,
                      "no readable song among %zu file%s (*.mid, *.midi, *.kar, *.rmi, *.smf, "
                      "*.roll)",
                      job->count, rs_plural(job->count));
  } else if (!status) {
    status = rs_songs_move(&all, songs);
  }
  rs_songs_clear(&all);
  return status;
}

/* ---- All of it ---- */

/* All files, in their order. */
static RsStatus read_all(RsIngestJob *job, struct RsThreadPool *pool, RsIngestProgress progress,
                         void *context) {
  size_t *files = rs_alloc(job->count, sizeof *files);
  for (size_t i = 0; files && i < job->count; ++i) {
    files[i] = i;
  }
  const RsStatus status =
      files ? rs_ingest_job_read(job, files, job->count, pool, progress, context) : RS_ERR_MEMORY;
  free(files);
  return status;
}

RsStatus rs_ingest_paths(const char *const *paths, size_t count, const RsIngest *settings,
                         struct RsThreadPool *pool, RsIngestProgress progress, void *context,
                         RsSongs *songs, RsIngestReports *reports, RsError *error) {
  RsIngestJob job;
  RsStatus status = rs_ingest_job_new(paths, count, settings, &job, reports, error);
  const bool found = !status;
  status = status ? status : read_all(&job, pool, progress, context);
  status = status ? status : rs_ingest_job_end(&job, songs, error);
  rs_ingest_job_clear(&job);
  return found && status && status != RS_ERR_EMPTY
             ? rs_error(error, status, "%s", rs_status_text(status))
             : status;
}
