/* SPDX-License-Identifier: ISC */

/* What the processes of a training exchange. */

#include "train/processes.h"

#include "base/linear_algebra.h"
#include "base/memory.h"
#include "train/step.h"

#include <stdlib.h>
#include <string.h>

/* The parameters that a process adds up: whole lots of RS_NEAR_PARAMETERS, so that each number is
   computed by the same instructions as in one process. */
static RsPiece parameters_of(const RsTransport *transport, size_t rank, size_t count) {
  const size_t near = RS_NEAR_PARAMETERS, lots = (count + near - 1) / near;
  const RsPiece share = rs_share_of(transport, rank, lots);
  const size_t first = share.offset * near, end = (share.offset + share.size) * near;
  return (RsPiece){first, (end < count ? end : count) - (first < count ? first : count)};
}

RsStatus rs_processes_init(const RsTransport *transport, size_t groups, size_t parameters,
                           RsProcesses *out) {
  *out =
      (RsProcesses){.transport = transport, .own = rs_share_of(transport, transport->rank, groups)};
  if (rs_is_alone(transport)) {
    return RS_OK;
  }
  const size_t summed = parameters_of(transport, transport->rank, parameters).size;
  size_t sent = 0, received = 0;
  if (!rs_multiply_sizes(out->own.size, parameters, &sent) ||
      !rs_multiply_sizes(groups, summed, &received)) {
    return RS_ERR_MEMORY;
  }
  out->out = rs_alloc(sent, sizeof *out->out);
  out->in = rs_alloc(received, sizeof *out->in);
  return out->out && out->in ? RS_OK : RS_ERR_MEMORY;
}

void rs_processes_clear(RsProcesses *processes) {
  free(processes->out);
  free(processes->in);
}

RsStatus rs_processes_turn(const RsProcesses *processes, RsTrainCounters *counters, bool *stop) {
  const RsTransport *transport = processes->transport;
  struct {
    double seconds, wall, stop;
  } turns[RS_RANKS_MAX];
  turns[transport->rank].seconds = counters->seconds;
  turns[transport->rank].wall = counters->wall;
  turns[transport->rank].stop = *stop;
  const RsStatus status = rs_gather_each(transport, turns, sizeof *turns);
  for (size_t rank = 0; !status && rank < transport->size; ++rank) {
    *stop = *stop || turns[rank].stop != 0;
  }
  if (!status) {
    counters->seconds = turns[0].seconds;
    counters->wall = turns[0].wall;
  }
  return status;
}

RsStatus rs_processes_outcomes(const RsProcesses *processes, RsTrainGroup *groups, size_t count,
                               RsStatus status) {
  const RsTransport *transport = processes->transport;
  const RsPiece own = processes->own;
  RsStatus all[RS_RANKS_MAX];
  double costs[RS_GROUPS_MAX];
  for (size_t i = own.offset; i < own.offset + own.size; ++i) {
    status = status ? status : groups[i].status;
    costs[i] = groups[i].cost;
  }
  all[transport->rank] = status;
  RsStatus sent = rs_gather_each(transport, all, sizeof *all);
  sent = sent ? sent : rs_gather_shares(transport, costs, count, sizeof *costs);
  for (size_t i = 0; !sent && i < count; ++i) {
    groups[i].cost = costs[i];
  }
  for (size_t rank = 0; !sent && rank < transport->size; ++rank) {
    sent = all[rank];
  }
  return sent;
}

/* The sum over the groups, in their order, of arrays that are cleared. */
static void add_up(float *const *g, size_t groups, size_t count, float share, float *sum) {
  for (size_t first = 0; first < count; first += RS_NEAR_PARAMETERS) {
    const size_t left = count - first;
    const size_t near = left < RS_NEAR_PARAMETERS ? left : RS_NEAR_PARAMETERS;
    for (size_t i = 0; i < groups; ++i) {
      (i ? rs_axpy : rs_scaled_copy)(near, share, g[i] + first, sum + first);
    }
    for (size_t i = 0; i < groups; ++i) {
      memset(g[i] + first, 0, near * sizeof *sum);
    }
  }
}

/* Put the gradients of the groups of this process in the order in which they are sent, and clear
 * them. @param sent  Output: what goes to each process, bytes. */
static void pack(const RsProcesses *processes, RsTrainGroup *groups, size_t parameters,
                 RsPiece *sent) {
  const RsTransport *transport = processes->transport;
  const RsPiece own = processes->own;
  float *to = processes->out;
  for (size_t rank = 0; rank < transport->size; ++rank) {
    const RsPiece part = parameters_of(transport, rank, parameters);
    sent[rank].offset = (size_t)(to - processes->out) * sizeof *to;
    sent[rank].size = own.size * part.size * sizeof *to;
    for (size_t i = own.offset; i < own.offset + own.size; ++i, to += part.size) {
      memcpy(to, groups[i].g + part.offset, part.size * sizeof *to);
    }
  }
  for (size_t i = own.offset; i < own.offset + own.size; ++i) {
    memset(groups[i].g, 0, parameters * sizeof *to);
  }
}

/* Get the gradients of all groups, of the parameters that this process adds up. */
static RsStatus exchange(const RsProcesses *processes, RsTrainGroup *groups, size_t count,
                         size_t parameters) {
  const RsTransport *transport = processes->transport;
  const size_t bytes =
      parameters_of(transport, transport->rank, parameters).size * sizeof *processes->in;
  RsPiece sent[RS_RANKS_MAX], received[RS_RANKS_MAX];
  pack(processes, groups, parameters, sent);
  for (size_t rank = 0; rank < transport->size; ++rank) {
    const RsPiece theirs = rs_share_of(transport, rank, count);
    received[rank] = (RsPiece){theirs.offset * bytes, theirs.size * bytes};
  }
  return transport->exchange(transport->context, processes->out, sent, processes->in, received);
}

/* Give the sums of this process to all, and get theirs. */
static RsStatus share_sums(const RsTransport *transport, RsParameters *p) {
  RsPiece pieces[RS_RANKS_MAX];
  for (size_t rank = 0; rank < transport->size; ++rank) {
    const RsPiece part = parameters_of(transport, rank, p->count);
    pieces[rank] = (RsPiece){part.offset * sizeof *p->g, part.size * sizeof *p->g};
  }
  return transport->gather(transport->context, p->g, pieces);
}

RsStatus rs_processes_collect(const RsProcesses *processes, RsTrainGroup *groups, size_t count,
                              float share, RsParameters *p) {
  const RsTransport *transport = processes->transport;
  const bool alone = rs_is_alone(transport);
  const RsPiece part = parameters_of(transport, transport->rank, p->count);
  float *g[RS_GROUPS_MAX];
  for (size_t i = 0; i < count; ++i) {
    g[i] = alone ? groups[i].g : processes->in + i * part.size;
  }
  const RsStatus status = alone ? RS_OK : exchange(processes, groups, count, p->count);
  if (status) {
    return status;
  }
  add_up(g, count, part.size, share, p->g + part.offset);
  return alone ? RS_OK : share_sums(transport, p);
}

/* The carry of a group: those of some engines grow. */
static RsStatus share_carry(const RsTransport *transport, size_t owner, RsTrainGroup *group) {
  RsRnnLearner *rnn = rs_rnnrbm_learner_rnn(group->learner);
  size_t size = rs_rnn_learner_carry_size(rnn);
  RsStatus status = rs_broadcast(transport, owner, &size, sizeof size);
  if (!status && owner != transport->rank) {
    status = rs_rnn_learner_carry_resize(rnn, size);
  }
  float *carry = rs_alloc(size, sizeof *carry);
  status = rs_agree(transport, status || carry ? status : RS_ERR_MEMORY, NULL);
  if (!status) {
    rs_rnn_learner_carry_save(rnn, carry);
    status = rs_broadcast(transport, owner, carry, size * sizeof *carry);
  }
  if (!status && owner != transport->rank) {
    rs_rnn_learner_carry_restore(rnn, carry);
  }
  free(carry);
  return status;
}

RsStatus rs_processes_states(const RsProcesses *processes, RsTrainGroup *groups, size_t count,
                             size_t visible) {
  const RsTransport *transport = processes->transport;
  RsStatus status = RS_OK;
  for (size_t i = 0; !rs_is_alone(transport) && !status && i < count; ++i) {
    const size_t owner = rs_owner_of(transport, i, count);
    const size_t values = rs_batch_rows(&groups[i].batch) * visible;
    status = share_carry(transport, owner, groups + i);
    status = status ? status
                    : rs_broadcast(transport, owner, groups[i].sample,
                                   values * sizeof *groups[i].sample);
  }
  return status;
}
