/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_TRAIN_PAGE_H
#define RS_CLI_TRAIN_PAGE_H

/**
   @file train_page.h The training report as a page that is served while training goes on: --page.
*/

#include "cli/options.h"
#include "page/server.h"

#include <rollsmith/train_log.h>

/**
   Serve the report, where the options ask for it.

   @param server  Output, to be given to rs_page_server_free(); NULL without --page.
   @return As rs_page_server_new().
*/
RsStatus rs_train_page_begin(const RsOptions *options, RsPageServer **server, RsError *error);

/** Send the lines of a log to the page. */
void rs_train_page_follow(RsPageServer *server, RsTrainLog *log);

#endif /* RS_CLI_TRAIN_PAGE_H */
