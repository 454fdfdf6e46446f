/* SPDX-License-Identifier: ISC */

#ifndef RS_SETTINGS_DATA_FILE_H
#define RS_SETTINGS_DATA_FILE_H

/**
   @file data_file.h Files that are installed, or that users add.
*/

/**
   A file rollsmith/NAME in the user's or the system's data folders ($XDG_DATA_HOME,
   $XDG_DATA_DIRS).

   @return Its path, to be given to g_free(); NULL where there is none.
*/
char *rs_data_file(const char *name);

#endif /* RS_SETTINGS_DATA_FILE_H */
