/* SPDX-License-Identifier: ISC */

#include "cli/train_page.h"

#include "cli/console.h"
#include "page/page.h"

#include <stdlib.h>
#include <string.h>

RsStatus rs_train_page_begin(const RsOptions *options, RsPageServer **server, RsError *error) {
  const char *slash = strrchr(options->output, '/');
  char *page = NULL;
  *server = NULL;
  if (!options->train.page) {
    return RS_OK;
  }
  RsStatus status = rs_page_live_report(slash ? slash + 1 : options->output, &page)
                        ? rs_error(error, RS_ERR_MEMORY, "--page: out of memory")
                        : rs_page_server_new(options->train.page, page, server, error);
  free(page);
  if (!status) {
    rs_notice(options, "the report is at http://127.0.0.1:%u/", rs_page_server_port(*server));
  }
  return status;
}

static void publish(void *server, const char *line) {
  rs_page_server_publish(server, line);
}

void rs_train_page_follow(RsPageServer *server, RsTrainLog *log) {
  rs_train_log_set_callback(log, publish, server);
}
