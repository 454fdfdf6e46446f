/* SPDX-License-Identifier: ISC */

#include "cli/song_file.h"

RsIngest rs_ingest_verbatim(void) {
  RsIngest settings = rs_ingest_defaults();
  settings.low = 0;
  settings.high = RS_NOTES - 1;
  settings.drums = true;
  settings.articulation = true;
  return settings;
}

RsStatus rs_read_song_file(const char *path, const RsIngest *settings, RsSongs *songs,
                           RsIngestReport *report, RsError *error) {
  RsIngestReport own = {0};
  RsIngestReport *told = report ? report : &own;
  *songs = (RsSongs){NULL, 0, 0};
  const RsStatus status = rs_ingest_file(path, settings, songs, told);
  if (status) {
    char line[RS_ERROR_MESSAGE_SIZE];
    rs_ingest_report_line(told, line, sizeof(line));
    rs_error(error, status, "%s", line);
  }
  if (!report) {
    rs_ingest_report_clear(&own);
  }
  return status;
}
