/* SPDX-License-Identifier: ISC */

#include "cluster/transport.h"

#include <string.h>

const RsTransport *rs_transport_alone(void) {
  static const RsTransport alone = {.size = 1};
  return &alone;
}

static size_t first_of(const RsTransport *transport, size_t rank, size_t count) {
  const size_t each = count / transport->size, more = count % transport->size;
  return rank * each + (rank < more ? rank : more);
}

RsPiece rs_share_of(const RsTransport *transport, size_t rank, size_t count) {
  const size_t first = first_of(transport, rank, count);
  return (RsPiece){first, first_of(transport, rank + 1, count) - first};
}

size_t rs_owner_of(const RsTransport *transport, size_t index, size_t count) {
  size_t rank = 0;
  while (first_of(transport, rank + 1, count) <= index) {
    ++rank;
  }
  return rank;
}

RsStatus rs_gather_shares(const RsTransport *transport, void *data, size_t count, size_t size) {
  RsPiece pieces[RS_RANKS_MAX];
  if (rs_is_alone(transport)) {
    return RS_OK;
  }
  for (size_t rank = 0; rank < transport->size; ++rank) {
    const RsPiece share = rs_share_of(transport, rank, count);
    pieces[rank] = (RsPiece){share.offset * size, share.size * size};
  }
  return transport->gather(transport->context, data, pieces);
}

RsStatus rs_gather_each(const RsTransport *transport, void *data, size_t size) {
  return rs_gather_shares(transport, data, transport->size, size);
}

RsStatus rs_broadcast(const RsTransport *transport, size_t root, void *data, size_t size) {
  RsPiece pieces[RS_RANKS_MAX] = {{0, 0}};
  pieces[root] = (RsPiece){0, size};
  return rs_is_alone(transport) ? RS_OK : transport->gather(transport->context, data, pieces);
}

/* The status of a process, as sent to the others. */
static RsStatus report(const RsTransport *transport, size_t failed, RsStatus status,
                       RsError *error) {
  RsError detail = {RS_OK, ""};
  if (transport->rank == failed && error) {
    detail = *error;
  }
  const RsStatus sent = rs_broadcast(transport, failed, &detail, sizeof detail);
  if (sent || transport->rank) {
    return sent ? sent : rs_error(error, RS_ERR_STOPPED, "%s", "");
  }
  if (failed) {
    return rs_error(error, status, "process %zu: %.480s", failed,
                    *detail.message ? detail.message : rs_status_text(status));
  }
  return status;
}

RsStatus rs_agree(const RsTransport *transport, RsStatus status, RsError *error) {
  RsStatus all[RS_RANKS_MAX];
  if (rs_is_alone(transport)) {
    return status;
  }
  all[transport->rank] = status;
  const RsStatus sent = rs_gather_each(transport, all, sizeof *all);
  if (sent) {
    return status ? status
                  : rs_error(error, sent, "the processes of the training are not connected");
  }
  for (size_t rank = 0; rank < transport->size; ++rank) {
    if (all[rank]) {
      return report(transport, rank, all[rank], error);
    }
  }
  return RS_OK;
}
