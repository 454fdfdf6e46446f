/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_CHUNKS_H
#define RS_TESTS_CHUNKS_H

/**
   @file chunks.h Songs whose chunks are given byte by byte.
*/

#include "ingested.h"

/* A song of several tracks, the bytes of each as they stand in the file. */
static inline Result ingest_chunks(const uint8_t *chunks, size_t size, bool articulation) {
  RsIngest s = rs_ingest_defaults();
  s.articulation = articulation;
  Midi midi = {.size = 0};
  midi_header(&midi, 1, 2, 4);
  midi_put(&midi, chunks, size);
  return ingest(&midi, &s);
}

static inline Result ingest_bytes(const uint8_t *chunks, size_t size) {
  return ingest_chunks(chunks, size, false);
}

static inline Result ingest_events(const uint8_t *events, size_t size) {
  const RsIngest s = rs_ingest_defaults();
  return ingest_track(events, size, &s);
}

#define MTRK(length) 'M', 'T', 'r', 'k', 0, 0, 0, length

static inline void assert_repairs(Result *r, const char *repairs, bool lossy) {
  assert_ok(r->status);
  assert_string_equal(r->report.repairs, repairs);
  assert_int_equal(r->report.lossy, lossy);
}

#endif /* RS_TESTS_CHUNKS_H */
