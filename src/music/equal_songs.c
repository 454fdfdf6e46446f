/* SPDX-License-Identifier: ISC */

#include "music/ingest_internal.h"
#include "music/report.h"

#include <glib.h>

#include <string.h>

#define NONE SIZE_MAX

/* A song that is kept. */
typedef struct Kept {
  const RsSongPrint *print;
  size_t file;
  struct Kept *next; /* with the same hash of a table */
} Kept;

/* Songs that are kept, by each of their hashes. */
typedef struct {
  GHashTable *by_notes, *by_on;
} Index;

static guint hash_of(gconstpointer key) {
  return (guint)((const RsHash *)key)->words[0];
}

static gboolean same_hash(gconstpointer a, gconstpointer b) {
  return !memcmp(a, b, sizeof(RsHash));
}

static void free_kept(gpointer list) {
  for (Kept *kept = list, *next; kept; kept = next) {
    next = kept->next;
    g_free(kept);
  }
}

/* The file of a song that is equal, in a list of songs with one hash in common. */
static size_t find_in(GHashTable *table, const RsHash *hash, const RsSongPrint *print) {
  for (const Kept *kept = g_hash_table_lookup(table, hash); kept; kept = kept->next) {
    if (rs_song_prints_equal(kept->print, print)) {
      return kept->file;
    }
  }
  return NONE;
}

static size_t find_equal(const Index *index, const RsSongPrint *print) {
  const size_t file = find_in(index->by_notes, &print->notes, print);
  return file != NONE ? file : find_in(index->by_on, &print->on, print);
}

static void add_to(GHashTable *table, const RsHash *hash, const RsSongPrint *print, size_t file) {
  Kept *first = g_hash_table_lookup(table, hash), *kept = g_new(Kept, 1);
  *kept = (Kept){print, file, first ? first->next : NULL};
  if (first) {
    first->next = kept;
  } else {
    g_hash_table_insert(table, (gpointer)hash, kept);
  }
}

static void add(Index *index, const RsSongPrint *print, size_t file) {
  add_to(index->by_notes, &print->notes, print, file);
  add_to(index->by_on, &print->on, print, file);
}

/* Take a song out of the report of its file. */
static RsStatus tell(RsIngestReport *report, const RsSongRecord *record, size_t frames,
                     const char *same_as) {
  --report->songs;
  ++report->duplicates;
  report->frames -= frames;
  report->notes -= record->notes;
  report->drums -= record->drums;
  report->counts.kept -= record->counts.kept;
  report->counts.folded -= record->counts.folded;
  report->counts.dropped -= record->counts.dropped;
  report->same_as = report->same_as ? report->same_as : strdup(same_as);
  return report->same_as ? RS_OK : RS_ERR_MEMORY;
}

/* The songs of a file that are equal to none before them. */
static RsStatus leave_out(Index *index, size_t file, RsSongs *songs, const RsSongRecords *records,
                          RsIngestReport *reports) {
  RsStatus status = RS_OK;
  size_t left = 0;
  for (size_t i = 0; i < songs->count; ++i) {
    const RsSongRecord *record = &records->records[i];
    const size_t equal = find_equal(index, &record->print);
    if (equal == NONE) {
      add(index, &record->print, file);
      songs->rolls[left++] = songs->rolls[i];
    } else {
      const RsStatus told =
          tell(&reports[file], record, songs->rolls[i].frames, reports[equal].path);
      status = status ? status : told;
      rs_roll_clear(&songs->rolls[i]);
    }
  }
  songs->count = left;
  return status;
}

RsStatus rs_leave_out_equal_songs(RsSongs *songs, const RsSongRecords *records,
                                  RsIngestReport *reports, size_t files) {
  Index index = {g_hash_table_new_full(hash_of, same_hash, NULL, free_kept),
                 g_hash_table_new_full(hash_of, same_hash, NULL, free_kept)};
  RsStatus status = RS_OK;
  for (size_t i = 0; !status && i < files; ++i) {
    status = leave_out(&index, i, &songs[i], &records[i], reports);
  }
  g_hash_table_unref(index.by_notes);
  g_hash_table_unref(index.by_on);
  return status;
}
