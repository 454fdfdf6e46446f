/* SPDX-License-Identifier: ISC */

/* The links L(n) of doc/math.md, equation K2. */

#include <rollsmith/links.h>

#include "base/memory.h"

#include <stdlib.h>

RsStatus rs_links_init(RsLinks *links, size_t rows, size_t most) {
  *links = (RsLinks){.most = most};
  links->count = rs_alloc(rows, sizeof *links->count);
  links->links = rs_alloc(rows, most * sizeof *links->links);
  if (!links->count || !links->links) {
    rs_links_clear(links);
    return RS_ERR_MEMORY;
  }
  return RS_OK;
}

void rs_links_clear(RsLinks *links) {
  free(links->count);
  free(links->links);
  *links = (RsLinks){.most = 0};
}
