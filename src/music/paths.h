/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_PATHS_H
#define RS_MUSIC_PATHS_H

/**
   @file paths.h The songs in folders.
*/

#include <rollsmith/status.h>

#include <glib.h>

/**
   Expand paths: a folder to all songs in it and its subfolders, sorted by name (by bytes); other
   paths are unchanged.

   Symbolic links are followed, but no folder is entered twice for one path. What is not a regular
   file is passed over in folders.

   @param paths     Paths.
   @param count     How many.
   @param left_out  Output, or NULL: array of char *, to be given to g_ptr_array_unref(), of the
   .roll files in folders that ingest has written, which are not among the songs.
   @return Array of char *, to be given to g_ptr_array_unref(). A folder that cannot be read is in
   it.
*/
GPtrArray *rs_paths_find(const char *const *paths, size_t count, GPtrArray **left_out);

#endif /* RS_MUSIC_PATHS_H */
