#ifndef RS_CLI_KIND_H
#define RS_CLI_KIND_H

/**
   @file kind.h What a file is, by its first bytes: its name does not matter.
*/

#include <rollsmith/status.h>

/** The files that the program reads. */
typedef enum {
  RS_KIND_SONG,  ///< MIDI file or .roll, or whatever else the ingest will refuse
  RS_KIND_MODEL, ///< Header length, then JSON
  RS_KIND_LOG,   ///< Lines of JSON
} RsKind;

/** Look at a file. @return RS_OK, RS_ERR_READ, RS_ERR_IO, or RS_ERR_EMPTY for a file of no bytes.
 */
RsStatus rs_kind_of(const char *path, RsKind *kind, RsError *error);

#endif /* RS_CLI_KIND_H */
