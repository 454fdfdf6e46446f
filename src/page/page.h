/* SPDX-License-Identifier: ISC */

#ifndef RS_PAGE_PAGE_H
#define RS_PAGE_PAGE_H

/**
   @file page.h Pages for a browser: each one file that needs no other and no network.
*/

#include <rollsmith/status.h>

/** Largest model that is put into a page, bytes: in base64, a browser reads some 90 MB at once. */
#define RS_PAGE_MODEL_LARGEST (64 * 1024 * 1024)

/** Name of the WebAssembly module among the installed files. */
#define RS_PAGE_MODULE "player.wasm.gz"

/**
   Write a page that plays a model.

   @param model   Path of the model file, which is checked.
   @param title   Title of the page, and name of the songs in it.
   @param output  Path of the page, written whole or not at all.
   @return RS_OK; RS_ERR_IO where the module is not installed, or the page cannot be written;
   RS_ERR_FORMAT for a damaged model or one that is too large; RS_ERR_READ, RS_ERR_MEMORY.
*/
RsStatus rs_page_write_player(const char *model, const char *title, const char *output,
                              RsError *error);

/**
   Write a page that shows a training log.

   @param log  Path of the log, which is checked; a last line that is cut short is left out.
   @return As rs_page_write_player().
*/
RsStatus rs_page_write_report(const char *log, const char *title, const char *output,
                              RsError *error);

/** The page of a training that goes on: it asks the server that it comes from for the lines of the
 * log. @param out  Output, to be given to free(). @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_page_live_report(const char *title, char **out);

#endif /* RS_PAGE_PAGE_H */
