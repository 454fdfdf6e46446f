/* SPDX-License-Identifier: ISC */

#include <rollsmith/ingest.h>

#include "base/memory.h"
#include "base/thread_pool.h"
#include "base/plural.h"
#include "music/ingest_internal.h"
#include "music/paths.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* What the threads share: each writes the results of its own files, and counts under the mutex. */
typedef struct {
  const GPtrArray *files;
  const RsIngest *settings;
  RsSongs *songs;          /* a file */
  RsSongRecords *records;  /* a file */
  RsIngestReport *reports; /* a file */
  RsIngestProgress progress;
  void *context;
  pthread_mutex_t mutex;
  size_t done;
  bool stopped;
} Job;

static bool is_stopped(Job *job) {
  pthread_mutex_lock(&job->mutex);
  const bool stopped = job->stopped;
  pthread_mutex_unlock(&job->mutex);
  return stopped;
}

static void report_progress(Job *job, size_t turn) {
  pthread_mutex_lock(&job->mutex);
  ++job->done;
  if (job->progress && !job->stopped) {
    job->stopped = !job->progress(job->context, &job->reports[turn], job->done, job->files->len);
  }
  pthread_mutex_unlock(&job->mutex);
}

static void ingest_turn(void *context, size_t turn) {
  Job *job = context;
  if (!is_stopped(job)) {
    rs_ingest_file_records(g_ptr_array_index(job->files, turn), job->settings, &job->songs[turn],
                           &job->records[turn], &job->reports[turn]);
    report_progress(job, turn);
  }
}

/* Whether memory was out for any file: an error of the machine, not of the file. */
static bool lacked_memory(const Job *job) {
  for (size_t i = 0; i < job->files->len; ++i) {
    if (job->reports[i].error.status == RS_ERR_MEMORY) {
      return true;
    }
  }
  return false;
}

static RsStatus gather(Job *job, RsSongs *songs, RsError *error) {
  RsSongs all = {0};
  RsStatus status = lacked_memory(job) ? RS_ERR_MEMORY : RS_OK;
  if (!status && !job->settings->duplicates) {
    status = rs_leave_out_equal_songs(job->songs, job->records, job->reports, job->files->len);
  }
  for (size_t i = 0; !status && i < job->files->len; ++i) {
    status = rs_songs_move(&job->songs[i], &all);
  }
  if (!status && !job->stopped && !all.count) {
    status = RS_ERR_EMPTY;
  }
  status = status ? status : job->stopped ? RS_ERR_STOPPED : rs_songs_move(&all, songs);
  rs_songs_clear(&all);
  if (status == RS_ERR_EMPTY) {
    return rs_error(error, status,
                    "no readable song among %u file%s (*.mid, *.midi, *.kar, *.rmi, *.smf, *.roll)",
                    job->files->len, rs_plural(job->files->len));
  }
  return status ? rs_error(error, status, "%s", rs_status_text(status)) : RS_OK;
}

static void run(Job *job, struct RsThreadPool *pool) {
  pthread_mutex_init(&job->mutex, NULL);
  rs_thread_pool_run(pool, job->files->len, ingest_turn, job);
  pthread_mutex_destroy(&job->mutex);
}

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

static void free_songs(Job *job) {
  for (size_t i = 0; job->songs && i < job->files->len; ++i) {
    rs_songs_clear(&job->songs[i]);
  }
  for (size_t i = 0; job->records && i < job->files->len; ++i) {
    free(job->records[i].records);
  }
  free(job->songs);
  free(job->records);
}

RsStatus rs_ingest_paths(const char *const *paths, size_t count, const RsIngest *settings,
                         struct RsThreadPool *pool, RsIngestProgress progress, void *context,
                         RsSongs *songs, RsIngestReports *reports, RsError *error) {
  *reports = (RsIngestReports){0};
  RsStatus status = rs_ingest_check(settings, error);
  if (status) {
    return status;
  }
  GPtrArray *left_out = NULL, *files = rs_paths_find(paths, count, &left_out);
  Job job = {.files = files, .settings = settings, .progress = progress, .context = context};
  job.songs = rs_alloc(files->len, sizeof *job.songs);
  job.records = rs_alloc(files->len, sizeof *job.records);
  job.reports = rs_alloc(files->len + left_out->len, sizeof *job.reports);
  *reports = (RsIngestReports){job.reports, job.reports ? files->len + left_out->len : 0};
  if (job.songs && job.records && job.reports &&
      !report_left_out(job.reports + files->len, left_out)) {
    run(&job, pool);
    status = gather(&job, songs, error);
  } else {
    status = rs_error(error, RS_ERR_MEMORY, "%s", rs_status_text(RS_ERR_MEMORY));
  }
  free_songs(&job);
  g_ptr_array_unref(files);
  g_ptr_array_unref(left_out);
  return status;
}
